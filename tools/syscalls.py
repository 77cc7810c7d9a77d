"""What a child of the zygote does to the disk, call by call, and making one of them fail: strace.

strace counts the calls of each name in each thread. All that counts here is done by the main
thread, always in the same order, so that a name and a number lead to a place in a run; nearly
always, since TensorFlow now and then opens a file of the system's in one thread or in another.
Whether the place was met is read from strace's own record afterwards.
"""

import contextlib
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.zygote import Child

NAMES = (
    *("open", "openat", "creat", "truncate", "ftruncate", "fallocate"),
    *("write", "writev", "pwrite64", "pwritev", "sendfile", "copy_file_range"),
    *("fsync", "fdatasync", "sync_file_range", "msync"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("mkdir", "mkdirat", "unlink", "unlinkat", "rmdir"),
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat"),
)
"""Calls that change a disk; those that open do so only with O_CREAT or O_TRUNC."""

LOOKS = (
    *("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink"),
    *("read", "pread64", "getdents64", "flock"),
)
"""Calls that look at a disk, or lock it."""

STOPPED = "--- stopped by SIGSTOP ---"
"""What strace writes when a signal has stopped the thread."""

_LINE = re.compile(r"(\w+)\((.*)")
_READS = re.compile(r"open(at)?\((?!.*(O_CREAT|O_TRUNC))")
_ANSWER = re.compile(r"\) += .*| <unfinished.*")
_CHANGING = re.compile(r"\b\d+(?=<)|(?<=tempstate)\d+")  # descriptors, TensorFlow's random names


class Call(NamedTuple):
    """One call of the main thread below a folder.

    Args:
      name: of the call.
      nth: its number among the thread's calls of that name, those elsewhere included, from 1 on.
      place: among the calls below the folder, from 0 on.
      text: the call as strace writes it, without what differs from run to run.
    """

    name: str
    nth: int
    place: int
    text: str


def is_there() -> bool:
    """Returns whether strace is installed."""
    return shutil.which("strace") is not None


@contextlib.contextmanager
def traced(
    child: Child, record: Path, inject: str = "", names: Sequence[str] = NAMES
) -> Iterator[None]:
    """Releases a child that is held, and records it until it ends, inside the `with`.

    Args:
      child: holds at "starting".
      record: path to write to, with the number of the thread behind it.
      inject: what strace is to inject, as behind its option `-e inject=`.
      names: of the calls to record.
    """
    command = ["strace", "-y", "-s0", "-p", str(child.pid)]
    # To inject, the main thread alone: git, which a run asks for its commit, has calls of its own.
    command += ["-o", f"{record}.{child.pid}"] if inject else ["-ff", "-o", str(record)]
    # The question mark: not every machine has every call.
    command += ["-e", "trace=" + ",".join(f"?{name}" for name in names)]
    command += ["-e", f"inject={inject}"] if inject else []
    child.wait_for("starting")  # what it does on its way there differs from child to child
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        first = strace.stderr.readline()
        if "attached" not in first:
            raise RuntimeError(f"strace does not attach: {first}")
        child.release()
        yield
        strace.communicate(timeout=60)
    finally:
        strace.kill()
        strace.communicate()


def touches(record: Path, pid: int, folder: Path) -> list[Call]:
    """Returns the recorded calls of a main thread below a folder, also those that only look."""
    path = record.with_name(f"{record.name}.{pid}")
    return list(_below(path, folder, with_looks=True))


def stopped_at(record: Path, pid: int, folder: Path) -> Call | None:
    """Returns the call behind which a signal has stopped a main thread; None: it runs."""
    path = record.with_name(f"{record.name}.{pid}")
    if not path.exists() or STOPPED not in path.read_text():
        return None
    return touches(record, pid, folder)[-1]


def changes(record: Path, pid: int, folder: Path) -> list[Call]:
    """Returns the calls of a main thread that change the disk below a folder, in order.

    Raises:
      RuntimeError: another thread made one.
    """
    for other in record.parent.glob(f"{record.name}.*"):
        if other.name != f"{record.name}.{pid}" and any(_below(other, folder)):
            raise RuntimeError(f"another thread writes to the folder: {other}")
    return list(_below(record.with_name(f"{record.name}.{pid}"), folder))


def was_hit(record: Path, pid: int, folder: Path, call: Call, is_killed: bool) -> bool:
    """Returns whether a record shows that the injection met the call that it was meant for."""
    own = record.with_name(f"{record.name}.{pid}").read_text().splitlines()
    lines = [line for line in own if not line.startswith("---")]
    below = [line for line in lines if _is_change(line, folder)]
    if len(below) <= call.place or _text(below[call.place], folder) != call.text:
        return False
    if is_killed:
        return lines[-1].startswith("+++ killed") and lines[-2] is below[call.place]
    return [line for line in lines if "INJECTED" in line] == [below[call.place]]


def _below(path: Path, folder: Path, with_looks: bool = False) -> Iterator[Call]:
    counts, place = Counter(), 0
    for line in path.read_text().splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        counts[found[1]] += 1
        if _is_change(line, folder) or with_looks and str(folder) in line:
            yield Call(found[1], counts[found[1]], place, _text(line, folder))
            place += 1


def _is_change(line: str, folder: Path) -> bool:
    return bool(_LINE.match(line)) and str(folder) in line and not _READS.match(line)


def _text(line: str, folder: Path) -> str:
    return _CHANGING.sub("", _ANSWER.sub("", line)).replace(str(folder), "RUN")
