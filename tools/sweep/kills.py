"""`kill -9` at random moments, in every phase of a run."""

import random
import signal
import time
from collections import Counter
from pathlib import Path

from tools import zygote
from tools.sweep.runs import LONG, finish, same, saved_step, uninterrupted
from tools.sweep.trials import Sweep, need

AIMS = ("starting", "building", "making the folder", "tracing", "training", "drawing", "saving")


class Kills(Sweep):
    """A trial is one kill. A run that comes to its end is compared, and another one begins."""

    title = "`kill -9` at random moments, in every phase of a run"
    promise = "every checkpoint whole, the same bytes at the end"

    def __init__(self, folder: Path, num_steps: int = 1000):
        super().__init__(folder)
        self._arguments = [*LONG, f"--num_steps={num_steps}"]
        self._expected = uninterrupted(self._arguments, folder)
        self._num_runs = 0

    @property
    def _run(self) -> Path:
        return self.folder / f"run{self._num_runs}"

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Starts the run until a kill meets it, and looks at what is left."""
        while True:
            # Held at the beginning of a phase, so that each one is met however fast the machine is;
            # and killed there, or at a random moment from there on.
            aim = draw.choice(AIMS)
            command = [*self._arguments, f"--run_dir={self._run}"]
            child = zygote.Child(command, self.folder / "child", hold=aim)
            child.wait_for(aim, "finishing", "done")
            if draw.random() < 0.75:
                child.release()
                time.sleep(draw.choice([0.01, 0.1, 0.5]) * draw.random())
            with child.frozen():
                phase = child.phase
                child.send(signal.SIGKILL)
            status = child.wait()
            need(status in (-signal.SIGKILL, 0), f"ended with {status}: {child.stderr}")
            need(not child.stderr, child.stderr)
            saved_step(self._run)
            if status:
                outcomes[f"killed while {phase}"] += 1
                return
            self.finish(outcomes)

    def finish(self, outcomes: Counter) -> None:
        """Runs to the end, and compares."""
        same(finish(self._arguments, self._run), self._expected)
        outcomes["runs compared at their end"] += 1
        self._num_runs += 1
