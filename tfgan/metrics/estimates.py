"""What a metric takes and what it gives."""

from typing import NamedTuple

import numpy as np

from tfgan.core.checks import InputError


class Estimate(NamedTuple):
    """A number measured on a sample."""

    value: float

    spread: float | None = None
    """Standard error or standard deviation, as the metric says; None where it has none."""


def mean(values: np.ndarray) -> Estimate:
    """Returns the mean of values [N] and its standard error, which one value alone has not."""
    few = len(values) < 2
    error = None if few else float(np.std(values, ddof=1) / len(values) ** 0.5)
    return Estimate(float(values.mean()), error)


def finite_rows(name: str, examples: np.ndarray) -> np.ndarray:
    """Returns `examples` [N, F] as an array, N >= 1 and F >= 1, of the dtype that it has.

    Raises:
      InputError: it is no array of rows, it has none, or a number in it is not finite.
    """
    examples = np.asarray(examples)
    if examples.ndim != 2 or 0 in examples.shape:
        raise InputError(f"{name} must be rows of numbers [N, F], got {list(examples.shape)}.")
    if examples.dtype.kind not in "buif":
        raise InputError(f"{name} must be real numbers, got {examples.dtype}.")
    bad = ~np.isfinite(examples).all(1)
    if bad.any():
        raise InputError(
            f"{bad.sum()} of {len(examples)} rows of {name} are not finite, the first is row "
            f"{bad.argmax()}; leave them out, or find out what made them."
        )
    return examples


def same_width(**arrays: np.ndarray) -> list[np.ndarray]:
    """Returns the named arrays, each checked by `finite_rows`.

    Raises:
      InputError: as `finite_rows`, or two of them have rows of different widths.
    """
    checked = {name: finite_rows(name, rows) for name, rows in arrays.items()}
    (first_name, first), *others = checked.items()
    for name, rows in others:
        if rows.shape[1] != first.shape[1]:
            raise InputError(
                f"{first_name} {list(first.shape)} and {name} {list(rows.shape)} must have rows of "
                "one width."
            )
    return list(checked.values())


def at_least(count: int, **arrays: np.ndarray) -> None:
    """Checks that each of the named arrays has `count` rows.

    Raises:
      InputError: one has fewer; the message names it.
    """
    for name, rows in arrays.items():
        if len(rows) < count:
            raise InputError(f"{name} must have {count} rows or more, got {len(rows)}.")
