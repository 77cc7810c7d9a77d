"""Measures of examples: arrays in, a number out; each agrees with an exact oracle."""

from tfgan.metrics.catalog import ARRAYS, METRICS, Metric, measure
from tfgan.metrics.copying import training_distances
from tfgan.metrics.density_coverage import density_and_coverage, expected_coverage
from tfgan.metrics.distances import (
    coverage,
    mean_distance,
    neighbour_distances,
    squared_distances,
)
from tfgan.metrics.estimates import Estimate
from tfgan.metrics.features import random_features
from tfgan.metrics.frechet import Moments, frechet_distance, frechet_distance_of_moments
from tfgan.metrics.game import jensen_shannon, value
from tfgan.metrics.inception import inception_score
from tfgan.metrics.kernel import kernel_distance
from tfgan.metrics.modes import (
    Modes,
    good_share,
    modes_covered,
    relative_spread,
    reverse_kl,
    shared_mass,
    sort_by_mode,
)
from tfgan.metrics.neighbours import nearest_neighbours
from tfgan.metrics.parzen import parzen_log_likelihood
from tfgan.metrics.precision_recall import precision_and_recall
from tfgan.metrics.sliced_wasserstein import sliced_wasserstein_distance

__all__ = [
    "ARRAYS",
    "METRICS",
    "Estimate",
    "Metric",
    "Modes",
    "Moments",
    "coverage",
    "density_and_coverage",
    "expected_coverage",
    "frechet_distance",
    "frechet_distance_of_moments",
    "good_share",
    "inception_score",
    "jensen_shannon",
    "kernel_distance",
    "mean_distance",
    "measure",
    "modes_covered",
    "nearest_neighbours",
    "neighbour_distances",
    "parzen_log_likelihood",
    "precision_and_recall",
    "random_features",
    "relative_spread",
    "reverse_kl",
    "shared_mass",
    "sliced_wasserstein_distance",
    "sort_by_mode",
    "squared_distances",
    "training_distances",
    "value",
]
