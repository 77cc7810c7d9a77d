"""The directory of one run: what a run leaves behind, and what it needs to resume.

    flags.txt       replays the run    floors.json   of the evaluations in health.csv
    run.json        config, versions, fingerprint, data, commit, and where each start began
    losses.csv      every step         health.csv, events.out.tfevents.*   at intervals
    samples/        pictures at intervals; samples.gif and losses.png are made of them at the end
    checkpoints/    the state

What counts is decided by the newest good checkpoint alone: it records how long each log was, and
all else is cut back to it. So it does not matter where a run was interrupted.
"""

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan.config import Config
from tfgan.core import files, locks, paths
from tfgan.core.checks import InputError, StorageError
from tfgan.core.interfaces import Kind, Model, is_of_optimizer
from tfgan.data import drawing
from tfgan.runs import best, health, layout, pictures, provenance
from tfgan.runs import identity as identities
from tfgan.runs.board import Board
from tfgan.runs.checkpoints import Checkpoint, Checkpoints, assign
from tfgan.runs.events import EVENTS, Events
from tfgan.runs.logs import Log, Table, header, read_table


class RunFolder:
    """One run's directory, held by this process alone until it is closed.

    Args:
      path: new, empty, or with a run in it.
      config: the run.
      allow_changed_flags: resume though fields differ that never change numbers.

    Raises:
      InputError: it holds something else, a run of another config, or is in use.
    """

    def __init__(self, path: str, config: Config, allow_changed_flags: bool = False):
        self.path = paths.user_path(path)
        self.config = config
        """Of this run: as given, but where an older run did not know a field."""
        self.checkpoint: Checkpoint | None = None
        """The state that counts; None before the first."""
        self.rollbacks = 0
        """How often the run went back to a checkpoint because a number was not finite."""
        self._checkpoints = Checkpoints(
            self.path / layout.CHECKPOINTS,
            keep=config.keep_checkpoints,
            keep_every_steps=config.keep_every_steps,
        )
        self._furthest = 0  # step up to which losses were written
        self._retried: dict[str, int] = {}  # "from" the last rollback's step; "reached" before it
        self._damaged: dict[Path, str] = {}
        self._logs: tuple[Log, ...] = ()
        self._lock: int | None = None
        paths.for_tensorflow(self.path)
        if os.path.lexists(self.path):
            try:
                self._find_checkpoint(allow_changed_flags)
            except BaseException:
                self.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """Closes the logs and lets others have the directory."""
        for log in self._logs:
            log.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def step(self) -> int:
        """How many iterations count."""
        return self.checkpoint.step if self.checkpoint else 0

    @property
    def record(self) -> Mapping[str, Any] | None:
        """What the checkpoint records of the run; None before the first."""
        return self.checkpoint.record if self.checkpoint else None

    def _find_checkpoint(self, allow_changed_flags: bool) -> None:
        """Locks the directory and finds the checkpoint to resume from."""
        if not self.path.is_dir():
            raise InputError(f"{self.path} is not a directory; choose another --run_dir.")
        self._lock = locks.lock(self.path)
        files.check_plain(self.path, layout.OWN)
        names = files.names(self.path)
        if not names:
            return
        self.checkpoint, self._damaged = self._checkpoints.newest()
        for path, reason in self._damaged.items():
            print(f"damaged, not used: {path}: {reason}", file=sys.stderr)
        if self.checkpoint is None and layout.STARTING in names:
            return
        if self.checkpoint is None:
            raise InputError(
                f"{self.path} is not empty and has no good checkpoint; choose another --run_dir."
            )
        record = self.checkpoint.record
        identities.check(record, self.checkpoint.path)
        self.rollbacks, self._retried = record["rollbacks"], record.get("retried", {})
        self.config = identities.as_recorded(record, self.config, self.path)
        identities.compare_config(record, self.config, self.path, allow_changed_flags)
        if self.config.num_steps < self.step:
            raise InputError(
                f"{self.path} is at step {self.step}; --num_steps={self.config.num_steps} is less."
            )

    def start(
        self,
        model: Model,
        kind: Kind,
        identity: Mapping[str, Any],
        flags_text: str | None = None,
        allow_different_bits: bool = False,
        evaluated: Sequence[str] = (),
    ) -> None:
        """Makes the directory of a new run, or cuts that of an old one back to its checkpoint.

        Args:
          model: of the run.
          kind: of its examples, which draws them.
          identity: what `identity.identify` returns.
          flags_text: the flag file that replays the run; None: no command can.
          allow_different_bits: resume though data or fingerprint differ.
          evaluated: names of the numbers of an evaluation, which some rows of health have.

        Raises:
          InputError: they differ, or the model does; or the directory cannot be made.
          StorageError: the disk refuses, or a log is shorter than it was.
        """
        self._identity = json.loads(json.dumps(identity))
        if self.checkpoint is None:
            self._make()
        else:
            identities.compare(
                self.checkpoint.record, self._identity, self.path, allow_different_bits
            )
        for path in self._damaged:
            files.set_aside(path)
        self._title, self._unit, self._kind = model.title, model.loss_unit, kind
        self._inputs, self._columns = pictures.inputs(model, self.config.num_samples)
        self._loss_names = ("step", *model.loss_names)
        written = header(self.path / layout.HEALTH) if self.checkpoint else ()
        best.check_evaluated(written, evaluated, self.path)
        by_class = identities.has_classes(self._identity, model)
        measured = health.names(model, by_class, written)
        self._health_names = (*self._loss_names, *measured, *evaluated)
        self._best_column = best.column_of(self.config.keep_best, evaluated)
        self.losses = Table(self.path / layout.LOSSES, self._loss_names)
        self.health = Table(self.path / layout.HEALTH, (*self._health_names, "verdict"))
        self.events = Events(self.path / EVENTS)
        self.board = Board(self.events, model, (*measured, *evaluated))
        self._logs = (self.losses, self.health, self.events)
        self._cut_back()
        self._describe(flags_text)

    def _make(self) -> None:
        """Makes a new run's directory, over one whose start was interrupted."""
        try:
            files.make_folder(self.path, with_parents=True)
        except StorageError as error:
            cause = getattr(error.__cause__, "strerror", error)
            raise InputError(
                f"{self.path}: {cause}; choose a --run_dir that can be written."
            ) from error
        if self._lock is None:
            self._lock = locks.lock(self.path)
            self._check_untouched()
        files.mark(self.path / layout.STARTING)
        files.make_folder(self.path / layout.SAMPLES)

    def _check_untouched(self) -> None:
        """Checks that nobody has used the directory between this start and its lock.

        Raises:
          InputError: somebody has.
        """
        names = files.names(self.path)
        newest, damaged = self._checkpoints.newest()
        if names and (newest or damaged or layout.STARTING not in names):
            raise InputError(
                f"{self.path}: another process has used it since this one started; run the same "
                "command again."
            )

    def _cut_back(self) -> None:
        """Takes away all that came after the checkpoint."""
        sizes = self.checkpoint.record["logs"] if self.checkpoint else {}
        for log in self._logs:
            log.cut(sizes.get(log.path.name, 0))
        files.clean(self.path, layout.OWN)
        files.clean(self.path / layout.SAMPLES, layout.OWN[layout.SAMPLES])
        self._checkpoints.clean()
        for picture in layout.pictures_of(self.path):
            if self.checkpoint is None or layout.step_of(picture) > self.step:
                files.remove(picture)
        rows = self.health_rows()
        self._checkpoints.best = best.best_step(rows, self._best_column)
        self._checkpoints.prune()
        self.board.go_on(rows, self._losses_since(int(rows[-1]["step"]) if rows else 0))

    def _losses_since(self, step: int) -> dict[str, np.ndarray]:
        """Returns the losses of the steps after one, [num_steps] each, by name."""
        if step >= self.step:  # as always where the health is measured as often: nothing is read
            return {}
        columns = read_table(self.path / layout.LOSSES, self._loss_names)
        is_later = columns.pop("step") > step
        return {name: values[is_later] for name, values in columns.items()}

    def _describe(self, flags_text: str | None) -> None:
        """Writes flags.txt, run.json, and the config into TensorBoard."""
        if self.checkpoint is None:
            text = flags_text or json.dumps(self._identity, indent=2)
            self.events.text(0, "config", "".join(f"    {line}\n" for line in text.split("\n")))
            self.events.session_start(identities.hyper_parameters(self._identity))
        if flags_text is not None:
            files.write(self.path / "flags.txt", flags_text.encode())
        record = self.path / provenance.RECORD
        files.write(record, provenance.describe(record, self._identity, self.step).encode())

    def restore(self, model: Model) -> None:
        """Gives a model the state of the checkpoint; a new run's stays as it is.

        Raises:
          InputError: the checkpoint is of another model.
          StorageError: it cannot be read.
        """
        if self.checkpoint is not None:
            assign(model.state(), self.checkpoint.read())

    def write_losses(self, first_step: int, losses: Mapping[str, np.ndarray]) -> None:
        """Appends the losses of steps first_step + 1 and on, float [num_steps] each."""
        num_steps = len(next(iter(losses.values())))
        steps = range(first_step + 1, first_step + num_steps + 1)
        self.losses.append(steps, *losses.values())
        self.board.add(losses)
        self._furthest = max(self._furthest, first_step + num_steps)

    def write_health(self, row: Mapping[str, float], verdict: str) -> bool:
        """Appends the health of the run at a step: numbers by name, and the verdict.

        Returns:
          Whether this step is the best one so far, whose checkpoint is to stay.
        """
        self.health.append(*([row.get(name, "")] for name in self._health_names), [verdict])
        self.board.show(row, verdict)
        if self._best_column not in row:
            return False
        self._checkpoints.best = best.best_step(self.health_rows(), self._best_column)
        return self._checkpoints.best == row["step"]

    def write_real(self, examples: np.ndarray, columns: int = 0) -> None:
        """Draws real examples, float [N, *shape], as `write_samples` draws generated ones."""
        self._write_picture("real", 0, "real", self._kind.draw(examples, columns))

    def write_reconstructions(self, step: int, model: Any, real: np.ndarray) -> None:
        """Draws real examples, float [N, *shape], beside what a model makes of them."""
        picture = self._kind.draw(*pictures.reconstructions(model, real))
        self._write_picture(f"{layout.RECONSTRUCTED}{step:08d}", step, "reconstructions", picture)

    def write_samples(self, step: int, model: Model, state: Mapping[str, np.ndarray]) -> None:
        """Draws samples of the same inputs again: a picture, also in TensorBoard, and the weights.

        Args:
          step: of the picture.
          model: whose samples are drawn.
          state: its state; TensorBoard shows the distribution of its weights.
        """
        picture = self._kind.draw(model.sample(self._inputs).numpy(), self._columns)
        self._write_picture(f"{step:08d}", step, "samples", picture)
        weights = {name: value for name, value in state.items() if not is_of_optimizer(name)}
        self.events.histograms(step, weights)

    def _write_picture(self, name: str, step: int, tag: str, picture: Any) -> None:
        png = drawing.png(picture)
        files.write(self.path / layout.SAMPLES / f"{name}.png", png)
        self.events.image(step, tag, png, picture.width, picture.height)

    def save(self, step: int, state: Mapping[str, np.ndarray]) -> None:
        """Writes a checkpoint: from here on it is what counts.

        Raises:
          NonFiniteError: a number of the state is not finite; nothing was written.
          StorageError: the disk refuses; what was saved before is whole.
        """
        sizes = {log.path.name: log.sync() for log in self._logs}
        if step > self._retried.get("reached", 0):
            self._retried = {}  # the last rollback has helped
        record = self._identity | {"rollbacks": self.rollbacks, "logs": sizes}
        record |= {"retried": self._retried} if self._retried else {}
        self.checkpoint = self._checkpoints.save(step, state, record)
        files.remove(self.path / layout.STARTING)

    def roll_back(self) -> None:
        """Takes away all that came after the checkpoint, and counts it.

        Where the rollback before has not led any further, its checkpoint may lie too near to the
        cause: this one goes to an earlier one, as long as there is one.

        Raises:
          StorageError: the disk refuses.
        """
        self.rollbacks += 1
        reached = max(self._furthest, self.step, self._retried.get("reached", 0))
        if self._retried:
            self.checkpoint = self._checkpoints.go_back(self._retried["from"])
        self._retried = {"from": self.step, "reached": reached}
        self._cut_back()

    def health_rows(self) -> list[dict[str, float]]:
        """Returns the numbers that `write_health` has written; of each row those that it had.

        Raises:
          StorageError: somebody else has written there.
        """
        columns = read_table(self.path / layout.HEALTH, self._health_names)
        rows = zip(*columns.values(), strict=True)
        numbered = [zip(columns, map(float, row), strict=True) for row in rows]
        return [{name: x for name, x in row if not math.isnan(x)} for row in numbered]

    def finish(self) -> None:
        """Makes the animation and the plot out of what the run has left.

        Raises:
          StorageError: the disk refuses.
        """
        if frames := layout.samples_of(self.path):
            files.write(self.path / "samples.gif", pictures.animation(frames))
        columns = read_table(self.path / layout.LOSSES)
        plot = pictures.plot(columns, title=self._title, unit=self._unit)
        files.write(self.path / "losses.png", plot)
