"""Images in black and white: a pixel is white by the probability that its grey value is.

Real pixels then are -1 or 1, of which a Bernoulli likelihood says the truth. What others report on
"binarised MNIST" is measured on one fixed draw, whose file (Larochelle and Murray, "The Neural
Autoregressive Distribution Estimator", 2011) is not this one: such numbers are not comparable.
"""

import copy
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.data.arrays import Arrays
from tfgan.data.pixels import to_float

SEED = 0
"""Of the static draw: not the run's, so that all runs have the same images."""

CHUNK = 4096
"""Images that are binarised at once: the memory that it needs."""


def binarise(images: np.ndarray, first: int = 0) -> np.ndarray:
    """Draws images in black and white, each a pure function of the image and of its number.

    Args:
      images: uint8 [N, H, W, C].
      first: number of the first one in its set.

    Returns:
      uint8 [N, H, W, C], 0 or 255; a pixel of x is 255 with probability x / 255.
    """

    def draw(number):
        return random.uniform(images.shape[1:], SEED, "binarise", number)

    @tf.function(autograph=False)
    def white(chunk, numbers):
        drawn = tf.map_fn(draw, numbers, fn_output_signature=tf.float32)
        return tf.where(drawn < to_float(chunk), np.uint8(255), np.uint8(0))

    numbers = first + np.arange(len(images), dtype=np.int64)
    parts = [slice(start, start + CHUNK) for start in range(0, len(images), CHUNK)]
    return np.concatenate([white(images[part], numbers[part]).numpy() for part in parts])


def static(source: Source) -> Arrays:
    """Returns a source whose images are drawn in black and white once.

    Raises:
      InputError: its examples are no images that lie in memory.
    """
    if not isinstance(source, Arrays) or source.arrays["real"].dtype != tf.uint8:
        raise InputError(
            f"{source.name} has no images in memory, which --binarise=static needs: raise "
            "--data_memory_mb, take --binarise=dynamic, or leave it out."
        )
    return source.with_real(binarise(source.arrays["real"].numpy()), f"binarised {SEED}")


class Binarised:
    """A `Source` whose images are those of another one, drawn in black and white at each step.

    The draw is a function of (seed, step), and another one whenever an image comes again. All else,
    such as labels, is the other source's.

    Args:
      source: of images [H, W, C].
      seed: of the draw.

    Raises:
      InputError: its examples are no images.

    Source: Burda et al., "Importance Weighted Autoencoders", 2016, section 5.
    """

    def __init__(self, source: Source, seed: int = 0):
        if source.kind.name != "images":
            raise InputError(f"{source.name} has {source.kind.name}, and --binarise needs images.")
        self._source, self._seed = source, seed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # a copy in the making has no source yet
            raise AttributeError(name)
        return getattr(self._source, name)

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the examples of `step` (int64 scalar), "real" float32 [B, H, W, C], -1 or 1."""
        batch = dict(self._source.batch(step))
        real = batch["real"]
        drawn = random.uniform(tf.shape(real), self._seed, "binarise", step)
        return batch | {"real": tf.where(drawn < real, 1.0, -1.0)}

    def with_seed(self, seed: int) -> "Binarised":
        """Returns the same images in the order, and by the draws, of another seed."""
        other = copy.copy(self)
        other._source, other._seed = self._source.with_seed(seed), seed
        return other
