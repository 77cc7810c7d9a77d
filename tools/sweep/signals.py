"""SIGTERM, Ctrl-C and their like at random moments of a run.

The random times are counted in steps, so that they fall into a run on any machine.
"""

import random
import signal
import time
from collections import Counter
from pathlib import Path

from tfgan.cli import stopping
from tools import zygote
from tools.sweep.runs import LONG, WINDOW, finish, result, rows, same, saved_step, uninterrupted
from tools.sweep.trials import Sweep, need

WAITS = "{}: stopping after the current call; signal again to stop immediately"
STOPPED = "{}: stopped after step {}, which is saved; run the same command to resume."
AT_ONCE = "stopped immediately by {}; what was saved is whole: run the same command again"

OUTSIDE = ("reading data", "building", "making the folder", "restoring")
"""Phases in which there is nothing to finish: a signal ends the run at once."""


class Signals(Sweep):
    """A trial is one signal. A run that comes to its end is compared, and another one begins."""

    title = "signals that ask a run to stop, at random moments"
    promise = "no step lost, none begun after the answer, the same bytes at the end"

    def __init__(self, folder: Path, num_steps: int = 1000):
        super().__init__(folder)
        self._num_steps = num_steps
        self._arguments = [*LONG, f"--num_steps={num_steps}"]
        self._expected = result(uninterrupted(self._arguments, folder))
        self._num_runs, self._last = 0, -1

    @property
    def _run(self) -> Path:
        return self.folder / f"run{self._num_runs}"

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Starts the run until a signal stops it before its end."""
        while not self._is_stopped(draw, outcomes):
            self.finish(outcomes)

    def finish(self, outcomes: Counter) -> None:
        """Runs to the end, and compares."""
        same(result(finish(self._arguments, self._run)), self._expected)
        outcomes["runs compared at their end"] += 1
        self._num_runs, self._last = self._num_runs + 1, -1

    def _is_stopped(self, draw: random.Random, outcomes: Counter) -> bool:
        """Sends a signal; returns whether it came before the last step was saved."""
        number = draw.choice(stopping.SIGNALS)
        name = signal.Signals(number).name
        run, in_the_loop = self._run, draw.random() < 0.8
        phase = "tracing" if in_the_loop else draw.choice(OUTSIDE)
        goal = rows(run) + draw.randrange(6 * WINDOW) if in_the_loop else 0
        command = [*self._arguments, f"--run_dir={run}"]
        child = zygote.Child(command, self.folder / "child", hold=phase)
        child.wait_for(phase, "finishing", "done")
        child.release()
        while child.is_alive() and rows(run) < goal:
            time.sleep(0.001)
        child.send(number)
        before = rows_at_the_answer(child, run)
        status, step = child.wait(), saved_step(run)
        need(step >= self._last, f"went back from step {self._last} to {step}")
        self._last = step
        lines = child.stderr.splitlines()
        if status == 75:
            need(step == rows(run), f"stopped at step {rows(run)}, saved {step}")
            need(lines == [WAITS.format(name), STOPPED.format(name, step)], lines)
            need(step - before in (0, WINDOW), f"answered at step {before}, stopped at {step}")
            seen = f"{name}: stopped {step - before} steps after the answer"
        elif status == 128 + number:
            need(lines == [AT_ONCE.format(name)], lines)
            need(not in_the_loop or step == self._num_steps, f"ended at once in step {step}")
            seen = f"{name}: ended at once, outside of the loop"
        else:
            need(status == 0, f"ended with {status}: {child.stderr}")
            return False
        outcomes[seen] += step < self._num_steps
        return step < self._num_steps


def wait_for_answer(child: zygote.Child) -> None:
    """Waits until a child has said that it will stop, or has ended."""
    while child.is_alive() and not child.stderr:
        time.sleep(0.001)


def rows_at_the_answer(child: zygote.Child, run: Path) -> int:
    """Returns for how many steps there are losses once the child has said that it will stop.

    From then on, what runs may end and nothing may begin: the count does not depend on how long a
    signal takes to arrive.
    """
    wait_for_answer(child)
    with child.frozen():
        return rows(run)
