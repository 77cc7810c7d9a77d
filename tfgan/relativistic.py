"""Losses of the relativistic discriminator, which says how much more real one example is than
another: one value per pair, never reduced.

With its penalties R1 and R2 the paired one has a local convergence proof (Huang et al., "The GAN is
dead; long live the GAN!", 2024), where it is called RpGAN.
"""

import tensorflow as tf

from tfgan.core import pairs, replicas


def generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Generator loss of the paired relativistic GAN: softplus(D(x) - D(G(z))), in nats.

    Args:
      real_logits: raw scores of real examples, float, any shape.
      fake_logits: raw scores of as many generated examples, the same shape and dtype.

    Returns:
      Same shape and dtype, >= 0; log 2 where the two scores are equal.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Jolicoeur-Martineau, "The relativistic discriminator", 2018, equation 8 with f(t) =
    softplus(-t).
    """
    pairs.check(real_logits, fake_logits)
    return tf.nn.softplus(real_logits - fake_logits)


def discriminator_loss(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, weights: tf.Tensor | None = None
) -> tf.Tensor:
    """Discriminator loss of the paired relativistic GAN: softplus(D(G(z)) - D(x)), in nats.

    Args and errors: as for the generator's.
      weights: of the pairs, the same shape; None: 1 each.

    Source: Jolicoeur-Martineau, "The relativistic discriminator", 2018, equation 7.
    """
    pairs.check(real_logits, fake_logits)
    return pairs.weighted(tf.nn.softplus(fake_logits - real_logits), weights)


def average_generator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Generator loss of the relativistic average GAN, in nats.

    loss = -log sigmoid(D(G(z)) - mean D(x)) - log(1 - sigmoid(D(x) - mean D(G(z))))

    The means are those of the batch, over all replicas.

    Args:
      real_logits: raw scores of real examples, float, any shape.
      fake_logits: raw scores of as many generated examples, the same shape and dtype.

    Returns:
      Same shape and dtype, >= 0; log 4 where all scores are equal.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Jolicoeur-Martineau, "The relativistic discriminator", 2018, section 4.2.
    """
    pairs.check(real_logits, fake_logits)  # here, where messages have the right names
    return average_discriminator_loss(fake_logits, real_logits)


def average_discriminator_loss(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, weights: tf.Tensor | None = None
) -> tf.Tensor:
    """Discriminator loss of the relativistic average GAN: the generator's, the sides swapped.

    weights: of the real examples, the same shape; None: 1 each. The means are not weighted.
    """
    pairs.check(real_logits, fake_logits)
    mean_real, mean_fake = (
        replicas.mean(tf.reduce_mean(logits)) for logits in (real_logits, fake_logits)
    )
    of_real = tf.nn.softplus(mean_fake - real_logits)
    of_fake = tf.nn.softplus(fake_logits - mean_real)
    return pairs.weighted(of_real, weights) + of_fake
