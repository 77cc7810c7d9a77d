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
from tfgan.core.checks import InputError, StorageError, shown
from tfgan.evaluation.measuring import Reference, Row

BEGIN = b'{"metric": '
"""Of every line."""


class RecordError(StorageError):
    """A file holds something else than numbers, at the place `where`."""

    def __init__(self, path: Path, where: str):
        super().__init__(f"{path} is not as it was written: {where}; put it back.")
        self.where = where


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


def check(path: Path) -> None:
    """Checks that records can be appended to a file: that it holds nothing else.

    Raises:
      InputError: it does; the message names the line.
      StorageError: it cannot be read.
    """
    try:
        read(path)
        with files.disk_errors(path):
            _whole(files.read(path) if path.exists() else b"", path)
    except RecordError as error:
        raise InputError(
            f"{path} is no file of numbers: {error.where}. Nothing is added to it: put it back, "
            "move it away, or name another (--out)."
        ) from error


def _whole(data: bytes, path: Path) -> int:
    """Returns where the whole lines of a file end: behind them is what a full disk left of one.

    Raises:
      RecordError: something else is there, which must not be lost.
    """
    end = data.rfind(b"\n") + 1
    left = data[end:]
    if left.startswith(BEGIN) or BEGIN.startswith(left):
        return end
    raise RecordError(path, f"its last line is {shown(left[:60].decode(errors='replace'))}")


def append(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Appends records to a file, which is made where there is none.

    Two processes that measure do not mix theirs. What a full disk has left of a line goes first.

    Raises:
      StorageError: the disk refuses, or the file's last line is something else.
      InputError: a link or a pipe is there.
    """
    text = "".join(json.dumps(record, allow_nan=False) + "\n" for record in records).encode()
    with files.disk_errors(path), files.open_log(path) as file:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(_whole(files.read(path), path))
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """Returns the records of a file, oldest first; [] where there is none.

    A last line that was cut off, by a crash or a full disk, is left out.

    Raises:
      RecordError: it holds something else.
      StorageError: it cannot be read.
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
            raise RecordError(path, f"line {number}, {shown(line[:60])}: {error}") from error
        records.append(record)
    return records
