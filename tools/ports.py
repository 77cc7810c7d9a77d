"""The scripts of tests/parity, their ports, and bugs planted in these: recorded and compared."""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfgan.core.checks import InputError

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "tests" / "parity" / "scripts"
PORTS = ROOT / "tests" / "parity" / "ports"

Edit = tuple[str, str]


def names() -> list[str]:
    """Returns the scripts that have a port."""
    return sorted(path.stem for path in PORTS.glob("*.py") if not path.stem.startswith("bugs_"))


def script(name: str) -> tuple[Path, list[str]]:
    """Returns where a script is, and its arguments."""
    if name == "gan_session":
        return ROOT / "legacy" / "gan_session.py", ["--flagfile=legacy/document.flags"]
    return SCRIPTS / f"{name}.py", []


def bugs(name: str) -> dict[str, tuple[str, list[Edit]]]:
    """Returns the bugs to plant in a port: by name the rule that has to name it, and the edits."""
    found = {}
    for bug, rule, *edits in runpy.run_path(str(PORTS / f"bugs_{name}.py"))["BUGS"]:
        found[bug] = rule, edits[0] if len(edits) == 1 else [tuple(edits)]
    return found


def planted(name: str, edits: Sequence[Edit]) -> str:
    """Returns the source of a port with edits.

    Raises:
      InputError: one of them does not fit any longer.
    """
    source = (PORTS / f"{name}.py").read_text()
    for old, new in edits:
        if old not in source:
            raise InputError(f"tests/parity/ports/{name}.py has no {old!r}.")
        source = source.replace(old, new)
    return source


def record(name: str, folder: Path, calls: int) -> tuple[Path, float]:
    """Records a script; returns the recording, and how many seconds it took.

    Raises:
      InputError: it cannot be recorded.
    """
    path, arguments = script(name)
    out, begin = folder / f"{name}.rec", time.monotonic()
    command = ["record", path, f"--calls={calls}", f"--out={out}"]
    if arguments:
        _parity(*command, "--", *arguments, cwd=ROOT)
    else:
        _parity(*command, "--scratch", cwd=folder)
    return out, time.monotonic() - begin


def check(recording: Path) -> list[str]:
    """Returns the problems that are found in a recording, a line each."""
    said = _parity("check", recording, cwd=recording.parent).stdout
    return [line for line in said.splitlines() if line.startswith("PROBLEM: ")]


def compare(recording: Path, port: Path, *flags: str) -> dict[str, Any]:
    """Returns what a comparison found, as its JSON has it.

    Raises:
      InputError: nothing could be compared.
    """
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        _parity("compare", recording, port, f"--json={found}", *flags, cwd=recording.parent)
        return json.loads(found.read_text())


def _parity(*arguments: object, cwd: Path) -> subprocess.CompletedProcess:
    answer = subprocess.run(
        [sys.executable, "-m", "tfgan.parity", *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if answer.returncode not in (0, 1) or "Traceback" in answer.stderr:
        raise InputError(f"{arguments[0]}: {answer.stderr.strip()[-500:]}")
    return answer


def environment() -> dict[str, str]:
    """Returns the environment in which the command finds this checkout."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
