"""Many runs of one config in one process: traced once, and started from rubbish each time."""

import dataclasses

import numpy as np
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
        """Trains in a directory to the end, new or resumed, with some fields changed."""
        config = dataclasses.replace(self.config, **changes)
        with RunFolder(str(path), config, allow_changed_flags=True) as folder:
            self.start(folder, config)
            self.scramble()
            if folder.checkpoint is None:
                for variable, value in zip(self.run.model.variables, self.initial, strict=True):
                    variable.assign(value)
            training.train(config, *self.run, folder, traced=self.traced)

    def scramble(self):
        """Fills every variable, known to `state()` or not, as a new process would not find it."""
        for variable in self.run.model.variables:
            rubbish = np.nan if variable.dtype.is_floating else -7
            variable.assign(tf.fill(variable.shape, tf.cast(rubbish, variable.dtype)))
        order = getattr(self.run.source, "_order", None)
        if order is not None:
            order._cached_epoch.assign(-1)
            order._cache.assign(tf.fill(order._cache.shape, -1))
