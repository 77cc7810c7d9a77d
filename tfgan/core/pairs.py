"""What every loss does with the logits of real and of generated examples."""

import tensorflow as tf

from tfgan.core import checks


def check(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> None:
    """Checks that both are floating point, and that they never broadcast.

    Raises:
      TypeError: one is not floating point.
      ValueError: the shapes differ.
    """
    checks.floating(real_logits=real_logits, fake_logits=fake_logits)
    checks.same_shape(real_logits=real_logits, fake_logits=fake_logits)


def weighted(loss: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """Returns what each example adds, times its weight, of the same shape; None: 1 each.

    Raises:
      ValueError: the shapes differ.
    """
    if weights is None:
        return loss
    checks.same_shape(logits=loss, weights=weights)
    return loss * tf.cast(weights, loss.dtype)
