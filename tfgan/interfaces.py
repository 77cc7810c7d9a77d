"""What the floors expect of each other: a Source of real examples, a Model that trains."""

from collections.abc import Mapping
from typing import Protocol

import tensorflow as tf


class Source(Protocol):
    """Real examples, each batch a pure function of (seed, step)."""

    name: str
    """What the user called it."""

    shape: tuple[int, ...]
    """Shape of one example: [H, W, C] for images, [F] for points."""

    num_examples: int | None
    """How many there are; None where they are drawn from a distribution."""

    def batch(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the examples of `step` (int64 scalar), float32 [B, *shape] in [-1, 1].

        Can be called inside a `tf.function`, for any step, in any order, with the same answer.
        """


class Model(Protocol):
    """What the training loop knows of a model: one iteration, and pictures."""

    def iteration(self, step: tf.Tensor, source: Source) -> Mapping[str, tf.Tensor]:
        """Runs training iteration `step` (int64 scalar, from 0); returns scalar losses by name."""

    def sample(self, latents: tf.Tensor) -> tf.Tensor:
        """Returns generated examples, float32 [B, *shape] in [-1, 1], in inference mode."""
