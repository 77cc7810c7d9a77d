"""Makes the trials of a sweep and keeps their record, from which the same command goes on."""

import concurrent.futures
import dataclasses
import itertools
import json
import os
import platform
import queue
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from tfgan.core import runtime
from tfgan.core.checks import InputError
from tfgan.runs import provenance
from tools.sweep.trials import Broken, Sweep

SECONDS_BETWEEN = 3.0
"""How long a record may lie behind its trials."""

MOST_FAILURES = 20
"""A sweep ends there: one cause has many of them."""


@dataclasses.dataclass
class Record:
    """What a sweep has seen so far.

    Args:
      name: of the sweep.
      seed: trial i is drawn from `random.Random(f"{seed}:{i}")`.
      first: number of the first trial.
      asked: how many trials it is to make; 0: as many as it has time for.
      commit, versions, processor: on what.
      done: trials that were made, failures included.
      outcomes: how often what was seen.
      failures: the trial's number, what went wrong, how to repeat it, what it left.
      seconds: that it took, over all its starts.
      date: of its last trial, in UTC.
    """

    name: str
    seed: int
    first: int
    asked: int
    commit: str | None = dataclasses.field(default_factory=provenance.commit)
    versions: dict[str, str] = dataclasses.field(default_factory=lambda: _versions())
    processor: str = dataclasses.field(default_factory=lambda: _processor())
    done: int = 0
    outcomes: dict[str, int] = dataclasses.field(default_factory=dict)
    failures: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    date: str = ""

    @classmethod
    def read(cls, path: Path) -> "Record":
        """Returns what was written.

        Raises:
          InputError: it is no record.
        """
        try:
            return cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise InputError(f"{path} is not the record of a sweep: {error}") from None

    def write(self, path: Path) -> None:
        """Writes it: all, or nothing."""
        self.date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")
        temporary.rename(path)

    def add(self, number: int, outcomes: Counter, failure: dict[str, Any]) -> None:
        """Adds what came of a trial, or of the end of the last ones."""
        self.outcomes = dict(sorted((Counter(self.outcomes) + outcomes).items()))
        if failure:
            repeat = f"python -m tools.sweep {self.name} --seed={self.seed} --first={number}"
            self.failures.append({"trial": number} | failure | {"repeat": f"{repeat} --count=1"})

    def table(self) -> str:
        """Returns what was seen, for people."""
        asked = f" of {self.asked:,}" if self.asked else ""
        lines = [f"{self.name}: {self.done:,}{asked} trials in {self.seconds:,.0f} s"]
        lines += [f"{count:>10,}  {outcome}" for outcome, count in self.outcomes.items()]
        lines.append(f"{len(self.failures):>10,}  failures")
        lines += [f"trial {f['trial']}: {f['what']}\n  {f['repeat']}" for f in self.failures]
        return "\n".join(lines)

    def row(self, sweep: type[Sweep]) -> str:
        """Returns the row of a README's table that says the same."""
        count = f" --count={self.done}" if self.asked else ""
        command = f"`python -m tools.sweep {self.name}{count}`"
        return f"| {self.done:,} {sweep.title} | {sweep.promise} | {command} |"


def opened(path: Path, name: str, seed: int, first: int, asked: int) -> Record:
    """Returns the record at a path, to go on with, or a new one.

    Raises:
      InputError: there is one of something else.
    """
    new = Record(name, seed, first, asked)
    if not path.exists():
        return new
    record = Record.read(path)
    for field in ("name", "seed", "first", "commit", "versions"):
        old = getattr(record, field)
        if old != getattr(new, field):
            raise InputError(
                f"{path} has {field} {old}, not {getattr(new, field)}; choose another --out."
            )
    record.asked = asked
    return record


