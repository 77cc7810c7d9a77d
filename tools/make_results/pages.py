"""What the pages of all tables share: means with their errors, tables, where it was made."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Returns the mean and its standard error; NaN for what too few values do not have."""
    numbers = np.asarray([value for value in values if value is not None], np.float64)
    if not len(numbers):
        return math.nan, math.nan
    if len(numbers) == 1:
        return float(numbers[0]), math.nan
    return float(np.mean(numbers)), float(np.std(numbers, ddof=1) / len(numbers) ** 0.5)


def cell(values: Sequence[Any], write: Callable[[float], str]) -> str:
    """Returns "mean ± standard error"; "-" where there is nothing."""
    mean, error = mean_and_error(values)
    if math.isnan(mean):
        return "-"
    return write(mean) if math.isnan(error) else f"{write(mean)} ± {write(error)}"


def one(number: float) -> str:
    """Writes a number with one digit behind the point."""
    return f"{number:.1f}"


def two(number: float) -> str:
    """Writes a number with two digits behind the point."""
    return f"{number:.2f}"


def small(number: float) -> str:
    """Writes a divergence: four digits behind the point, or two where it is large."""
    return f"{number:.4f}" if number < 0.1 else f"{number:.2f}"


def percent(number: float) -> str:
    """Writes a share in percent."""
    return f"{100 * number:.2f}"


def whole(number: float) -> str:
    """Writes a number without digits behind the point."""
    return f"{number:.0f}"


def three(number: float) -> str:
    """Writes a number with three digits that count."""
    return f"{number:.3g}"


WRITTEN: Mapping[str, Callable[[float], str]] = {
    "one": one,
    "two": two,
    "three": three,
    "whole": whole,
    "small": small,
    "percent": lambda share: f"{100 * share:.0f}",
}
"""How a mean in the words of a page is written."""


class Means:
    """The means of a record, for the words of a template: no number there is anybody's memory.

    `{of[PART/ROW/COLUMN/NAME/HOW]}` is the mean over the seeds of an outcome's number, HOW it is
    written a name of `WRITTEN`.

    Args:
      record, known: the `Record`, and the trials that are in it.
    """

    def __init__(self, record: Any, known: Iterable[Any]):
        self._record, self._known = record, tuple(known)

    def __getitem__(self, key: str) -> str:
        part, row, column, name, how = key.split("/")
        mine = [t for t in self._known if (t.part, t.row, t.column) == (part, row, column)]
        if not mine:
            raise KeyError(f"no trial is called {part}/{row}/{column}")
        mean, _ = mean_and_error([outcome.get(name) for outcome in self._record.known(mine)])
        return "-" if math.isnan(mean) else WRITTEN[how](mean)


def table(lines: Sequence[Sequence[str]]) -> list[str]:
    """Returns the lines of a Markdown table, the first one its header."""
    head, *rows = lines
    rule = ["---", *["---:"] * (len(head) - 1)]
    return ["| " + " | ".join(line) + " |" for line in (head, rule, *rows)]


def by_row(
    record: Any,
    known: Sequence[Any],
    rows: Iterable[str],
    writes: Mapping[str, Callable[[float], str]],
    *,
    first: str = "",
    floor: str = "",
    each: str = "",
) -> list[list[str]]:
    """Returns the lines of a table with a row of each name, seeds and means, header first.

    Args:
      record, known: the `Record`, and the trials that are in it.
      rows: what the trials call them.
      writes: how a number is written, by its name in an outcome.
      first: heads the first column.
      floor: ends the table with a row of the "NAME_real" of a row's outcomes; "": it has none.
      each: name of the number of which a last column has each seed's own; "": no such column.
    """
    head = [first, "seeds", *(name.replace("_", " ") for name in writes)]
    if each:
        head.append(f"{each.replace('_', ' ')}, each seed")
    lines = [head]
    of_first = []  # each seed once
    for row in rows:
        found = record.known(trial for trial in known if trial.row == row)
        of_first = of_first or found
        cells = [cell([o.get(name) for o in found], write) for name, write in writes.items()]
        if each:
            cells.append(", ".join(writes[each](o[each]) for o in found) or "-")
        lines.append([row, str(len(found)), *cells])
    if floor:
        lines.append([floor, ""])
        for name, write in writes.items():
            values = [o.get(f"{name}_real") for o in of_first]
            is_shared = len(set(values)) == 1  # of the same examples in every seed: no error
            lines[-1].append(cell(values[:1] if is_shared else values, write))
        if each:
            lines[-1].append("")
    return lines


def machine(about: dict[str, Any]) -> str:
    """Returns on what a record was made, and what it lacks."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    commits = ", ".join(commit[:12] + "-dirty" * ("dirty" in commit) for commit in about["commits"])
    said = (
        f"Processor: {about['processor']}, {about['cores']} cores; {versions}; "
        f"commit {commits}; {about['date']}."
    )
    if about["missing"]:
        said += f"\n\n**{len(about['missing'])} runs are still missing**: the command makes them."
    return said
