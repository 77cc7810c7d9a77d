"""Measures of examples: arrays in, a number out; each agrees with an exact oracle."""

from tfgan.metrics.distances import (
    coverage,
    mean_distance,
    neighbour_distances,
    squared_distances,
)
from tfgan.metrics.features import random_features
from tfgan.metrics.modes import (
    Modes,
    good_share,
    modes_covered,
    relative_spread,
    reverse_kl,
    shared_mass,
    sort_by_mode,
)

__all__ = [
    "Modes",
    "coverage",
    "good_share",
    "mean_distance",
    "modes_covered",
    "neighbour_distances",
    "random_features",
    "relative_spread",
    "reverse_kl",
    "shared_mass",
    "sort_by_mode",
    "squared_distances",
]
