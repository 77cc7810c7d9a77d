"""What the floors expect of each other: a Source of real examples, a Model that trains."""

from collections.abc import Callable, Mapping
from typing import Protocol

import tensorflow as tf

Observe = Callable[[str, Mapping[str, tf.Tensor]], None]
"""Is shown what a player works with, while an iteration runs eagerly: (player, tensors by name)."""


def ignore(player: str, tensors: Mapping[str, tf.Tensor]) -> None:
    """Observes nothing: the default, which leaves no trace in a graph."""


class Source(Protocol):
    """Real examples, each batch a pure function of (seed, step)."""

    name: str
    """What the user called it."""

    shape: tuple[int, ...]
    """Shape of one example: [H, W, C] for images, [F] for points."""

    num_examples: int | None
    """How many there are; None where they are drawn from a distribution."""

    fingerprint: str
    """Changes when the data do; the same in every process."""

    def batch(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the examples of `step` (int64 scalar), float32 [B, *shape] in [-1, 1].

        Can be called inside a `tf.function`, for any step, in any order, with the same answer.
        """


class Model(Protocol):
    """What the training loop knows of a model."""

    loss_names: tuple[str, ...]
    """Names of the losses, which are the columns of the log."""

    def iteration(
        self, step: tf.Tensor, source: Source, observe: Observe = ignore
    ) -> Mapping[str, tf.Tensor]:
        """Runs training iteration `step` (int64 scalar, from 0); returns scalar losses by name."""

    def sample(self, latents: tf.Tensor) -> tf.Tensor:
        """Returns generated examples, float32 [B, *shape] in [-1, 1], in inference mode."""

    def state(self) -> dict[str, tf.Variable]:
        """Returns all that training moves, by names that are unique and stay."""

    def diagnostics(self, step: tf.Tensor, source: Source) -> Mapping[str, tf.Tensor]:
        """Looks at the model before iteration `step` and moves nothing; returns scalars by name."""
