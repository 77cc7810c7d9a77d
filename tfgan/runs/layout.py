"""What a run's directory holds, by name."""

import re
from pathlib import Path

from tfgan.core import files
from tfgan.runs import checkpoints
from tfgan.runs.events import EVENTS

LOSSES, HEALTH, EVALUATIONS = "losses.csv", "health.csv", "evaluations.jsonl"

STARTING = "STARTING"
"""Lies in the directory until the first checkpoint does: what is there then is no run yet."""

SAMPLES, CHECKPOINTS = "samples", "checkpoints"

OWN: files.Names = {
    r"flags\.txt|run\.json|samples\.gif|losses\.png": None,
    "|".join(map(re.escape, (LOSSES, HEALTH, EVALUATIONS, EVENTS, STARTING))): None,
    SAMPLES: {r"[0-9]{8,}\.png|real\.png": None},
    CHECKPOINTS: checkpoints.OWN,
}
"""What a run makes. All else in its directory is the user's, and stays as it is."""


def samples_of(run: Path) -> list[Path]:
    """Returns the pictures of a run, oldest first, without what people put beside them."""
    found = [name for name in files.names(run / SAMPLES) if re.fullmatch(r"[0-9]{8,}\.png", name)]
    return [run / SAMPLES / name for name in sorted(found, key=lambda name: int(name[:-4]))]
