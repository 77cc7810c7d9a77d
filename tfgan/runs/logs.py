"""Logs that only grow: comma-separated tables, and the events that TensorBoard shows.

A checkpoint records how long each log was, and a run that resumes cuts each back to that length. So
each step stands in a log exactly once, however often the run was stopped.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from tfgan.core import files
from tfgan.core.checks import InputError, StorageError

EVENTS = "events.out.tfevents.0.tfgan"
"""TensorBoard finds a run by `tfevents` in the name of a file."""

NUM_BUCKETS = 30
"""Of a histogram: as many as TensorBoard draws."""


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
        self.append([self._columns])

    def append(self, rows: Iterable[Sequence]) -> None:
        """Appends rows. A float32 is written as the shortest text that reads back as its bits."""
        self.write("".join(",".join(map(str, row)) + "\n" for row in rows).encode())
        self.flush()


def read_table(path: Path) -> dict[str, np.ndarray]:
    """Returns the columns of a table by name, float64 [rows] each; texts are left out.

    Raises:
      StorageError: it is no table any more.
    """
    try:
        with files.disk_errors(path):
            header, *rows = files.read(path).decode().splitlines()
        values = np.array([row.split(",") for row in rows]).reshape(
            len(rows), header.count(",") + 1
        )
        columns = dict(zip(header.split(","), values.T, strict=True))
        if "step" not in columns:
            raise ValueError("it has no steps")
        return {n: v.astype(np.float64) for n, v in columns.items() if n != "verdict"}
    except InputError:  # a link, say; it is a ValueError too
        raise
    except ValueError as error:
        raise StorageError(f"{path} is not as it was written: {error}; put it back.") from error


class Events(Log):
    """What TensorBoard shows of a run.

    Args:
      path: of the file.
    """

    def __init__(self, path: Path):
        super().__init__(path)
        self._records = RecordWriter(self)

    def _begin(self):
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Adds one point to each curve."""
        self._summary(
            step, [Summary.Value(tag=tag, simple_value=float(v)) for tag, v in values.items()]
        )

    def image(self, step: int, tag: str, png: bytes, width: int, height: int) -> None:
        """Adds a picture, encoded as PNG."""
        image = Summary.Image(width=width, height=height, colorspace=3, encoded_image_string=png)
        self._summary(step, [Summary.Value(tag=tag, image=image)])

    def histograms(self, step: int, tensors: Mapping[str, np.ndarray]) -> None:
        """Adds the distribution of the values of each tensor."""
        self._summary(
            step, [Summary.Value(tag=tag, histo=_histogram(t)) for tag, t in tensors.items()]
        )

    def text(self, tag: str, markdown: str) -> None:
        """Adds a text."""
        self._write(Event(wall_time=time.time(), summary=text_pb(tag, markdown)))

    def _summary(self, step: int, values: list) -> None:
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def _write(self, event: Event) -> None:
        self._records.write(event.SerializeToString())
        self.flush()


def _histogram(tensor: np.ndarray) -> HistogramProto:
    # float32 would leave its range on the way to the buckets.
    values = np.asarray(tensor, np.float64).ravel()
    low, high = values.min(), values.max()
    width = (high - low) / NUM_BUCKETS or 1.0
    # By their equal width: half the time of np.histogram, which training has to wait for.
    buckets = np.minimum(((values - low) / width).astype(np.int32), NUM_BUCKETS - 1)
    return HistogramProto(
        min=low,
        max=high,
        num=values.size,
        sum=values.sum(),
        sum_squares=np.square(values).sum(),
        bucket_limit=low + width * np.arange(1, NUM_BUCKETS + 1),
        bucket=np.bincount(buckets, minlength=NUM_BUCKETS),
    )
