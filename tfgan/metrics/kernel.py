"""Kernel distance: the squared maximum mean discrepancy, without bias.

Unlike the Fréchet distance it does not depend on the sample count, on average, and it needs no
more samples than features; an estimate may be a little below 0. Over Inception's features it is
called KID.

Sources: Binkowski et al., "Demystifying MMD GANs", 2018, section 4; Gretton et al., "A Kernel
Two-Sample Test", 2012, equation 3.
"""

import numpy as np

from tfgan.metrics.estimates import Estimate, at_least, same_width

BLOCK_SIZE = 1000
"""Examples of each set in a block, at most."""

MIN_BLOCKS = 10
"""Fewer blocks would not tell their spread: of few examples the blocks are smaller."""

SEED = 0
"""Of the shuffle that deals the examples into blocks: examples may come sorted by class."""


def kernel_distance(real: np.ndarray, fake: np.ndarray) -> Estimate:
    """Returns the mean of MMD^2 over blocks that share no example, and its standard error.

    The paper draws blocks that overlap, whose spread is not an error of their mean.

    Args:
      real: features [N, F], N >= 20.
      fake: features [M, F], M >= 20.

    Raises:
      InputError: there are too few, the widths differ, or a number is not finite.
    """
    real, fake = same_width(real=real, fake=fake)
    at_least(2 * MIN_BLOCKS, real=real, fake=fake)
    count = min(len(real), len(fake))
    size = min(BLOCK_SIZE, count // MIN_BLOCKS)
    deal = np.random.RandomState(SEED)  # its numbers stay the same in every version of NumPy
    order_real, order_fake = deal.permutation(len(real)), deal.permutation(len(fake))
    values = [
        mmd_squared(real[order_real[i : i + size]], fake[order_fake[i : i + size]])
        for i in range(0, count - size + 1, size)
    ]
    return Estimate(float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5))


def mmd_squared(real: np.ndarray, fake: np.ndarray) -> float:
    """Returns the unbiased estimate of MMD^2 from rows [N, F] and [M, F], N and M >= 2.

    The mean of k(x, x') over two different real rows, plus that of k(y, y') over two different
    fake ones, less twice that of k(x, y); k(x, y) = (x . y / F + 1)^3.
    """
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    return float(
        _mean_of_different(real) + _mean_of_different(fake) - 2.0 * np.mean(_kernel(real, fake))
    )


def _mean_of_different(rows: np.ndarray) -> float:
    kernel = _kernel(rows, rows)
    return (kernel.sum() - np.trace(kernel)) / (len(rows) * (len(rows) - 1))


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a @ b.T / a.shape[1] + 1.0) ** 3  # [N, M]
