"""Images in black and white: a pixel is white by the probability that its grey value is.

Real pixels then are -1 or 1, of which a Bernoulli likelihood says the truth. What others report on
"binarised MNIST" is measured on one fixed draw, whose file (Larochelle and Murray, "The Neural
Autoregressive Distribution Estimator", 2011) is not this one: such numbers are not comparable.
"""

import numpy as np
import tensorflow as tf

from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.data.arrays import Arrays
from tfgan.data.changed import Changed
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


class Binarised(Changed):
    """A `Source` whose images are those of another one, drawn in black and white at each step.

    The draw is a function of (seed, step), and another one whenever an image comes again.

    Source: Burda et al., "Importance Weighted Autoencoders", 2016, section 5.
    """

    flag = "--binarise"

    def change(self, real: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Returns the images, each pixel -1 or 1."""
        drawn = self.drawn(
            lambda shape: random.uniform(shape, self._seed, "binarise", step), tf.shape(real)
        )
        return tf.where(drawn < real, 1.0, -1.0)

    def fixed(self) -> Arrays:
        """Returns the images of the static draw; errors as `static`."""
        return static(super().fixed())
