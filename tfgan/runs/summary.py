"""What a run was and how it stands, for people: read from its files alone."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan.config import FIELDS
from tfgan.core import files
from tfgan.core.checks import StorageError, shown
from tfgan.core.interfaces import LabelSpec
from tfgan.data import labels
from tfgan.runs.folder import CHECKPOINTS, HEALTH
from tfgan.runs.pictures import SAMPLES, samples_of
from tfgan.runs.trained import TrainedRun

COVERAGE = "coverage"
"""The column of health that says how good samples are."""

WORST = "worst_class"
"""The column that holds the number of a class."""


class Summary(NamedTuple):
    """A run in a few words."""

    path: Path
    data: str
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

    health: dict[str, str]
    """The last row that was measured up to there, by column, "verdict" among them; or empty."""

    best: str
    """The best coverage that was measured, and its step; or empty."""

    classes: tuple[str, ...]
    """Names of the data's classes; () without labels."""

    pictures: list[Path]
    """The newest one of samples, those of the data, the animation and the plot: which there are."""

    def changed(self) -> str:
        """Returns the fields of the config that differ from their defaults."""
        pairs = [(n, v) for n, v in self.config.items() if v != FIELDS[n].default]
        return " ".join(f"{name}={value}" for name, value in pairs) or "defaults"

    def shown(self, name: str, digits: int) -> str:
        """Returns a number of the last row of health, or the class that it stands for, as text."""
        value = self.health.get(name)
        if value in (None, ""):
            return "-"
        if name == WORST and 0 <= float(value) < len(self.classes):
            return labels.printable(self.classes[int(float(value))])
        return f"{float(value):.{digits}f}"


def read(run_dir: str) -> Summary:
    """Reads a run, which may be training meanwhile.

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
    rows = _health(run.path / HEALTH, step)
    pictures = samples_of(run.path)[-1:] + [path for path in made if path.is_file()]
    spec = run.specs.get("labels")
    classes = spec.class_names if isinstance(spec, LabelSpec) else ()
    counted = f", {len(classes)} classes" if classes else ""
    return Summary(
        run.path,
        f"{run.config.image_dir or run.config.data}: {size}, {shape}{counted}",
        run.config.to_dict(),
        step,
        run.steps,
        _began_from(record.get("warm_start")),
        record["rollbacks"],
        record["losses"],
        rows[-1] if rows else {},
        _best(rows),
        classes,
        pictures,
    )


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
    rows = [row for row in csv.DictReader(io.StringIO(text)) if (row.get("step") or "").isdigit()]
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


def _best(rows: Sequence[Mapping[str, str]]) -> str:
    """Returns where the samples covered the data best; of equal rows the first."""
    covered = [(float(row[COVERAGE]), int(row["step"])) for row in rows if row.get(COVERAGE)]
    if not covered:
        return ""
    best, step = max(covered, key=lambda pair: (pair[0], -pair[1]))
    return f"{COVERAGE} {best:.2f} at step {step}"
