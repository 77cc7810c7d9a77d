"""Targets with a fault each, for the fuzzer to see."""

import os
import signal
import socket
import subprocess
import time


def writes_outside(folder, originals):
    (folder.parents[1] / "planted.txt").write_text("x")


def writes_to_an_original(folder, originals):
    with open(originals / "images" / "photo.jpg", "ab"):
        pass


def makes_a_directory(folder, originals):
    (folder.parents[1] / "made").mkdir()


def opens_a_secret(folder, originals):
    (folder.parent / "outside" / "secret.txt").read_bytes()


def opens_a_secret_through_a_link(folder, originals):
    (folder / "link").symlink_to("../outside/secret.txt")
    (folder / "link").read_bytes()


def removes_a_secret_through_a_link(folder, originals):
    (folder / "link").symlink_to("../outside/secret_run")
    (folder / "link" / "losses.csv").unlink()


def reads_elsewhere(folder, originals):
    (folder.parents[1] / "results-0.jsonl").read_bytes()


def connects(folder, originals):
    with socket.socket() as opened:
        opened.connect_ex(("127.0.0.1", 9))


def starts_a_process(folder, originals):
    subprocess.run(["true"])


def forks(folder, originals):
    if pid := os.fork():
        os.waitpid(pid, 0)
    else:
        os._exit(0)


def raises(folder, originals):
    raise ValueError("planted")


def hangs(folder, originals):
    signal.setitimer(signal.ITIMER_REAL, 0.2)  # sooner than the worker has set it
    time.sleep(60)


def dies(folder, originals):
    os.abort()


def takes_memory(folder, originals):
    bytearray(b"x") * 1_200_000_000


def speaks_at_length(folder, originals):
    from tfgan.core.checks import InputError

    class LongError(InputError):
        def line(self):
            return "x" * 10_000

    raise LongError


def refuses(folder, originals):
    from tfgan.core.checks import InputError

    raise InputError("no.\nReally not.")


def accepts(folder, originals):
    (folder / "own.txt").write_text("x")
    (folder / "own.txt").rename(folder / "other.txt")
    with socket.socket(socket.AF_UNIX):
        pass


FAULTS = {
    writes_outside: "opens /",
    writes_to_an_original: "opens /",
    makes_a_directory: "changes /",
    opens_a_secret: "opens /",
    opens_a_secret_through_a_link: "opens /",
    removes_a_secret_through_a_link: "changes what lies outside",
    reads_elsewhere: "opens /",
    connects: "reaches for the network: socket",
    starts_a_process: "starts a process",
    forks: "starts a process",
    raises: "traceback at planted.py",
    hangs: "hangs",
    dies: "dies with -6",
    takes_memory: "takes 1,2",
    speaks_at_length: "a line of 10000 characters",
}
"""Each with how the fuzzer begins to say it."""

TARGETS = {target.__name__: target for target in (*FAULTS, refuses, accepts)}
