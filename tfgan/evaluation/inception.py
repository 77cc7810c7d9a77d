"""Inception-v3, the network whose features papers compare, from a file that the user names.

Two networks go by that name, and their numbers differ: the frozen graph of 2015 with which Heusel
et al. 2017 defined the FID, and Keras's own, trained again. Only the first one's Frechet distance
bears the name FID; the name of each stands with its numbers, with a digest of the file.

A graph passes for the first one by its nodes, its operations and its shapes: 2,048 features, and
weights of 1,008 logits. The digest is stated, not compared: the original file could not be had
where this was written. So whoever publishes a FID compares the digest with that of their own copy.

Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015; Heusel et
al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017.
"""

import contextlib
import hashlib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core import files, paths
from tfgan.core.checks import InputError, cut
from tfgan.core.interfaces import Source

KERAS = "keras"
"""In place of a file: the weights that `keras.applications` fetches, and keeps in ~/.keras."""

SIDE = 299
NUM_FEATURES, NUM_LOGITS = 2048, 1008
"""Of the graph of the original FID."""

FID_GRAPH = "fid_inception"
"""How the name of the extractor begins that is the graph of the original FID."""

_INPUT, _POOLED, _LOGITS = "ExpandDims", "pool_3", "softmax/logits/MatMul"

_OPERATIONS = {
    *("Const", "Identity", "CheckNumerics", "ResizeBilinear", "Sub", "Mul", "Conv2D", "Relu"),
    *("BatchNormWithGlobalNormalization", "MaxPool", "AvgPool", "Concat", "ConcatV2"),
    *("Reshape", "MatMul", "BiasAdd"),
}
"""What the graph may hold between images and features: somebody else's file runs nothing else."""


