"""Tries damaged and malicious runs, exports, pictures, data sets and flag files, and watches.

    python -m tools.fuzz --mutants=10000 --seed=0      about ten minutes on two cores
    python -m tools.fuzz --minutes=60 --out=fuzzed     as many as an hour allows; the same goes on
    python -m tools.fuzz --only=sample_run:17          one mutant again

A mutant is a function of (seed, target, number). It ends well if it is accepted or refused with one
line, within 10 seconds and a gigabyte, and if the process that read it opened nothing that the
mutant does not hold, wrote nothing elsewhere, reached for no network and started no process.
Prints a table of targets and outcomes; exit status 1 if there was a fault.
"""

import concurrent.futures
import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan.cli import flags
from tfgan.core.checks import InputError
from tools import syscalls
from tools.fuzz import targets, watch

EXTRA = {
    "mutants": flags.Flag(int, 10_000, "How many mutants, of all targets."),
    "seed": flags.Flag(int, 0, "Of the mutants."),
    "minutes": flags.Flag(float, 0.0, "End after so many minutes instead; 0: by --mutants."),
    "out": flags.Flag(str, "", "Keeps the results, so that the same command goes on. Empty: none."),
    "only": flags.Flag(str, "", "TARGET:NUMBER, to try one mutant alone."),
}

BATCH = 50
"""Mutants whose results are written at once."""

STUCK_SECONDS = 30.0
"""After these a worker that does not give up by itself is killed."""

WORKERS = 2
OUTCOMES = ("accepted", "refused", "fault")


class Result(NamedTuple):
    """What became of one mutant.

    Args:
      target, number: of the mutant.
      mutation: what is wrong with it.
      outcome: one of OUTCOMES.
      detail: the line of a refusal, or the fault.
    """

    target: str
    number: int
    mutation: str
    outcome: str
    detail: str


class Worker:
    """A process that tries mutants, started anew after one that killed it.

    Args:
      own: directory for it alone.
      originals: what mutants are copies of.
      seed: of the mutants.
      extra: module with further targets.
    """

    def __init__(self, own: Path, originals: Path, seed: int, extra: str = ""):
        self.own = own
        self._arguments = [str(own), str(originals), str(seed), extra]
        self._originals, self._starts = originals, 0
        self._process: subprocess.Popen | None = None

    def try_all(self, mutants: Sequence[tuple[str, int]]) -> list[Result]:
        """Tries some mutants, one after the other."""
        results = {}
        for target, number in mutants:
            answer = self._try(target, number)
            results[f"{target}:{number}"] = Result(target, number, **answer)
            self._look(results)
        return list(results.values())

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._kill()
            self._watch.close()

    def _try(self, target: str, number: int) -> dict[str, str]:
        if self._process is None:
            self._start()
        assert self._process is not None
        with contextlib.suppress(BrokenPipeError):  # what follows finds that nothing answers
            self._process.stdin.write(f"{target} {number}\n")
            self._process.stdin.flush()
        made = {"mutation": "it cannot be made"}
        while answer := self._answer(STUCK_SECONDS):  # that it is made, then what became of it
            made |= answer
            if "outcome" in made:
                return made
        status = self._kill()
        how = f"dies with {status}" if status is not None else "hangs, and is killed"
        said = (self.own / "stderr").read_text(errors="replace").splitlines()
        fatal = [line for line in said if re.match(r"F\d{4} ", line)]  # as TensorFlow ends itself
        detail = f"{how}: {(fatal or said or [''])[-1][:300]}"
        return made | {"outcome": "fault", "detail": detail}

    def _look(self, results: dict[str, Result]) -> None:
        """Makes faults of what strace has seen."""
        found: dict[str, list[str]] = {}
        for mutant, fault in self._watch.faults():
            found.setdefault(mutant, []).append(fault)
        for mutant in found.keys() & results.keys():
            detail = "; ".join([*dict.fromkeys(found[mutant]), results[mutant].detail])[:600]
            results[mutant] = results[mutant]._replace(outcome="fault", detail=detail)

    def _start(self) -> None:
        (self.own / "tmp").mkdir(parents=True, exist_ok=True)
        record = self.own / f"record.{self._starts}"
        if self._starts:
            self._watch.close()
            self.own.joinpath(f"record.{self._starts - 1}").unlink()
        self._starts += 1
        record.touch()
        words = [sys.executable, "-m", "tools.fuzz.worker", *self._arguments]
        home = {name: str(self.own) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
        home |= {"TMPDIR": str(self.own / "tmp"), "PYTHONPATH": str(watch.ROOT)}
        home |= {"PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
        with open(self.own / "stderr", "w") as stderr:
            self._process = subprocess.Popen(
                watch.command(record, words),
                **dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True),
                **dict(cwd=self.own, env={**os.environ, **home}),
            )
        self._lines: queue.Queue[str] = queue.Queue()
        pump = threading.Thread(target=_pump, args=(self._process.stdout, self._lines), daemon=True)
        pump.start()
        self._watch = watch.Watch(record, self.own, [self._originals], self.own / "outside")
        answer = self._answer(120.0)
        if not answer:
            said = (self.own / "stderr").read_text(errors="replace")
            raise RuntimeError(f"the worker does not start: {said[-2000:]}")
        self._pid = answer["pid"]

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        """Returns the worker's next answer; None if it dies, or is silent for too long."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        return json.loads(line) if line else None

    def _kill(self) -> int | None:
        """Ends the process; returns the status it had ended with by itself, if it had."""
        process, self._process = self._process, None
        try:
            return process.wait(2.0)
        except subprocess.TimeoutExpired:
            os.kill(self._pid, signal.SIGKILL)
            process.wait()
            return None
        finally:
            process.stdin.close()


def _pump(stream, lines: queue.Queue) -> None:
    """Passes on the lines of a process, and "" at its end."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")


