"""Stacked MNIST: three digits as the channels of one image, so that its 1,000 modes can be counted.

Source: Metz et al., "Unrolled Generative Adversarial Networks", 2017, section 3.3.1; Srivastava et
al., "VEEGAN", 2017, section 4.2.
"""

import copy
import itertools
import math
from typing import Any

import tensorflow as tf

from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Kind, LabelSpec, Specs
from tfgan.data import catalog, kinds, pixels
from tfgan.data.arrays import Arrays

[(NAME, DIGITS)] = catalog.MADE_OF.items()
"""What `--data` calls it, and the set that it is made of."""

CHANNELS = 3

IN_MEMORY_MB = 10**6
"""The digits always lie in memory: a batch takes them from anywhere."""


class Stacked:
    """A `Source` without an end, whose images are three grey ones in red, green and blue.

    The three are drawn with replacement from (seed, step). The label of an image is the number that
    its digits make, that of the red channel first: 7, 0 and 4 are 704.

    Args:
      source: grey images [N, H, W, 1] in memory; with labels, so has this one.
      name: what to call it.
      seed: of the draws.

    Attributes:
      digits: the grey images.

    Raises:
      InputError: its images are not grey.
    """

    num_examples: int | None = None

    def __init__(self, source: Arrays, name: str = NAME, seed: int = 0):
        height, width, channels = source.specs["real"].shape
        if channels != 1:
            raise InputError(f"{source.name} has images of {channels} channels; grey ones stack.")
        self.name, self.batch_size, self.notes = name, source.batch_size, source.notes
        self.kind: Kind = kinds.of_shape((height, width, CHANNELS))
        self.fingerprint = f"{source.fingerprint} stacked"
        self.digits, self._seed = source, seed
        self.specs: Specs = {"real": tf.TensorSpec([height, width, CHANNELS], tf.float32, "real")}
        label = source.specs.get("labels")
        self._num_classes = 0
        if isinstance(label, LabelSpec):
            self._num_classes = label.num_classes
            self.specs = {**self.specs, "labels": _triples(label)}

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the images of `step` (int64 scalar), "real" float32 [B, H, W, 3], and "labels".

        These are int32 [B], and there where the digits have labels.
        """
        images, size = self.digits.arrays["real"], [self.batch_size, CHANNELS]
        chosen = random.integers(size, self._seed, "stack", step, below=images.shape[0])
        grey = tf.gather(images, chosen)[..., 0]  # [B, 3, H, W]
        real = tf.transpose(grey, [0, 2, 3, 1])
        batch = {"real": pixels.to_float(real) if real.dtype == tf.uint8 else real}
        if self._num_classes:
            digits = tf.gather(self.digits.arrays["labels"], chosen)  # [B, 3]
            places = [self._num_classes**i for i in reversed(range(CHANNELS))]
            batch["labels"] = tf.reduce_sum(digits * tf.constant(places), 1)
        return batch

    def with_seed(self, seed: int) -> "Stacked":
        """Returns the same images, drawn from another seed."""
        other = copy.copy(self)
        other._seed = seed
        return other


def load(*, seed: int, memory_mb: int, **options: Any) -> Stacked:
    """Makes stacked MNIST of the prepared MNIST.

    Args:
      seed: seed of the run.
      memory_mb: not heeded: the digits are held in memory.
      options: as for `catalog.load`.

    Raises:
      NotPreparedError: MNIST is not prepared.
      InputError: another argument does not fit.
    """
    digits = catalog.load(DIGITS, seed=seed, memory_mb=IN_MEMORY_MB, **options)
    assert isinstance(digits, Arrays)
    return Stacked(digits, seed=seed)


def _triples(label: LabelSpec) -> LabelSpec:
    """Returns what the labels of three independent examples are."""
    names = itertools.product(label.class_names, repeat=CHANNELS)
    shares = itertools.product(label.frequencies, repeat=CHANNELS)
    return LabelSpec(list(map("".join, names)), list(map(math.prod, shares)))
