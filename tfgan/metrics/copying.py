"""Memorisation: are samples nearer to the training examples than unseen real examples are?

Source: Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative
Models", 2020, section 3, over the whole space: what is copied in one place and too far away in
another can cancel in the test statistic, so the share of near copies stands beside it.
"""

from typing import NamedTuple

import numpy as np

from tfgan.core.checks import InputError
from tfgan.metrics.neighbours import nearest_neighbours

NEAR = 0.01
"""A sample is a near copy if it is nearer than all but this share of held-out examples."""


class TrainingDistances(NamedTuple):
    """Distances to the nearest training example."""

    held_out: np.ndarray
    """Of real examples that were not trained on, float64 [N]."""

    fake: np.ndarray
    """Of samples, float64 [M]."""


def training_distances(
    training: np.ndarray, held_out: np.ndarray, fake: np.ndarray
) -> TrainingDistances:
    """Returns the distances of `held_out` [N, F] and `fake` [M, F] to their nearest of `training`.

    Raises:
      InputError: the widths differ, or a number is not finite.
    """
    return TrainingDistances(
        nearest_neighbours(held_out, training)[1], nearest_neighbours(fake, training)[1]
    )


def copying(distances: TrainingDistances) -> float:
    """Returns the Mann-Whitney test's z: about normal(0, 1) for a perfect sampler.

    U counts the pairs in which the sample is farther from the training examples than the held-out
    example is. Below -3: samples are too near, as copies are. Above 3: they are too far, as those
    of a generator that does not fit.

    Raises:
      InputError: all distances are equal, so that nothing can be ranked.
    """
    n, m = len(distances.held_out), len(distances.fake)
    _, places, counts = np.unique(
        np.concatenate(distances), return_inverse=True, return_counts=True
    )
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2.0)[places]  # of equal ones their mean
    u = ranks[n:].sum() - m * (m + 1) / 2.0
    ties = np.sum(counts.astype(np.float64) ** 3 - counts) / ((n + m) * (n + m - 1.0))
    variance = n * m / 12.0 * (n + m + 1.0 - ties)
    if variance <= 0.0:
        raise InputError("all distances to the training examples are equal: nothing to compare.")
    return float((u - n * m / 2.0) / np.sqrt(variance))


def near_copies(distances: TrainingDistances) -> float:
    """Returns the share of samples nearer than all but `NEAR` of the held-out; of a perfect sampler
    `NEAR`, of copies 1."""
    limit = np.quantile(distances.held_out, NEAR)
    return float(np.mean(distances.fake <= limit))
