"""Fréchet distance of two Gaussians that have the means and covariances of two sets of features.

d^2 = |m1 - m2|^2 + tr(S1) + tr(S2) - 2 tr((S1 S2)^1/2)

It is the squared 2-Wasserstein distance of the two Gaussians. Few samples make it too large: two
sets of N from one standard normal in F dimensions have about F (F + 5) / (2 N) instead of 0. So
numbers compare at one sample count only, and beside what real examples score against real ones.

Sources: Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982;
Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium",
2017, equation 6. The name FID belongs to it over one network's features.
"""

from typing import NamedTuple

import numpy as np

from tfgan.core.checks import InputError
from tfgan.metrics.estimates import finite_rows

_ROWS = 4096  # at once in float64


class Moments(NamedTuple):
    """Mean and covariance of features; of many of them by parts: `Moments.of(a).with_more(b)`."""

    num_samples: int

    mean: np.ndarray
    """float64 [F]"""

    scatter: np.ndarray
    """Sum of the products of the deviations from the mean, float64 [F, F]."""

    @classmethod
    def of(cls, features: np.ndarray) -> "Moments":
        """Returns those of `features` [N, F]."""
        features = finite_rows("features", features)
        width = features.shape[1]
        whole = cls(0, np.zeros(width), np.zeros([width, width]))
        for start in range(0, len(features), _ROWS):
            rows = features[start : start + _ROWS].astype(np.float64)
            mean = rows.mean(0)
            rows -= mean
            whole = whole._joined(cls(len(rows), mean, rows.T @ rows))
        return whole

    def with_more(self, features: np.ndarray) -> "Moments":
        """Returns those of the features so far and these, [N, F]."""
        more = Moments.of(features)
        if more.mean.shape != self.mean.shape:
            raise InputError(
                f"features of width {len(more.mean)} do not go with those of width "
                f"{len(self.mean)}."
            )
        return self._joined(more)

    def _joined(self, other: "Moments") -> "Moments":
        """Source: Chan et al., "Updating Formulae and a Pairwise Algorithm", 1979, equation 2.1."""
        count = self.num_samples + other.num_samples
        shift = other.mean - self.mean
        mean = self.mean + shift * (other.num_samples / count)
        between = np.outer(shift, shift) * (self.num_samples * other.num_samples / count)
        return Moments(count, mean, self.scatter + other.scatter + between)

    @property
    def covariance(self) -> np.ndarray:
        """The unbiased one, float64 [F, F]; zeros of a single sample."""
        return self.scatter / max(self.num_samples - 1, 1)


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Returns d^2 from features `real` [N, F] and `fake` [M, F].

    Raises:
      InputError: the widths differ, or a number is not finite.
    """
    return frechet_distance_of_moments(Moments.of(real), Moments.of(fake))


def frechet_distance_of_moments(a: Moments, b: Moments) -> float:
    """Returns d^2 from moments; finite and exact for covariances of any rank."""
    if a.mean.shape != b.mean.shape:
        raise InputError(
            f"real and fake features must have one width, got {len(a.mean)} and {len(b.mean)}."
        )
    first, second = a.covariance, b.covariance
    # The eigenvalues of S1 S2 are the squared singular values of S1^1/2 S2^1/2. A root of S1 S2
    # itself does not exist, or is complex by rounding, where one of them is singular.
    overlap = np.linalg.svd(_root(first) @ _root(second), compute_uv=False).sum()
    square = np.sum(np.square(a.mean - b.mean)) + np.trace(first) + np.trace(second)
    return float(max(square - 2.0 * overlap, 0.0))


def _root(covariance: np.ndarray) -> np.ndarray:
    """Returns the symmetric root; eigenvalues that rounding alone can have made count as 0."""
    values, vectors = np.linalg.eigh(covariance)
    values[values < len(values) * np.finfo(np.float64).eps * values[-1]] = 0.0
    return (vectors * np.sqrt(values)) @ vectors.T
