"""What variational autoencoders maximise: likelihoods, divergences, and bounds on log p(x).

Pure functions, in nats, one value per example, never reduced; and what p(x | z) can be.
"""

import math

import tensorflow as tf

from tfgan.core import checks

LOG_2_PI = math.log(2.0 * math.pi)


def bernoulli_log_likelihood(logits: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """Log likelihood of independent Bernoulli values, in nats, one value per example.

    sum of x log p + (1 - x) log(1 - p), p = sigmoid(logits)

    Of grey values, which lie between 0 and 1, this is no likelihood but the cross entropy, up to
    its sign: binarise them where log p(x) is to mean something.

    Args:
      logits: float [B, ...]. Not probabilities.
      values: same shape, in [0, 1].

    Returns:
      [B], <= 0; -n log 2 where the n logits are 0.

    Raises:
      TypeError, ValueError: one is not floating point, or the shapes differ.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.1.
    """
    _check(logits=logits, values=values)
    return -_total(tf.nn.sigmoid_cross_entropy_with_logits(labels=values, logits=logits))


def gaussian_log_likelihood(mean: tf.Tensor, log_stddev: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """Log density of independent Gaussian values of one standard deviation, in nats, per example.

    sum of -(x - mean)^2 / (2 stddev^2) - log stddev - log(2 pi) / 2

    Args:
      mean: float [B, ...].
      log_stddev: scalar.
      values: shape of `mean`.

    Returns:
      [B]; a density, so it may be above 0.

    Raises:
      TypeError, ValueError: one is not floating point, or the shapes differ.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.2.
    """
    _check(mean=mean, values=values)
    off = (values - mean) * tf.exp(-log_stddev)
    return -_total(0.5 * tf.square(off) + log_stddev + 0.5 * LOG_2_PI)


def standard_normal_kl(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, variance) || N(0, 1)) of independent latents, in nats, one value per example.

    1/2 sum of mean^2 + variance - log variance - 1

    Args:
      mean: float [B, Z].
      log_variance: same shape.

    Returns:
      [B], >= 0; 0 where both are 0.

    Raises:
      TypeError, ValueError: one is not floating point, or the shapes differ.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix B.
    """
    _check(mean=mean, log_variance=log_variance)
    return 0.5 * _total(tf.square(mean) + tf.math.expm1(log_variance) - log_variance)


def log_weight(
    log_likelihood: tf.Tensor, noise: tf.Tensor, mean: tf.Tensor, log_variance: tf.Tensor
) -> tf.Tensor:
    """log p(x, z) / q(z | x) of latents z = mean + exp(log_variance / 2) noise, in nats, per draw.

    log p(x | z) + log N(z; 0, 1) - log N(z; mean, variance), in which the constants cancel:
    log p(x | z) - 1/2 sum of z^2 - noise^2 - log variance

    Args:
      log_likelihood: log p(x | z), float [B].
      noise: [B, Z], standard normal.
      mean, log_variance: of q(z | x), [B, Z] or [1, Z].

    Returns:
      [B]; its mean over z is the ELBO.

    Source: Burda et al., "Importance Weighted Autoencoders", 2016, section 3.
    """
    latents = mean + tf.exp(0.5 * log_variance) * noise
    return log_likelihood - 0.5 * _total(tf.square(latents) - tf.square(noise) - log_variance)


def importance_weighted_bound(log_weights: tf.Tensor) -> tf.Tensor:
    """Lower bound of log p(x) by K importance weights of one example, in nats, a scalar.

    log 1/K sum over k of w_k; of one weight it is the ELBO's estimate, and its mean rises with K.

    Args:
      log_weights: float [K], of latents that are drawn from q(z | x): see `log_weight`.

    Source: Burda et al., "Importance Weighted Autoencoders", 2016, equation 8.
    """
    count = tf.cast(tf.size(log_weights), log_weights.dtype)
    return tf.reduce_logsumexp(log_weights) - tf.math.log(count)


class Bernoulli(tf.Module):
    """Pixels in [-1, 1] as values in [0, 1]; the decoder gives the logits of their means.

    An example that is generated is a picture of means, in grey values: nothing is drawn.
    """

    bounded = False
    """Whether what the decoder gives lies in [-1, 1]."""

    def log_likelihood(self, decoded: tf.Tensor, examples: tf.Tensor) -> tf.Tensor:
        """Returns log p(x | z), [B], of examples in [-1, 1]."""
        return bernoulli_log_likelihood(decoded, 0.5 * (examples + 1.0))

    def mean(self, decoded: tf.Tensor) -> tf.Tensor:
        """Returns the mean of x given z, in [-1, 1]: 2 sigmoid(logits) - 1 = tanh(logits / 2)."""
        return tf.tanh(0.5 * decoded)


class Gaussian(tf.Module):
    """Values around those that the decoder gives, with one standard deviation for all.

    Args:
      stddev: standard deviation; 0: it is learned, beginning at 1.
      dtype: of the learned one.

    Source: the learned one: Rybkin et al., "Simple and Effective VAE Training with Calibrated
    Decoders", 2021, section 3.
    """

    bounded = True

    def __init__(self, stddev: float = 0.0, dtype=tf.float32):
        if stddev:
            self.log_stddev = tf.constant(math.log(stddev), dtype)
        else:
            self.log_stddev = tf.Variable(0.0, dtype=dtype, name="log_stddev")

    def log_likelihood(self, decoded: tf.Tensor, examples: tf.Tensor) -> tf.Tensor:
        """Returns log p(x | z), [B]: a density over [-1, 1], where the examples lie."""
        return gaussian_log_likelihood(decoded, tf.convert_to_tensor(self.log_stddev), examples)

    def mean(self, decoded: tf.Tensor) -> tf.Tensor:
        """Returns the mean of x given z."""
        return decoded


LIKELIHOODS = {"bernoulli": Bernoulli, "gaussian": Gaussian}
"""By the value of `--likelihood`."""


def _check(**tensors: tf.Tensor) -> None:
    checks.floating(**tensors)
    checks.same_shape(**tensors)


def _total(values: tf.Tensor) -> tf.Tensor:
    """Returns the sums over all axes but the first, [B]."""
    return tf.reduce_sum(values, list(range(1, values.shape.rank)))
