"""Runs the command on scripts, as a user would."""

import subprocess
import sys
from pathlib import Path

from tools.ports import PORTS, ROOT, SCRIPTS, environment

__all__ = ["PORTS", "ROOT", "SCRIPTS", "environment", "parity", "recorded"]


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
