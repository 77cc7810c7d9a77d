"""What was measured, as JSON: a line for each number, appended and never rewritten."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tfgan import __version__
from tfgan.core import files
from tfgan.core.checks import StorageError, shown
from tfgan.evaluation.measuring import Reference, Row


def lines(rows: Iterable[Row], about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns a record of each number.

    Args:
      rows: the numbers.
      about: what they have in common: step, seed, data, ...
    """
    return [row._asdict() | dict(about) for row in rows]


def of_data(name: str, split: str, reference: Reference) -> dict[str, Any]:
    """Returns what a record says of the real examples.

    Args:
      name, split: what the user calls them.
      reference: holds them.
    """
    held_out = reference.held_out
    return {
        "data": name,
        "split": split,
        "data_fingerprint": reference.source.fingerprint,
        "held_out": held_out.name if held_out else "",
        "held_out_fingerprint": held_out.fingerprint if held_out else "",
        "version": __version__,
    }


def append(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Appends records to a file, which is made where there is none.

    Two processes that measure do not mix theirs. What a full disk has left of a line goes first.

    Raises:
      StorageError: the disk refuses.
      InputError: a link or a pipe is there.
    """
    text = "".join(json.dumps(record, allow_nan=False) + "\n" for record in records).encode()
    with files.disk_errors(path), files.open_log(path) as file:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(files.read(path).rfind(b"\n") + 1)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """Returns the records of a file, oldest first; [] where there is none.

    A last line that was cut off, by a crash or a full disk, is left out.

    Raises:
      StorageError: it holds something else, or cannot be read.
    """
    if path.name not in files.names(path.parent):
        return []
    with files.disk_errors(path):
        text = files.read(path).decode(errors="replace")
    records = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not line.endswith("\n"):
            break
        try:
            record = json.loads(line)
            if not isinstance(record, dict) or not isinstance(record.get("metric"), str):
                raise ValueError("no record of a number")
        except ValueError as error:
            raise StorageError(
                f"{path} is not as it was written: line {number}, {shown(line[:60])}: {error}; put "
                "it back."
            ) from error
        records.append(record)
    return records
