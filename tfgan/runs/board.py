"""The curves of a run, and its verdict, as TensorBoard shows them.

A run that resumes shows what one that never stopped would show: whatever is remembered from one
point to the next is read back from the tables. Only the time of day, and the speed, are their own.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np

from tfgan.core.interfaces import Model
from tfgan.runs import health
from tfgan.runs.events import Events

SPEED = "speed/steps_per_second"

VERDICT = "verdict"

DESCRIPTIONS = {
    SPEED: "Steps in a second of the clock since the point before, with all that a run does beside "
    "training; the first point after a start includes the tracing of the loop.",
    VERDICT: "How the run stands; told again where that changes.",
}


class Board:
    """Draws the curves of one run.

    Args:
      events: takes them.
      model: of the run; says what its numbers mean.
      measured: names of the numbers of its health.
    """

    def __init__(self, events: Events, model: Model, measured: Sequence[str]):
        self._events, self._model = events, model
        self._tags = {name: f"losses/{name}" for name in model.loss_names}
        self._tags |= {name: f"health/{name}" for name in measured}
        meanings = {**model.descriptions, **health.DESCRIPTIONS}
        for name in model.loss_names:
            mean = f"Mean over the steps since the point before, in {model.loss_unit}."
            meanings[name] = f"{mean} {meanings.get(name, '')}".strip()
        named = {tag: meanings.get(name, "") for name, tag in self._tags.items()}
        self._descriptions = named | DESCRIPTIONS

    def go_on(self, rows: Sequence[Mapping[str, float]], losses: Mapping[str, np.ndarray]) -> None:
        """Goes on behind the rows of health that the run has.

        Args:
          rows: "step" and numbers by name, oldest first.
          losses: of the steps behind the last row, [num_steps] by name.
        """
        self._is_new = not rows
        self._verdict = self._model.verdict(rows) if rows else ""
        self._empty()
        # A table's texts are those of the losses' own dtype: as float64 they are other numbers.
        dtype = self._model.dtype.as_numpy_dtype
        self.add({name: values.astype(dtype) for name, values in losses.items()})

    def start_clock(self, step: int) -> None:
        """Measures the speed from here on, and from this step."""
        self._measured = step, time.monotonic()

    def add(self, losses: Mapping[str, np.ndarray]) -> None:
        """Takes the losses of the next steps, float [num_steps] by name."""
        for name, values in losses.items():
            # One after the other, in float64: the same sum, whichever windows they come in.
            terms = np.concatenate([[self._sums[name]], values], dtype=np.float64)
            self._sums[name] = float(np.add.accumulate(terms)[-1])
            self._counts[name] += len(values)

    def show(self, row: Mapping[str, float], verdict: str) -> None:
        """Adds a point to each curve, and the verdict where it is another one than before.

        Args:
          row: "step", the losses and the health, by name.
          verdict: of the run.

        Raises:
          StorageError: the disk refuses.
        """
        step, now = int(row["step"]), time.monotonic()
        means = {name: self._sums[name] / self._counts[name] for name in self._model.loss_names}
        numbers = {**row, **means}
        points = {tag: numbers[name] for name, tag in self._tags.items() if name in numbers}
        first_step, since = self._measured
        points[SPEED] = (step - first_step) / max(now - since, 1e-9)
        self._events.scalars(step, points, self._descriptions if self._is_new else None)
        if verdict != self._verdict:
            self._events.text(step, VERDICT, verdict, DESCRIPTIONS[VERDICT])
        self._is_new, self._verdict = False, verdict
        self._empty()
        self.start_clock(step)

    def _empty(self) -> None:
        self._sums = dict.fromkeys(self._model.loss_names, 0.0)
        self._counts = dict.fromkeys(self._model.loss_names, 0)
