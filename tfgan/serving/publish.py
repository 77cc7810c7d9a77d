"""A trained model as a SavedModel that TensorFlow Serving loads.

    serving_default   latents float32 [B, Z]             -> images float32 [B, H, W, C] in [-1, 1]
    sample            seed int64 [B]                     -> png_bytes [B], images uint8 [B, H, W, C]
    discriminate      images float32 [B, H, W, C]        -> probability, logits float32 [B]

Where examples are points [B, F], they are called `points` throughout and have no PNG. Where the
objective's scores are no probabilities (wasserstein), `discriminate` answers `logits` alone.

A row that holds NaN or infinity is answered by NaN: never by something that looks like an answer,
and not by an error, since a server puts the requests of several clients into one batch.

In `sample` a row must not change with its neighbours. Kernels sum in an order that depends on the
batch, so each row is computed on its own, at batch size 1, whatever comes with it.

One version is one folder, and gets its name when all of it is on the disk:

    exports/digits/6000/saved_model.pb, variables/   the graph and the weights
                        assets.extra/                what a server runs before it serves
                        batching_params.pbtxt        how a server may merge requests
                        model_card.json              where it comes from; SHA-256 of all the rest
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.framework.tensor_shape_pb2 import TensorShapeProto
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tfgan.config import Config
from tfgan.core import checks, files, random, runtime
from tfgan.core.checks import InputError, NonFiniteError, StorageError
from tfgan.losses import OBJECTIVES
from tfgan.serving import graph as graphs

STREAM = "export"
"""Of the latents that belong to the seed of a request."""

CARD, GRAPH = "model_card.json", "saved_model.pb"
WARM_UP = "assets.extra/tf_serving_warmup_requests"

WARM_BATCHES = (1, 2, 4, 8, 16, 32, 64)
"""Batch sizes that the warm-up runs, and that a server which merges requests pads to."""

WARM_REPEATS = 4
"""How often it runs each: kernels keep what they prepare for a shape, each thread for itself."""

BATCHING = f"""\
max_batch_size {{ value: {WARM_BATCHES[-1]} }}
batch_timeout_micros {{ value: 1000 }}
max_enqueued_batches {{ value: 100 }}
{"".join(f"allowed_batch_sizes: {size}{chr(10)}" for size in WARM_BATCHES)}"""
"""For a server with --enable_batching --enable_per_model_batching_parameters."""


def latents(config: Config, seed: tf.Tensor | int) -> tf.Tensor:
    """Returns what `sample` makes of one seed (int64 scalar, any): latents float32 [1, Z].

    A function of the run's seed and this one, and of nothing else.
    """
    draw = random.LATENT_DISTRIBUTIONS[config.latent_distribution]
    return draw([1, config.latent_size], config.seed, STREAM, seed)


class Served(tf.Module):
    """What is exported: two players in inference mode, and no other state.

    Args:
      config: the run.
      shape: of one example: [H, W, C], or [F] for points.
      generator: maps latents [B, Z] to examples [B, *shape] in [-1, 1].
      discriminator: maps examples to logits [B].
    """

    def __init__(
        self, config: Config, shape: tuple[int, ...], generator: tf.Module, discriminator: tf.Module
    ):
        self.config, self.shape = config, tuple(shape)
        self.generator, self.discriminator = generator, discriminator
        self.what = "images" if len(shape) == 3 else "points"

    def signatures(self) -> dict[str, Callable]:
        """Returns the functions by the names of their signatures, each with an open batch."""
        examples = tf.TensorSpec([None, *self.shape], tf.float32, self.what)
        inputs = {
            "serving_default": tf.TensorSpec([None, self.config.latent_size], name="latents"),
            "sample": tf.TensorSpec([None], tf.int64, "seed"),
            "discriminate": examples,
        }
        functions = {
            "serving_default": self.generate,
            "sample": self.sample,
            "discriminate": self.discriminate,
        }
        return {
            name: tf.function(functions[name], [spec], autograph=False)
            for name, spec in inputs.items()
        }

    def generate(self, latents: tf.Tensor) -> dict[str, tf.Tensor]:
        """Maps latents float32 [B, Z] to examples float32 [B, *shape] in [-1, 1]."""
        return {self.what: _rows(self.generator, latents)}

    def sample(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Maps seeds int64 [B] to pictures: PNG bytes [B] and uint8 [B, H, W, C]; or to points."""

        def row(one):
            example = self.generator(latents(self.config, one), training=False)[0]
            if self.what == "points":
                return {"points": example}
            pixels = to_uint8(example)
            return {"png_bytes": tf.io.encode_png(pixels), "images": pixels}

        outputs = {"points": tf.TensorSpec(self.shape)}
        if self.what == "images":
            outputs = {
                "png_bytes": tf.TensorSpec([], tf.string),
                "images": tf.TensorSpec(self.shape, tf.uint8),
            }
        return tf.map_fn(row, tf.ensure_shape(seed, [None]), fn_output_signature=outputs)

    def discriminate(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Maps examples float32 [B, *shape] to the document's D in [0, 1], and its logits, [B]."""
        logits = _rows(self.discriminator, examples)
        if not OBJECTIVES[self.config.objective].is_probabilistic:
            return {"logits": logits}
        return {"probability": tf.sigmoid(logits), "logits": logits}


def to_uint8(images: tf.Tensor) -> tf.Tensor:
    """Maps float [-1, 1] to uint8 0 .. 255, rounding to nearest; what lies outside is clipped."""
    return tf.cast(tf.clip_by_value(tf.round((images + 1.0) * 127.5), 0.0, 255.0), tf.uint8)


def _rows(network: Callable, inputs: tf.Tensor) -> tf.Tensor:
    """Runs a network on inputs [B, ...], with B >= 0; a row that is not finite gives a row of NaN.

    TensorFlow's convolutions fail on an empty batch, so that one is given a row for the time being.
    """
    # A session feeds what it is given, whatever the signature says: 4 x 16 pixels for 8 x 8.
    inputs = tf.ensure_shape(inputs, inputs.shape)
    missing = tf.maximum(1 - tf.shape(inputs)[0], 0)
    padded = tf.pad(inputs, [[0, missing], *[[0, 0]] * (inputs.shape.rank - 1)])
    outputs = network(padded, training=False)[: tf.shape(inputs)[0]]
    finite = tf.reduce_all(tf.math.is_finite(inputs), axis=range(1, inputs.shape.rank))
    finite = tf.reshape(finite, [-1, *[1] * (outputs.shape.rank - 1)])
    return tf.where(finite, outputs, float("nan"))


def export(served: Served, record: Mapping[str, Any], export_dir: Path) -> Path | None:
    """Writes the version of a checkpoint; returns its folder, or None if it was there before.

    Args:
      served: what to export.
      record: for the card; `step` becomes the version, `checkpoint_sha256` tells whose it is.
      export_dir: holds one folder for each version, and becomes the server's base path.

    Raises:
      InputError: that version is there and of another checkpoint, or damaged; another process
        exports here; the graph holds what may not be served.
      NonFiniteError: a weight is NaN or infinite.
      StorageError: the disk refuses. What was there before is whole, whatever is raised.
    """
    bad = checks.first_non_finite({v.name: v.numpy() for v in served.variables})
    if bad:
        raise NonFiniteError(f"{bad} is not finite; nothing was exported.")
    path = export_dir / str(record["step"])
    with files.disk_errors(path):
        export_dir.mkdir(parents=True, exist_ok=True)
        lock = files.lock(export_dir, "exports", "--export_dir")
    try:
        files.clean(export_dir)
        if path.exists():
            if read_card(path)["checkpoint_sha256"] == record["checkpoint_sha256"]:
                return None
            raise InputError(
                f"{path} is there already, of another run; choose another --export_dir."
            )
        temporary = path.with_name(path.name + files.TEMPORARY)
        try:
            with files.disk_errors(path):
                _write(served, record, temporary)
        except tf.errors.OpError as error:
            raise StorageError(f"{temporary}: {error.message}; see to the disk.") from error
        files.publish(temporary, path)
    finally:
        with contextlib.suppress(StorageError):
            files.clean(export_dir)
        os.close(lock)
    return path


def _write(served: Served, record: Mapping[str, Any], path: Path) -> None:
    """Writes all files of a version."""
    tf.saved_model.save(served, str(path), signatures=served.signatures())
    saved = SavedModel.FromString((path / GRAPH).read_bytes())
    (graph,) = saved.meta_graphs
    graphs.check(graph)
    graphs.fence(graph)
    (path / GRAPH).write_bytes(saved.SerializeToString(deterministic=True))
    (path / "fingerprint.pb").unlink()  # of the graph without fences; a server does not need it
    (path / "batching_params.pbtxt").write_text(BATCHING)
    (path / WARM_UP).parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path / WARM_UP)) as writer:
        for log in warm_up_logs(graph.signature_def, path.parent.name):
            writer.write(log)
    card = dict(record) | {
        "signatures": {n: _described(s) for n, s in _offered(graph.signature_def).items()},
        "exported_with": runtime.versions() | {"tensorflow": tf.__version__},
        "files": _files(path),
    }
    (path / CARD).write_text(json.dumps(card, indent=2) + "\n")


