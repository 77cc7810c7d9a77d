"""The process in which mutants are made and tried: `python -m tools.fuzz.worker`, under strace.

It reads a target and a number a line, and answers each with a line of JSON. It lives in a directory
of its own, which is its home and its working directory as well.
"""

import contextlib
import importlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.fuzz import mutations, originals, watch

SECONDS = 10
MOST_BYTES = 10**9
"""What one mutant may take: time, and memory beyond what the process had."""

MOST_CHARACTERS = 4000
"""Of the one line of an error."""


class TookTooLong(BaseException):
    """A mutant's time is over. No handler of errors takes it for one."""


def main(own: Path, originals_: Path, seed: int, extra: str) -> None:
    """Tries the mutants that standard input names.

    Args:
      own: directory of this worker.
      originals_: what mutants are copies of.
      seed: of the mutants.
      extra: module whose `TARGETS` are tried as well; "": none.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    targets = _targets(extra)
    originals.plant(own / "outside")
    signal.signal(signal.SIGALRM, _give_up)
    _say(answers, {"pid": os.getpid()})
    for line in sys.stdin:
        target, number = line.split()
        shutil.rmtree(own / "mutant", ignore_errors=True)
        (own / "mutant").mkdir()
        _mark("")
        if target in mutations.MUTATIONS:
            made = mutations.make(own / "mutant", originals_, target, seed, int(number))
        else:
            made = "planted"
        _say(answers, {"mutation": made})
        _mark(f"{target}:{number}")
        outcome, detail = _try(targets[target], own / "mutant", originals_)
        _say(answers, {"outcome": outcome, "detail": detail})


def _mark(mutant: str) -> None:
    """Lets the record say what is tried from here on; "": nothing, a mutant is made."""
    with contextlib.suppress(FileNotFoundError):
        os.open(f"{watch.MARK}{mutant}", os.O_RDONLY)


def _targets(extra: str) -> dict[str, Callable[[Path, Path], None]]:
    """Returns all that can be done, after everything is imported that a command imports."""
    from tfgan.core import runtime
    from tools.fuzz import targets

    runtime.configure(originals.RING["num_threads"])
    # A command is a new process, in which TensorFlow can still be given any number of threads.
    runtime.configure = lambda num_threads=0: None
    from tfgan import export, run, sample, train, training  # noqa: F401
    from tfgan.data import catalog, folder  # noqa: F401
    from tfgan.runs import provenance
    from tfgan.serving import publish  # noqa: F401

    provenance.commit()  # asks git, once: a process from here on is the mutant's doing
    found = {name: function for name, (function, _) in targets.TARGETS.items()}
    if extra:
        found |= importlib.import_module(extra).TARGETS
    return found


def _try(target: Callable[[Path, Path], None], mutant: Path, originals_: Path) -> tuple[str, str]:
    """Returns what became of a mutant: accepted, refused or fault; and how."""
    from tfgan.core.checks import CommandError

    outside = mutant.parent / "outside"
    before, memory = originals.look(outside), _peak(reset=True)
    limit = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + 4 * MOST_BYTES, limit[1]))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        # Strict, as standard output is: a name that cannot be written is an error there too.
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
            target(mutant, originals_)
        found = "accepted", ""
    except CommandError as error:
        line = error.line()
        found = "refused", line
        if not line or len(line) > MOST_CHARACTERS:
            found = "fault", f"a line of {len(line)} characters: {line[:100]}"
    except TookTooLong:
        found = "fault", f"hangs: still going on after {SECONDS} s"
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in where if "/tfgan/" in frame.filename] or where
        text = " ".join(f"{type(error).__name__}: {error}".split())[:400]
        place = ours[-1]
        found = "fault", f"traceback at {Path(place.filename).name}:{place.lineno}: {text}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, limit)
    grown = _peak() - memory
    if grown > MOST_BYTES:
        found = "fault", f"takes {grown / 1e6:,.0f} MB; {found[1]}"
    if originals.look(outside) != before:
        found = "fault", f"changes what lies outside; {found[1]}"
        _mark("")  # what follows is the worker's own doing
        originals.plant(outside)
    return found


def _give_up(number: int, frame: Any) -> None:
    raise TookTooLong


def _peak(reset: bool = False) -> int:
    """Returns the most memory that this process has had, in bytes, since it was reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmHWM")


def _address_space() -> int:
    return _status("VmSize")


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"{field}:")]
    return int(line.split()[1]) * 1024


def _say(answers, answer: dict[str, Any]) -> None:
    # A name or a message may hold what no terminal takes.
    clean = {
        k: v.encode(errors="backslashreplace").decode() if isinstance(v, str) else v
        for k, v in answer.items()
    }
    answers.write(json.dumps(clean) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
