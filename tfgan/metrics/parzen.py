"""Log-likelihood of test examples under a Parzen window of samples, as the first GAN papers had it.

p(x) = mean over the samples s of N(x; s, sigma^2 I), in nats per example. It says little of how
samples look: centroids of k-means score higher than training examples (Theis et al., "A Note on the
Evaluation of Generative Models", 2016, section 4.3). It is here to reproduce what papers print, and
never without the score of real training examples beside it.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5; before it Breuleux et
al., "Quickly Generating Representative Samples from an RBM-Derived Process", 2011.
"""

import math

import numpy as np

from tfgan.metrics.estimates import Estimate, at_least, same_width
from tfgan.metrics.neighbours import squared_distances

SIGMAS = tuple(np.logspace(-1.0, 0.0, 10).tolist())
"""What sigma is chosen from, for pixels in [0, 1]."""


def parzen_log_likelihood(validation: np.ndarray, test: np.ndarray, fake: np.ndarray) -> Estimate:
    """Returns the mean log-likelihood of `test`, and its standard error over the test examples.

    Args:
      validation: examples that choose sigma, by the best mean log-likelihood, [V, F].
      test: examples, none of them among `validation`, [N, F], N >= 2.
      fake: samples [M, F]. All in one scale; papers take pixels in [0, 1].

    Raises:
      InputError: there is one test example, the widths differ, or a number is not finite.
    """
    validation, test, fake = same_width(validation=validation, test=test, fake=fake)
    at_least(2, test=test)
    scores = log_likelihoods(validation, fake, SIGMAS).mean(1)
    sigma = SIGMAS[int(scores.argmax())]
    values = log_likelihoods(test, fake, (sigma,))[0]
    error = np.std(values, ddof=1) / len(values) ** 0.5
    return Estimate(float(values.mean()), float(error))


def log_likelihoods(
    examples: np.ndarray, samples: np.ndarray, sigmas: tuple[float, ...]
) -> np.ndarray:
    """Returns log p of each of `examples` [N, F] for each of `sigmas`, float64 [S, N]."""
    width = examples.shape[1]
    found = np.empty([len(sigmas), len(examples)])
    for block, squares in squared_distances(examples, samples):
        nearest = squares.min(1)  # so that the largest term is exp(0)
        squares -= nearest[:, None]
        for i, sigma in enumerate(sigmas):
            scale = -0.5 / sigma**2
            sums = np.log(np.exp(scale * squares).mean(1)) + scale * nearest
            found[i, block] = sums - 0.5 * width * math.log(2.0 * math.pi * sigma**2)
    return found