def load(source: Source, file: str):
    """Returns the extractor of a file.

    Args:
      source: of the real examples.
      file: NAME.pb, the frozen graph of the original FID (classify_image_graph_def.pb of
        inception-2015-12-05.tgz); NAME.h5, Keras's weights of InceptionV3 with its top; or "keras".

    Raises:
      InputError: there is no such file, it is of another network, it cannot be fetched, or the
        examples are no images in colour or grey.
    """
    shape = source.specs["real"].shape
    if source.kind.name != "images" or shape[2] not in (1, 3):
        raise InputError(
            f"the extractor inception looks at images of 1 or 3 channels; those of {source.name} "
            f"are {' x '.join(map(str, shape))}."
        )
    if not file:
        raise InputError(
            "the extractor inception needs its weights: --inception=classify_image_graph_def.pb "
            "(the graph of the original FID), --inception=NAME.h5 (Keras's weights), or "
            "--inception=keras, which fetches those."
        )
    if file == KERAS:
        return Keras(None)
    path = paths.user_path(file)
    if not path.is_file():
        raise InputError(f"the weights of inception, {file}: there is no such file.")
    if path.suffix not in (".pb", ".h5"):
        raise InputError(
            f"the weights of inception, {file}, must be a frozen graph, .pb, or Keras's, .h5."
        )
    return Graph(path, (shape[0], shape[1])) if path.suffix == ".pb" else Keras(path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


class Graph:
    """The frozen graph of 2015: it resizes and scales by itself, as the original FID had it.

    Probabilities are those of its 1,008 outputs without their bias, as Salimans et al. 2016 had
    them for the inception score.

    Args:
      path: of the file.
      size: height and width of the examples: the graph is tried with two black images of it.

    Raises:
      InputError: it is another graph, or TensorFlow cannot run it.
    """

    gives_pixels, knows_classes = False, True

    def __init__(self, path: Path, size: tuple[int, int]):
        with files.disk_errors(path):
            data = files.read(path)
        self.name = f"{FID_GRAPH}_{_digest(data)}"
        self.about = f"the Inception graph of the original FID: {path}"
        self._path = path
        graph, weights = _checked(data, path)

        def whole(images):
            return tf.graph_util.import_graph_def(
                graph, {f"{_INPUT}:0": images}, [f"{_POOLED}:0"], name=""
            )[0]

        images = tf.TensorSpec([None, None, None, 3], tf.float32)
        with self._errors():
            wrapped = tf.compat.v1.wrap_function(whole, [images])
            pooled = wrapped(tf.zeros([2, *size, 3]))
        found, expected = tuple(pooled.shape), (2, 1, 1, NUM_FEATURES)
        if found != expected or pooled.dtype != tf.float32:
            raise InputError(
                f"{path} is not the graph of the original FID: of two images its {_POOLED} gives "
                f"{pooled.dtype.name} {found}, not float32 {expected}."
            )

        @tf.function(input_signature=[images], autograph=False)
        def look(images):
            features = tf.reshape(wrapped(images), [-1, NUM_FEATURES])
            return features, tf.nn.softmax(tf.matmul(features, weights))

        self._look = look

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Makes one line of what goes wrong in somebody else's graph."""
        try:
            yield
        except Exception as error:  # of the import, of a shape, of a kernel: any kind
            raise InputError(
                f"{self._path} is no graph of the original FID that TensorFlow can run "
                f"({_line(error)})."
            ) from error

    def __call__(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the pooled features [N, 2048] and probabilities [N, 1008].

        Raises:
          InputError: the graph cannot be run.
        """
        with self._errors():
            features, probabilities = self._look(_bytes(examples))
        return features.numpy(), probabilities.numpy()


def _bytes(examples: np.ndarray) -> tf.Tensor:
    """Returns images as the networks saw them: 0 .. 255 in whole steps, three channels, float32."""
    pixels = np.clip(np.rint((examples + 1.0) * 127.5), 0.0, 255.0).astype(np.float32)
    return tf.constant(np.repeat(pixels, 3, -1) if pixels.shape[-1] == 1 else pixels)


def _checked(data: bytes, path: Path) -> tuple[Any, np.ndarray]:
    """Returns the part of a graph between images and features, and the weights of the logits.

    The logits themselves are left behind: their shape is that of a single image.

    Raises:
      InputError: it is another graph, or holds what it has no need of.
    """
    graph = tf.compat.v1.GraphDef()
    try:
        graph.ParseFromString(data)
    except Exception as error:  # protobuf's own, which differs from version to version
        raise InputError(f"{path} is no frozen TensorFlow graph.") from error
    nodes = {node.name: node for node in graph.node}
    missing = [name for name in (_INPUT, _POOLED, _LOGITS) if name not in nodes]
    if missing:
        raise InputError(
            f"{path} is not the graph of the original FID: it has no node {', '.join(missing)}."
        )
    kept, waiting = {_INPUT}, [_POOLED]
    while waiting:
        name = waiting.pop()
        if name in kept:
            continue
        kept.add(name)
        if name not in nodes:
            raise InputError(f"{path} is damaged: the node {name} is missing.")
        if nodes[name].op not in _OPERATIONS:
            raise InputError(
                f"{path} holds the operation {nodes[name].op} ({name}), which the graph of the "
                "original FID has no need of: it is not run."
            )
        waiting += [text.lstrip("^").partition(":")[0] for text in nodes[name].input]
    part = tf.compat.v1.GraphDef(versions=graph.versions)
    part.node.extend(node for node in graph.node if node.name in kept - {_INPUT})
    fed = part.node.add(name=_INPUT, op="Placeholder")
    fed.attr["dtype"].type = tf.float32.as_datatype_enum
    return part, _weights(nodes, path)


def _weights(nodes: Mapping[str, Any], path: Path) -> np.ndarray:
    """Returns the weights of the logits, float32 [2048, 1008].

    Raises:
      InputError: they are no constant, or of another shape.
    """
    node = nodes[_LOGITS]
    for place in (1, 0):  # the constant itself, or what hands it on
        name = node.input[place].partition(":")[0] if len(node.input) > place else ""
        node = nodes.get(name, node)
        if node.op == "Const":
            break
    else:
        raise InputError(f"{path} is damaged: the weights of its logits are no constant.")
    tensor, expected = node.attr["value"].tensor, [NUM_FEATURES, NUM_LOGITS]
    found = [each.size for each in tensor.tensor_shape.dim]
    if found != expected or tensor.dtype != tf.float32.as_datatype_enum:
        raise InputError(
            f"{path} is not the graph of the original FID: the weights of its logits are {found}, "
            f"not float32 {expected}."
        )
    try:
        return tf.make_ndarray(tensor)
    except ValueError as error:  # fewer bytes than the shape needs
        raise InputError(
            f"{path} is damaged: the weights of its logits ({_line(error)})."
        ) from error


class Keras:
    """Keras's InceptionV3, on images that are resized to 299 x 299 by bilinear interpolation.

    Args:
      path: of its weights with the top; None: those that Keras fetches.

    Raises:
      InputError: they are of another network, or cannot be fetched.
    """

    gives_pixels, knows_classes = False, True

    def __init__(self, path: Path | None):
        import keras

        try:
            with warnings.catch_warnings():  # of every layer that lacks its weights
                warnings.simplefilter("ignore")
                whole = keras.applications.InceptionV3(
                    weights="imagenet" if path is None else str(path), classifier_activation=None
                )
        except Exception as error:  # of the network, of h5py, of Keras: any kind
            if path is None:
                raise InputError(
                    f"Keras's weights of inception cannot be fetched ({_line(error)}): name a file."
                ) from error
            raise InputError(
                f"{path}: no weights of Keras's InceptionV3 with its top ({_line(error)})."
            ) from error
        digest = _digest(b"".join(weight.tobytes() for weight in whole.get_weights()))
        self.name = f"keras_inception_{digest}"
        self.about = "Keras's InceptionV3: no FID, whose graph is another one"
        pooled = whole.get_layer("avg_pool").output
        network = keras.Model(whole.input, [pooled, whole.output])

        @tf.function(autograph=False, reduce_retracing=True)
        def look(images):
            resized = tf.image.resize(images, [SIDE, SIDE])
            features, logits = network(resized / 127.5 - 1.0, training=False)
            return features, tf.nn.softmax(logits)

        self._look = look

    def __call__(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the pooled features [N, 2048] and probabilities [N, 1000]."""
        features, probabilities = self._look(_bytes(examples))
        return features.numpy(), probabilities.numpy()


def _line(error: Exception) -> str:
    """Returns the beginning of a message, which may quote names of the file's own making."""
    text = "".join(c if c.isprintable() else " " for c in str(error))
    return cut(" ".join(text.split()), 160)
