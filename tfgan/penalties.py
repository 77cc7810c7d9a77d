"""Penalties: what is added to the discriminator's loss, one value per example, never reduced.

A penalty is a pure function of a discriminator and of examples; `GAN` takes any number of them,
each with its weight. It is computed inside the tape of the discriminator's step, so a penalty may
itself take gradients (of second order then).
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import tensorflow as tf

Draw = Callable[[Sequence[int], str], tf.Tensor]
"""(shape, stream) -> float32 uniform on [0, 1): the random numbers of one discriminator step."""


class Penalty(Protocol):
    """What `GAN` calls."""

    def __call__(
        self,
        discriminator: Callable[[tf.Tensor], tf.Tensor],
        real: tf.Tensor,
        fake: tf.Tensor,
        draw: Draw,
    ) -> tf.Tensor:
        """Returns the penalty of each example, [B].

        Args:
          discriminator: maps examples to logits [B], and moves no variable.
          real, fake: examples [B, *shape]; no gradient is wanted for them.
          draw: random numbers.
        """


def gradient_penalty(
    discriminator: Callable[[tf.Tensor], tf.Tensor],
    real: tf.Tensor,
    fake: tf.Tensor,
    draw: Draw,
    *,
    target: float = 1.0,
) -> tf.Tensor:
    """Holds the norm of the discriminator's gradient at `target`, between real and fake examples.

    penalty = (|grad D(x)| - target)^2 at x = e real + (1 - e) fake, with e uniform on [0, 1), one
    for each example, and the norm taken for each example over all of its values.

    Args:
      discriminator, real, fake, draw: as for every `Penalty`.
      target: the norm wanted, >= 0.

    Returns:
      One value per example, [B], >= 0; times 10 in the paper.

    Source: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, section 4.
    """
    count = tf.shape(real)[0]
    share = draw([count], "gradient_penalty")
    share = tf.cast(tf.reshape(share, [count, *[1] * (real.shape.rank - 1)]), real.dtype)
    between = share * real + (1.0 - share) * fake
    with tf.GradientTape() as tape:
        tape.watch(between)
        logits = discriminator(between)
    gradient = tape.gradient(logits, between)
    squares = tf.reduce_sum(tf.square(gradient), range(1, gradient.shape.rank))  # [B]
    # The root has an infinite derivative at 0, which times a gradient of 0 would be NaN.
    tiny = tf.constant(1e-12, squares.dtype)
    return tf.square(tf.sqrt(squares + tiny) - target)


PENALTIES = {"gradient_penalty": gradient_penalty}
