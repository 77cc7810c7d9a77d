"""A run read from outside: its newest good checkpoint, without taking its directory or its data.

So a run can be exported, or sampled from, while it trains.
"""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from tfgan.config import Config
from tfgan.core import checks, files, paths
from tfgan.core.checks import InputError, NonFiniteError
from tfgan.core.interfaces import Model, Specs
from tfgan.runs import identity
from tfgan.runs.checkpoints import Checkpoints, assign, make_model
from tfgan.runs.layout import CHECKPOINTS, LOSSES, OWN


class TrainedRun:
    """What a run has trained so far.

    Args:
      run_dir: its directory.
      step: of the checkpoint; None: the newest good one.

    Raises:
      InputError: it has no such checkpoint, or one of another version of this code.
    """

    def __init__(self, run_dir: str, step: int | None = None):
        self.path = paths.user_path(run_dir)
        if self.path.is_dir():
            files.check_plain(self.path, OWN)
        checkpoints = Checkpoints(self.path / CHECKPOINTS, keep=1)
        self.steps = checkpoints.steps()
        """Of all its checkpoints, oldest first."""
        if step is None:
            checkpoint, damaged = checkpoints.newest()
        else:
            checkpoint, damaged = checkpoints.at(step), {}
        for path, reason in damaged.items():
            print(f"damaged, not used: {path}: {reason}", file=sys.stderr)
        if checkpoint is None:
            raise InputError(f"{self.path} has no good checkpoint; is it the --run_dir of a run?")
        self.checkpoint = checkpoint
        self._recorded = identity.check(checkpoint.record, checkpoint.path)
        self.config, self.specs, self.kind, self.made_by = self._recorded

    def model(self, make: Callable[[Config, Specs], Model]) -> Model:
        """Returns the model with the checkpoint's state.

        Args:
          make: makes the model that was trained.

        Raises:
          InputError: the checkpoint is of another model.
          NonFiniteError: it holds NaN or infinity.
          StorageError: it cannot be read.
        """
        values = self.checkpoint.read()
        bad = checks.first_non_finite(values)
        if bad:
            raise NonFiniteError(f"{self.checkpoint.path}: {bad} is not finite; it is not used.")
        model = make_model(make, self._recorded, values)
        assign(model.state(), values)
        return model

    def record(self) -> dict[str, Any]:
        """Returns what a reader of the weights should know of where they come from."""
        record = self.checkpoint.record
        began = record.get("warm_start")
        return {
            "step": self.checkpoint.step,
            "config": self.config.to_dict(),
            "model": record.get("model", {}),
            "data": record["data"],
            "losses": self._losses(),
            "trained_with": record["fingerprint"],
            "rollbacks": record["rollbacks"],
            "checkpoint_sha256": self.checkpoint.sha256(),
        } | ({"warm_start": began} if began else {})

    def _losses(self) -> dict[str, float]:
        """Returns the losses of the checkpoint's step; a run that is training has later ones too.

        They are {} where the log has no such row: the weights do not need it.
        """
        with contextlib.suppress(OSError, ValueError):
            header, *rows = files.read(self.path / LOSSES).decode().splitlines()
            for row in rows:
                if row.startswith(f"{self.checkpoint.step},"):
                    named = zip(header.split(","), map(float, row.split(",")), strict=True)
                    return {name: value for name, value in named if name != "step"}
        return {}
