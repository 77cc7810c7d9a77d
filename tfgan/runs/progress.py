"""What a run says while it trains: a bar on a terminal; else a plain line now and then."""

import sys
import time
from collections.abc import Mapping

import numpy as np
import tqdm

from tfgan.core.interfaces import Model
from tfgan.runs.health import BY_CLASS, DISTANCES

FIRST_SECONDS, SECONDS = 5.0, 60.0
"""After which the first line comes, and every further one, if there was none meanwhile."""


class Progress:
    """Shows how far a run is, how fast, and how it stands.

    Args:
      num_steps: where it ends.
      step: where it starts.
      model: says what is worth showing.
      is_shown: False: it says nothing.
    """

    def __init__(self, num_steps: int, step: int, model: Model, is_shown: bool = True):
        self._num_steps, self._model, self._is_shown = num_steps, model, is_shown
        self._started, self._first_step = time.monotonic(), step
        self._next = self._started + FIRST_SECONDS
        self._bar = None
        if is_shown and sys.stderr.isatty():
            self._bar = tqdm.tqdm(total=num_steps, initial=step, unit="step", dynamic_ncols=True)

    def show(
        self, step: int, losses: Mapping[str, np.ndarray], row: Mapping[str, float], verdict: str
    ) -> None:
        """Shows the last of some losses, [num_steps] each, and the run's health, if measured."""
        if not self._is_shown:
            return
        last = {name: float(values[-1]) for name, values in losses.items()}
        last |= self._model.derived(last)
        text = " ".join(f"{name} {value:.4f}" for name, value in last.items())
        health = ""
        if verdict:
            shown = {**self._model.headline, **{name: name for name in DISTANCES[:2]}}
            shown |= {name: "by class" for name in BY_CLASS[:1] if name in row}
            numbers = " ".join(f"{label} {row[name]:.2f}" for name, label in shown.items())
            health = f"{numbers} | {verdict}"
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)
            self._bar.update(step - self._bar.n)
            if health:
                self._bar.write(f"step {step} {health}")
        elif health or step == self._num_steps or time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS
            rate = (step - self._first_step) / (time.monotonic() - self._started)
            left = (self._num_steps - step) / rate
            print(
                f"step {step}/{self._num_steps} {text} {rate:.1f} steps/s "
                f"ETA {int(left // 60)}:{int(left % 60):02d}{health and f' | {health}'}",
                flush=True,
            )

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()
