"""Where a run comes from: the commit of this code, versions, and when it was started."""

import contextlib
import functools
import json
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfgan.core import files, runtime
from tfgan.core.checks import CommandError, cut

RECORD = "run.json"
"""What a run says of itself, for people: no code trusts it."""


def describe(path: Path, identity: Mapping[str, Any], step: int) -> str:
    """Returns the text of run.json: the identity, versions, and each start with its step.

    Args:
      path: of run.json, whose earlier starts stay in it.
      identity: of the run.
      step: where this start begins.
    """
    starts = []
    if step:
        with contextlib.suppress(OSError, ValueError, TypeError, LookupError, RecursionError):
            starts = list(json.loads(files.read(path))["starts"])
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    starts.append({"step": step, "time": now, "fingerprint": identity["fingerprint"]})
    about = {"versions": runtime.versions(), "commit": commit(), "starts": starts}
    return json.dumps(dict(identity) | about, indent=2) + "\n"


def read(path: Path) -> dict[str, str]:
    """Returns what run.json says of where a run comes from, for people; {} where it says nothing.

    Somebody else may have written it: whatever it holds becomes text.
    """
    try:
        record = json.loads(files.read(path))
        trained_with, versions = record["fingerprint"], record["versions"]
        found = {
            "commit": re.sub("(?<=^[0-9a-f]{12})[0-9a-f]+", "", str(record["commit"] or "unknown")),
            "TensorFlow": trained_with["tensorflow"],
            **{name: versions[name] for name in ("python", "numpy")},
            "processor": trained_with["processor"],
            "threads": trained_with["num_threads"],
            "devices": ", ".join(map(str, trained_with["devices"])),
            "started": ", ".join(f"{x['time']} at step {x['step']}" for x in record["starts"]),
        }
    except (CommandError, OSError, ValueError, TypeError, LookupError, RecursionError):
        return {}
    return {name: cut(str(value), 200) for name, value in found.items() if value is not None}


@functools.cache
def commit() -> str | None:
    """Returns the commit of this code, with `-dirty` where it was changed since, if git knows."""
    # `status` can do without a lock, `describe` cannot: a run that is killed there would leave it
    # behind in the user's repository.
    command = ["git", "--no-optional-locks", "status", "--porcelain=v2", "--branch"]
    command += ["--untracked-files=no"]
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    head, *rest = done.stdout.splitlines() or [""]
    changed = any(not line.startswith("#") for line in rest)
    return head.removeprefix("# branch.oid ") + "-dirty" * changed or None
