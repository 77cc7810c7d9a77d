"""Runs that are interrupted, and what has to be true of what they leave."""

import hashlib
import json
import re
from pathlib import Path

from tools import crash_points, zygote
from tools.sweep.trials import need

WINDOW = 10
"""Steps in one call of a LONG run: everything it does falls on a multiple."""

LONG = (
    *("--data=ring", "--network=mlp", "--latent_size=4", "--hidden_size=64", "--num_samples=4"),
    *(f"--steps_per_call={WINDOW}", "--log_every_steps=20", "--sample_every_steps=100"),
    *("--checkpoint_every_steps=40", "--keep_checkpoints=2", "--keep_every_steps=400"),
)


def uninterrupted(arguments, folder: Path) -> dict[str, bytes]:
    """Returns the files of the run that nothing befalls."""
    run = folder / "uninterrupted"
    return _trained(arguments, run, output=run)


def finish(arguments, run: Path) -> dict[str, bytes]:
    """Runs the same command once more, to the end; returns the files."""
    return _trained(arguments, run, output=run.with_name("last"))


def _trained(arguments, run: Path, output: Path) -> dict[str, bytes]:
    status, child = zygote.train([*arguments, f"--run_dir={run}"], output, seconds=600)
    need(status == 0 and not child.stderr, f"ended with {status}: {child.stderr}")
    return crash_points.read(run)


def same(found: dict[str, bytes], expected: dict[str, bytes]) -> None:
    """Checks that two runs have left the same bytes.

    Raises:
      Broken: they have not; the files are named.
    """
    names = sorted(n for n in found.keys() | expected.keys() if found.get(n) != expected.get(n))
    need(not names, "these files differ:", ", ".join(names))


def result(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leaves out the older checkpoints: a signal makes one where there would be none."""
    last = max(name for name in files if name.startswith("checkpoints"))
    return {
        name: data
        for name, data in files.items()
        if not name.startswith("checkpoints") or name[:22] == last[:22]
    }


def rows(run: Path) -> int:
    """Returns for how many steps there are losses."""
    losses = run / "losses.csv"
    return losses.read_bytes().count(b"\n") - 1 if losses.exists() else 0


def saved_steps(run: Path) -> list[int]:
    """Returns the steps of the checkpoints, oldest first, each of which has to be whole.

    Read by hand: a fault of the library's own reader would hide what it is to find.
    """
    found = sorted(p for p in (run / "checkpoints").glob("*") if re.fullmatch("[0-9]{10}", p.name))
    for path in found:
        need((path / "manifest.json").is_file(), f"{path} has no manifest")
        content = json.loads((path / "manifest.json").read_bytes())["content"]
        need(content["step"] == int(path.name), f"{path} is of step {content['step']}")
        files = {p.name: p.read_bytes() for p in path.iterdir() if p.name != "manifest.json"}
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        recorded = {name: about["sha256"] for name, about in content["files"].items()}
        need(digests == recorded, f"{path} is damaged")
    return [int(path.name) for path in found]


def saved_step(run: Path) -> int:
    """Returns the step of the newest checkpoint, all of which have to be whole; -1: none."""
    return max(saved_steps(run), default=-1)
