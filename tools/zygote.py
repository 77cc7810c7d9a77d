"""Runs the training command without its seconds of importing: as a fork of a process that has.

Python's own fork server imports TensorFlow and the modules of the command once and runs none of
its operations. Each child is forked from it with one thread and runs what `python -m tfgan.train`
runs: the same flags, signals, messages and exit statuses, and the same bits.

A child also tells its phase, and holds in one, so that a test can meet it where it wants to.
"""

import contextlib
import functools
import importlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PHASES = {
    "tfgan.build:build_source": "reading data",
    "tfgan.build:build_model": "building",
    "tfgan.runs.folder:RunFolder.start": "making the folder",
    "tfgan.runs.folder:RunFolder.restore": "restoring",
    "tfgan.models.gan:GAN.iteration": "tracing",
    "tfgan.training:train_once": "training",
    "tfgan.runs.folder:RunFolder.write_losses": "logging",
    "tfgan.runs.folder:RunFolder.write_health": "logging",
    "tfgan.runs.folder:RunFolder.write_samples": "drawing",
    "tfgan.runs.folder:RunFolder.save": "saving",
    "tfgan.runs.folder:RunFolder.finish": "finishing",
}
"""What a child is said to do while it is inside a function; "starting" before all of them."""

# As the command sets it itself, where nothing else has been imported before: a library that finds
# it unset, such as jax, sets it for all that this process starts.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    ["tfgan.train", "tfgan.training", "tfgan.serving.publish", "tfgan.data.preparation"]
)
_LOCK = threading.Lock()
"""multiprocessing asks after all children whenever one starts, and of two threads that read one
status the second one finds nothing: 255."""


class Child:
    """A running command, `tfgan.train` or another one.

    Args:
      arguments: its command line.
      output: path that its messages go to, with `.out` and `.err` behind it.
      hold: phase at whose first beginning it waits for `release`; "starting": before it begins.
      command: its name.
      before: what the child does before the command begins, such as closing its streams.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        output: Path,
        hold: str = "",
        command: str = "train",
        before: Callable[[], None] | None = None,
    ):
        self.output = output
        self._phase, self._hold = _forks.RawArray("c", 32), _forks.RawArray("c", 32)
        self._hold.value = hold.encode()
        target = (command, list(arguments), str(output), self._phase, self._hold, before)
        self._process = _forks.Process(target=_run, args=target, daemon=True)
        with _LOCK:
            self._process.start()
        self.pid = self._process.pid

    @property
    def phase(self) -> str:
        """What it does now: "", "starting", one of PHASES, or "done"."""
        return self._phase.value.decode()

    @property
    def stdout(self) -> str:
        """What it has said."""
        return _text(f"{self.output}.out")

    @property
    def stderr(self) -> str:
        """What it has complained about."""
        return _text(f"{self.output}.err")

    def wait_for(self, *phases: str, seconds: float = 60.0) -> None:
        """Waits until it is in one of some phases.

        Raises:
          TimeoutError: it does not come there.
        """
        end = time.monotonic() + seconds
        while self.phase not in phases:
            if time.monotonic() > end or not self.is_alive():
                raise TimeoutError(f"{self.phase!r}, not {phases}: {self.output}: {self.stderr}")
            time.sleep(0.0005)

    def release(self) -> None:
        """Lets it go on from where it holds."""
        self._hold.value = b""

    def is_alive(self) -> bool:
        """Returns whether it still runs."""
        with _LOCK:
            return self._process.is_alive()

    def send(self, number: int) -> None:
        """Sends it a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, seconds: float = 120.0) -> int:
        """Waits for its end; returns the exit status, -9 for SIGKILL.

        Raises:
          TimeoutError: it still runs; it is killed then.
        """
        ended = multiprocessing.connection.wait([self._process.sentinel], seconds)
        if not ended:
            where = self.phase
            self.send(signal.SIGKILL)
            raise TimeoutError(f"still {where or 'waiting'} after {seconds} s: {self.output}")
        with _LOCK:
            return self._process.exitcode

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stops it inside the `with`: what it has done does not change meanwhile."""
        self.send(signal.SIGSTOP)
        while self.is_alive() and not self._is_stopped():
            time.sleep(0.0005)
        try:
            yield
        finally:
            self.send(signal.SIGCONT)

    def _is_stopped(self) -> bool:
        try:
            stats = [(t / "stat").read_text() for t in Path(f"/proc/{self.pid}/task").iterdir()]
        except OSError:
            return False
        return all(stat.rpartition(")")[2].split()[0] in "TtZX" for stat in stats)


def train(arguments: Sequence[str], output: Path, seconds: float = 120.0) -> tuple[int, Child]:
    """Runs `tfgan.train` to its end; returns the exit status, and the child for its messages."""
    return run("train", arguments, output, seconds)


def run(
    command: str, arguments: Sequence[str], output: Path, seconds: float = 120.0
) -> tuple[int, Child]:
    """Runs a command to its end; returns the exit status, and the child for its messages."""
    child = Child(arguments, output, command=command)
    return child.wait(seconds), child


def _run(command: str, arguments: list[str], output: str, phase, hold, before) -> None:
    """Is the child."""
    for descriptor, ending in ((1, ".out"), (2, ".err")):
        file = os.open(output + ending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
        os.close(file)
    from tfgan.cli import flags

    module = importlib.import_module(f"tfgan.{command}")

    def enter(name: str) -> None:
        phase.value = name.encode()
        while hold.value == phase.value:
            time.sleep(0.001)

    def tell(place: str, name: str) -> None:
        """Lets a function say when it is entered and left."""
        module, _, path = place.partition(":")
        *owners, attribute = path.split(".")
        owner = functools.reduce(getattr, owners, importlib.import_module(module))
        function = getattr(owner, attribute)

        @functools.wraps(function)
        def told(*arguments, **named):
            before = phase.value
            enter(name)
            try:
                return function(*arguments, **named)
            finally:
                phase.value = before

        setattr(owner, attribute, told)

    for place, name in PHASES.items():
        tell(place, name)
    if before:
        before()
    enter("starting")
    flags.run(module.main, module.__doc__, module.EXTRA, arguments, with_config=command == "train")
    phase.value = b"done"


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except FileNotFoundError:
        return ""
