"""Inception score: whether each example is clearly of a class, and all classes are there.

exp(E_x KL(p(y | x) || p(y))), from 1 to the number of classes. It does not look at real examples:
one perfect picture of each class has the best score there is, and so has nonsense that a
classifier is sure of. The name is meant for Inception's probabilities; others have another scale.

Source: Salimans et al., "Improved Techniques for Training GANs", 2016, section 4.
"""

import numpy as np

from tfgan.core.checks import InputError
from tfgan.metrics.estimates import Estimate, at_least, finite_rows

NUM_SPLITS = 10
"""The score of few examples is too low, so the number of parts belongs to its meaning."""


def inception_score(probabilities: np.ndarray, *, num_splits: int = NUM_SPLITS) -> Estimate:
    """Returns the mean score of `num_splits` parts and their standard deviation, as papers do.

    Args:
      probabilities: of the classes, [N, K], each row sums to 1; N >= num_splits. The parts are in
        the order of the rows, which must not be sorted by class.
      num_splits: equal parts, or nearly.

    Raises:
      InputError: the rows are no probabilities, or there are fewer than parts.
    """
    probabilities = finite_rows("probabilities", probabilities).astype(np.float64)
    if probabilities.min() < 0 or np.abs(probabilities.sum(1) - 1.0).max() > 1e-3:
        raise InputError("probabilities must be >= 0 and sum to 1 in each row; are they logits?")
    at_least(num_splits, probabilities=probabilities)
    scores = [_score(part) for part in np.array_split(probabilities, num_splits)]
    return Estimate(float(np.mean(scores)), float(np.std(scores)))


def _score(probabilities: np.ndarray) -> float:
    marginal = np.broadcast_to(probabilities.mean(0), probabilities.shape)
    there = probabilities > 0  # 0 log 0 = 0; the marginal is above 0 there too
    divergence = probabilities[there] * np.log(probabilities[there] / marginal[there])
    return np.exp(divergence.sum() / len(probabilities))
