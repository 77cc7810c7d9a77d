"""Many runs of one config in one process: traced once, and started from rubbish each time."""

import dataclasses
import hashlib
import shutil

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build, training
from tfgan.cli import flags
from tfgan.runs import identity
from tfgan.runs.folder import RunFolder


class Rig:
    """Trains by a config, and resumes a run, as `tfgan.train` does."""

    def __init__(self, config, run=None):
        self.config = config
        self.run = run or build.build(config)
        self.traced = training.trace(*self.run)
        # All there is, whether `state()` knows it or not.
        self.initial = [variable.numpy() for variable in self.run.model.variables]

    def start(self, folder, config=None, allow_different_bits=False):
        """Starts a directory as the command does."""
        config = config or self.config
        made = identity.identify(config, *self.run, identity.FROM_CONFIG, folder.record)
        text = flags.to_flags(config)
        folder.start(self.run.model, self.run.source.kind, made, text, allow_different_bits)

    def train(self, path, **changes):
        config = dataclasses.replace(self.config, **changes)
        with RunFolder(str(path), config, allow_changed_flags=True) as folder:
            self.start(folder, config)
            self.scramble()
            if folder.checkpoint is None:
                for variable, value in zip(self.run.model.variables, self.initial, strict=True):
                    variable.assign(value)
            training.train(config, *self.run, folder, traced=self.traced)

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

    def scramble(self):
        """Fills every variable, known to `state()` or not, as a new process would not find it."""
        for variable in self.run.model.variables:
            rubbish = np.nan if variable.dtype.is_floating else -7
            variable.assign(tf.fill(variable.shape, tf.cast(rubbish, variable.dtype)))
        order = getattr(self.run.source, "_order", None)
        if order is not None:
            order._cached_epoch.assign(-1)
            order._cache.assign(tf.fill(order._cache.shape, -1))


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
