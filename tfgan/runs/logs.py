"""Logs that only grow, and the comma-separated tables among them.

A checkpoint records how long each log was, and a run that resumes cuts each back to that length. So
each step stands in a log exactly once, however often the run was stopped.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tfgan.core import files
from tfgan.core.checks import InputError, StorageError


class Log:
    """A file that only grows; made if it is not there.

    Args:
      path: of the file.

    Raises:
      StorageError: the disk refuses.
    """

    def __init__(self, path: Path):
        self.path = path
        with files.disk_errors(path):
            self._file = files.open_log(path)

    def cut(self, size: int) -> None:
        """Cuts off all but the first `size` bytes.

        Raises:
          StorageError: there are fewer, or the disk refuses.
        """
        with files.disk_errors(self.path):
            self.flush()
            found = os.fstat(self._file.fileno()).st_size
            if found < size:
                raise StorageError(
                    f"{self.path} has {found} bytes and had {size} at the checkpoint: put it back."
                )
            self._file.truncate(size)
        if not size:
            self._begin()

    def _begin(self) -> None:
        """Writes what an empty log begins with."""

    def write(self, data: bytes) -> None:
        """Appends bytes.

        Raises:
          StorageError: the disk refuses.
        """
        with files.disk_errors(self.path):
            self._file.write(data)

    def flush(self) -> None:
        """Lets readers see all that was written.

        Raises:
          StorageError: the disk refuses.
        """
        with files.disk_errors(self.path):
            self._file.flush()

    def sync(self) -> int:
        """Brings all that was written to the disk; returns the size.

        Raises:
          StorageError: the disk refuses.
        """
        self.flush()
        with files.disk_errors(self.path):
            os.fsync(self._file.fileno())
            return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Closes the file, whatever the disk says: what counts was brought there before."""
        with contextlib.suppress(OSError):
            self._file.close()


class Table(Log):
    """A log of comma-separated rows under one header.

    Args:
      path: of the file.
      columns: names, the first of which is `step`.
    """

    def __init__(self, path: Path, columns: Sequence[str]):
        super().__init__(path)
        self._columns = columns

    def _begin(self):
        self.append(*([name] for name in self._columns))

    def append(self, *columns: Iterable) -> None:
        """Appends rows, given as columns of one length.

        A float is written as the shortest text that reads back as its bits, float32 or float64.

        Raises:
          ValueError: the columns have different lengths; nothing was written.
          StorageError: the disk refuses.
        """
        # By columns: a third less time than by rows, for the same text.
        texts = [map(str, column) for column in columns]
        rows = [",".join(row) for row in zip(*texts, strict=True)]
        self.write("".join(f"{row}\n" for row in rows).encode())
        self.flush()


def header(path: Path) -> tuple[str, ...]:
    """Returns the names of the columns of a table; of a file that is not there, none.

    Raises:
      StorageError: the disk refuses.
    """
    with files.disk_errors(path):
        first = files.read(path).partition(b"\n")[0] if path.exists() else b""
    return tuple(filter(None, first.decode(errors="replace").split(",")))


def read_table(path: Path, columns: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Returns the columns of a table by name, float64 [rows] each; texts are left out.

    What is empty, since it was not measured there, is NaN. A last row without its end is being
    written, and does not count.

    Args:
      path: of the file.
      columns: names that it should have; (): any.

    Raises:
      StorageError: it is no table any more, or has other columns.
    """
    try:
        with files.disk_errors(path):
            text = files.read(path).decode()
        header, *rows = text[: text.rfind("\n") + 1].splitlines() or [""]
        values = np.array([row.split(",") for row in rows]).reshape(
            len(rows), header.count(",") + 1
        )
        texts = dict(zip(header.split(","), values.T, strict=True))
        if "step" not in texts:
            raise ValueError("it has no steps")
        found = {
            name: np.where(column == "", "nan", column).astype(np.float64)
            for name, column in texts.items()
            if name != "verdict"
        }
    except InputError:  # a link, say; it is a ValueError too
        raise
    except ValueError as error:
        raise StorageError(f"{path} is not as it was written: {error}; put it back.") from error
    if columns and tuple(found) != tuple(columns):
        raise StorageError(f"{path} has other columns than it had: put it back.")
    return found
