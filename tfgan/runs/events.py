"""The events that TensorBoard shows, in its own format.

They are a log like the tables: it can be cut back to any length, and goes on from there, which the
files of TensorFlow's summary writers cannot.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import summary as hparams
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from tfgan.runs.logs import Log

EVENTS = "events.out.tfevents.0.tfgan"
"""TensorBoard finds a run by `tfevents` in the name of a file."""

NUM_BUCKETS = 30
"""Of a histogram: as many as TensorBoard draws."""


class Events(Log):
    """What TensorBoard shows of a run.

    Every method adds to the file and lets readers see it. They raise StorageError where the disk
    refuses.

    Args:
      path: of the file.
    """

    def __init__(self, path: Path):
        super().__init__(path)
        self._records = RecordWriter(self)

    def _begin(self):
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def scalars(
        self, step: int, values: Mapping[str, float], descriptions: Mapping[str, str] | None = None
    ) -> None:
        """Adds one point to each curve.

        Args:
          step: of the points.
          values: by tag.
          descriptions: what a curve means, Markdown by tag. TensorBoard takes that of the first
            point; later ones would only make the file larger.
        """
        descriptions = descriptions or {}
        summary = Summary()
        for tag, value in values.items():
            # The plain form, a `simple_value`, is shown without its description.
            summary.MergeFrom(scalar_pb(tag, value, descriptions.get(tag)))
        self._summary(step, summary)

    def image(self, step: int, tag: str, png: bytes, width: int, height: int) -> None:
        """Adds a picture, encoded as PNG."""
        image = Summary.Image(width=width, height=height, colorspace=3, encoded_image_string=png)
        self._summary(step, Summary(value=[Summary.Value(tag=tag, image=image)]))

    def histograms(self, step: int, tensors: Mapping[str, np.ndarray]) -> None:
        """Adds the distribution of the values of each tensor, by tag."""
        values = [Summary.Value(tag=tag, histo=_histogram(t)) for tag, t in tensors.items()]
        self._summary(step, Summary(value=values))

    def text(self, step: int, tag: str, markdown: str, description: str | None = None) -> None:
        """Adds a text; what it means is told with the first one."""
        self._summary(step, text_pb(tag, markdown, description))

    def session_start(self, hyper_parameters: Mapping[str, Any]) -> None:
        """Adds a row to the tab of hyper-parameters: names with a bool, number, text or list.

        The last points of the run's curves stand beside them. No list of columns is written:
        TensorBoard would believe that of any one run, and show no column that only another has.
        """
        now = time.time()
        self._session(hparams.session_start_pb(dict(hyper_parameters), start_time_secs=now), now)

    def session_end(self, has_succeeded: bool, seconds: float) -> None:
        """Says in the tab of hyper-parameters how the run has ended, and when, since 1970."""
        status = api_pb2.STATUS_SUCCESS if has_succeeded else api_pb2.STATUS_FAILURE
        self._session(hparams.session_end_pb(status, seconds), seconds)

    def _session(self, summary: Any, seconds: float) -> None:
        # The plugin's functions make TensorFlow's messages, while the others make TensorBoard's.
        ours = Summary.FromString(summary.SerializeToString())
        self._write(Event(wall_time=seconds, summary=ours))

    def _summary(self, step: int, summary: Summary) -> None:
        self._write(Event(wall_time=time.time(), step=step, summary=summary))

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
