"""Which checkpoint is the best one by a metric: a function of the rows of health alone."""

import re
from collections.abc import Mapping, Sequence

from tfgan.metrics.catalog import METRICS

_EVALUATED = re.compile(
    rf"({'|'.join(sorted(METRICS, key=len, reverse=True))})_(.+)_([0-9]{{1,9}})"
)


def evaluated(column: str) -> tuple[str, str, int] | None:
    """Returns metric, extractor and number of samples of a column of health that an evaluation has
    written; None: it is another column, such as `coverage_by_class`."""
    match = _EVALUATED.fullmatch(column)
    return (match[1], match[2], int(match[3])) if match else None


def column_of(metric: str, names: Sequence[str]) -> str:
    """Returns the column of health that holds a metric; empty where there is none."""
    found = [name for name in names if (measures := evaluated(name)) and measures[0] == metric]
    return found[0] if found else ""


def best_step(rows: Sequence[Mapping[str, float]], metric: str, column: str) -> int | None:
    """Returns the step whose number is the best; of equal ones the first; None without any.

    Args:
      rows: of health, each with "step"; those that were not evaluated lack the column.
      metric: a name of `metrics.catalog.METRICS`, which says what is better.
      column: that holds its numbers.
    """
    measured = [row for row in rows if column in row]
    if not measured:
        return None
    return int(min(measured, key=lambda row: METRICS[metric].badness(row[column]))["step"])
