"""A rig that is stopped at a step, and what it leaves."""

import hashlib
import shutil

import pytest

from tfgan import training
from tools.sweep import rig


class Rig(rig.Rig):
    """Stops, too."""

    def train_to(self, path, step, monkeypatch, **changes):
        """Trains until a signal comes at `step`: a window ends there, since a checkpoint is due."""
        seen = 0
        run_steps = self.traced.run_steps

        def counted(first, number):
            nonlocal seen
            seen = first + number
            return run_steps(first, number)

        with monkeypatch.context() as patch:
            patch.setattr(self, "traced", self.traced._replace(run_steps=counted))
            patch.setattr(training.stopping, "requested", lambda: "SIGTERM" * (seen >= step))
            match = f"SIGTERM: stopped after step {step}, which is saved; run the same command"
            with pytest.raises(training.Stopped, match=match):
                self.train(path, checkpoint_every_steps=step, **changes)


def digest(path):
    """SHA-256 over all state of the newest checkpoint, the logs' bytes, and the pictures'."""
    newest = max((path / "checkpoints").iterdir())
    found = [*sorted(newest.glob("state.*")), path / "losses.csv", path / "health.csv"]
    found += sorted((path / "samples").iterdir())
    assert len(found) > 4
    whole = hashlib.sha256()
    for file in found:
        whole.update(f"{file.name} {file.stat().st_size} ".encode() + file.read_bytes())
    return newest.name, whole.hexdigest()


def everything(path):
    """Returns the bytes of every file of a run, by name."""
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def forget(path, step):
    """Removes the checkpoints behind `step`, as if the power had failed there."""
    for checkpoint in (path / "checkpoints").iterdir():
        if int(checkpoint.name) > step:
            shutil.rmtree(checkpoint)
