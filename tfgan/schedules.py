"""Learning-rate schedules: factors of the players' rates, as functions of the step alone.

A factor never depends on how long a run is meant to be: a run that is made longer takes the same
path.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tfgan.core import replicas

SCHEDULES: Mapping[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "constant": tf.ones_like,
    "linear": lambda share: 1.0 - share,
    "cosine": lambda share: 0.5 + 0.5 * tf.cos(math.pi * share),
}
"""Factor in [0, 1] by the share of the decay that is over, 0 to 1. Cosine: Loshchilov and Hutter,
"SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, equation 5."""


class Schedule(NamedTuple):
    """The factor of the learning rates at each iteration.

    It rises from 1 / warmup_steps to 1 in `warmup_steps` iterations, and falls from 1 to 0 in the
    `decay_steps` after them.
    """

    name: str = "constant"
    """Of `SCHEDULES`: how it falls."""

    warmup_steps: int = 0
    decay_steps: int = 0

    @property
    def is_constant(self) -> bool:
        """Whether the factor is 1 at every step."""
        return self.name == "constant" and not self.warmup_steps

    def __call__(self, step: tf.Tensor | int) -> tf.Tensor:
        """Returns the factor, a float32 scalar, of iteration `step` (an integer scalar, from 0)."""
        step = tf.cast(step, tf.float32)
        warm = tf.minimum((step + 1.0) / max(self.warmup_steps, 1), 1.0)
        over = (step - self.warmup_steps) / max(self.decay_steps, 1)
        return warm * SCHEDULES[self.name](tf.clip_by_value(over, 0.0, 1.0))

    def without_fall(self) -> "Schedule":
        """Returns the schedule that stays at 1 where this one falls."""
        return self._replace(name="constant", decay_steps=0)

    def apply(
        self,
        optimizer: Any,
        gradients: Sequence[tf.Tensor],
        step: tf.Tensor | int,
        clip_norm: float = 0.0,
    ) -> None:
        """Takes a step of an optimizer at this schedule's rate.

        Args:
          optimizer: `optimizers.Optimizer`, or one of a user's own, which may take gradients alone:
            it is told no more than what is asked for.
          gradients: of each of its variables: with replicas, of this one's share of the batch.
          step: counts iterations.
          clip_norm: largest Euclidean norm of the gradient; 0: any.
        """
        options: dict[str, Any] = {}
        if not self.is_constant:
            options["rate_factor"] = self(step)
        if clip_norm:
            options["clip_norm"] = clip_norm
        optimizer.apply(replicas.means(gradients), **options)


CONSTANT = Schedule()
"""The rates stay as they are."""
