"""Starts the workers of one machine, shows what they say, and ends them together."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO

from tfgan.cli.stopping import SIGNALS
from tfgan.workers.cluster import VARIABLE
from tfgan.workers.connection import GRACE_SECONDS

_PR_SET_PDEATHSIG = 1


def launch(count: int, command: Sequence[str]) -> int:
    """Starts workers over loopback and waits for their end.

    Args:
      count: how many.
      command: of tfgan, with its flags.

    Returns:
      The status of the first one that did not end with 0, as a shell has it; 0: all did.
    """
    places = environments(loopback(count))
    workers = [_start(command, places[index], index, count) for index in range(count)]
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda taken, _: _pass_on(taken, workers))
    shown = [
        threading.Thread(target=_show, args=(stream, out, f"worker {index} | "))
        for index, worker in enumerate(workers)
        for stream, out in ((worker.stdout, sys.stdout.buffer), (worker.stderr, sys.stderr.buffer))
    ]
    for thread in shown:
        thread.start()
    status, ends_by = 0, float("inf")
    while running := [worker for worker in workers if worker.poll() is None]:
        ended = [worker for worker in workers if worker.returncode is not None]
        if ended and ends_by == float("inf"):
            # The others have seen it, and end by themselves.
            ends_by = time.monotonic() + 2 * GRACE_SECONDS
        status = status or next((w.returncode for w in ended if w.returncode), 0)
        if time.monotonic() > ends_by:
            for worker in running:
                worker.kill()
        time.sleep(0.05)
    for thread in shown:
        thread.join()
    status = status or next((w.returncode for w in workers if w.returncode), 0)
    return status if status >= 0 else 128 - status


def loopback(count: int) -> list[str]:
    """Returns addresses of this machine that nobody had a moment ago, all different."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in taken]
    for each in taken:
        each.close()
    return addresses


def environments(addresses: Sequence[str]) -> list[dict[str, str]]:
    """Returns the environment of each worker: that of this process, with its TF_CONFIG."""
    cluster = {"worker": list(addresses)}
    tasks = [{"type": "worker", "index": index} for index in range(len(addresses))]
    return [
        {**os.environ, VARIABLE: json.dumps({"cluster": cluster, "task": task})} for task in tasks
    ]


def ends_with_parent(cores: Sequence[int] = ()) -> Callable[[], None]:
    """Returns what a child process calls first, to get SIGTERM when this process ends.

    Whatever ends it: not even a kill -9 leaves workers behind. Only Linux can do that.

    Args:
      cores: of the child; empty: all.
    """
    parent, prctl = os.getpid(), getattr(ctypes.CDLL(None), "prctl", None)

    def prepare() -> None:
        if cores:
            os.sched_setaffinity(0, cores)
        if prctl:
            prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(128 + signal.SIGTERM)

    return prepare


def _start(
    command: Sequence[str], environment: dict[str, str], index: int, count: int
) -> subprocess.Popen:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    share = cores[index * len(cores) // count : (index + 1) * len(cores) // count]
    return subprocess.Popen(
        [sys.executable, "-m", "tfgan", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Else a terminal's Ctrl-C would reach them twice, and twice means: at once.
        start_new_session=True,
        preexec_fn=ends_with_parent(share),
    )


def _pass_on(number: int, workers: Sequence[subprocess.Popen]) -> None:
    for worker in workers:
        if worker.poll() is None:
            worker.send_signal(number)


def _show(stream: IO[bytes], out: IO[bytes], prefix: str) -> None:
    """Copies a worker's lines, each whole and with its name."""
    for line in stream:
        out.write(prefix.encode() + line)
        out.flush()
