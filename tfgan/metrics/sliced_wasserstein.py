"""Sliced Wasserstein distance: the mean 1-Wasserstein distance along random directions.

In one dimension it is exact: the area between the two distribution functions. It sees means,
spreads and shapes along lines, no joint structure, and falls with the square root of the number of
features, so numbers compare at one width only.

Sources: Rabin et al., "Wasserstein Barycenter and Its Application to Texture Mixing", 2011;
Bonneel et al., "Sliced and Radon Wasserstein Barycenters of Measures", 2015, section 3.
"""

import numpy as np

from tfgan.metrics.estimates import Estimate, same_width

NUM_PROJECTIONS = 512
SEED = 0
"""Of the directions: numbers of one width are measured along the same ones."""

_ROWS = 4096  # at once in float64


def sliced_wasserstein_distance(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    num_projections: int = NUM_PROJECTIONS,
    seed: int = SEED,
) -> Estimate:
    """Returns the mean over unit directions and its standard error over them.

    Args:
      real: [N, F]
      fake: [M, F]; M may differ from N.
      num_projections: directions, >= 2.
      seed: of the directions.

    Raises:
      InputError: the widths differ, or a number is not finite.
    """
    real, fake = same_width(real=real, fake=fake)
    axes = directions(real.shape[1], num_projections, seed)
    pairs = zip(_projected(real, axes), _projected(fake, axes), strict=True)
    distances = [wasserstein_distance(a, b) for a, b in pairs]
    error = np.std(distances, ddof=1) / num_projections**0.5
    return Estimate(float(np.mean(distances)), float(error))


def directions(width: int, count: int, seed: int) -> np.ndarray:
    """Returns unit vectors, uniform on the sphere, float64 [count, width]."""
    # RandomState's numbers stay the same in every version of NumPy.
    axes = np.random.RandomState(seed).standard_normal([count, width])
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def wasserstein_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the 1-Wasserstein distance of two samples on the line, [N] and [M].

    It is the integral over q in (0, 1) of the distance of the two q-quantiles.
    """
    a, b = np.sort(a), np.sort(b)
    if len(a) == len(b):
        return float(np.mean(np.abs(a - b)))
    # The quantiles step at i / N and j / M. In units of 1 / (N M) that is exact.
    steps = np.union1d(np.arange(len(a) + 1) * len(b), np.arange(len(b) + 1) * len(a))
    widths, starts = np.diff(steps), steps[:-1]
    gaps = np.abs(a[starts // len(b)] - b[starts // len(a)])
    return float(np.sum(gaps * widths) / (len(a) * len(b)))


def _projected(examples: np.ndarray, axes: np.ndarray) -> np.ndarray:
    parts = [
        axes @ examples[i : i + _ROWS].astype(np.float64).T for i in range(0, len(examples), _ROWS)
    ]
    return np.concatenate(parts, 1)  # [directions, N]
