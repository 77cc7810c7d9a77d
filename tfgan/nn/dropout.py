"""Dropout whose random numbers are a pure function of the seed and the step."""

import tensorflow as tf

from tfgan.core import random, replicas
from tfgan.core.interfaces import Mode


class Dropout(tf.Module):
    """Sets values to zero at random while training, and scales the others up.

    y = x m / keep, with m = 1 with probability `keep`, else 0; in inference y = x.

    The masks are drawn from (seed, name, step). The step counts the owner's: it is state, and moves
    in `before_step` alone. So all passes of one step see one network for each row of the batch, the
    real, the generated and those of a penalty; the other player's step sees the last one again.

    Args:
      keep: probability that a value stays, in (0, 1].
      seed: seed of the run.
      name: of the stream of the masks, and prefix of the variable `step`, int64.

    Source: Srivastava et al., "Dropout", 2014, section 4; scaled while training as section 10 says.
    """

    def __init__(self, keep: float, *, seed: int, name: str):
        self.keep, self._seed, self._stream = keep, seed, f"{name}/mask"
        self.step = tf.Variable(0, trainable=False, dtype=tf.int64, name=f"{name}/step")

    def before_step(self) -> None:
        """Goes on to the masks of the next step."""
        self.step.assign_add(1)

    def __call__(self, x: tf.Tensor, mode: Mode) -> tf.Tensor:
        """Maps [B, ...] to the same shape."""
        if mode is Mode.INFERENCE or self.keep == 1.0:
            return x
        draw = replicas.drawn(
            lambda shape: random.uniform(shape, self._seed, self._stream, self.step), tf.shape(x)
        )  # [-1, 1)
        kept = tf.cast(draw < 2.0 * self.keep - 1.0, x.dtype)
        return x * kept / tf.cast(self.keep, x.dtype)
