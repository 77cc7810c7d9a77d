"""Stops one command behind each call that touches its files, and lets another one run meanwhile.

    python -m tools.interleavings                                every point of every pair
    python -m tools.interleavings --pair=train,train --sample=40

The first command of a pair is recorded with strace. Then, for each of its calls below the world
that both share, also those that only look, it is started anew and stopped (SIGSTOP) behind that
call; the second one runs to its end; the first one goes on. Each has to finish, or to end with one
line and status 2 or 74; what the second one had finished the first one must leave as it is; and
both commands, run again one after the other, have to end with the bytes of an undisturbed world.
Prints how the pairs ended; exit status 1 if one point failed.
"""

import concurrent.futures
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tfgan.cli import flags
from tfgan.core import checks
from tfgan.core.checks import InputError
from tools import crash_points, syscalls, zygote
from tools.syscalls import Call

COMMANDS: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "train": ("train", lambda world: [*crash_points.RUN, f"--run_dir={world}/run"]),
    "export": (
        "export",
        lambda world: [f"--run_dir={world}/run", f"--export_dir={world}/exports"],
    ),
    "sample": (
        "sample",
        lambda world: [f"--run_dir={world}/run", f"--out={world}/grid.png", "--seeds=0-3"],
    ),
    "sample_export": (
        "sample",
        lambda world: [f"--export={world}/exports", f"--out={world}/grid.png", "--seeds=0-3"],
    ),
}
"""Module and command line of each, in a world."""

PAIRS = {
    "train,train": (),
    "train,export": (),
    "train,sample": (),
    "export,export": ("train",),
    "export,train": ("train",),
    "export,sample_export": ("train",),
}
"""What runs undisturbed before two commands meet."""

ENDS = {
    (False, False): "both finished",
    (True, False): "first refused",
    (False, True): "second refused",
    (True, True): "both refused",
}
"""What two commands can come to, by whether each one was refused."""

NAMES = (*syscalls.NAMES, *syscalls.LOOKS)

EXTRA = {
    "pair": flags.Flag(str, "", "One of the pairs; empty: all of them."),
    "sample": flags.Flag(int, 0, "How many points of each; 0: all of them."),
}


class Ended(NamedTuple):
    """How two commands ended: their exit statuses, and what went wrong."""

    first: int
    second: int
    is_missed: bool
    """Whether strace stopped the first one elsewhere, OFFSETS times: TensorFlow's threads vary."""
    problem: str = ""


class Meeting:
    """A pair of commands that meet in a world.

    Args:
      folder: for all worlds.
      pair: a key of PAIRS.
    """

    def __init__(self, folder: Path, pair: str):
        self._folder = folder
        self._first, self._second = pair.split(",")
        self._before = folder / "before"
        self._before.mkdir(parents=True)
        for command in PAIRS[pair]:
            _finish(command, self._before)
        recorded = self._world("recorded")
        child = _child(self._first, recorded, hold="starting")
        with syscalls.traced(child, folder / "record.strace", names=NAMES):
            if child.wait():
                raise RuntimeError(f"{self._first} alone ends with an error: {child.stderr}")
        self.points = syscalls.touches(folder / "record.strace", child.pid, recorded)
        """The calls of the first command in the world, in order."""
        undisturbed = self._world("undisturbed")
        _finish(self._first, undisturbed)
        _finish(self._second, undisturbed)
        self._right = _result(undisturbed)

    def meet(self, number: int) -> Ended:
        """Stops the first command behind one of its calls, and lets the second one run."""
        call = self.points[number]
        for attempt, offset in enumerate(crash_points.OFFSETS):
            world = self._world(f"{number:04d}-{attempt}")
            ended = self._meet(world, call, max(1, call.nth + offset))
            if ended.problem:
                return ended
            shutil.rmtree(world)
            for path in self._folder.glob(f"{world.name}.*"):
                path.unlink()
            if not ended.is_missed:
                break
        return ended

    def _meet(self, world: Path, call: Call, nth: int) -> Ended:
        record = world.with_name(f"{world.name}.strace")
        first = _child(self._first, world, hold="starting")
        inject = f"{call.name}:signal=STOP:when={nth}"
        with syscalls.traced(first, record, inject, NAMES):
            at = None
            while first.is_alive() and not at:
                at = syscalls.stopped_at(record, first.pid, world)
                time.sleep(0.001)
            second = _child(self._second, world, ".second")
            second_status, done = second.wait(), _result(world)
            first.send(signal.SIGCONT)
            first_status = first.wait()
        ended = Ended(first_status, second_status, not at or at.text != call.text)
        for status, child in ((first_status, first), (second_status, second)):
            lines = child.stderr.splitlines()
            is_well = status == 0 and not lines or status in (2, 74) and len(lines) == 1
            if not is_well:
                return ended._replace(problem=f"ended with {status}: {child.stderr}")
        if second_status == 0 and self._second == "train":
            finished = {name: data for name, data in done.items() if name.startswith("run/")}
            if odd := _differing(finished, _result(world)):
                return ended._replace(problem=f"what was finished has changed: {odd}")
        for command in (self._first, self._second):
            again = _child(command, world, ".again")
            if again.wait():
                return ended._replace(problem=f"{command} again: {again.stderr}")
        if odd := _differing(self._right, _result(world)):
            return ended._replace(problem=f"these files differ in the end: {odd}")
        return ended

    def _world(self, name: str) -> Path:
        return Path(shutil.copytree(self._before, self._folder / name))


