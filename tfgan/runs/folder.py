"""The folder of one run: what a run leaves behind, and what it needs to go on.

    flags.txt       replays the run
    run.json        config, versions, fingerprint, data, commit, and where each start began
    losses.csv      every step         health.csv, events.out.tfevents.*   at intervals
    samples/        a picture at intervals; samples.gif and losses.png are made of them at the end
    checkpoints/    the state

What counts is decided by the newest good checkpoint alone: it records how long each log was, and
all else is cut back to it. So it does not matter where a run was interrupted.
"""

import contextlib
import functools
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan.config import Config
from tfgan.core import files, random, runtime
from tfgan.core.checks import InputError, StorageError
from tfgan.core.interfaces import Model
from tfgan.runs import pictures
from tfgan.runs.checkpoints import Checkpoint, Checkpoints, assign
from tfgan.runs.logs import EVENTS, Events, Log, Table, read_table

LOSSES, HEALTH = "losses.csv", "health.csv"

STARTING = "STARTING"
"""Lies in the folder until the first checkpoint does: what is there then is no run yet."""

NEVER_CHANGE_NUMBERS = (
    *("num_steps", "steps_per_call", "log_every_steps", "sample_every_steps", "num_samples"),
    *("checkpoint_every_steps", "keep_checkpoints", "keep_every_steps"),
    *("on_nonfinite", "max_rollbacks", "stop_when"),
    *("image_dir", "data_dir", "data_memory_mb", "num_threads"),
)
"""Fields under which a run may go on. Data and threads are compared by their fingerprints."""


