"""Improved precision and recall: which part of each set lies on the manifold of the other.

A manifold is the union of the balls around its examples, each up to its k-th neighbour. Precision
is fidelity, recall is diversity. One outlier has a large ball, so that both are too kind where the
data have outliers; `density_coverage` mends that.

Source: Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models",
2019, equations 1 to 3.
"""

import numpy as np

from tfgan.metrics.neighbours import Neighbourhoods, neighbourhoods

NUM_NEIGHBOURS = 3
"""The paper's k."""


def precision(found: Neighbourhoods) -> float:
    """Returns the share of fake examples that lie in the ball of a real one."""
    return float(np.mean(found.real_balls > 0))


def recall(found: Neighbourhoods) -> float:
    """Returns the share of real examples that lie in the ball of a fake one."""
    return float(np.mean(found.fake_balls > 0))


def precision_and_recall(
    real: np.ndarray, fake: np.ndarray, *, k: int = NUM_NEIGHBOURS
) -> tuple[float, float]:
    """Returns both, from features `real` [N, F] and `fake` [M, F]; N and M above k."""
    found = neighbourhoods(real, fake, (k,))[k]
    return precision(found), recall(found)
