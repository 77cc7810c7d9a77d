"""Objectives: what each player minimises, one value per example, never reduced.

Each of ours is a pair of pure functions of logits. The caller averages over the batch, which
keeps distributed batches right. None of them has a factor 1/2 that its paper does not have.

Logits of any size are fine for losses of at most polynomial growth. Those that grow exponentially
(Kullback-Leibler, reverse Kullback-Leibler, squared Hellinger: `divergences`) say their range.
"""

import functools
import inspect
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfgan import divergences, relativistic
from tfgan.core import checks, pairs
from tfgan.core.checks import InputError


class Objective(NamedTuple):
    """The losses of the two players.

    A loss is one value per example, over which the players take the mean. One of your own may be a
    scalar instead, summed up as you like; the mean of a scalar is itself, to the last bit. So a v1
    script's sum of two means, which rounds differently from the mean of the sums, is

        Objective(
            lambda fake: tf.reduce_mean(cross_entropy(fake, 1.0)),
            lambda real, fake: tf.reduce_mean(cross_entropy(real, 1.0))
            + tf.reduce_mean(cross_entropy(fake, 0.0)),
        )

    and probabilities are `tf.sigmoid(fake)`. With several replicas each sums up its share of the
    batch, and what is minimised is the mean of these scalars.
    """

    generator_loss: Callable[..., tf.Tensor]
    """Takes fake logits; and real logits first, where `generator_sees_real`."""

    discriminator_loss: Callable[..., tf.Tensor]
    """Takes real and fake logits; `weights` of the real examples, where a batch has some; and
    `label_smoothing`, where it knows labels."""

    is_probabilistic: bool = True
    """Whether sigmoid(logits) is the probability of being real; else logits are mere scores."""

    unit: str = "nats"
    """Of the losses."""

    generator_sees_real: bool = False
    """Whether the generator's loss compares with real logits: those of the first batch that the
    discriminator of the same iteration trains on."""

    has_value: bool = True
    """Whether both play for one number, minus the mean of the discriminator's loss: it raises that,
    and what is best for the generator is what lowers it most."""

    def of_generator(
        self, fake_logits: tf.Tensor, real_logits: Callable[[], tf.Tensor]
    ) -> tf.Tensor:
        """Returns the generator's loss, per example; asks for real logits where it needs them."""
        seen = (real_logits(),) if self.generator_sees_real else ()
        return self.generator_loss(*seen, fake_logits)

    def smoothed(self, label_smoothing: float) -> "Objective":
        """Returns this objective with the discriminator's target for real examples lowered.

        Args:
          label_smoothing: s: the target is 1 - s. One-sided, since a target above 0 for fake
            examples would hold the generator where it is wrong (Salimans et al., "Improved
            Techniques for Training GANs", 2016, section 3.4).

        Raises:
          InputError: the objective has no such target.
        """
        if not label_smoothing:
            return self
        if not self.has_target:
            able = [name for name, objective in OBJECTIVES.items() if objective.has_target]
            raise InputError(
                "label_smoothing lowers the discriminator's target for real examples, which this "
                f"objective does not have: leave it 0, or take one of {', '.join(able)}."
            )
        loss = functools.partial(self.discriminator_loss, label_smoothing=label_smoothing)
        return self._replace(discriminator_loss=loss)

    @property
    def has_target(self) -> bool:
        """Whether the discriminator's loss has a target for real examples, to be smoothed."""
        return "label_smoothing" in inspect.signature(self.discriminator_loss).parameters


def _cross_entropy(logits: tf.Tensor, is_real: bool, target: float = 1.0) -> tf.Tensor:
    labels = tf.ones_like(logits) if is_real else tf.zeros_like(logits)
    labels = labels if target == 1.0 else target * labels
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


def non_saturating_discriminator_loss(
    real_logits: tf.Tensor,
    fake_logits: tf.Tensor,
    weights: tf.Tensor | None = None,
    label_smoothing: float = 0.0,
) -> tf.Tensor:
    """Discriminator loss of the non-saturating and of the minimax GAN, in nats.

    loss = -log sigmoid(D(x)) - log(1 - sigmoid(D(G(z))))

    The sum of the two cross entropies, without a factor 1/2, as in the document. Its mean is -V(D,
    G); where the discriminator cannot tell, it is log 4.

    Args:
      real_logits: raw scores of real examples, float, any shape. Not probabilities.
      fake_logits: raw scores of generated examples, the same shape and dtype.
      weights: of the real examples, the same shape; None: 1 each. They multiply the first term.
      label_smoothing: s: the target of real examples is 1 - s in place of 1.

    Returns:
      Same shape and dtype, >= 0; log 4 where both logits are 0.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, equation 1, sign changed.
    """
    pairs.check(real_logits, fake_logits)
    of_real = _cross_entropy(real_logits, is_real=True, target=1.0 - label_smoothing)
    return pairs.weighted(of_real, weights) + _cross_entropy(fake_logits, is_real=False)


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


def minimax_discriminator_loss(
    real_logits: tf.Tensor,
    fake_logits: tf.Tensor,
    weights: tf.Tensor | None = None,
    label_smoothing: float = 0.0,
) -> tf.Tensor:
    """Discriminator loss of the minimax game, -V(D, G) before the mean: see the non-saturating one.

    The two objectives differ in the generator's loss alone.
    """
    return non_saturating_discriminator_loss(real_logits, fake_logits, weights, label_smoothing)


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


