"""Images that fit into memory."""

import hashlib

import numpy as np
import tensorflow as tf

from tfgan.core import random
from tfgan.data import pixels


class ArrayImages:
    """A `Source` over an array of images; every epoch is a new permutation of all of them.

    Args:
      name: what the user called it.
      images: uint8 [N, H, W, C].
      batch_size: images in a batch, at most N.
      seed: seed of the run.

    Raises:
      InputError: `batch_size` is more than N.
    """

    def __init__(self, name: str, images: np.ndarray, batch_size: int, seed: int):
        if images.dtype != np.uint8 or images.ndim != 4:
            raise ValueError(
                f"images must be uint8 [N, H, W, C], got {images.dtype} {images.shape}."
            )
        self.name = name
        self.num_examples, *shape = images.shape
        self.shape = tuple(shape)
        pixels.check_batch_size(name, self.num_examples, batch_size)
        self.fingerprint = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()
        self._order = random.EpochOrder(self.num_examples, batch_size, seed)
        # A variable, not a constant: on a GPU only a variable's gather has a kernel for uint8.
        self._images = tf.Variable(images, trainable=False, name="images")

    def batch(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the images of `step` (int64 scalar), float32 [B, H, W, C] in [-1, 1]."""
        return pixels.to_float(tf.gather(self._images, self._order.indices(step)))
