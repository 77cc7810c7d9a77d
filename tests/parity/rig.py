"""Runs the command on scripts, as a user would."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).with_name("scripts")
PORTS = Path(__file__).with_name("ports")


def parity(*arguments, cwd, timeout_s=300):
    """Returns what `python -m tfgan.parity` answers: status, standard output and error."""
    answer = subprocess.run(
        [sys.executable, "-m", "tfgan.parity", *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    return answer.returncode, answer.stdout, answer.stderr


def recorded(script, out, *more, calls=60):
    """Records one of the scripts; returns the recording's directory."""
    out.mkdir(parents=True, exist_ok=True)
    recording = out / f"{Path(script).stem}.rec"
    path = SCRIPTS / f"{script}.py"
    status, said, error = parity(
        *("record", path, f"--calls={calls}", f"--out={recording}", "--scratch", *more), cwd=out
    )
    assert status == 0, said + error
    return recording


def compared(recording, port, *more):
    """Returns what a comparison found, as its JSON has it, and the exit status."""
    found = port.with_suffix(".json") if port.parent != PORTS else recording.with_suffix(".json")
    status, said, error = parity(
        "compare", recording, port, f"--json={found}", *more, cwd=recording.parent
    )
    assert status in (0, 1), said + error
    return json.loads(found.read_text()), status


def environment():
    """Returns the environment in which the command finds this checkout."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
