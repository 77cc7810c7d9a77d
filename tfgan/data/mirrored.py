"""Images that are shown mirrored, left to right, half of the time."""

import copy
from typing import Any

import tensorflow as tf

from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source


class Mirrored:
    """A `Source` whose "real" images are those of another one, each mirrored with probability 1/2.

    It doubles a small set of pictures in which left and right do not matter: faces, flowers, rooms;
    not letters. Which image is mirrored is a function of (seed, step). All else, such as labels, is
    the other source's.

    Args:
      source: of images [H, W, C].
      seed: of the choice.

    Raises:
      InputError: its examples are no images.
    """

    def __init__(self, source: Source, seed: int = 0):
        if source.kind.name != "images":
            raise InputError(f"{source.name} has {source.kind.name}, and --mirror needs images.")
        self._source, self._seed = source, seed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # a copy in the making has no source yet
            raise AttributeError(name)
        return getattr(self._source, name)

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the examples of `step` (int64 scalar), "real" float32 [B, H, W, C]."""
        batch = dict(self._source.batch(step))
        real = batch["real"]
        chosen = random.integers([self._source.batch_size], self._seed, "mirror", step, below=2)
        is_mirrored = tf.cast(chosen, tf.bool)[:, None, None, None]  # [B, 1, 1, 1]
        return batch | {"real": tf.where(is_mirrored, tf.reverse(real, [2]), real)}

    def with_seed(self, seed: int) -> "Mirrored":
        """Returns the same examples in the order, and mirrored by the choice, of another seed."""
        other = copy.copy(self)
        other._source, other._seed = self._source.with_seed(seed), seed
        return other
