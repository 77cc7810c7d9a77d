"""Measures of examples: arrays in, a number out; each agrees with an exact oracle."""

from tfgan.metrics.distances import (
    coverage,
    mean_distance,
    neighbour_distances,
    squared_distances,
)

__all__ = ["coverage", "mean_distance", "neighbour_distances", "squared_distances"]
