"""Workers side by side: each engine takes a turn in every round, so all see the same machine."""

import contextlib
import dataclasses
import json
import math
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from tools.benchmark.engines import PEAK, Engine

ROOT = Path(__file__).parents[2]
NOT_INSTALLED = "not installed (pip install -e '.[bench]')"
TIMEOUT_SECONDS = 900.0
"""A worker that does not answer for this long is given up: compiling takes a minute or two."""

PEAK_FLOPS = 2 * 3072**3


class WorkerError(Exception):
    """A worker died or does not answer; the message is the last line that it wrote on stderr."""


@dataclasses.dataclass
class Turn:
    """What one engine did in one round."""

    iterations: int
    seconds: float
    processor_seconds: float
    losses: list[float]
    peak_bytes: int = 0
    """Most memory that the process has had, without those of a DataLoader."""

    @property
    def microseconds(self) -> float:
        """Wall time of one iteration."""
        return self.seconds / self.iterations * 1e6


@dataclasses.dataclass
class Result:
    """One engine on one workload: its turns, or why there are none."""

    reason: str = ""  # not empty: there is no figure
    failed: bool = False
    turns: list[Turn] = dataclasses.field(default_factory=list)

    @property
    def microseconds(self) -> float | None:
        """Median over the rounds, for one iteration."""
        return None if self.reason else median(turn.microseconds for turn in self.turns)

    @property
    def peak_megabytes(self) -> float:
        """Most memory that its process has had, without those of a DataLoader."""
        return max((turn.peak_bytes for turn in self.turns), default=0) / 1e6


@dataclasses.dataclass
class Outcome:
    """A race: the engines by name, and the matrix products that ran among them."""

    results: dict[str, Result] = dataclasses.field(default_factory=dict)
    peak: Result = dataclasses.field(default_factory=Result)

    @property
    def peak_flops(self) -> float | None:
        """Operations a second in the best turn of the matrix products."""
        best = min((turn.microseconds for turn in self.peak.turns), default=None)
        return PEAK_FLOPS / best * 1e6 if best else None


class Worker:
    """A process with one engine.

    Args:
      engine: what it builds.
      name: of the workload.
      num_threads: cores that it may use.

    Raises:
      WorkerError: it dies while it builds.
    """

    def __init__(self, engine: Engine, name: str, num_threads: int):
        self._stderr = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 (close() does)
        self._scratch = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.benchmark.worker", engine.factory, name]
            + [str(num_threads), json.dumps(engine.options)],
            cwd=engine.checkout or ROOT,  # where Python looks first
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            | {"TF_CPP_MIN_LOG_LEVEL": "2", "OMP_NUM_THREADS": str(num_threads)}
            | {"TMPDIR": self._scratch.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        try:
            ready = self._answer()
        except BaseException:
            self.close()
            raise
        self.versions, self._multiple = ready["versions"], ready["multiple"]
        self._iterations = self._multiple

    def warm_up(self, seconds: float) -> None:
        """Runs until an iteration is as fast as it gets, and chooses how many make a turn.

        Raises:
          WorkerError: it dies.
        """
        self.turn()  # traces and compiles
        while (turn := self.turn()).seconds < seconds / 4:
            self._iterations *= min(8, max(2, int(seconds / 2 / turn.seconds)))
        wanted = turn.iterations * seconds / turn.seconds / self._multiple
        self._iterations = self._multiple * max(1, round(wanted))

    def turn(self) -> Turn:
        """Runs one turn.

        Raises:
          WorkerError: it dies.
        """
        with contextlib.suppress(BrokenPipeError):  # what it died of is found below
            print(self._iterations, file=self._process.stdin, flush=True)
        answer = self._answer()
        if not all(map(math.isfinite, answer["losses"])):
            raise WorkerError(f"the losses are not finite: {answer['losses']}")
        return Turn(self._iterations, **answer)

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()
        self._stderr.close()
        self._scratch.cleanup()

    def _answer(self) -> dict:
        readable, _, _ = select.select([self._process.stdout], [], [], TIMEOUT_SECONDS)
        if not readable:
            raise WorkerError(f"no answer for {TIMEOUT_SECONDS:.0f} seconds")
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(self._last_words())
        return json.loads(line)

    def _last_words(self) -> str:
        status = self._process.wait()
        self._stderr.seek(0)
        lines = [line.strip() for line in self._stderr if line.strip()]
        return lines[-1] if lines else f"exit status {status}"


class Race:
    """Rounds of turns over one workload.

    Args:
      num_threads: cores that an engine may use. No two engines run at once.
      rounds: turns of each engine.
      seconds_per_turn: about how long a turn lasts.
      report: takes one line of progress.
    """

    def __init__(
        self,
        *,
        num_threads: int,
        rounds: int,
        seconds_per_turn: float,
        report: Callable[[str], None],
    ):
        self._num_threads = num_threads
        self._rounds, self._seconds_per_turn = rounds, seconds_per_turn
        self._report = report
        self.versions: dict[str, str] = {}

    def run(self, name: str, dtype: str, engines: Mapping[str, Engine], named: bool) -> "Outcome":
        """Lets engines train one workload in turns.

        Args:
          name: of the workload.
          dtype: of its arithmetic.
          engines: by name.
          named: the user named these engines: run also those left out by default.
        """
        outcome = Outcome()
        with contextlib.ExitStack() as stack:

            def start(result: Result, engine: Engine, workload: str) -> Worker | None:
                with _giving_up(result):
                    worker = Worker(engine, workload, self._num_threads)
                    stack.callback(worker.close)
                    worker.warm_up(self._seconds_per_turn)
                    self.versions |= worker.versions
                    return worker

            racers = [(outcome.peak, start(outcome.peak, PEAK, dtype))]
            for engine_name, engine in engines.items():
                result = outcome.results[engine_name] = Result(_no_figure(engine, name, named))
                if not result.reason:
                    self._report(f"{name}: {engine_name} starts")
                    racers.append((result, start(result, engine, name)))
            for i in range(self._rounds):
                self._report(f"{name}: round {i + 1} of {self._rounds}")
                for result, worker in racers:
                    if not result.reason:
                        with _giving_up(result):
                            result.turns.append(worker.turn())
        return outcome


@contextlib.contextmanager
def _giving_up(result: Result):
    """Turns the death of a worker into a result; the others continue."""
    try:
        yield
    except WorkerError as error:
        result.reason, result.failed = f"failed: {error}", True


def _no_figure(engine: Engine, name: str, named: bool) -> str:
    """Returns why an engine does not run a workload; empty: it does."""
    if not engine.installed:
        return NOT_INSTALLED
    return engine.reasons.get(name, "") or ("" if named else engine.slow.get(name, ""))
