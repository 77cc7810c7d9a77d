"""Objectives: what each player minimises, one value per example, never reduced.

Each objective is a pair of pure functions of logits. The caller averages over the batch, which
keeps distributed batches right.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfgan.core import checks


class Objective(NamedTuple):
    """The losses of the two players."""

    generator_loss: Callable[..., tf.Tensor]
    """Takes fake logits; and real logits first, where `generator_sees_real`."""

    discriminator_loss: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    """Takes real and fake logits."""

    is_probabilistic: bool = True
    """Whether sigmoid(logits) is the probability of being real; else logits are mere scores."""

    unit: str = "nats"
    """Of the losses."""

    generator_sees_real: bool = False
    """Whether the generator's loss compares with real logits: those of the first batch that the
    discriminator of the same iteration trains on."""


def _cross_entropy(logits: tf.Tensor, is_real: bool) -> tf.Tensor:
    labels = tf.ones_like(logits) if is_real else tf.zeros_like(logits)
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)


def non_saturating_generator_loss(fake_logits: tf.Tensor) -> tf.Tensor:
    """Generator loss of the non-saturating GAN, one value per logit, in nats.

    loss = -log sigmoid(D(G(z))) = softplus(-D(G(z)))

    Unlike `minimax_generator_loss`, its gradient does not vanish when the discriminator rejects
    every sample. This is the document's `g_loss`.

    Args:
      fake_logits: raw scores of generated examples, float, any shape. Not probabilities.

    Returns:
      Same shape and dtype, >= 0; log 2 where the logit is 0.

    Raises:
      TypeError: `fake_logits` is not floating point.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
    """
    checks.floating(fake_logits=fake_logits)
    return _cross_entropy(fake_logits, is_real=True)


def non_saturating_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Discriminator loss of the non-saturating and of the minimax GAN, in nats.

    loss = -log sigmoid(D(x)) - log(1 - sigmoid(D(G(z))))

    The sum of the two cross entropies, without a factor 1/2, as in the document. Its mean is -V(D,
    G); where the discriminator cannot tell, it is log 4.

    Args:
      real_logits: raw scores of real examples, float, any shape. Not probabilities.
      fake_logits: raw scores of generated examples, the same shape and dtype.

    Returns:
      Same shape and dtype, >= 0; log 4 where both logits are 0.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, equation 1, sign changed.
    """
    checks.floating(real_logits=real_logits, fake_logits=fake_logits)
    checks.same_shape(real_logits=real_logits, fake_logits=fake_logits)
    return _cross_entropy(real_logits, is_real=True) + _cross_entropy(fake_logits, is_real=False)


def minimax_generator_loss(fake_logits: tf.Tensor) -> tf.Tensor:
    """Generator loss of the minimax game: its share of V(D, G), in nats.

    loss = log(1 - sigmoid(D(G(z)))) = -softplus(D(G(z)))

    Args:
      fake_logits: raw scores of generated examples, float, any shape. Not probabilities.

    Returns:
      Same shape and dtype, <= 0; -log 2 where the logit is 0.

    Raises:
      TypeError: `fake_logits` is not floating point.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, equation 1.
    """
    checks.floating(fake_logits=fake_logits)
    return -_cross_entropy(fake_logits, is_real=False)


def minimax_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Discriminator loss of the minimax game, -V(D, G) before the mean: see the non-saturating one.

    The two objectives differ in the generator's loss alone.
    """
    return non_saturating_discriminator_loss(real_logits, fake_logits)


def wasserstein_generator_loss(fake_logits: tf.Tensor) -> tf.Tensor:
    """Generator loss of the Wasserstein GAN: -D(G(z)), in the units of the discriminator's score.

    Args:
      fake_logits: raw scores of generated examples, float, any shape.

    Returns:
      Same shape and dtype, unbounded.

    Raises:
      TypeError: `fake_logits` is not floating point.

    Source: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1, line 10.
    """
    checks.floating(fake_logits=fake_logits)
    return -fake_logits


def wasserstein_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Discriminator loss of the Wasserstein GAN: D(G(z)) - D(x).

    Its mean is minus an estimate of the Wasserstein-1 distance only while the discriminator is
    Lipschitz: use it with `--weight_clip`.

    Args:
      real_logits: raw scores of real examples, float, any shape.
      fake_logits: raw scores of generated examples, the same shape and dtype.

    Returns:
      Same shape and dtype, unbounded; 0 where the scores are equal.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1, line 5, sign changed.
    """
    checks.floating(real_logits=real_logits, fake_logits=fake_logits)
    checks.same_shape(real_logits=real_logits, fake_logits=fake_logits)
    return fake_logits - real_logits


OBJECTIVES = {
    "minimax": Objective(minimax_generator_loss, minimax_discriminator_loss),
    "non_saturating": Objective(non_saturating_generator_loss, non_saturating_discriminator_loss),
    "wasserstein": Objective(
        wasserstein_generator_loss,
        wasserstein_discriminator_loss,
        is_probabilistic=False,
        unit="score",
    ),
}