def _files(path: Path) -> dict[str, dict[str, Any]]:
    """Returns size and digest of each file below a folder, by its path from there."""
    return {
        str(file.relative_to(path)): {"size": file.stat().st_size, "sha256": files.sha256(file)}
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def read_card(path: Path) -> dict[str, Any]:
    """Returns the card of a version, all of whose files are what it says.

    Raises:
      InputError: a file is missing, was changed or is none of its own; or there is no card.
    """
    try:
        card = json.loads((path / CARD).read_bytes())
        expected = {name: file["sha256"] for name, file in card["files"].items()}
        found = {name: digest["sha256"] for name, digest in _files(path).items() if name != CARD}
        odd = {name for name, _ in expected.items() ^ found.items()}
        if not odd:
            return card
        what = f"{', '.join(sorted(odd))}: missing, changed, or not of this version"
    except OSError as error:
        what = f"{error.filename}: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError):
        what = f"{CARD} cannot be read"
    raise InputError(f"{path} is not a whole export: {what}; remove it and export again.")


def load(path: Path) -> tuple[Config, Callable]:
    """Returns the config of an export, and what maps its latents [B, Z] to examples.

    Args:
      path: of one version, or of the folder that holds versions: the newest then.

    Raises:
      InputError: there is none, it is damaged, or its graph holds what may not be served.
    """
    if not (path / CARD).exists():
        versions = [int(p.name) for p in path.glob("*") if p.name.isascii() and p.name.isdigit()]
        if not versions:
            raise InputError(f"{path} holds no export; is it the --export_dir of one?")
        path = path / str(max(versions))
    config = Config(**read_card(path)["config"])
    (graph,) = SavedModel.FromString((path / GRAPH).read_bytes()).meta_graphs
    graphs.check(graph)
    signature = tf.saved_model.load(str(path)).signatures["serving_default"]

    def generate(latents):
        (examples,) = signature(latents=tf.constant(latents)).values()
        return examples

    return config, generate


def _offered(signatures: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the signatures that take something, in order: the loader's own takes nothing."""
    return {name: each for name, each in sorted(signatures.items()) if each.inputs}


def _described(signature) -> dict[str, dict[str, str]]:
    """Returns names, dtypes and shapes of a signature, for the card."""

    def tensors(named):
        return {
            name: f"{tf.as_dtype(info.dtype).name} {tf.TensorShape(info.tensor_shape).as_list()}"
            for name, info in sorted(named.items())
        }

    return {"inputs": tensors(signature.inputs), "outputs": tensors(signature.outputs)}


def warm_up_logs(signatures: Mapping[str, Any], model: str) -> Iterator[bytes]:
    """Yields the warm-up requests: each signature, at each of WARM_BATCHES, WARM_REPEATS times.

    Each is a `tensorflow.serving.PredictionLog`, encoded by hand so that an export needs no package
    of the server's messages: PredictionLog.predict_log = 6, PredictLog.request = 1,
    PredictRequest.model_spec = 1 and .inputs = 2 (a map: key = 1, value = 2), ModelSpec.name = 1
    and .signature_name = 3.

    Args:
      signatures: SignatureDef by name; each has one input.
      model: name of the model.
    """
    for name, signature in _offered(signatures).items():
        ((input_name, info),) = signature.inputs.items()
        for size in WARM_BATCHES:
            dims = [size, *(dim.size for dim in info.tensor_shape.dim[1:])]
            shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=dim) for dim in dims])
            tensor = TensorProto(dtype=info.dtype, tensor_shape=shape)
            # One value stands for all of them.
            tensor.int64_val.append(0) if info.dtype == tf.int64 else tensor.float_val.append(0.0)
            spec = _field(1, model.encode()) + _field(3, name.encode())
            entry = _field(1, input_name.encode()) + _field(2, tensor.SerializeToString())
            request = _field(1, spec) + _field(2, entry)
            yield from [_field(6, _field(1, request))] * WARM_REPEATS


def _field(number: int, data: bytes) -> bytes:
    """Encodes a field of a message that holds bytes, a text or a message: tag, size, data."""
    size, encoded = len(data), bytearray([number << 3 | 2])
    while size > 127:
        encoded.append(size & 127 | 128)
        size >>= 7
    return bytes([*encoded, size]) + data
