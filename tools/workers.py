"""Runs of real workers, each a process with its TF_CONFIG."""

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tfgan.workers import launching

FLAGS = ["--data=digits", "--network=mlp", "--hidden_size=16", "--latent_size=8"]
FLAGS += ["--batch_size=16", "--log_every_steps=50", "--sample_every_steps=100"]
FLAGS += ["--checkpoint_every_steps=50", "--average_decay=0.9", "--num_threads=1"]
FLAGS += ["--strategy=multi_worker"]
SECONDS_TO_END = 300
"""After which a worker hangs, however slow the machine is."""


class Workers:
    """The workers of one run; as a context manager, they do not outlive it.

    Args:
      run: its directory.
      more: flags.
      count: of workers.
      started: which of them are started; None: all.
      addresses: of all; None: free ones.
      each: more flags of a worker, by its index.
    """

    def __init__(
        self,
        run: Path | str,
        *more: str,
        count: int = 2,
        started: Iterable[int] | None = None,
        addresses: Sequence[str] | None = None,
        each: Mapping[int, Sequence[str]] | None = None,
    ):
        self.addresses = addresses or launching.loopback(count)
        places = launching.environments(self.addresses)
        self.processes = {}
        for index in range(count) if started is None else started:
            own = (each or {}).get(index, [])
            self.processes[index] = subprocess.Popen(
                [sys.executable, "-m", "tfgan.train", *FLAGS, f"--run_dir={run}", *more, *own],
                env=places[index],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=launching.ends_with_parent(),
            )

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error) -> None:
        for process in self.processes.values():
            process.kill()
            process.communicate()

    def wait_for(self, text: str, index: int = 0) -> str:
        """Reads a worker's lines up to one with a text; returns them."""
        lines = []
        for line in self.processes[index].stdout:
            lines.append(line)
            if text in line:
                return "".join(lines)
        raise AssertionError(f"no {text!r} in {''.join(lines)}")

    def ends(self) -> dict[int, tuple[int, str]]:
        """Returns (status, what was said since) of each worker, once all have ended."""
        until = time.monotonic() + SECONDS_TO_END
        found = {}
        for index, process in self.processes.items():
            said, _ = process.communicate(timeout=max(1, until - time.monotonic()))
            found[index] = (process.returncode, said)
        return found


def trained(run: Path, *more: str, **options) -> dict[int, str]:
    """Trains by real workers to the end; returns what each said."""
    with Workers(run, *more, **options) as workers:
        found = workers.ends()
    if {status for status, _ in found.values()} != {0}:
        raise AssertionError(f"not all workers ended well: {found}")
    return {index: said for index, (_, said) in found.items()}


def content(run: Path) -> dict[str, bytes]:
    """Returns what a run leaves, all that is not pictures of curves or events, by name."""
    files = [*run.glob("checkpoints/*/*"), *run.glob("samples/*"), *run.glob("*.csv")]
    return {str(file.relative_to(run)): file.read_bytes() for file in files}
