"""Runs tests on a copy of the repository that has a bug in it.

Each run is a fork of a process that has imported TensorFlow and nothing of ours: its seconds of
importing are paid once.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tools.mutants.mutant import ROOT, Mutant

OURS = ("tfgan", "legacy", "tests", "tools")
OUTCOMES = ("killed", "survived", "lost", "broken")
"""A test failed; none did; the text is not in the file; the tests did not run."""

SECONDS = 60.0
"""So many for each test: after these a run of tests is given up."""

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tensorflow", "pytest"])


class Verdict(NamedTuple):
    """What became of a mutant.

    Args:
      mutant: which.
      outcome: one of OUTCOMES.
      detail: the test that killed it, or what went wrong.
      seconds: how long it took.
    """

    mutant: Mutant
    outcome: str
    detail: str
    seconds: float


class Copy:
    """A copy of the repository's Python, in which bugs are planted; a context that removes it."""

    def __enter__(self) -> "Copy":
        self.root = Path(tempfile.mkdtemp(prefix="mutants."))
        for name in OURS:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, self.root / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", self.root)
        return self

    def __exit__(self, *error) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def failures(self, tests: Sequence[str], first: bool) -> tuple[list[str], str]:
        """Runs tests in the copy.

        Args:
          tests: as pytest names them.
          first: whether it stops at the first one that fails.

        Returns:
          Those that failed, each with the kind of its error; and why the tests did not run, empty
          where they did.
        """
        output = self.root / "output.txt"
        here, there = _forks.Pipe(duplex=False)
        process = _forks.Process(target=_run, args=(str(self.root), list(tests), first, there))
        process.start()
        there.close()
        answered = here.poll(SECONDS * len(tests))
        failed, status = here.recv() if answered else ([], "no answer in time")
        process.kill()
        process.join()
        if failed:
            return failed, ""
        return [], "" if status == 0 else f"pytest: {status}: {_end(output)}"

    def judge(self, mutant: Mutant) -> Verdict:
        """Plants a mutant, runs its killers, and takes it out again."""
        began = time.monotonic()

        def verdict(outcome: str, detail: str) -> Verdict:
            return Verdict(mutant, outcome, detail, time.monotonic() - began)

        try:
            before = mutant.plant(self.root)
        except LookupError as error:
            return verdict("lost", str(error))
        try:
            failed, trouble = self.failures(mutant.killers, first=True)
        finally:
            (self.root / mutant.file).write_text(before)
        if failed:
            return verdict("killed", failed[0])
        return verdict("broken", trouble) if trouble else verdict("survived", "")


def _end(output: Path) -> str:
    """Returns the last words of what tests have said."""
    return " ".join(output.read_text().split()[-60:])


class _Failures:
    """A plugin of pytest that knows what failed."""

    def __init__(self):
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            kind = (crash.message.split() or ["?"])[0].rstrip(":") if crash else "?"
            kind = "AssertionError" if kind == "assert" else kind
            self.names.append(f"{report.nodeid} ({kind})")


def _run(root: str, tests: list[str], first: bool, answer: Connection) -> None:
    """Is the child."""
    output = os.open(f"{root}/output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(root)
    sys.dont_write_bytecode = True  # a mutant may have the size and the second of the original
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.path[:] = [root, *(path for path in sys.path if path not in ("", str(ROOT)))]
    os.environ["PYTHONPATH"] = root
    import pytest

    import tfgan

    if not str(tfgan.__file__).startswith(root):
        answer.send(([], f"tfgan is imported from {tfgan.__file__}, not from the copy"))
        return
    failures = _Failures()
    options = ["-q", "-n0", "-p", "no:cacheprovider", "-m", "", *(["-x"] if first else [])]
    status = pytest.main([*options, *tests], plugins=[failures])
    answer.send((failures.names, int(status)))
