"""A small classifier of a set's own classes, trained here once, whose features metrics compare.

Of sets that a large public network was not made for, such as digits, it knows more: what separates
the classes. It is kept in $XDG_CACHE_HOME/tfgan/classifiers (else ~/.cache/tfgan/classifiers), by
the fingerprint of the examples; removing it is safe. Training rounds differently on other machines,
so the digest of the weights is part of the name, and numbers of two classifiers stay apart.

A tenth of the examples is never trained on and says how often it is right.
"""

import hashlib
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan import optimizers
from tfgan.core import files, random
from tfgan.core.checks import InputError, StorageError
from tfgan.core.interfaces import LabelSpec, Mode, Source
from tfgan.data import fingerprints
from tfgan.evaluation.examples import Real
from tfgan.nn.dropout import Dropout
from tfgan.nn.layers import Conv2D, Dense
from tfgan.nn.normalisation import BatchNorm
from tfgan.schedules import Schedule

VERSION = 1
"""Count it up when another classifier is made of the same examples."""

SEED = 0
NUM_FEATURES = 128
"""Width of the layer before the logits: what is compared."""

SMALLEST_SIDE = 7
"""Maps are halved until height and width are at most so many."""

HELD_BACK = 10
"""One example of so many says how good it is."""

BATCH_SIZE, MOST_STEPS, MOST_EPOCHS = 128, 3000, 60
LEARNING_RATE = 0.002
FEWEST = 500
"""Examples below which nobody gets a classifier who has not asked for one."""


