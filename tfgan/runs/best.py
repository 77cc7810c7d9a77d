"""Which checkpoint is the best one by a metric: a function of the rows of health alone."""

from collections.abc import Mapping, Sequence

from tfgan.metrics.catalog import METRICS


def column_of(metric: str, names: Sequence[str]) -> str:
    """Returns the column of health that holds a metric; empty where there is none."""
    found = [name for name in names if metric and name.startswith(f"{metric}_")]
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
