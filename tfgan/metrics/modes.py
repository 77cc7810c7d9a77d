"""How a generator spreads over the modes of a mixture whose centres are known.

A sample is good if it lies within three standard deviations of the nearest centre, and a mode is
covered if at least one good sample lies there. Of a perfect sampler of round Gaussians in the plane
1 - exp(-9 / 2) = 98.89 % are good: more than that is no merit, but modes that are too narrow.

Source: Lin et al., "PacGAN: The Power of Two Samples in Generative Adversarial Networks", 2018,
section 4 and appendix A; before it Srivastava et al., "VEEGAN", 2017, section 4.
"""

import math
from typing import NamedTuple

import numpy as np

from tfgan.core.checks import InputError

NUM_STDDEVS = 3.0
"""A sample farther from its centre than so many standard deviations is not good."""

PERFECT_GOOD_SHARE = 1.0 - math.exp(-(NUM_STDDEVS**2) / 2.0)
"""Of the true mixture in the plane: the squared distance is exponential there."""


class Modes(NamedTuple):
    """Samples, sorted by mode."""

    nearest: np.ndarray
    """Index of the nearest centre, int64 [N]; the first of those at the same distance."""

    is_good: np.ndarray
    """Whether it lies within `NUM_STDDEVS` standard deviations of that centre, bool [N]."""

    num_modes: int
    """K."""

    def counts(self, *, only_good: bool = True) -> np.ndarray:
        """Returns how many samples each mode has, int64 [K]."""
        nearest = self.nearest[self.is_good] if only_good else self.nearest
        return np.bincount(nearest, minlength=self.num_modes)


def sort_by_mode(samples: np.ndarray, centres: np.ndarray, stddev: float) -> Modes:
    """Gives each sample to the mode whose centre is nearest.

    Args:
      samples: float [N, F], N >= 1, in the scale of the centres.
      centres: distinct, float [K, F].
      stddev: of each mode, in every direction, > 0.

    Raises:
      InputError: the widths differ, there is no sample, or a number is not finite.
    """
    samples, centres = np.asarray(samples, np.float64), np.asarray(centres, np.float64)
    if samples.ndim != 2 or samples.shape[1:] != centres.shape[1:] or not len(samples):
        raise InputError(
            f"samples {list(samples.shape)} do not fit centres {list(centres.shape)}: both need "
            "rows of one width, and there must be a row of each."
        )
    if not np.isfinite(samples).all():
        rows = ~np.isfinite(samples).all(1)
        raise InputError(f"{rows.sum()} of {len(samples)} samples are not finite.")
    squares = np.stack([np.sum(np.square(samples - c), 1) for c in centres], 1)  # [N, K]
    nearest = squares.argmin(1)
    distances = np.sqrt(squares[np.arange(len(samples)), nearest])
    return Modes(nearest, distances <= NUM_STDDEVS * stddev, len(centres))


def modes_covered(modes: Modes) -> int:
    """Returns how many modes have at least one good sample."""
    return int(np.count_nonzero(modes.counts()))


def good_share(modes: Modes) -> float:
    """Returns the share of good samples; of a perfect sampler `PERFECT_GOOD_SHARE`."""
    return float(np.mean(modes.is_good))


def reverse_kl(modes: Modes, *, only_good: bool = True) -> float:
    """Returns KL(samples' distribution over the modes || uniform), in nats.

    Args:
      modes: of the samples.
      only_good: whether samples that are not good are left out; else the nearest mode counts them.

    Returns:
      From 0 to log K. N samples of the uniform distribution have (K - 1) / (2 N) on average, to
      first order. Where there is no sample to count: log K, as if one mode had them all.
    """
    counts = modes.counts(only_good=only_good)
    if not counts.any():
        return math.log(modes.num_modes)
    shares = counts[counts > 0] / counts.sum()
    return float(
        max(np.sum(shares * np.log(modes.num_modes * shares)), 0.0)
    )  # else -0.0 by rounding


def relative_spread(samples: np.ndarray, centres: np.ndarray, stddev: float) -> np.ndarray:
    """Returns the standard deviation of each mode's good samples, over that of a perfect sampler.

    The standard deviation is that around their own mean, in any one direction on average. It is
    compared with a Gaussian's in the plane that is cut off at the same distance, so the truth is 1.

    Args:
      samples, centres, stddev: as for `sort_by_mode`, with F = 2.

    Returns:
      float64 [K]; NaN for a mode with fewer than two good samples.
    """
    modes = sort_by_mode(samples, centres, stddev)
    samples = np.asarray(samples, np.float64)
    reach = NUM_STDDEVS**2 / 2.0
    # E[r^2 / 2 | r <= 3 stddev], in units of the variance: r^2 / 2 is exponential.
    variance = 1.0 - reach * math.exp(-reach) / (1.0 - math.exp(-reach))
    spreads = np.full(modes.num_modes, np.nan)
    for mode in range(modes.num_modes):
        inside = samples[modes.is_good & (modes.nearest == mode)]
        if len(inside) > 1:
            spreads[mode] = math.sqrt(np.mean(np.var(inside, axis=0, ddof=1)) / variance) / stddev
    return spreads


def shared_mass(modes: Modes) -> float:
    """Returns how much of their mass the samples and the mixture have in common, from 0 to 1.

    sum over the modes of min(share of all samples that are good and in it, 1 / K): one minus a
    total variation. It falls with samples that are not good, with modes that are lost and with
    modes that have more than theirs, so it ranks generators by one number. A perfect sampler has
    0.973 on 8 modes and 0.955 on 25 with 2,500 samples.
    """
    shares = modes.counts() / len(modes.nearest)
    return float(np.sum(np.minimum(shares, 1.0 / modes.num_modes)))
