"""Runs from their first step to their last, with all that may happen to one on its way.

Several at once, each in a directory of its own. After each mishap the same command is run again, or
one with other flags that never change numbers; the directory may have been copied or moved, and its
newest checkpoint damaged, meanwhile.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tfgan.cli import stopping
from tools import crash_points, syscalls, zygote
from tools.sweep import damages
from tools.sweep.runs import LONG, result, same, saved_steps, uninterrupted
from tools.sweep.trials import Sweep, need

NUM_STEPS = 1000
RUN = (*LONG, f"--num_steps={NUM_STEPS}")
MOST_STARTS = 12

PHASES = ("building", "making the folder", "tracing", "training", "drawing", "saving")

CHANGES: dict[str, tuple] = {
    "checkpoint_every_steps": (10, 30, 70, 1000),
    "keep_checkpoints": (1, 3),
    "keep_every_steps": (0, 70),
    "steps_per_call": (1, 7, 0),
    "data_memory_mb": (0, 99),
    "on_nonfinite": ("rollback",),
    "max_rollbacks": (9,),
    "log_every_steps": (7, 50, 1000),
    "sample_every_steps": (30, 1000),
    "num_samples": (1, 9),
}
"""Flags that never change numbers, of those that a resumed run of this kind can feel."""

WRITTEN = {"log_every_steps", "sample_every_steps", "num_samples"}
"""Those of them that change which health and which pictures are written."""

CALLS = ("write", "fsync", "rename", "mkdir", "unlink", "ftruncate")
"""Without those that open: where /dev/urandom cannot be opened, C++ itself aborts."""


class Soak(Sweep):
    """A trial is one run with up to a dozen starts."""

    title = (
        "runs under kills, signals, pauses, failing disks, second starts, readers, damage, moves"
    )
    promise = "the same bytes at the end of each, whatever befell it"
    workers = 2

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._expected = uninterrupted(RUN, folder)
        self._run = folder / "run"
        self._output = folder / "child"
        self._num_damages = 0

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Starts a run until it comes to its end, and compares."""
        kind = draw.choice(("same flags", "other flags", "other logs too"))
        self._num_damages = 0
        for number in range(MOST_STARTS):
            flags = [] if kind == "same flags" or number == 0 else _changed(draw, kind)
            mishap = draw.choice(MISHAPS) if number < MOST_STARTS - 1 else Soak.nothing
            outcomes[mishap(self, [*RUN, *flags, f"--run_dir={self._run}"], draw)] += 1
            if not self._is_damaged:
                saved_steps(self._run)
            if self._status == 0:
                break
            outcomes[draw.choice(MEANWHILE)(self, draw)] += 1
        need(self._status == 0, f"not done after {MOST_STARTS} starts")
        found = self._comparable(crash_points.read(self._run), kind)
        same(found, self._comparable(self._expected, kind))
        outcomes[f"runs compared, {kind}"] += 1
        shutil.rmtree(self._run)

    def _comparable(self, files: dict[str, bytes], kind: str) -> dict[str, bytes]:
        """Leaves what may not differ; of damaged checkpoints nothing."""
        kept = result({n: data for n, data in files.items() if ".damaged" not in n})
        if kind == "same flags":
            return kept
        told = ("flags.txt", "manifest.json", "tfevents")
        logs = ("health.csv", "samples") if kind == "other logs too" else ()
        return {n: d for n, d in kept.items() if not any(part in n for part in told + logs)}

    def start(self, command: list[str], hold: str = "") -> zygote.Child:
        """Starts the command."""
        return zygote.Child(command, self._output, hold)

    def ended(self, child: zygote.Child, *allowed: int) -> int:
        """Waits for the end of a start; returns its status, which has to be an allowed one."""
        self._status = child.wait()
        lines = child.stderr.splitlines()
        if self._num_damages:
            lines = [line for line in lines if not line.startswith("damaged, not used: ")]
        need(self._status in (0, *allowed), f"ended with {self._status}: {child.stderr}")
        if self._status == 0:
            # A signal that arrives in the last step is answered, and the run ends as it would.
            lines = [line for line in lines if "stopping after the current call" not in line]
            need(not lines, child.stderr)
        return self._status

    # What is done to a run while it trains. Each returns what it did.

    def nothing(self, command: list[str], draw: random.Random) -> str:
        """Lets it come to its end."""
        return f"nothing: {self._called(self.ended(self.start(command)))}"

    def kill(self, command: list[str], draw: random.Random) -> str:
        """Sends it SIGKILL."""
        child = self._somewhere(command, draw)
        child.send(signal.SIGKILL)
        return f"kill -9: {self._called(self.ended(child, -signal.SIGKILL))}"

    def stop(self, command: list[str], draw: random.Random) -> str:
        """Asks it to stop, perhaps twice."""
        number = draw.choice(stopping.SIGNALS)
        child = self._somewhere(command, draw)
        child.send(number)
        if draw.random() < 0.2:
            time.sleep(stopping.SECONDS_APART * draw.random() * 2)
            child.send(number)
        name = signal.Signals(number).name
        return f"{name}: {self._called(self.ended(child, 75, 128 + number))}"

    def pause(self, command: list[str], draw: random.Random) -> str:
        """Stops it with SIGSTOP for a while, a few times."""
        child = self._somewhere(command, draw)
        for _ in range(draw.randint(1, 3)):
            with child.frozen():
                time.sleep(0.2 * draw.random())
            time.sleep(0.1 * draw.random())
        return f"SIGSTOP and SIGCONT: {self._let_go(child, draw)}"

    def break_disk(self, command: list[str], draw: random.Random) -> str:
        """Lets one system call, or all of its name from there on, fail."""
        call, error = draw.choice(CALLS), draw.choice(("ENOSPC", "EIO"))
        nth = f"{draw.randint(1, 40)}{draw.choice(['', '+'])}"
        child = self.start(command, hold="starting")
        record = self.folder / "strace"
        with syscalls.traced(child, record, f"{call}:error={error}:when={nth}"):
            status = self.ended(child, 74, 2)
        record.with_name(f"{record.name}.{child.pid}").unlink()
        need("Traceback" not in child.stderr, child.stderr)
        return f"{error}: {self._called(status)}"

    def fill_disk(self, command: list[str], draw: random.Random) -> str:
        """Lets it train on a disk that is too small; what it has left is copied back."""
        small = self.folder / "small"
        small.mkdir(exist_ok=True)
        used = sum(p.stat().st_blocks * 512 for p in self._run.rglob("*")) if self._exists else 0
        size = used + 40_000 + draw.randrange(400_000)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(small)]
        if subprocess.run(mount, capture_output=True).returncode:
            return self.break_disk(command, draw)  # not root, or in a container
        try:
            if self._exists:
                shutil.copytree(self._run, small / "run")
            *rest, _ = command
            child = self.start([*rest, f"--run_dir={small / 'run'}"])
            status = self.ended(child, 74, 2)
            need("Traceback" not in child.stderr, child.stderr)
            shutil.rmtree(self._run, ignore_errors=True)
            shutil.copytree(small / "run", self._run)
        finally:
            subprocess.run(["umount", str(small)], check=True)
        return f"a disk of {size // 100_000}00 kB: {self._called(status)}"

    def start_twice(self, command: list[str], draw: random.Random) -> str:
        """Starts the same command while it trains: it has to be refused, and to change nothing."""
        child = self._at("training", command)
        with child.frozen():
            before = _everything(self._run)
            status, second = zygote.train(command, self.folder / "second")
            lines = second.stderr.splitlines()
            need(child.phase == "done" or status == 2, f"a second start: {status}: {lines}")
            need(len(lines) == 1, f"a second start says {lines}")
            need(_everything(self._run) == before, "a second start has changed something")
        return f"a second start is refused: {self._let_go(child, draw)}"

    def read_meanwhile(self, command: list[str], draw: random.Random) -> str:
        """Exports it, or samples from it, while it trains."""
        child = self._at("training", command)
        if not list(self._run.glob("checkpoints/*")):
            return self._let_go(child, draw)  # it is about to make the first one
        what = draw.choice(("export", "sample"))
        to = self.folder / "export" if what == "export" else self.folder / "picture.png"
        option = f"--export_dir={to}" if what == "export" else f"--out={to}"
        reader = [sys.executable, "-m", f"tfgan.{what}", f"--run_dir={self._run}", option]
        # Now and then it is held, or it would be done long before.
        end = time.monotonic() + 120
        with subprocess.Popen(reader, stdout=-3, stderr=subprocess.PIPE, text=True) as reading:
            while reading.poll() is None and time.monotonic() < end:
                with child.frozen():
                    time.sleep(0.1)
                time.sleep(0.002)
            reading.kill()
            error = reading.stderr.read()
        need(reading.returncode == 0, f"{what} while it trains: {reading.returncode}: {error}")
        need(to.exists(), f"{what} has made nothing")
        shutil.rmtree(to) if to.is_dir() else to.unlink()
        return f"{what} while it trains: {self._let_go(child, draw)}"

    # What is done to its directory between two starts.

    def leave(self, draw: random.Random) -> str:
        """Does nothing."""
        return "left alone between two starts"

    def move(self, draw: random.Random) -> str:
        """Moves the directory, or goes on in a copy of it."""
        other = self.folder / f"run-{draw.randrange(10**9)}"
        if not self._exists:
            return self.leave(draw)
        is_copied = draw.random() < 0.5
        if is_copied:
            shutil.copytree(self._run, other)
            shutil.rmtree(self._run)
        else:
            self._run.rename(other)
        self._run = other
        return "copied between two starts" if is_copied else "moved between two starts"

    def damage(self, draw: random.Random) -> str:
        """Damages the newest checkpoint, where there is an older one to go back to."""
        steps = [] if self._is_damaged else saved_steps(self._run)
        if len(steps) < 2:
            return self.leave(draw)
        old, new = (self._run / "checkpoints" / f"{step:010d}" for step in steps[-2:])
        draw.choice(damages.DAMAGES)(new, old, draw)
        self._num_damages += 1
        return "the newest checkpoint damaged between two starts"

    @property
    def _is_damaged(self) -> bool:
        """Returns whether a damaged checkpoint is there that no start has set aside yet."""
        return len(list(self._run.glob("checkpoints/*.damaged*"))) < self._num_damages

    @property
    def _exists(self) -> bool:
        return self._run.exists()

    def _at(self, phase: str, command: list[str]) -> zygote.Child:
        """Returns a start that has just come to a phase, and goes on."""
        child = self.start(command, hold=phase)
        child.wait_for(phase, "finishing", "done")
        child.release()
        return child

    def _somewhere(self, command: list[str], draw: random.Random) -> zygote.Child:
        """Returns a start at a random moment."""
        child = self._at(draw.choice(PHASES), command)
        time.sleep(draw.choice([0.0, 0.02, 0.3]) * draw.random())
        return child

    def _let_go(self, child: zygote.Child, draw: random.Random) -> str:
        """Lets a start come to its end, or asks it to stop: it would nearly always get there."""
        if draw.random() < 0.8:
            child.send(signal.SIGTERM)
        return self._called(self.ended(child, 75, 128 + signal.SIGTERM))

    def _called(self, status: int) -> str:
        return "came to its end nevertheless" if status == 0 else f"ended with {status}"


MISHAPS: tuple[Callable[[Soak, list[str], random.Random], str], ...] = (
    *(Soak.kill, Soak.kill, Soak.kill, Soak.stop, Soak.stop, Soak.stop, Soak.fill_disk),
    *(Soak.start_twice, Soak.read_meanwhile, Soak.pause),
    *((Soak.break_disk, Soak.break_disk) if syscalls.is_there() else ()),
)
MEANWHILE = (Soak.leave, Soak.move, Soak.damage)


def _changed(draw: random.Random, kind: str) -> list[str]:
    """Returns some flags that never change numbers."""
    names = [name for name in CHANGES if kind == "other logs too" or name not in WRITTEN]
    chosen = draw.sample(names, draw.randint(1, 3))
    return [*(f"--{n}={draw.choice(CHANGES[n])}" for n in chosen), "--allow_changed_flags"]


def _everything(run: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(run.rglob("*")) if p.is_file()}
