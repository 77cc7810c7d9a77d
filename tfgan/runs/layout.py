"""What a run's directory holds, by name."""

import re
from pathlib import Path

from tfgan.core import files
from tfgan.runs import checkpoints
from tfgan.runs.events import EVENTS

LOSSES, HEALTH = "losses.csv", "health.csv"
EVALUATIONS, FLOORS = "evaluations.jsonl", "floors.json"

STARTING = "STARTING"
"""Lies in the directory until the first checkpoint does: what is there then is no run yet."""

SAMPLES, CHECKPOINTS = "samples", "checkpoints"

RECONSTRUCTED = "reconstructed_"
"""Before the step in the name of a picture of real examples and their reconstructions."""

_STEP = r"[0-9]{8,}\.png"

OWN: files.Names = {
    r"flags\.txt|run\.json|samples\.gif|losses\.png": None,
    "|".join(map(re.escape, (LOSSES, HEALTH, EVALUATIONS, FLOORS, EVENTS, STARTING))): None,
    SAMPLES: {rf"({RECONSTRUCTED})?{_STEP}|real\.png": None},
    CHECKPOINTS: checkpoints.OWN,
}
"""What a run makes. All else in its directory is the user's, and stays as it is."""


def samples_of(run: Path, name: str = "") -> list[Path]:
    """Returns the pictures of a run, oldest first, without what people put beside them.

    Args:
      run: its directory.
      name: before the step in the name of a picture: "" of samples.
    """
    found = [file for file in files.names(run / SAMPLES) if re.fullmatch(f"{name}{_STEP}", file)]
    return sorted((run / SAMPLES / file for file in found), key=step_of)


def pictures_of(run: Path) -> list[Path]:
    """Returns all pictures of a run that belong to a step, samples and reconstructions."""
    return [*samples_of(run), *samples_of(run, RECONSTRUCTED)]


def step_of(picture: Path) -> int:
    """Returns the step of one of `samples_of`."""
    return int(picture.stem.removeprefix(RECONSTRUCTED))
