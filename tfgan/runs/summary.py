"""What a run was and how it stands, for people: read from its files alone."""

import csv
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tfgan.config import FIELDS, Config
from tfgan.core import files, paths
from tfgan.core.checks import CommandError, StorageError, shown
from tfgan.core.interfaces import LabelSpec
from tfgan.data import labels
from tfgan.losses import OBJECTIVES
from tfgan.models.vae import VAE
from tfgan.runs import best, floors, provenance
from tfgan.runs.identity import FROM_CONFIG
from tfgan.runs.layout import CHECKPOINTS, HEALTH, SAMPLES, samples_of
from tfgan.runs.trained import TrainedRun

T = TypeVar("T")

COVERAGE = "coverage"
"""The column of health that says how good samples are."""

WORST = "worst_class"
"""The column that holds the number of a class."""


class Summary(NamedTuple):
    """A run in a few words."""

    path: Path
    data: str
    fingerprint: str
    """Of the data: tells them from others, whatever they are called."""

    config: dict[str, Any]
    step: int
    """Of the newest good checkpoint."""

    steps: list[int]
    """Of all checkpoints that are there."""

    began_from: str
    """What a warm start took its weights from; or empty."""

    rollbacks: int
    losses: dict[str, float]
    """Of the newest checkpoint's step, by name."""

    made_by: str
    """Who made the model: "config", or a program of the user's."""

    loss_unit: str
    """Of the losses; or empty."""

    rows: list[dict[str, str]]
    """Of health, as they were measured up to there, by column, "verdict" among them."""

    floors: dict[str, float]
    """What other real examples have in the place of the samples, by columns of `rows`."""

    best: str
    """The best number by --keep_best, else the best coverage, and its step; or empty."""

    classes: tuple[str, ...]
    """Names of the data's classes; () without labels."""

    samples: list[Path]
    """The pictures of samples, oldest first."""

    others: list[Path]
    """Pictures of the data, the animation and the plot: which there are."""

    made_with: dict[str, str]
    """Commit, versions, processor and starts, as the run has recorded them."""

    @property
    def health(self) -> dict[str, str]:
        """Returns the last row of health; or empty."""
        return self.rows[-1] if self.rows else {}

    @property
    def pictures(self) -> list[Path]:
        """Returns the newest picture of samples, and the others."""
        return self.samples[-1:] + self.others

    def changed(self) -> dict[str, Any]:
        """Returns the fields of the config that differ from their defaults, by name."""
        return {n: value for n, value in self.config.items() if value != FIELDS[n].default}

    def shown(self, name: str, digits: int) -> str:
        """Returns a number of the last row of health, or the class that it stands for, as text."""
        value = self.health.get(name)
        if value in (None, ""):
            return "-"
        if name == WORST and 0 <= float(value) < len(self.classes):
            return labels.printable(self.classes[int(float(value))])
        return f"{float(value):.{digits}f}"


def read(run_dir: str, notes: list[str] | None = None) -> Summary:
    """Reads a run, which may be training meanwhile.

    Args:
      run_dir: its directory.
      notes: is told what file is damaged, which counts as empty then; None: that is an error.

    Raises:
      InputError: it has no good checkpoint.
      StorageError: it cannot be read.
    """
    run = TrainedRun(run_dir)
    record, step = run.record(), run.checkpoint.step
    data = record["data"]
    size = "endless" if data["num_examples"] is None else f"{data['num_examples']} examples"
    shape = " x ".join(map(str, data["shape"]))
    made = [run.path / name for name in (f"{SAMPLES}/real.png", "samples.gif", "losses.png")]
    rows = _unless_damaged(lambda: _health(run.path / HEALTH, step), notes) or []
    known = _unless_damaged(lambda: floors.read(run.path), notes) or {}
    spec = run.specs.get("labels")
    classes = spec.class_names if isinstance(spec, LabelSpec) else ()
    counted = f", {len(classes)} classes" if classes else ""
    return Summary(
        run.path,
        f"{run.config.image_dir or run.config.data}: {size}, {shape}{counted}",
        str(data.get("fingerprint", "")),
        run.config.to_dict(),
        step,
        run.steps,
        _began_from(record.get("warm_start")),
        record["rollbacks"],
        record["losses"],
        run.made_by,
        _loss_unit(run.config) if run.made_by == FROM_CONFIG else "",
        rows,
        known,
        _best(rows, known, run.config.keep_best),
        classes,
        samples_of(run.path),
        [path for path in made if path.is_file()],
        provenance.read(run.path / provenance.RECORD),
    )


