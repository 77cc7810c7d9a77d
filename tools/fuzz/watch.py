"""What a worker did to the world around it: strace, and the reading of its record.

Only calls that open or change files, that reach a network or that start a process are recorded, and
`--seccomp-bpf` lets all others run at full speed. A worker opens a file that does not exist at the
beginning of each mutant, so that the record says which calls belong to which.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

CHANGES = (
    *("creat", "truncate", "rename", "renameat", "renameat2", "link", "linkat", "symlink"),
    *("symlinkat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "mknod", "mknodat"),
    *("chmod", "fchmodat", "chown", "lchown", "fchownat", "utimensat", "setxattr"),
)
"""Calls that change what they name."""

OPENS, NETWORK = ("open", "openat", "openat2"), ("socket", "connect", "bind", "sendto")
PROCESSES = ("fork", "vfork", "clone", "clone3", "execve", "execveat")

MARK = "this-mutant-is-"
"""Begins the name of the file that does not exist."""

ROOT = Path(__file__).parents[2]

READABLE = (
    *(sys.prefix, sys.base_prefix, str(ROOT)),
    *("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64"),
)
"""Directories that Python, its packages and the system are read from."""

_CALL = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)")
_OPENED = re.compile(r"\) += \d+<(.*)>$")
_ITSELF = re.compile(r"/proc/\d+/(clear_refs|task/\d+/comm)")
"""What a process writes of itself: it measures its memory, and names its threads."""

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
_UNFINISHED = " <unfinished ...>"


def command(record: Path, words: Sequence[str]) -> list[str]:
    """Returns the command line that runs `words` and records it."""
    names = ",".join(f"?{name}" for name in (*OPENS, *CHANGES, *NETWORK, *PROCESSES))
    options = ["-f", "--seccomp-bpf", "-y", "-qq", "-e", f"trace={names}", "-e", "signal=none"]
    return ["strace", *options, "-o", str(record), *words]


class Watch:
    """Reads the record of one worker, as far as it has come, again and again.

    Args:
      record: what strace writes.
      own: directory of the worker, in which it may do what it likes.
      shared: directories that it may read too.
      secret: directory in `own` that it may not touch.
    """

    def __init__(self, record: Path, own: Path, shared: Sequence[Path], secret: Path):
        self._file = open(record, errors="replace")  # noqa: SIM115 (lives as long as the worker)
        self._own, self._secret = str(own), str(secret)
        self._readable = (*READABLE, *map(str, shared))
        self._begun: dict[str, str] = {}
        self._mutant = ""

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yields (mutant, what it should not have done) of what was recorded since the last time.

        Before the first mutant the worker starts: what it does then is Python's own business.
        """
        while line := self._file.readline():
            found = _CALL.match(line.rstrip("\n"))
            if not found:
                continue
            thread, name, text = found.groups()
            text = self._begun.pop(thread, "") + text
            if text.endswith(_UNFINISHED):
                self._begun[thread] = text.removesuffix(_UNFINISHED)
            elif MARK in text:
                self._mutant = text.partition(MARK)[2].partition('"')[0]
            elif self._mutant and (fault := self._judge(name, text)):
                yield self._mutant, fault

    def close(self) -> None:
        """Closes the record."""
        self._file.close()

    def _judge(self, name: str, text: str) -> str:
        """Returns what is wrong with a call; "" if nothing is."""
        if name in PROCESSES:
            return "" if "CLONE_THREAD" in text else f"starts a process: {name}({text}"
        if name in NETWORK:
            is_local = "AF_UNIX" in text or name == "sendto" and "NULL, 0)" in text
            return "" if is_local else f"reaches for the network: {name}({text}"
        if name in OPENS:
            opened = _OPENED.search(text)
            # O_PATH gives a name for a place, and nothing of what is there.
            if (
                not opened
                or "O_PATH" in text
                or self._may_open(opened[1], bool(_WRITING.search(text)))
            ):
                return ""
            return f"opens {opened[1]}: {name}({text}"
        if ") = 0" not in text:  # it was refused, so nothing has changed
            return ""
        paths = _QUOTED.findall(text)
        paths = paths[1:] if name.startswith("symlink") else paths  # where it leads is no matter
        wrong = [path for path in paths if not self._is_own(path)]
        return f"changes {', '.join(wrong)}: {name}({text}" if wrong else ""

    def _may_open(self, path: str, writes: bool) -> bool:
        if path == "/dev/null" or _ITSELF.fullmatch(path):
            return True
        if path.startswith(self._own):
            return self._is_own(path)
        return not writes and any(_is_below(path, root) for root in self._readable)

    def _is_own(self, path: str) -> bool:
        # A name without a directory is one in the working directory, which is the worker's own.
        inside = not path.startswith("/") and ".." not in path or _is_below(path, self._own)
        return inside and not _is_below(path, self._secret)


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")
