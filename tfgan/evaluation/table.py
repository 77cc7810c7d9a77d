"""What was measured, for people: a table, and a bar while they wait."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tfgan.evaluation.measuring import Row


@contextlib.contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """Shows how many examples were looked at, on a terminal; yields what is to be told of more."""
    import tqdm

    with tqdm.tqdm(unit=" examples", disable=None, leave=False, file=sys.stderr) as bar:
        yield lambda number: bar.update(number) and None


def number(value: float | None) -> str:
    """Returns a number with what of it may be read: five digits."""
    return "-" if value is None else f"{value:.5g}"


def table(rows: Sequence[Row], about: Mapping[str, Any], used: Sequence[Any]) -> str:
    """Returns the numbers in lines, with what they are of.

    Args:
      rows: the numbers.
      about: "subject", "seed", "data", "split", "held_out"; and "num_samples", if samples were
        measured.
      used: the extractors, and what stands in their place: their `name`, and `about` them.
    """
    lines = [["metric", "extractor", "value", "spread", "real", "unit"]]
    for row in rows:
        values = number(row.value), number(row.spread), number(row.floor)
        lines.append([row.metric, row.extractor, *values, row.unit])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    others = about["held_out"] or "others of them"
    head = f"{about['subject']}, seed {about['seed']}, against {about['data']}, {about['split']}"
    if "num_samples" in about:
        head = f"{about['num_samples']} samples of {head}; real: {others} in their place"
    named = {row.extractor for row in rows}
    return "\n".join([head, *padded, *(f"{e.name}: {e.about}" for e in used if e.name in named)])
