"""Measures of examples: arrays in, a number out; each agrees with an exact oracle."""

from tfgan.metrics.distances import (
    coverage,
    mean_distance,
    neighbour_distances,
    squared_distances,
)
from tfgan.metrics.features import random_features

__all__ = [
    "coverage",
    "mean_distance",
    "neighbour_distances",
    "random_features",
    "squared_distances",
]