def go_on(record: Record, make: Callable[[Path], Sweep], path: Path, seconds: float) -> None:
    """Makes the trials that a record lacks, and writes it as they come.

    Args:
      record: is added to.
      make: makes the sweep, given an empty directory.
      path: of the record. What a failed trial leaves is moved beside it.
      seconds: after which no trial begins.
    """
    started, before, written = time.monotonic(), record.seconds, time.monotonic()
    next_one = record.first + record.done
    numbers = itertools.count(next_one)
    if record.asked:
        numbers = range(next_one, record.first + record.asked)

    def may_begin(_) -> bool:
        is_late = time.monotonic() - started >= seconds
        return not is_late and len(record.failures) < MOST_FAILURES

    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        bench = _Bench(make, record.seed, Path(folder).resolve(), path)
        try:
            for result in bench.results(itertools.takewhile(may_begin, numbers)):
                record.done += 1
                record.add(*result)
                if time.monotonic() - written > SECONDS_BETWEEN:
                    record.seconds = before + time.monotonic() - started
                    record.write(path)
                    written = time.monotonic()
            outcomes, failure = bench.finish()
            record.add(record.first + record.done - 1, outcomes, failure)
        finally:
            record.seconds = round(before + time.monotonic() - started, 1)
            record.write(path)


class _Bench:
    """Sweeps that are ready for a trial, each in a directory of its own."""

    def __init__(self, make: Callable[[Path], Sweep], seed: int, folder: Path, path: Path):
        self._make, self._seed, self._folder, self._path = make, seed, folder, path
        self._names = itertools.count()
        self._idle: queue.SimpleQueue[Sweep] = queue.SimpleQueue()
        self._idle.put(self._new())

    def _new(self) -> Sweep:
        folder = self._folder / str(next(self._names))
        folder.mkdir()
        return self._make(folder)

    def results(self, numbers: Iterable[int]) -> Iterator[tuple[int, Counter, dict]]:
        """Makes trials; yields number, outcomes and failure of each, in the order of numbers."""
        sweep = self._idle.get()
        self._idle.put(sweep)
        if sweep.workers == 1:
            yield from map(self._try, numbers)
            return
        numbers = iter(numbers)
        with concurrent.futures.ThreadPoolExecutor(sweep.workers) as pool:
            ahead = itertools.islice(numbers, 2 * sweep.workers)
            running = deque(pool.submit(self._try, n) for n in ahead)
            while running:
                yield running.popleft().result()
                running += [pool.submit(self._try, n) for n in itertools.islice(numbers, 1)]

    def _try(self, number: int) -> tuple[int, Counter, dict]:
        try:
            sweep = self._idle.get_nowait()
        except queue.Empty:
            sweep = self._new()
        draw = random.Random(f"{self._seed}:{number}")
        return number, *self._do(sweep, lambda counts: sweep.trial(draw, counts), number)

    def finish(self) -> tuple[Counter, dict]:
        """Finishes all sweeps; returns outcomes, and a failure if there was one."""
        whole, failed = Counter(), {}
        for _ in range(self._idle.qsize()):
            sweep = self._idle.get()
            outcomes, failure = self._do(sweep, sweep.finish, "end")
            whole, failed = whole + outcomes, failed or failure
        return whole, failed

    def _do(self, sweep: Sweep, action: Callable[[Counter], None], name) -> tuple[Counter, dict]:
        """Returns outcomes and failure. After a failure there is another sweep in its place."""
        outcomes: Counter = Counter()
        try:
            action(outcomes)
        except Exception as error:
            left = self._path.with_name(f"{self._path.name}.{name}")
            shutil.rmtree(left, ignore_errors=True)
            shutil.move(sweep.folder, left)
            is_known = isinstance(error, Broken)
            what = str(error) if is_known else traceback.format_exc()
            return outcomes, {"what": what, "left": str(left)}
        self._idle.put(sweep)
        return outcomes, {}


def _versions() -> dict[str, str]:
    return runtime.versions() | {"tensorflow": tf.__version__}


def _processor() -> str:
    """Returns the name of the processor."""
    with open("/proc/cpuinfo") as lines:
        names = [line.partition(": ")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()
