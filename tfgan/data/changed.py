"""Images that are changed anew at each step: what all such sources have in common."""

import copy
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfgan.core import replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source


class Changed:
    """A `Source` whose "real" images are those of another one, changed by draws of (seed, step).

    All else, such as labels, is the other source's. What makes it its own is `change`.

    Args:
      source: of images [H, W, C].
      seed: of the draws.

    Raises:
      InputError: its examples are no images.
    """

    flag = ""
    """What asks for it."""

    def __init__(self, source: Source, seed: int = 0):
        if source.kind.name != "images":
            raise InputError(f"{source.name} has {source.kind.name}, and {self.flag} needs images.")
        self._source, self._seed = source, seed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # a copy in the making has no source yet
            raise AttributeError(name)
        return getattr(self._source, name)

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the examples of `step` (int64 scalar), "real" float32 [B, H, W, C]."""
        batch = dict(self._source.batch(step))
        return batch | {"real": self.change(batch["real"], step)}

    def change(self, real: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Returns images in [-1, 1], changed."""
        raise NotImplementedError

    def fixed(self) -> Source:
        """Returns images that stay: those of the other source, without what is drawn at a step."""
        return fixed(self._source)

    def drawn(self, draw: Callable[[Any], tf.Tensor], shape: Any) -> tf.Tensor:
        """Draws numbers of a shape whose first axis is that of the images.

        With replicas they are a share of what is drawn for the whole batch, if the images are.
        """
        is_share = getattr(self._source, "reads_share", False)
        return replicas.drawn(draw, shape) if is_share else draw(shape)

    def with_seed(self, seed: int) -> "Changed":
        """Returns the same images in the order, and by the draws, of another seed."""
        other = copy.copy(self)
        other._source, other._seed = self._source.with_seed(seed), seed
        return other


def fixed(source: Source) -> Source:
    """Returns a source's examples as they are at every step; most are so already."""
    return source.fixed() if isinstance(source, Changed) else source
