"""The columns of health that evaluations have written, and which checkpoint is the best by one."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfgan.core.checks import InputError
from tfgan.metrics.catalog import METRICS

_EVALUATED = re.compile(
    rf"({'|'.join(sorted(METRICS, key=len, reverse=True))})_(.+)_([0-9]{{1,9}})"
)


def evaluated(column: str) -> tuple[str, str, int] | None:
    """Returns metric, extractor and number of samples of a column of health that an evaluation has
    written; None: it is another column, such as `coverage_by_class`."""
    match = _EVALUATED.fullmatch(column)
    return (match[1], match[2], int(match[3])) if match else None


def column_of(asked: str, names: Sequence[str]) -> str:
    """Returns the column of health that somebody asks for; empty where there is none.

    Args:
      asked: a metric, or the name of the column itself.
      names: of the columns.
    """
    found = [name for name in names if (of := evaluated(name)) and asked in (of[0], name)]
    return found[0] if found else ""


def best_step(rows: Sequence[Mapping[str, float]], column: str) -> int | None:
    """Returns the step whose number is the best; of equal ones the first; None without any.

    Args:
      rows: of health, each with "step"; those that were not evaluated lack the column.
      column: of an evaluation, or one that is called as its metric is.
    """
    measured = [row for row in rows if column in row]
    if not measured:
        return None
    metric = METRICS[(evaluated(column) or (column,))[0]]
    return int(min(measured, key=lambda row: metric.badness(row[column]))["step"])


def check_evaluated(written: Sequence[str], names: Sequence[str], path: Path) -> None:
    """Checks that a run that resumes is evaluated as it was.

    Args:
      written: the columns of health that are there; () of a new run.
      names: of the numbers of its evaluations from here on.
      path: of the run, for the message.

    Raises:
      InputError: there are others.
    """
    before = [name for name in written if evaluated(name)]
    if before and names and before != list(names):
        raise InputError(
            f"{path} was evaluated as {', '.join(before)}, and now it would be as "
            f"{', '.join(names)}: give the extractor the weights that it began with, or choose "
            "another --run_dir."
        )
