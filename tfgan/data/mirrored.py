"""Images that are shown mirrored, left to right, half of the time."""

import tensorflow as tf

from tfgan.core import random
from tfgan.data.changed import Changed


class Mirrored(Changed):
    """A `Source` whose "real" images are those of another one, each mirrored with probability 1/2.

    It doubles a small set of pictures in which left and right do not matter: faces, flowers, rooms;
    not letters. Which image is mirrored is a function of (seed, step).
    """

    flag = "--mirror"

    def change(self, real: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Returns the images, half of them mirrored."""
        chosen = self.drawn(
            lambda shape: random.integers(shape, self._seed, "mirror", step, below=2),
            [real.shape[0]],
        )
        is_mirrored = tf.cast(chosen, tf.bool)[:, None, None, None]  # [B, 1, 1, 1]
        return tf.where(is_mirrored, tf.reverse(real, [2]), real)
