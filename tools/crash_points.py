"""Stops a run at every change that it makes to the disk, in every way, and lets it go on.

    python -m tools.crash_points              every point: about nine minutes on two cores
    python -m tools.crash_points --sample=80  a sample with something of every kind

A tiny run is recorded with strace. Then, for each of its calls that change the run's folder, a new
run is killed (kill -9) as it enters that call, another one gets ENOSPC as the call's answer, and
another one EIO. Each time the same command is run again: it has to go on from the checkpoint that
was the newest one at that call, and to end with the bytes of the run that nothing befell. A run
that got an error has to end with one line and status 74, or to be done, with the right bytes.

The recorded order of the calls is looked at too: what counts is flushed to the disk before.
Prints a table; exit status 1 if one point failed.
"""

import concurrent.futures
import itertools
import os
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tfgan.cli import flags
from tfgan.core.checks import InputError
from tools import syscalls, zygote
from tools.syscalls import Call

RUN = (
    *("--data=ring", "--network=mlp", "--latent_size=4", "--hidden_size=8", "--hidden_layers=1"),
    *("--batch_size=8", "--num_samples=4", "--num_steps=4", "--keep_checkpoints=1"),
    *("--checkpoint_every_steps=2", "--log_every_steps=2", "--sample_every_steps=2"),
)
KILL = "kill -9"
WAYS = {KILL: "signal=KILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
VARY = {"run.json", "events.out.tfevents.0.tfgan"}
"""Files of a run that hold the time of day."""

EXTRA = {
    "sample": flags.Flag(int, 0, "How many points; 0: all of them."),
    "folder": flags.Flag(str, "", "Where to work; what failed is left there. Empty: nothing is."),
}

OFFSETS = (0, -1, 1) * 3
"""A point is tried until strace meets it, with what is added to the number of its call."""


_PATH = re.compile(r'[<"](RUN[^">]*)[">]')
_CHECKPOINT = re.compile(r"RUN/checkpoints/(\d{10})")


class Point(NamedTuple):
    """A call, and what has happened to it.

    Args:
      call: of the recorded run.
      phase: what the run does then.
      step: of the newest checkpoint when the call is entered; -1: there is none.
      is_new: that checkpoint belongs to the save that goes on.
      way: one of WAYS.
    """

    call: Call
    phase: str
    step: int
    is_new: bool
    way: str


class Trial:
    """A recorded run, and others like it that are stopped at one point each.

    Args:
      folder: for all of them.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._reference = folder / "record"  # as long as the others: it is part of a message
        child = zygote.Child(self._command(self._reference), self._reference, hold="starting")
        with syscalls.traced(child, folder / "record.strace"):
            status = child.wait()
        if status or child.stderr:
            raise RuntimeError(f"the run itself ends with {status}: {child.stderr}")
        self.calls = syscalls.changes(folder / "record.strace", child.pid, self._reference)
        self.bytes = read(self._reference)

    def points(self) -> list[Point]:
        """Returns all points, in the run's order."""
        placed = _placed(self.calls)
        return [Point(*place, way) for place in placed for way in WAYS]

    def stop_and_go_on(self, number: int, point: Point) -> str:
        """Returns what happened at a point: "old", "new", "done", or what went wrong."""
        for attempt, offset in enumerate(OFFSETS):
            run = self.folder / f"{number:04d}-{attempt}"
            found = self._stop_and_go_on(run, point, max(1, point.call.nth + offset))
            if found in ("old", "new", "done", "missed"):
                shutil.rmtree(run, ignore_errors=True)
                for path in self.folder.glob(f"{run.name}.*"):
                    path.unlink()
            if found != "missed":
                return found
        return f"strace missed it {len(OFFSETS)} times"

    def _stop_and_go_on(self, run: Path, point: Point, nth: int) -> str:
        record = run.with_name(f"{run.name}.strace")
        child = zygote.Child(self._command(run), run, hold="starting")
        inject = f"{point.call.name}:{WAYS[point.way]}:when={nth}"
        with syscalls.traced(child, record, inject):
            status = child.wait()
        is_killed = point.way == KILL
        if not syscalls.was_hit(record, child.pid, run, point.call, is_killed):
            return "missed"
        if problem := _ended_well(status, child.stderr, is_killed, point):
            return problem
        if status == 0 and read(run) != self.bytes:
            return f"said it is done, but {_difference(read(run), self.bytes)}"
        step = newest(run)
        status_again, again = zygote.train(self._command(run), run.with_name(f"{run.name}.again"))
        if status_again or again.stderr:
            return f"the next start ends with {status_again}: {again.stderr}"
        if read(run) != self.bytes:
            return f"after the next start {_difference(read(run), self.bytes)}"
        if status == 0:
            return "done"
        if step != point.step:
            return f"went on from step {step}, not {point.step}"
        return "new" if point.is_new else "old"

    def _command(self, run: Path) -> list[str]:
        return [*RUN, f"--run_dir={run}"]


def read(run: Path) -> dict[str, bytes]:
    """Returns the files of a run by name; of those that hold the time, that they are there."""
    return {
        str(path.relative_to(run)): b"" if path.name in VARY else path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


def newest(run: Path) -> int:
    """Returns the step of a run's newest checkpoint; -1: there is none."""
    names = [path.name for path in (run / "checkpoints").glob("*")]
    return max((int(name) for name in names if re.fullmatch("[0-9]{10}", name)), default=-1)


def unflushed(calls: Sequence[Call]) -> list[str]:
    """Returns what a failure of the power could take away though it counts already.

    kill -9 does not show it: what the system has taken it keeps. So the order of the calls is
    looked at: bytes are flushed before a name is given to them, the logs before the checkpoint that
    records their length, and the name before the checkpoint before it goes.
    """
    dirty, nameless, found = set(), set(), []
    for call in calls:
        paths = _PATH.findall(call.text)
        if call.name in ("write", "pwrite64", "writev", "ftruncate", "openat"):
            dirty.add(paths[0])
        elif call.name in ("fsync", "fdatasync"):
            dirty.discard(paths[0])
            nameless.discard(paths[0])
        elif call.name == "rename":
            old, new = paths
            logs = {p for p in dirty if p.endswith((".csv", ".tfgan"))}
            inside = {p for p in dirty if p == old or p.startswith(f"{old}/")}
            if old.endswith(".tmp"):
                counts = inside | (logs if _CHECKPOINT.fullmatch(new) else set())
                found += [f"{p} is not flushed when {new} gets its name" for p in sorted(counts)]
                nameless.add(new.rpartition("/")[0])
            elif _CHECKPOINT.fullmatch(old):
                found += [f"{p} is not flushed when {old} goes" for p in sorted(nameless)]
            dirty = dirty - inside | {new + p.removeprefix(old) for p in inside}
    return found


def choose(points: Sequence[Point], size: int) -> list[Point]:
    """Returns some points, among them of every call, phase and way as many as can be."""
    order = list(points)
    random.Random(0).shuffle(order)
    kinds = {}
    for point in order:
        kinds.setdefault((point.call.name, point.phase, point.way), []).append(point)
    rounds = itertools.chain(*itertools.zip_longest(*kinds.values()))
    chosen = set(itertools.islice(filter(None, rounds), size))
    return [point for point in points if point in chosen]


def try_all(trial: Trial, points: Sequence[Point]) -> list[str]:
    """Returns what happened at each point; says where one failed."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(trial.stop_and_go_on, range(len(points)), points))
    for point, result in zip(points, results, strict=True):
        if result not in ("old", "new", "done"):
            print(f"{point.way} in {point.phase} at {point.call.text}): {result}", flush=True)
    return results


def table(points: Sequence[Point], results: Sequence[str]) -> str:
    """Returns how many points of each call went which way."""
    columns = ("old", "new", "done", "failed")
    counts = Counter(
        (point.call.name, point.way, result if result in columns else "failed")
        for point, result in zip(points, results, strict=True)
    )
    rows = [("call", "way", "points", "from old", "from new", "done", "failed")]
    for name, way in sorted({key[:2] for key in counts}):
        numbers = [counts[name, way, column] for column in columns]
        rows.append((name, way, sum(numbers), *numbers))
    sums = [sum(row[i] for row in rows[1:]) for i in range(2, 7)]
    rows.append(("all", "", *sums))
    line = "{:<10} {:<8}" + " {:>8}" * 5
    return "\n".join(line.format(*row) for row in rows)


def _placed(calls: Sequence[Call]) -> list[tuple[Call, str, int, bool]]:
    """Returns each call with its phase, the newest step, and whether the save made that step."""
    placed, phase, step, before = [], "start", -1, -1
    last = max(i for i, call in enumerate(calls) if "checkpoints" in call.text)
    for i, call in enumerate(calls):
        is_saving = "RUN/checkpoints" in call.text or "STARTING" in call.text and i > 10
        if call.text.startswith("fsync(<RUN/losses.csv>"):
            phase, before = "first save" if step < 0 else "save", step
        elif "save" in phase and not is_saving and not call.text.startswith("fsync"):
            phase = "finish" if i > last else "steps"
        placed.append((call, phase, step, "save" in phase and step > before))
        if call.name == "rename" and (new := _CHECKPOINT.fullmatch(_PATH.findall(call.text)[1])):
            step = int(new[1])
    return placed


def _ended_well(status: int, stderr: str, is_killed: bool, point: Point) -> str:
    """Returns what is wrong with the end of the run that was stopped, if something is."""
    if is_killed:
        return "" if status == -9 and not stderr else f"ended with {status}: {stderr}"
    allowed = [0, 74, 2] if point.phase == "start" else [0, 74]
    if status not in allowed:
        return f"ended with {status}: {stderr}"
    lines = stderr.splitlines()
    if status and not (len(lines) == 1 and lines[0].startswith("error: ")):
        return f"did not end with one line: {stderr}"
    return ""


def _difference(found: dict[str, bytes], expected: dict[str, bytes]) -> str:
    names = sorted(n for n in found.keys() | expected.keys() if found.get(n) != expected.get(n))
    return f"these files differ: {', '.join(names)}"


def main(sample: int, folder: str) -> int:
    """Tries the points and prints the table; returns the exit status."""
    if sample < 0:
        raise InputError(f"--sample must be at least 0, got {sample}.")
    if not syscalls.is_there():
        raise InputError("strace is not installed: apt-get install strace")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(folder or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        trial = Trial(folder.resolve())
        points, problems = trial.points(), unflushed(trial.calls)
        print(f"{len(points)} points in the run", flush=True)
        if sample:
            points = choose(points, sample)
        results = try_all(trial, points)
    print("\n".join(["the order of the calls holds" if not problems else "", *problems]))
    print(table(points, results))
    return 0 if set(results) <= {"old", "new", "done"} and not problems else 1


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