class RunFolder:
    """One run's folder, held by this process alone until it is closed.

    Args:
      path: new, empty, or with a run in it.
      config: the run.
      allow_changed_flags: go on though fields differ that never change numbers.

    Raises:
      InputError: it holds something else, a run of another config, or is in use.
    """

    def __init__(self, path: str, config: Config, allow_changed_flags: bool = False):
        self.path, self.config = files.named(path), config
        self.checkpoint: Checkpoint | None = None
        """The state that counts; None before the first."""
        self.rollbacks = 0
        """How often the run went back to a checkpoint because a number was not finite."""
        self._checkpoints = Checkpoints(
            self.path / "checkpoints",
            keep=config.keep_checkpoints,
            keep_every_steps=config.keep_every_steps,
        )
        self._damaged: dict[Path, str] = {}
        self._logs: tuple[Log, ...] = ()
        self._lock: int | None = None
        if os.path.lexists(self.path):
            try:
                self._look(allow_changed_flags)
            except BaseException:
                self.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """Closes the logs and lets others have the folder."""
        for log in self._logs:
            log.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def step(self) -> int:
        """How many iterations count."""
        return self.checkpoint.step if self.checkpoint else 0

    def _look(self, allow_changed_flags: bool) -> None:
        """Takes the folder and finds the checkpoint to go on from."""
        if not self.path.is_dir():
            raise InputError(f"{self.path} is not a folder; choose another --run_dir.")
        self._lock = files.lock(self.path)
        names = {entry.name for entry in self.path.iterdir()}
        if not names:
            return
        self.checkpoint, self._damaged = self._checkpoints.newest()
        for path, reason in self._damaged.items():
            print(f"damaged, not used: {path}: {reason}", file=sys.stderr)
        if self.checkpoint is None and STARTING in names:
            return
        if self.checkpoint is None:
            raise InputError(
                f"{self.path} is not empty and has no good checkpoint; choose another --run_dir."
            )
        self.rollbacks = self.checkpoint.record["rollbacks"]
        self._compare_config(allow_changed_flags)

    def _compare_config(self, allowed: bool) -> None:
        before, now = self.checkpoint.record["config"], self.config.to_dict()
        for name in dict.fromkeys((*now, *before)):
            if before.get(name) == now.get(name):
                continue
            text = f"{self.path} has --{name}={before.get(name)}, got {now.get(name)}"
            if name not in NEVER_CHANGE_NUMBERS:
                raise InputError(
                    f"{text}: this is another run; set it back, or choose another --run_dir."
                )
            if not allowed:
                raise InputError(f"{text}: set it back, or add --allow_changed_flags to go on.")
        if self.config.num_steps < self.step:
            raise InputError(
                f"{self.path} is at step {self.step}; --num_steps={self.config.num_steps} is less."
            )

    def start(
        self,
        fixed: dict[str, Any],
        loss_names: Sequence[str],
        look_names: Sequence[str],
        flags_text: str,
        allow_different_bits: bool = False,
    ) -> None:
        """Makes the folder of a new run, or cuts that of an old one back to its checkpoint.

        Args:
          fixed: what has to stay as it is through the run, beside the config: "fingerprint" and
            "data", a dict each.
          loss_names, look_names: columns of the tables, beside the step.
          flags_text: the flag file that replays the run.
          allow_different_bits: go on though `fixed` differs.

        Raises:
          InputError: it differs; or the folder cannot be made.
          StorageError: the disk refuses, or a log is shorter than it was.
        """
        self._fixed = {"config": self.config.to_dict()} | json.loads(json.dumps(fixed))
        if self.checkpoint is None:
            self._make()
        else:
            self._compare_bits(allow_different_bits)
        for path in self._damaged:
            _set_aside(path)
        self.losses = Table(self.path / LOSSES, ("step", *loss_names))
        self._look_names = ("step", *loss_names, *look_names)
        self.health = Table(self.path / HEALTH, (*self._look_names, "verdict"))
        self.events = Events(self.path / EVENTS)
        self._logs = (self.losses, self.health, self.events)
        self._cut_back()
        self._describe(flags_text)
        draw = random.LATENT_DISTRIBUTIONS[self.config.latent_distribution]
        self._latents = draw(
            [self.config.num_samples, self.config.latent_size], self.config.seed, "samples"
        )

    def _make(self) -> None:
        """Makes a new run's folder, over one whose start was interrupted."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"{self.path}: {error.strerror}; choose a --run_dir that can be written."
            ) from error
        if self._lock is None:
            self._lock = files.lock(self.path)
        with files.refusals(self.path):
            (self.path / STARTING).touch()  # it has no bytes, so it is whole as soon as it is there
            files.sync(self.path)
            (self.path / "samples").mkdir(exist_ok=True)

    def _compare_bits(self, allowed: bool) -> None:
        for what in ("data", "fingerprint"):
            before, now = self.checkpoint.record[what], self._fixed[what]
            for name in dict.fromkeys((*now, *before)):
                if before.get(name) == now.get(name):
                    continue
                text = f"{what}: {name} was {before.get(name)} and is now {now.get(name)}"
                if not allowed:
                    raise InputError(
                        f"{self.path}: {text}, so the bits would not be those of an uninterrupted "
                        "run; to give that up, add --allow_different_bits."
                    )
                print(f"the bits may differ from here on: {text}", file=sys.stderr)

    def _cut_back(self) -> None:
        """Takes away all that came after the checkpoint."""
        sizes = self.checkpoint.record["logs"] if self.checkpoint else {}
        for log in self._logs:
            log.cut(sizes.get(log.path.name, 0))
        with files.refusals(self.path):
            for folder in (self.path, self.path / "samples", self._checkpoints.folder):
                if folder.is_dir():
                    files.clean(folder)
            for picture in self._pictures():
                if self.checkpoint is None or int(picture.stem) > self.step:
                    picture.unlink()
        self._checkpoints.prune()

    def _describe(self, flags_text: str) -> None:
        """Writes flags.txt, run.json, and the config into TensorBoard."""
        starts = []
        if self.checkpoint is None:
            self.events.text("config", "".join(f"    {line}\n" for line in flags_text.split("\n")))
        else:
            with contextlib.suppress(OSError, ValueError, KeyError):
                starts = json.loads((self.path / "run.json").read_text())["starts"]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        starts.append({"step": self.step, "time": now, "fingerprint": self._fixed["fingerprint"]})
        about = {"versions": runtime.versions(), "commit": _commit(), "starts": starts}
        record = json.dumps(self._fixed | about, indent=2) + "\n"
        files.write(self.path / "flags.txt", flags_text.encode())
        files.write(self.path / "run.json", record.encode())

    def restore(self, model: Model) -> None:
        """Gives a model the state of the checkpoint; a new run's stays as it is.

        Raises:
          InputError: the checkpoint is of another model.
          StorageError: it cannot be read.
        """
        if self.checkpoint is not None:
            assign(model.state(), self.checkpoint.read())

    def write_losses(self, first_step: int, losses: Mapping[str, np.ndarray]) -> None:
        """Appends the losses of steps first_step + 1 and on, float32 [num_steps] each."""
        rows = zip(*losses.values(), strict=True)
        self.losses.append((step, *row) for step, row in enumerate(rows, first_step + 1))

    def write_look(self, look: Mapping[str, float], verdict: str) -> None:
        """Appends how the run stands at a step: numbers by name, and the verdict."""
        self.health.append([(*(look[name] for name in self._look_names), verdict)])
        scalars = {_tag(name): look[name] for name in self._look_names[1:]}
        self.events.scalars(look["step"], scalars)

    def write_samples(self, step: int, model: Model, state: Mapping[str, np.ndarray]) -> None:
        """Draws the same latents again: a picture, here and in TensorBoard, beside the weights."""
        picture = pictures.draw_examples(model.sample(self._latents).numpy())
        encoded = io.BytesIO()
        picture.save(encoded, format="PNG")
        files.write(self.path / "samples" / f"{step:08d}.png", encoded.getvalue())
        self.events.image(step, "samples", encoded.getvalue(), picture.width, picture.height)
        weights = {name: value for name, value in state.items() if "_optimizer/" not in name}
        self.events.histograms(step, weights)

    def save(self, step: int, state: Mapping[str, np.ndarray]) -> None:
        """Writes a checkpoint: from here on it is what counts.

        Raises:
          NonFiniteError: a number of the state is not finite; nothing was written.
          StorageError: the disk refuses; what was saved before is whole.
        """
        sizes = {log.path.name: log.sync() for log in self._logs}
        record = self._fixed | {"rollbacks": self.rollbacks, "logs": sizes}
        self.checkpoint = self._checkpoints.save(step, state, record)
        with files.refusals(self.path):
            if (self.path / STARTING).exists():
                (self.path / STARTING).unlink()
                files.sync(self.path)

    def _pictures(self) -> list[Path]:
        """Returns the pictures of the run, oldest first, without what people put beside them."""
        found = (self.path / "samples").glob("*.png")
        return sorted((p for p in found if p.stem.isdecimal()), key=lambda p: int(p.stem))

    def roll_back(self) -> None:
        """Takes away all that came after the checkpoint, and counts it.

        Raises:
          StorageError: the disk refuses.
        """
        self.rollbacks += 1
        self._cut_back()

    def looks(self) -> list[dict[str, float]]:
        """Returns the numbers that `write_look` has written.

        Raises:
          StorageError: somebody else has written there.
        """
        columns = read_table(self.path / HEALTH)
        if tuple(columns) != self._look_names:
            raise StorageError(f"{self.path / HEALTH} has other columns than it had: put it back.")
        rows = zip(*columns.values(), strict=True)
        return [dict(zip(columns, map(float, row), strict=True)) for row in rows]

    def finish(self) -> None:
        """Makes the animation and the plot out of what the run has left, and says what there is.

        Raises:
          StorageError: the disk refuses.
        """
        with files.refusals(self.path):
            if frames := self._pictures():
                pictures.save_animation(frames, self.path / "samples.gif")
            pictures.save_plot(
                read_table(self.path / LOSSES),
                self.path / "losses.png",
                title=self.config.objective,
                unit="score" if self.config.objective == "wasserstein" else "nats",
            )
        print(
            f"{self.path}: samples.gif, samples/, losses.csv, losses.png, health.csv, "
            "checkpoints/, flags.txt"
        )


def _tag(name: str) -> str:
    return f"losses/{name}" if name.endswith("_loss") else f"health/{name}"


def _set_aside(path: Path) -> None:
    """Renames a damaged checkpoint, so that its step can be saved again."""
    with files.refusals(path):
        number = 0
        while (aside := path.with_name(f"{path.name}.damaged{number or ''}")).exists():
            number += 1
        path.rename(aside)
        files.sync(path.parent)


@functools.cache
def _commit() -> str | None:
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