def _child(command: str, world: Path, ending: str = "", hold: str = "") -> zygote.Child:
    module, arguments = COMMANDS[command]
    output = world.with_name(f"{world.name}{ending}.said")
    return zygote.Child(arguments(world), output, hold, module)


def _finish(command: str, world: Path) -> None:
    child = _child(command, world)
    if child.wait():
        raise RuntimeError(f"{command} ends with an error: {child.stderr}")


def _result(world: Path) -> dict[str, bytes]:
    """Returns the files of a world that are the same each time, by path."""
    found = {f"run/{name}": data for name, data in crash_points.read(world / "run").items()}
    if (world / "grid.png").exists():
        found["grid.png"] = (world / "grid.png").read_bytes()
    for path in (world / "exports").rglob("*"):  # in an order of TensorFlow's, not always the same
        if path.is_file():
            found[str(path.relative_to(world))] = b""
    return found


def _differing(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """Returns what is not there as expected; an export in between may leave versions of its own."""
    return sorted(name for name, data in expected.items() if found.get(name) != data)


def try_all(meeting: Meeting, numbers: Sequence[int]) -> list[Ended]:
    """Returns how the two commands ended at some points; says where one failed."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(meeting.meet, numbers))
    for number, ended in zip(numbers, results, strict=True):
        if ended.problem:
            print(f"behind {meeting.points[number].text}): {ended.problem}", flush=True)
    return results


def choose(number: int, sample: int) -> list[int]:
    """Returns the numbers of some points, evenly spread; all of them if `sample` is 0."""
    sample = min(sample or number, number)
    return [i * number // sample for i in range(sample)]


def table(results: dict[str, list[Ended]]) -> str:
    """Returns how often the commands of each pair ended how."""
    line = "{:<22} {:>6} {:>14} {:>14} {:>14} {:>14} {:>6} {:>6}"
    rows = [line.format("pair", "points", *ENDS.values(), "missed", "failed")]
    for pair, ended in results.items():
        counts = Counter((e.first != 0, e.second != 0) for e in ended if not e.problem)
        odd = (sum(e.is_missed for e in ended), sum(bool(e.problem) for e in ended))
        rows.append(line.format(pair, len(ended), *(counts[key] for key in ENDS), *odd))
    return "\n".join(rows)


def main(pair: str, sample: int) -> int:
    """Tries the points and prints the table; returns the exit status."""
    if sample < 0:
        raise InputError(f"--sample must be at least 0, got {sample}.")
    if not syscalls.is_there():
        raise InputError("strace is not installed: apt-get install strace")
    results = {}
    for name in [checks.one_of("pair", pair, PAIRS)] if pair else PAIRS:
        with tempfile.TemporaryDirectory() as temporary:
            meeting = Meeting(Path(temporary).resolve() / "worlds", name)
            numbers = choose(len(meeting.points), sample)
            print(f"{name}: {len(numbers)} of {len(meeting.points)} points", flush=True)
            results[name] = try_all(meeting, numbers)
    print(table(results))
    return 1 if any(ended.problem for all_ in results.values() for ended in all_) else 0


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
