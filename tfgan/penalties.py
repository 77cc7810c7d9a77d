"""Penalties: what is added to the discriminator's loss, one value per example, never reduced.

A penalty is a pure function of a discriminator and of examples; `GAN` takes any number of them,
each with its weight. It is computed inside the tape of the discriminator's step, so a penalty may
itself take gradients (of second order then). What a penalty does not name, it is not given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from tfgan.core import replicas

Discriminator = Callable[[tf.Tensor], tf.Tensor]
"""Maps examples to logits [B], and moves no variable."""

Draw = Callable[..., tf.Tensor]
"""(shape, stream, axis=0) -> float32 uniform on [0, 1): the random numbers of one discriminator
step. `axis` is that of the examples."""


class Logits(NamedTuple):
    """Logits of real and of generated examples."""

    real: tf.Tensor
    fake: tf.Tensor


class Judged(NamedTuple):
    """A discriminator that has judged some examples already: their gradients need no new pass."""

    discriminator: Discriminator

    tape: tf.GradientTape
    """Persistent: watched the examples while they were judged."""

    passes: Sequence[tuple[tf.Tensor, tf.Tensor]]
    """Examples, and their logits."""

    def __call__(self, examples: tf.Tensor) -> tf.Tensor:
        """Returns the logits [B] of examples, by a pass of their own."""
        return self.discriminator(examples)


class Penalty(Protocol):
    """What `GAN` calls. A penalty may also name `logits` and `averages`: see `lecam`."""

    def __call__(
        self, discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor, draw: Draw
    ) -> tf.Tensor:
        """Returns the penalty of each example, [B].

        Args:
          discriminator: maps examples to logits [B], and moves no variable.
          real, fake: examples [B, *shape]; no gradient is wanted for them.
          draw: random numbers.
        """


def _gradient(discriminator: Discriminator, examples: tf.Tensor) -> tf.Tensor:
    """Returns grad D(x) of each example, [B, *shape].

    The sum of the logits has each example's own gradient, as long as no example's logit depends on
    the others: batch normalisation is no part of a discriminator with such a penalty. Of a
    minibatch standard deviation it has the others' share too, which those who use both accept
    (Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020).
    """
    if isinstance(discriminator, Judged):
        for judged, logits in discriminator.passes:
            if judged is examples:
                return discriminator.tape.gradient(logits, judged)
    with tf.GradientTape() as tape:
        tape.watch(examples)
        logits = discriminator(examples)
    return tape.gradient(logits, examples)


def _squared_norm(discriminator: Discriminator, examples: tf.Tensor) -> tf.Tensor:
    """Returns |grad D(x)|^2 of each example over all of its values, [B]."""
    gradient = _gradient(discriminator, examples)
    return tf.reduce_sum(tf.square(gradient), range(1, gradient.shape.rank))


def _norm(discriminator: Discriminator, examples: tf.Tensor) -> tf.Tensor:
    """Returns |grad D(x)| of each example, [B], with a gradient where it is 0."""
    squares = _squared_norm(discriminator, examples)
    # The root has an infinite derivative at 0, which times a gradient of 0 would be NaN.
    return tf.sqrt(squares + tf.constant(1e-12, squares.dtype))


def _share(draw: Draw, stream: str, like: tf.Tensor) -> tf.Tensor:
    """Draws one number on [0, 1) for each example, [B, 1, ...]."""
    count = tf.shape(like)[0]
    share = draw([count], stream)
    return tf.cast(tf.reshape(share, [count, *[1] * (like.shape.rank - 1)]), like.dtype)


def gradient_penalty(
    discriminator: Discriminator,
    real: tf.Tensor,
    fake: tf.Tensor,
    draw: Draw,
    *,
    target: float = 1.0,
    one_sided: bool = False,
) -> tf.Tensor:
    """Holds the norm of the discriminator's gradient at `target`, between real and fake examples.

    penalty = (|grad D(x)| - target)^2 at x = e real + (1 - e) fake, with e uniform on [0, 1), one
    for each example, and the norm taken for each example over all of its values.

    Args:
      discriminator, real, fake, draw: as for every `Penalty`.
      target: the norm wanted, >= 0.
      one_sided: only norms above the target are penalised.

    Returns:
      One value per example, [B], >= 0; times 10 in the paper.

    Source: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, section 4; one-sided:
    there, and Petzka et al., "On the regularization of Wasserstein GANs", 2018, equation 8.
    """
    share = _share(draw, "gradient_penalty", real)
    excess = _norm(discriminator, share * real + (1.0 - share) * fake) - target
    return tf.square(tf.nn.relu(excess) if one_sided else excess)


def one_sided_gradient_penalty(
    discriminator: Discriminator,
    real: tf.Tensor,
    fake: tf.Tensor,
    draw: Draw,
    *,
    target: float = 1.0,
) -> tf.Tensor:
    """`gradient_penalty`, which lets a gradient be as small as it likes."""
    return gradient_penalty(discriminator, real, fake, draw, target=target, one_sided=True)


def _stddev(examples: tf.Tensor) -> tf.Tensor:
    """Returns the standard deviation of all values of the batch, a scalar."""
    return tf.sqrt(replicas.variance(examples))


def dragan(
    discriminator: Discriminator,
    real: tf.Tensor,
    fake: tf.Tensor,
    draw: Draw,
    *,
    target: float = 1.0,
) -> tf.Tensor:
    """Holds the norm of the discriminator's gradient at `target`, around the real examples.

    penalty = (|grad D(x)| - target)^2 at x = real + e s u / 2, where s is the standard deviation of
    all values of the real batch, u uniform on [0, 1) for each value, e for each example.

    Args:
      discriminator, real, fake, draw, target: as for `gradient_penalty`.

    Returns:
      One value per example, [B], >= 0; times 10 in the paper.

    Source: Kodali et al., "On Convergence and Stability of GANs", 2017, algorithm 1; the noise is
    that of the authors' code, since the paper leaves its scale open.
    """
    noise = tf.cast(draw(tf.shape(real), "dragan/noise"), real.dtype)
    reach = 0.5 * _stddev(real) * noise
    examples = real + _share(draw, "dragan/share", real) * reach
    return tf.square(_norm(discriminator, examples) - target)


def r1(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor, draw: Draw) -> tf.Tensor:
    """Flattens the discriminator at the real examples: |grad D(x)|^2 / 2.

    Args:
      discriminator, real, fake, draw: as for every `Penalty`.

    Returns:
      One value per example, [B], >= 0; its weight is the gamma of the paper, 10 there.

    Source: Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018,
    equation 9.
    """
    return 0.5 * _squared_norm(discriminator, real)


def r2(discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor, draw: Draw) -> tf.Tensor:
    """Flattens the discriminator at the generated examples: |grad D(G(z))|^2 / 2.

    Args and returns as for `r1`.

    Source: Mescheder et al., 2018, equation 10.
    """
    return 0.5 * _squared_norm(discriminator, fake)


def lecam(
    discriminator: Discriminator,
    real: tf.Tensor,
    fake: tf.Tensor,
    draw: Draw,
    *,
    logits: Logits,
    averages: Logits,
) -> tf.Tensor:
    """Holds the logits of each side near the other side's moving average.

    penalty = (D(x) - average of D(G(z)))^2 + (D(G(z)) - average of D(x))^2

    Args:
      discriminator, real, fake, draw: as for every `Penalty`.
      logits: [B] each, of this step's own pass.
      averages: scalars, the moving averages of both over the steps before; no gradient.

    Returns:
      One value per pair, [B], >= 0; times 0.1 to 0.5 in the paper, for sets of few examples.

    Source: Tseng et al., "Regularizing Generative Adversarial Networks under Limited Data", 2021,
    equation 5.
    """
    return tf.square(logits.real - averages.fake) + tf.square(logits.fake - averages.real)


PENALTIES: Mapping[str, Callable[..., tf.Tensor]] = {
    "gradient_penalty": gradient_penalty,
    "one_sided_gradient_penalty": one_sided_gradient_penalty,
    "dragan": dragan,
    "r1": r1,
    "r2": r2,
    "lecam": lecam,
}