def _unless_damaged(reading: Callable[[], T], notes: list[str] | None) -> T | None:
    """Returns what a file gives; None where it is damaged, of which the notes are told.

    Raises:
      CommandError: it is damaged, and nobody takes notes.
    """
    try:
        return reading()
    except CommandError as error:
        if notes is None:
            raise
        notes.append(error.line())
        return None


def _loss_unit(config: Config) -> str:
    """Returns the unit of the losses of the model that a config makes."""
    return VAE.loss_unit if config.model_type == "vae" else OBJECTIVES[config.objective].unit


def find(given: Sequence[str]) -> list[str]:
    """Returns the runs that a user names: each may be several with commas, or a parent of some.

    What is no run stays as it is: whoever reads it says so.
    """
    named = []
    for text in given:
        several = [text] if os.path.exists(paths.user_path(text)) else text.split(",")
        named += [name for name in several if name]
    inside = [runs_in(paths.user_path(name)) or [Path(name)] for name in named]
    return list(dict.fromkeys(str(path) for runs in inside for path in runs))


def runs_in(folder: Path) -> list[Path]:
    """Returns the runs in a directory, in the order of their names; of a run, itself alone."""
    inside = [folder, *(folder / name for name in files.names(folder))]
    found = [path for path in inside if files.names(path / CHECKPOINTS)]
    return [folder] if folder in found else found


def _began_from(parent: Mapping[str, Any] | None) -> str:
    """Returns the parent that a run records, which its digest tells from later ones."""
    if not parent:
        return ""
    return f"step {parent['step']} of {parent['path']} (SHA-256 {parent['sha256'][:12]})"


def _health(path: Path, step: int) -> list[dict[str, str]]:
    """Returns the rows of the table up to a step, oldest first; none where there is no table.

    The last one may lack columns: the run may be writing it.

    Raises:
      StorageError: it is no table any more.
    """
    if path.name not in files.names(path.parent):
        return []
    with files.disk_errors(path):
        text = files.read(path).decode(errors="replace")
    try:
        found = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise StorageError(f"{path} is not as it was written: {error}; put it back.") from error
    rows = [row for row in found if re.fullmatch("[0-9]{1,18}", row.get("step") or "")]
    for row in rows:
        for name, value in row.items():
            if value and name != "verdict" and not _is_number(value):
                raise StorageError(
                    f"{path} is not as it was written: {shown(value)} under {shown(name)}; put it "
                    "back."
                )
    return [row for row in rows if int(row["step"]) <= step]


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):  # a list: more values than columns
        return False
    return True


def _best(rows: Sequence[Mapping[str, str]], known: Mapping[str, float], asked: str) -> str:
    """Returns where the samples were best, by --keep_best or coverage; of equal rows the first."""
    column = best.column_of(asked, list(rows[0])) if rows else ""
    column = column or COVERAGE
    measured = [
        {"step": float(row["step"]), column: float(row[column])} for row in rows if row.get(column)
    ]
    step = best.best_step(measured, column)
    found = [row[column] for row in measured if row["step"] == step]
    floor = f", floor {known[column]:.2f}" if column in known else ""
    return f"{column} {found[0]:.2f} at step {step}{floor}" if found else ""
