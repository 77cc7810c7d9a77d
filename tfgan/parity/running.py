"""Runs a TF1 script in a process of its own and hears what its sessions do."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from tfgan.core.checks import InputError
from tfgan.parity.requests import Request

LARGE_FILE = 64 * 2**20
MOST_TO_COPY = 2 * 2**30
"""In bytes: files from the one on are data, which a copy of a directory links to; a directory whose
other files have more than that is none of a script's own."""

SECONDS_TO_START = 120.0
"""How long Python and TensorFlow may take to be there, however short a call may take."""

GRACE_SECONDS = 10.0
"""How long a script that has told of its end may take to be gone."""


@contextlib.contextmanager
def messages(
    request: Request,
    directory: Path,
    *,
    is_quiet: bool = False,
    timeout_seconds: float = 600.0,
) -> Iterator[Iterator[tuple]]:
    """Starts a script; inside the `with`, what `stage.py` tells can be iterated.

    Args:
      request: what is asked for.
      directory: in which the script runs.
      is_quiet: what it prints goes nowhere.
      timeout_seconds: without a call, after which the script counts as stuck.

    The last message is ("end", how, text), how being "returned", "enough", "raised", "exited",
    "killed" or "stuck". Nothing of the script runs on after the `with`, processes of its own
    included.
    """
    ours, theirs = Pipe()
    out: Any = subprocess.DEVNULL if is_quiet else None
    process = subprocess.Popen(
        [sys.executable, "-m", "tfgan.parity.stage", str(theirs.fileno())],
        cwd=directory,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()
    try:
        ours.send(request)
        yield _heard(ours, process, timeout_seconds)
    finally:
        ours.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def scratch(directory: Path) -> Iterator[Path]:
    """Copies a directory, in which a script may write what it wants; the copy goes in the end.

    Raises:
      InputError: it holds too much to copy.
    """
    total = 0
    for path in _files(directory):
        size = path.lstat().st_size
        total += size if size < LARGE_FILE else 0
        if total > MOST_TO_COPY:
            raise InputError(
                f"{directory} holds more than {MOST_TO_COPY // 2**30} GiB of small files, and the "
                "script has to run in a copy of it: record it from a directory of its own."
            )
    with tempfile.TemporaryDirectory(prefix="tfgan-parity-") as made:
        copy = Path(made) / directory.name
        shutil.copytree(directory, copy, symlinks=True, copy_function=_copy)
        yield copy


def _files(directory: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(directory):
        yield from (Path(folder) / name for name in names)


def _copy(source: str, target: str, *, follow_symlinks: bool = True) -> None:
    found = os.lstat(source)
    if found.st_size >= LARGE_FILE:
        os.symlink(source, target)
    elif not (os.path.isfile(source) or os.path.islink(source)):
        return  # a pipe, a socket
    else:
        shutil.copy2(source, target, follow_symlinks=follow_symlinks)


def environment() -> dict[str, str]:
    """Returns the environment of a script's process."""
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "MPLBACKEND": "Agg",  # `plt.show()` must not wait for anybody
        "TF_CPP_MIN_LOG_LEVEL": "2",
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": "0",  # the order of a set is the same in each run
        "TF_USE_LEGACY_KERAS": "1",  # tf.layers comes from the package tf_keras
    }


def _heard(ours: Connection, process: subprocess.Popen, timeout_seconds: float) -> Iterator[tuple]:
    patience = max(timeout_seconds, SECONDS_TO_START)
    while True:
        try:
            if not ours.poll(patience):
                yield ("end", "stuck", f"no Session.run in {patience:g} s")
                return
            message, patience = ours.recv(), timeout_seconds
        except (EOFError, OSError):
            status = process.wait()
            number = -status if status < 0 else 0
            name = signal.Signals(number).name if number else f"exit status {status}"
            yield ("end", "killed", name)
            return
        if message[0] == "end":
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            yield message
            return
        yield message
