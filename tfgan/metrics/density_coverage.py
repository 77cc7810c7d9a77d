"""Density and coverage: precision and recall by the balls of real examples alone, and counted.

Density counts in how many balls a fake example lies, so that an outlier's large ball is one among
many; it may exceed 1 where the fake examples crowd where the real ones do. Coverage is the share
of real examples whose ball holds a fake one.

Source: Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020,
equations 8 and 9.
"""

import numpy as np

from tfgan.metrics.neighbours import Neighbourhoods, neighbourhoods

NUM_NEIGHBOURS = 5
"""The paper's k: two samples of one distribution then have a coverage of about 0.97."""


def density(found: Neighbourhoods) -> float:
    """Returns in how many balls of real examples a fake one lies on average, over k; about 1."""
    return float(np.mean(found.real_balls) / found.k)


def coverage(found: Neighbourhoods) -> float:
    """Returns the share of real examples whose ball holds a fake one."""
    return float(np.mean(found.fakes_inside > 0))


def density_and_coverage(
    real: np.ndarray, fake: np.ndarray, *, k: int = NUM_NEIGHBOURS
) -> tuple[float, float]:
    """Returns both, from features `real` [N, F] and `fake` [M, F]; N and M above k."""
    found = neighbourhoods(real, fake, (k,))[k]
    return density(found), coverage(found)


def expected_coverage(num_real: int, num_fake: int, k: int = NUM_NEIGHBOURS) -> float:
    """Returns the coverage to expect of two samples of one continuous distribution.

    1 - (N-1)...(N-k) / ((M+N-1)...(M+N-k)): the k nearest of a real example's N + M - 1 others are
    all real. Source: appendix C of the paper.
    """
    i = np.arange(1, k + 1)
    return float(1.0 - np.prod((num_real - i) / (num_fake + num_real - i)))