def plan(first: int, count: int) -> list[tuple[str, int]]:
    """Returns (target, number) of the mutants `first` and on, of all targets in turn."""
    order = [name for name, (_, share) in targets.TARGETS.items() for _ in range(share)]
    order = order[::3] + order[1::3] + order[2::3]  # so that every batch has a bit of each
    turns = ((i, order[i % len(order)]) for i in range(first, first + count))
    return [
        (name, i // len(order) * order.count(name) + order[: i % len(order)].count(name))
        for i, name in turns
    ]


def fuzz(out: Path, mutants: int, seed: int, minutes: float = 0.0) -> list[Result]:
    """Tries mutants, but for those whose results are in `out` already; returns all results.

    Args:
      out: directory for all of it.
      mutants: how many.
      seed: of the mutants.
      minutes: ends after these, however many there were; 0: after `mutants`.
    """
    originals, kept = make_originals(out), out / f"results-{seed}.jsonl"
    done, lock = dict(_read(kept)), threading.Lock()
    end, mutants = time.monotonic() + 60 * minutes, 10**12 if minutes else mutants
    parts = ((first, min(BATCH, mutants - first)) for first in range(0, mutants, BATCH))
    missing = ((first, size) for first, size in parts if len(done.get(first, ())) < size)

    def work(i: int) -> None:
        with contextlib.closing(Worker(out / str(i), originals, seed)) as worker:
            while not minutes or time.monotonic() < end:
                with lock:
                    first, size = next(missing, (0, 0))
                if not size:
                    return
                results = worker.try_all(plan(first, size))
                with lock:
                    done[first] = results
                    with open(kept, "a") as file:
                        file.write(json.dumps([first, results]) + "\n")
                    _tell(results)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    return [result for results in done.values() for result in results]


def make_originals(out: Path) -> Path:
    """Makes what mutants are copies of, if it is not there; returns its directory."""
    path = out / "originals"
    if not path.exists():
        command = [sys.executable, "-m", "tools.fuzz.originals", str(path)]
        done = subprocess.run(command, cwd=watch.ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the originals cannot be made: {done.stderr[-2000:]}")
    return path


def table(results: Sequence[Result]) -> str:
    """Returns how many mutants of each target had which outcome."""
    counts = Counter((result.target, result.outcome) for result in results)
    names = [name for name in targets.TARGETS if any(counts[name, o] for o in OUTCOMES)]
    rows = [(name, *(counts[name, outcome] for outcome in OUTCOMES)) for name in names]
    rows.append(("all", *(sum(row[i] for row in rows) for i in (1, 2, 3))))
    line = "{:<14}" + "{:>10}" * 4
    head = line.format("target", "mutants", *OUTCOMES)
    return "\n".join([head, *(line.format(row[0], sum(row[1:]), *row[1:]) for row in rows)])


def _tell(results: Sequence[Result]) -> None:
    for result in results:
        if result.outcome == "fault":
            print(
                f"{result.target}:{result.number} [{result.mutation}] {result.detail}", flush=True
            )


def _read(path: Path) -> Iterator[tuple[int, list[Result]]]:
    """Yields the first number and the results of each batch that was written whole."""
    for line in path.read_text().splitlines(keepends=True) if path.exists() else ():
        if line.endswith("\n"):
            first, results = json.loads(line)
            yield first, [Result(*result) for result in results]


def main(mutants: int, seed: int, minutes: float, out: str, only: str) -> int:
    """Tries the mutants and prints the table; returns the exit status."""
    if not syscalls.is_there():
        raise InputError("strace is not installed: apt-get install strace")
    if mutants < 1 or minutes < 0:
        raise InputError("--mutants must be at least 1, and --minutes at least 0.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(out or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if only:
            name, _, number = only.partition(":")
            if name not in targets.TARGETS or not number.isdecimal():
                raise InputError(
                    f"--only={only}: write TARGET:NUMBER, of {', '.join(targets.TARGETS)}."
                )
            originals = make_originals(folder)
            with contextlib.closing(Worker(folder / "only", originals, seed)) as worker:
                results = worker.try_all([(name, int(number))])
            print(*results, sep="\n")
        else:
            results = fuzz(folder, mutants, seed, minutes)
    print(table(results))
    return int(any(result.outcome == "fault" for result in results))


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
