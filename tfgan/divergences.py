"""f-divergences, as one table: what bounds them from below, in terms of a discriminator's logits.

An f-divergence of the data P from a generator's Q is D_f(P, Q) = E_Q[f(p / q)]. For any function T,
E_P[T(x)] - E_Q[f*(T(x))] bounds it from below, where f* is the convex conjugate of f; with
T = f'(p / q) the bound is the divergence. A discriminator's logit v becomes T = g(v) by an output
activation that keeps T where f* is finite.

Each `conjugate` is f*(g(v)) written out, so that no difference of large numbers is taken. Each g
grows with v: a higher logit means "more real", also where the paper's table has the sign turned.

Source: Nowozin et al., "f-GAN: Training Generative Neural Samplers using Variational Divergence
Minimization", 2016, section 2 and tables 1, 2 and 6.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfgan.core import checks, pairs


class FDivergence(NamedTuple):
    """One divergence, by functions of logits: float, any shape, one value per logit."""

    activation: Callable[[tf.Tensor], tf.Tensor]
    """g(v)."""

    conjugate: Callable[[tf.Tensor], tf.Tensor]
    """f*(g(v))."""

    best_logit: Callable[[tf.Tensor], tf.Tensor]
    """The logit of the best discriminator, from the density ratio p / q > 0."""

    unit: str
    """Of the divergence; "" where it is a mere number."""

    def losses(self) -> tuple[Callable[..., tf.Tensor], Callable[..., tf.Tensor]]:
        """Returns the losses of the generator and of the discriminator, as `losses.Objective`.

        The discriminator raises the bound F = E[g(D(x))] - E[f*(g(D(G(z))))], and the generator
        lowers its second term.

        Source: Nowozin et al., "f-GAN", 2016, equations 4 and 6, algorithm 1.
        """

        def generator_loss(fake_logits):
            checks.floating(fake_logits=fake_logits)
            return -self.conjugate(fake_logits)

        def discriminator_loss(real_logits, fake_logits, weights=None):
            pairs.check(real_logits, fake_logits)
            of_real = pairs.weighted(-self.activation(real_logits), weights)
            return of_real + self.conjugate(fake_logits)

        return generator_loss, discriminator_loss


KULLBACK_LEIBLER = FDivergence(
    activation=tf.identity,
    conjugate=lambda v: tf.exp(v - 1.0),
    best_logit=lambda ratio: 1.0 + tf.math.log(ratio),
    unit="nats",
)
"""KL(P, Q): f(u) = u log u. Fake logits may be up to 89 in float32 and bfloat16, 710 in float64."""

REVERSE_KULLBACK_LEIBLER = FDivergence(
    activation=lambda v: -tf.exp(-v),
    conjugate=lambda v: v - 1.0,
    best_logit=tf.math.log,
    unit="nats",
)
"""KL(Q, P): f(u) = -log u. Real logits: from -88 up in float32 and bfloat16, -709 in float64."""

PEARSON = FDivergence(
    activation=tf.identity,
    conjugate=lambda v: 0.25 * tf.square(v) + v,
    best_logit=lambda ratio: 2.0 * (ratio - 1.0),
    unit="",
)
"""Pearson's chi^2: f(u) = (u - 1)^2."""

SQUARED_HELLINGER = FDivergence(
    activation=lambda v: -tf.math.expm1(-v),
    conjugate=tf.math.expm1,
    best_logit=lambda ratio: 0.5 * tf.math.log(ratio),
    unit="",
)
"""Squared Hellinger distance, 0 to 2: f(u) = (sqrt(u) - 1)^2. In float32 and bfloat16 real logits
may be down to -88, fake ones up to 88; in float64, 709."""

TOTAL_VARIATION = FDivergence(
    activation=lambda v: 0.5 * tf.tanh(v),
    conjugate=lambda v: 0.5 * tf.tanh(v),
    best_logit=lambda ratio: tf.sign(ratio - 1.0) * float("inf"),
    unit="",
)
"""Total variation, 0 to 1: f(u) = |u - 1| / 2. The bound is tight as the logits saturate."""