class Network(tf.Module):
    """Convolutions that halve the maps, a hidden layer, logits.

    Args:
      shape: of an image, (H, W, C).
      num_classes: how many logits.
    """

    def __init__(self, shape: tuple[int, ...], num_classes: int):
        super().__init__("classifier")
        height, width, channels = shape
        self.convolutions: list[Conv2D] = []
        self.norms: list[BatchNorm] = []
        self.is_halved: list[bool] = []
        while not self.convolutions or self.is_halved[-1]:
            i = len(self.convolutions)
            out = min(32 * 2**i, 128)
            self.convolutions.append(
                Conv2D(
                    channels,
                    out,
                    kernel_size=3,
                    stride=1,
                    seed=SEED,
                    name=f"classifier/conv_{i}",
                    use_bias=False,
                    stddev=math.sqrt(2.0 / (9 * channels)),
                )
            )
            self.norms.append(BatchNorm(out, name=f"classifier/norm_{i}"))
            self.is_halved.append(max(height, width) > SMALLEST_SIDE)
            if self.is_halved[-1]:
                height, width = -(-height // 2), -(-width // 2)
            channels = out
        self.drop = Dropout(0.5, seed=SEED, name="classifier/drop")
        size = height * width * channels
        self.hidden = Dense(size, NUM_FEATURES, seed=SEED, name="classifier/hidden")
        self.logits = Dense(NUM_FEATURES, num_classes, seed=SEED, name="classifier/logits")

    def __call__(self, images: tf.Tensor, mode: Mode) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps [B, H, W, C] to features [B, NUM_FEATURES] and logits [B, num_classes]."""
        x = images
        for convolution, norm, is_halved in zip(
            self.convolutions, self.norms, self.is_halved, strict=True
        ):
            x = tf.nn.relu(norm(convolution(x), mode))
            if is_halved:
                x = tf.nn.max_pool2d(x, 2, 2, "SAME")
        x = self.drop(tf.reshape(x, [tf.shape(x)[0], -1]), mode)
        features = tf.nn.relu(self.hidden(x))
        return features, self.logits(features)


class Classifier:
    """The extractor of a trained network.

    Args:
      network: trained.
      accuracy: share of the examples held back that it gets right.
      num_unseen: how many those were.
    """

    gives_pixels, knows_classes = False, True

    def __init__(self, network: Network, accuracy: float, num_unseen: int):
        digest = hashlib.sha256()
        for variable in network.variables:
            digest.update(variable.numpy().tobytes())
        self.name = f"classifier_{digest.hexdigest()[:8]}"
        self.accuracy = accuracy
        self.about = (
            f"a classifier of this set, right on {accuracy:.2%} of {num_unseen} examples that it "
            "was not trained on"
        )

        @tf.function(autograph=False, reduce_retracing=True)
        def look(images):
            features, logits = network(images, Mode.INFERENCE)
            return features, tf.nn.softmax(logits)

        self._look = look

    def __call__(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the hidden layer's features, and the probabilities of the classes."""
        features, probabilities = self._look(tf.constant(examples))
        return features.numpy(), probabilities.numpy()


def suits(source: Source) -> bool:
    """Says whether a classifier can be trained on a source without much ado."""
    spec = source.specs.get("labels")
    return (
        isinstance(spec, LabelSpec)
        and spec.num_classes > 1
        and source.kind.name == "images"
        and (source.num_examples or 0) >= FEWEST
    )


def load(source: Source) -> Classifier:
    """Returns the classifier of a source: from the cache, or trained now, and kept.

    Args:
      source: images with labels. Its fingerprint is what the classifier is known by.

    Raises:
      InputError: it has no classes, or is no set of images.
    """
    spec = source.specs.get("labels")
    if source.kind.name != "images" or source.num_examples is None:
        raise InputError(f"the extractor classifier looks at sets of images, not {source.name}.")
    if not isinstance(spec, LabelSpec) or spec.num_classes < 2:
        raise InputError(
            f"the extractor classifier learns the classes of {source.name}, which has none that it "
            "knows of: take another extractor, such as random_filters."
        )
    network = Network(tuple(source.specs["real"].shape), spec.num_classes)
    path = _path(source)
    found = _read(path, network)
    if found is None:
        found = _train(network, Real(source), source)
        _write(path, network, found)
    return Classifier(network, *found)


def _train(network: Network, real: Real, source: Source) -> tuple[float, int]:
    """Trains a network; returns its accuracy on what is held back, and how many those are."""
    total = source.num_examples
    assert total is not None
    num_unseen = max(total // HELD_BACK, 1)
    num_seen = total - num_unseen
    images = np.empty([num_seen, *source.specs["real"].shape], np.float32)
    labels = np.empty([num_seen], np.int32)
    first = 0
    for some, of_some in real.labelled(0, num_seen):
        images[first : first + len(some)], labels[first : first + len(some)] = some, of_some
        first += len(some)
    batch_size = min(BATCH_SIZE, num_seen)
    num_steps = min(MOST_STEPS, MOST_EPOCHS * num_seen // batch_size)
    order = random.EpochOrder(num_seen, batch_size, SEED)
    weights = list(network.trainable_variables)
    optimizer = optimizers.Adam(weights, LEARNING_RATE)
    rate = Schedule("cosine", decay_steps=num_steps)

    @tf.function(
        input_signature=[
            tf.TensorSpec([batch_size, *images.shape[1:]]),
            tf.TensorSpec([batch_size], tf.int32),
            tf.TensorSpec([], tf.int64),
        ],
        autograph=False,
    )
    def train(x, y, step):
        network.drop.before_step()
        with tf.GradientTape() as tape:
            _, logits = network(x, Mode.TRAIN)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
            loss = tf.reduce_mean(losses)
        optimizer.apply(tape.gradient(loss, weights), rate_factor=rate(step))

    for step in _progress(num_steps, source.name):
        chosen = order.indices(tf.constant(step, tf.int64)).numpy()
        train(images[chosen], labels[chosen], tf.constant(step, tf.int64))
    right = 0
    for some, of_some in real.labelled(num_seen, num_unseen):
        _, logits = network(tf.constant(some), Mode.INFERENCE)
        right += int(np.sum(logits.numpy().argmax(1) == of_some))
    return right / num_unseen, num_unseen


def _progress(num_steps: int, name: str) -> Iterator[int]:
    import tqdm

    print(f"training a classifier of {name}, once: {num_steps} steps", file=sys.stderr, flush=True)
    return iter(tqdm.tqdm(range(num_steps), disable=None, leave=False, file=sys.stderr))


def _path(source: Source) -> Path:
    shape = list(source.specs["real"].shape)
    parts = [VERSION, source.fingerprint, shape, source.specs["labels"].class_names]
    digest = fingerprints.digest([repr(parts).encode()])
    return fingerprints.cache("classifiers") / digest


def _read(path: Path, network: Network) -> tuple[float, int] | None:
    """Gives a network the weights of a file; returns what it is worth, or None without such one.

    The file is a line of JSON, and the bytes of the weights, one after the other; one that is not
    as it was written is as good as none.
    """
    if not path.is_absolute() or path.name not in files.names(path.parent):
        return None
    try:
        header, _, content = files.read(path).partition(b"\n")
        record = json.loads(header)
        if record["sha256"] != hashlib.sha256(content).hexdigest():
            raise ValueError("the bytes are others")
        values = [np.zeros(v.shape, v.dtype.as_numpy_dtype) for v in network.variables]
        if len(content) != sum(value.nbytes for value in values):
            raise ValueError("the network is another")
        found = float(record["accuracy"]), int(record["num_unseen"])
    except (OSError, ValueError, KeyError, TypeError):
        print(f"damaged, made again: {path}", file=sys.stderr)
        return None
    first = 0
    for variable, value in zip(network.variables, values, strict=True):
        last = first + value.nbytes
        variable.assign(np.frombuffer(content[first:last], value.dtype).reshape(value.shape))
        first = last
    return found


def _write(path: Path, network: Network, found: tuple[float, int]) -> None:
    """Keeps a network; where the disk does not take it, it is made again another time."""
    if not path.is_absolute():
        return
    content = b"".join(variable.numpy().tobytes() for variable in network.variables)
    digest = hashlib.sha256(content).hexdigest()
    record = {"accuracy": found[0], "num_unseen": found[1], "sha256": digest}
    try:
        files.make_folder(path.parent, with_parents=True)
        files.write(path, json.dumps(record).encode() + b"\n" + content)
    except (StorageError, InputError) as error:
        print(f"not kept: {error}", file=sys.stderr)
