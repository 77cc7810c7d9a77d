"""The floors of a run's evaluations: what other real examples have in the place of its samples.

They depend on the data, the extractor and the number of samples alone, so each start that evaluates
finds the same ones, and `floors.json` stays as it is. Runs of earlier versions have none.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from tfgan.core import files
from tfgan.core.checks import StorageError
from tfgan.runs.layout import FLOORS


def write(run: Path, floors: Mapping[str, float]) -> None:
    """Writes the floors of a run, by the names of their columns of health; not where they lie.

    Raises:
      StorageError: the disk refuses.
      InputError: a link or a pipe is there.
    """
    path, data = run / FLOORS, (json.dumps(floors, indent=2, allow_nan=False) + "\n").encode()
    if floors and not (path.name in files.names(run) and _bytes(path) == data):
        files.write(path, data)


def read(run: Path) -> dict[str, float]:
    """Returns the floors of a run, by the names of their columns of health; {} without any.

    Raises:
      StorageError: the file holds something else, or cannot be read.
      InputError: a link or a pipe is there.
    """
    path = run / FLOORS
    if path.name not in files.names(run):
        return {}
    data = _bytes(path)
    try:
        floors = json.loads(data)
        if not all(type(x) in (int, float) and math.isfinite(x) for x in floors.values()):
            raise ValueError("a floor is no number")
        return {name: float(x) for name, x in floors.items()}
    except (ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise StorageError(
            f"{path} is not as it was written: {error}; remove it: the next evaluation of the run "
            "writes it again."
        ) from error


def _bytes(path: Path) -> bytes:
    with files.disk_errors(path):
        return files.read(path)
