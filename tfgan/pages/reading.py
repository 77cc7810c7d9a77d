"""What a page says of each run: its summary, its losses, its evaluations, and what is missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfgan.core.checks import CommandError, InputError
from tfgan.evaluation import records
from tfgan.runs import logs, summary
from tfgan.runs.layout import EVALUATIONS, LOSSES
from tfgan.runs.summary import Summary


class Reported(NamedTuple):
    """A run on a page."""

    name: str
    """What it is called there: the name of its directory, or its path where two have one name."""

    number: int
    """Of its curves' style, and of its anchors."""

    summary: Summary
    losses: dict[str, np.ndarray]
    """"step" and the losses, [num_steps] each, up to the newest checkpoint."""

    evaluations: list[dict[str, Any]]
    """As `tfgan.evaluate` has recorded them, oldest first."""

    notes: list[str]
    """What of the run is damaged or missing, a line each."""


def read(names: Sequence[str]) -> tuple[list[Reported], list[str]]:
    """Reads runs, which may be training meanwhile; touches nothing.

    Args:
      names: their directories.

    Returns:
      The runs that can be read, and a line for each of the others.

    Raises:
      InputError: there is none that can be read.
    """
    found, left_out = [], []
    for name in names:
        notes: list[str] = []
        try:
            found.append((summary.read(name, notes), notes))
        except CommandError as error:
            left_out.append(error.line())
    if not found:
        raise InputError(
            left_out[0]
            if len(left_out) == 1
            else f"none of {len(left_out)} directories is a run; of the first one: {left_out[0]}"
            if left_out
            else "name runs: python -m tfgan.report runs/*"
        )
    called = _called([run.path for run, _ in found])
    return [_read(n, i, *each) for i, (n, each) in enumerate(zip(called, found, strict=True))], [
        *left_out
    ]


def _read(name: str, number: int, run: Summary, notes: list[str]) -> Reported:
    losses: dict[str, np.ndarray] = {}
    evaluations: list[dict[str, Any]] = []
    try:
        losses = logs.read_table(run.path / LOSSES)
        is_saved = losses["step"] <= run.step
        losses = {name: values[is_saved] for name, values in losses.items()}
    except CommandError as error:
        notes.append(error.line())
    try:
        evaluations = records.read(run.path / EVALUATIONS)
    except CommandError as error:
        notes.append(error.line())
    return Reported(name, number, run, losses, evaluations, notes)


def _called(paths: Sequence[Path]) -> list[str]:
    names = [path.resolve().name for path in paths]
    return [
        name if name and names.count(name) == 1 else str(path)
        for name, path in zip(names, paths, strict=True)
    ]
