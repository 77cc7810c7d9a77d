"""A run read from outside: its newest good checkpoint, without taking the folder or its data.

So a run can be exported, or sampled from, while it trains.
"""

import contextlib
import sys

import tensorflow as tf

from tfgan import build
from tfgan.config import Config
from tfgan.core import checks, files
from tfgan.core.checks import InputError, NonFiniteError
from tfgan.runs.checkpoints import Checkpoints, assign
from tfgan.runs.folder import LOSSES


class TrainedRun:
    """What a run has trained so far.

    Args:
      run_dir: its folder.

    Raises:
      InputError: it has no good checkpoint, or one of another version of this code.
    """

    def __init__(self, run_dir: str):
        self.path = files.named(run_dir)
        checkpoints = Checkpoints(self.path / "checkpoints", keep=1)
        self.checkpoint, damaged = checkpoints.newest()
        for path, reason in damaged.items():
            print(f"damaged, not used: {path}: {reason}", file=sys.stderr)
        if self.checkpoint is None:
            raise InputError(f"{self.path} has no good checkpoint; is it the --run_dir of a run?")
        record = self.checkpoint.record
        try:
            self.config = Config(**record["config"])
            self.shape = tuple(int(size) for size in record["data"]["shape"])
            build.check_names(self.config)
        except (TypeError, KeyError, ValueError) as error:
            text = " ".join(str(error).split())
            raise InputError(f"{self.checkpoint.path} is of another version: {text}") from None

    def players(self) -> tuple[tf.Module, tf.Module]:
        """Returns the generator, averaged where the run averages, and the discriminator.

        Raises:
          InputError: the checkpoint is of another model.
          NonFiniteError: it holds NaN or infinity.
          StorageError: it cannot be read.
        """
        values = self.checkpoint.read()
        bad = checks.first_non_finite(values)
        if bad:
            raise NonFiniteError(f"{self.checkpoint.path}: {bad} is not finite; it is not used.")
        model = build.build_model(self.config, self.shape)
        assign(model.state(), values)
        generator = model.generator if model.average is None else model.average.twin
        return generator, model.discriminator

    def record(self) -> dict:
        """Returns what a reader of the weights should know of where they come from."""
        record = self.checkpoint.record
        manifest = self.checkpoint.path / "manifest.json"
        return {
            "step": self.checkpoint.step,
            "config": self.config.to_dict(),
            "data": record["data"],
            "losses": self._losses(),
            "trained_with": record["fingerprint"],
            "rollbacks": record["rollbacks"],
            "checkpoint_sha256": files.sha256(manifest),
        }

    def _losses(self) -> dict[str, float]:
        """Returns the losses of the checkpoint's step; a run that goes on has later ones too.

        They are {} where the log has no such row: the weights do not need it.
        """
        with contextlib.suppress(OSError, ValueError):
            header, *rows = (self.path / LOSSES).read_text().splitlines()
            for row in rows:
                if row.startswith(f"{self.checkpoint.step},"):
                    named = zip(header.split(","), map(float, row.split(",")), strict=True)
                    return {name: value for name, value in named if name != "step"}
        return {}
