"""Runs that are interrupted, and what has to be true of what they leave."""

from pathlib import Path

from tfgan.runs.checkpoints import Checkpoints
from tools import crash_points, zygote

ROOT = Path(__file__).parents[2]

WINDOW = 10
"""Steps in one call of a LONG run: everything it does falls on a multiple."""

LONG = (
    *("--data=ring", "--network=mlp", "--latent_size=4", "--hidden_size=64", "--num_samples=4"),
    *(f"--steps_per_call={WINDOW}", "--log_every_steps=20", "--sample_every_steps=100"),
    *("--checkpoint_every_steps=40", "--keep_checkpoints=2", "--keep_every_steps=400"),
)


def uninterrupted(arguments, folder) -> dict[str, bytes]:
    """Returns the files of the run that nothing befalls."""
    run = folder / "uninterrupted"
    status, child = zygote.train([*arguments, f"--run_dir={run}"], run, seconds=600)
    assert status == 0, child.stderr
    assert child.stderr == ""
    return crash_points.read(run)


def finish(arguments, run) -> dict[str, bytes]:
    """Runs the same command once more, to the end; returns the files."""
    status, child = zygote.train([*arguments, f"--run_dir={run}"], run.with_name("last"), 600)
    assert status == 0, child.stderr
    assert child.stderr == ""
    return crash_points.read(run)


def result(files) -> dict[str, bytes]:
    """Leaves out the older checkpoints: a signal makes one where there would be none."""
    last = max(name for name in files if name.startswith("checkpoints"))
    return {
        name: data
        for name, data in files.items()
        if not name.startswith("checkpoints") or name[:22] == last[:22]
    }


def rows(run) -> int:
    """Returns for how many steps there are losses."""
    losses = run / "losses.csv"
    return losses.read_bytes().count(b"\n") - 1 if losses.exists() else 0


def saved_step(run) -> int:
    """Returns the step of the newest checkpoint, all of which have to be whole; -1: none."""
    newest, damaged = Checkpoints(run / "checkpoints", keep=2).newest()
    assert not damaged
    return newest.step if newest else -1