def wasserstein_discriminator_loss(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, weights: tf.Tensor | None = None
) -> tf.Tensor:
    """Discriminator loss of the Wasserstein GAN: D(G(z)) - D(x).

    Its mean is minus an estimate of the Wasserstein-1 distance only while the discriminator is
    Lipschitz: use it with `--weight_clip`, `--penalties=gradient_penalty:10` or a spectral norm.

    Args:
      real_logits: raw scores of real examples, float, any shape.
      fake_logits: raw scores of generated examples, the same shape and dtype.
      weights: of the real examples, the same shape; None: 1 each.

    Returns:
      Same shape and dtype, unbounded; 0 where the scores are equal.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1, line 5, sign changed.
    """
    pairs.check(real_logits, fake_logits)
    return fake_logits - pairs.weighted(real_logits, weights)


def least_squares_generator_loss(fake_logits: tf.Tensor) -> tf.Tensor:
    """Generator loss of the least squares GAN: (D(G(z)) - 1)^2 / 2.

    Args:
      fake_logits: raw scores of generated examples, float, any shape.

    Returns:
      Same shape and dtype, >= 0; 0 where the score is 1, the target of real examples.

    Raises:
      TypeError: `fake_logits` is not floating point.

    Source: Mao et al., "Least Squares Generative Adversarial Networks", 2017, equation 9.
    """
    checks.floating(fake_logits=fake_logits)
    return 0.5 * tf.square(fake_logits - 1.0)


def least_squares_discriminator_loss(
    real_logits: tf.Tensor,
    fake_logits: tf.Tensor,
    weights: tf.Tensor | None = None,
    label_smoothing: float = 0.0,
) -> tf.Tensor:
    """Discriminator loss of the least squares GAN: (D(x) - 1)^2 / 2 + D(G(z))^2 / 2.

    Args:
      real_logits: raw scores of real examples, float, any shape.
      fake_logits: raw scores of generated examples, the same shape and dtype.
      weights: of the real examples, the same shape; None: 1 each.
      label_smoothing: s: the target of real examples is 1 - s in place of 1.

    Returns:
      Same shape and dtype, >= 0; 1/4 where both scores are 1/2.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Mao et al., "Least Squares Generative Adversarial Networks", 2017, equation 9.
    """
    pairs.check(real_logits, fake_logits)
    of_real = 0.5 * tf.square(real_logits - (1.0 - label_smoothing))
    return pairs.weighted(of_real, weights) + 0.5 * tf.square(fake_logits)


hinge_generator_loss = wasserstein_generator_loss
"""Generator loss with the hinge: -D(G(z)), the Wasserstein GAN's."""


def hinge_discriminator_loss(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, weights: tf.Tensor | None = None
) -> tf.Tensor:
    """Discriminator loss with the hinge: max(0, 1 - D(x)) + max(0, 1 + D(G(z))).

    Args:
      real_logits: raw scores of real examples, float, any shape.
      fake_logits: raw scores of generated examples, the same shape and dtype.
      weights: of the real examples, the same shape; None: 1 each.

    Returns:
      Same shape and dtype, >= 0; 2 where both scores are 0, 0 beyond the margins.

    Raises:
      TypeError: an argument is not floating point.
      ValueError: the shapes differ.

    Source: Lim and Ye, "Geometric GAN", 2017; Miyato et al., "Spectral Normalization", 2018,
    equations 16 and 17.
    """
    pairs.check(real_logits, fake_logits)
    return pairs.weighted(tf.nn.relu(1.0 - real_logits), weights) + tf.nn.relu(1.0 + fake_logits)


def _f_divergence(divergence: divergences.FDivergence) -> Objective:
    return Objective(*divergence.losses(), is_probabilistic=False, unit=divergence.unit)


OBJECTIVES = {
    "minimax": Objective(minimax_generator_loss, minimax_discriminator_loss),
    "non_saturating": Objective(non_saturating_generator_loss, non_saturating_discriminator_loss),
    "wasserstein": Objective(
        wasserstein_generator_loss, wasserstein_discriminator_loss, False, unit="score"
    ),
    "least_squares": Objective(
        least_squares_generator_loss,
        least_squares_discriminator_loss,
        is_probabilistic=False,
        unit="score^2",
        has_value=False,  # the generator aims at a score, beyond which there is something to lose
    ),
    "hinge": Objective(hinge_generator_loss, hinge_discriminator_loss, False, unit="score"),
    "relativistic": Objective(
        relativistic.generator_loss,
        relativistic.discriminator_loss,
        is_probabilistic=False,
        generator_sees_real=True,
    ),
    "relativistic_average": Objective(
        relativistic.average_generator_loss,
        relativistic.average_discriminator_loss,
        is_probabilistic=False,
        generator_sees_real=True,
    ),
    "kullback_leibler": _f_divergence(divergences.KULLBACK_LEIBLER),
    "reverse_kullback_leibler": _f_divergence(divergences.REVERSE_KULLBACK_LEIBLER),
    "pearson": _f_divergence(divergences.PEARSON),
    "squared_hellinger": _f_divergence(divergences.SQUARED_HELLINGER),
    "total_variation": _f_divergence(divergences.TOTAL_VARIATION),
}
