"""Checkpoints: each in its own directory, never written twice, believed only if it proves itself.

    checkpoints/0000000500/state.index, state.data-00000-of-00001    TensorFlow's own format
                           manifest.json                             written last

The manifest holds the step, the size and SHA-256 of every file, whatever else the run records, and
its own digest. A directory gets its name when all of it is on the disk, so a crash leaves either
the whole checkpoint or none. Reading runs no code: the format holds tensors and names alone.
"""

import contextlib
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.config import Config
from tfgan.core import checks, files, paths
from tfgan.core.checks import CommandError, InputError, NonFiniteError, StorageError
from tfgan.core.interfaces import Model, Specs
from tfgan.runs import tensors
from tfgan.runs.identity import FROM_CONFIG, Recorded

_MANIFEST = "manifest.json"
_PREFIX = "state"
_NAME = re.compile(r"[0-9]{10}")

OWN: files.Names = {
    rf"{_NAME.pattern}(\.damaged[0-9]*)?": {rf"{_PREFIX}\..*|{re.escape(_MANIFEST)}": None}
}
"""What is made in a directory of checkpoints."""


class _Damaged(Exception):  # noqa: N818 (never leaves this file)
    """Its content is not what was written: only that is damage."""


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """One whose manifest holds.

    Args:
      path: its directory.
      step: iterations that were done.
      record: what the run stored beside the state.
    """

    path: Path
    step: int
    record: dict[str, Any]

    def written_at(self) -> float:
        """Returns when it was written, in seconds since 1970.

        Raises:
          StorageError: it cannot be read.
        """
        with files.disk_errors(self.path):
            return (self.path / _MANIFEST).lstat().st_mtime

    def read(self) -> dict[str, np.ndarray]:
        """Returns the state by name.

        Raises:
          StorageError: it cannot be read.
        """
        return _read(self.path / _PREFIX)

    def sha256(self) -> str:
        """Returns the digest of the manifest, which holds those of all the rest.

        Raises:
          StorageError: it cannot be read.
        """
        with files.disk_errors(self.path):
            return files.sha256(self.path / _MANIFEST)


class Checkpoints:
    """The checkpoints of one run.

    Args:
      folder: holds them; made with the first one.
      keep: how many of the newest stay.
      keep_every_steps: those of every so many steps stay too; 0: none.
    """

    def __init__(self, folder: Path, *, keep: int, keep_every_steps: int = 0):
        self.folder = folder
        self._keep, self._keep_every_steps = keep, keep_every_steps
        self.best: int | None = None
        """Step of one that stays too."""

    def save(
        self, step: int, state: Mapping[str, np.ndarray], record: Mapping[str, Any]
    ) -> Checkpoint:
        """Writes the checkpoint of `step`, then removes those that need not stay; returns it.

        Raises:
          NonFiniteError: the state holds NaN or infinity; nothing was written.
          StorageError: the disk refuses; the earlier checkpoints are untouched.
        """
        bad = checks.first_non_finite(state)
        if bad:
            raise NonFiniteError(f"step {step}: {bad} is not finite; no checkpoint was written.")
        path = self.folder / f"{step:010d}"
        temporary = path.with_name(path.name + files.TEMPORARY)
        files.make_folder(self.folder)
        files.make_folder(temporary, is_new=True)
        _write(temporary / _PREFIX, state)
        with files.disk_errors(path):
            content = {"step": step, "files": files.manifest(temporary), "record": dict(record)}
        files.write(temporary / _MANIFEST, _encode(content))
        files.publish(temporary, path)
        self.prune()
        return Checkpoint(path, step, dict(record))

    def prune(self) -> None:
        """Removes those that need not stay.

        Raises:
          StorageError: the disk refuses.
        """
        for old in self.steps()[: -self._keep]:
            is_kept = self._keep_every_steps and old % self._keep_every_steps == 0
            if not is_kept and old != self.best:
                files.remove_folder(self.folder / f"{old:010d}")

    def clean(self) -> None:
        """Removes what a crash left of a save or of a removal.

        Raises:
          StorageError: the disk refuses.
        """
        files.clean(self.folder, OWN)

    def newest(self) -> tuple[Checkpoint | None, dict[Path, str]]:
        """Returns the newest one that holds, and the newer ones that do not, with what is wrong.

        Raises:
          StorageError: one cannot be read now, which says nothing about whether it holds.
        """
        damaged: dict[Path, str] = {}
        for step in reversed(self.steps()):
            path = self.folder / f"{step:010d}"
            try:
                return _verified(path, step), damaged
            except _Damaged as error:
                damaged[path] = str(error)
        return None, damaged

    def at(self, step: int) -> Checkpoint:
        """Returns the checkpoint of a step.

        Raises:
          InputError: there is none, or it does not hold; the message lists those that there are.
          StorageError: it cannot be read now.
        """
        kept = ", ".join(map(str, self.steps())) or "none"
        if step not in self.steps():
            raise InputError(f"{self.folder} has no checkpoint of step {step}, but of {kept}.")
        try:
            return _verified(self.folder / f"{step:010d}", step)
        except _Damaged as error:
            raise InputError(f"the checkpoint of step {step} is damaged: {error}.") from None

    def go_back(self, step: int) -> Checkpoint | None:
        """Removes all from `step` on, and returns the newest of those before it.

        Where none before it holds, the oldest good one stays, and is returned.

        Raises:
          StorageError: the disk refuses.
        """
        steps = self.steps()
        order = [s for s in reversed(steps) if s < step] + [s for s in steps if s >= step]
        for kept in order:
            with contextlib.suppress(_Damaged):
                found = _verified(self.folder / f"{kept:010d}", kept)
                for newer in reversed(steps[steps.index(kept) + 1 :]):  # any that is left counts
                    files.remove_folder(self.folder / f"{newer:010d}")
                return found
        return None

    def steps(self) -> list[int]:
        """Returns the steps of all, oldest first, whether they hold or not."""
        return [int(name) for name in files.names(self.folder) if _NAME.fullmatch(name)]


def snapshot(state: Mapping[str, tf.Variable]) -> dict[str, np.ndarray]:
    """Returns the values of variables by name."""
    return {name: variable.numpy() for name, variable in state.items()}


def make_model(
    make: Callable[[Config, Specs], Model], recorded: Recorded, values: Mapping[str, np.ndarray]
) -> Model:
    """Makes the model that a record describes, if it is the one that `values` are of.

    Args:
      make: makes the model.
      recorded: of a checkpoint or a card.
      values: what is to be assigned: the model's whole state, or a part of it.

    Raises:
      InputError: they are not of that model.
    """
    if recorded.made_by == FROM_CONFIG:  # else the user's own code says how large it is
        _check_claim(make, recorded, values)
    model = make(recorded.config, recorded.specs)
    model.seed = recorded.config.seed
    return model


def _check_claim(
    make: Callable[[Config, Specs], Model], recorded: Recorded, values: Mapping[str, np.ndarray]
) -> None:
    """Checks that a record describes a model of about the size of `values`: it may claim any.

    The model is made as a graph, which takes no memory.
    """
    # A graph cannot copy the generator for an average, which has its shapes.
    config = dataclasses.replace(recorded.config, average_decay=0.0)
    try:
        with tf.Graph().as_default():
            state = make(config, recorded.specs).state()
    except CommandError:
        raise
    except (ValueError, TypeError, OverflowError, tf.errors.OpError) as error:
        text = " ".join(str(error).split())
        raise InputError(f"the record describes no model: {text[:200]}") from error
    shared = state.keys() & values.keys()
    compare({name: state[name] for name in shared}, {name: values[name] for name in shared})
    size = sum(v.shape.num_elements() * v.dtype.size for v in state.values())
    known = sum(value.nbytes for value in values.values())
    # Beside the weights: an average of them, and what the optimizers keep of each.
    if size > 8 * known + 1e6:
        raise InputError(f"the record describes a model of {size} bytes, but holds {known}.")


def assign(state: Mapping[str, tf.Variable], values: Mapping[str, np.ndarray]) -> None:
    """Gives variables the values of a checkpoint: all of them, or none.

    Raises:
      InputError: names, shapes or dtypes differ.
    """
    compare(state, values)
    for name, variable in state.items():
        variable.assign(values[name])


def compare(state: Mapping[str, tf.Variable], values: Mapping[str, np.ndarray]) -> None:
    """Checks that the values of a checkpoint are those of a model.

    Raises:
      InputError: names, shapes or dtypes differ.
    """
    for name in state.keys() ^ values.keys():
        where = "the checkpoint" if name in values else "the model"
        raise InputError(f"only {where} has {name}; the checkpoint is of another model or version.")
    for name, variable in state.items():
        value = values[name]
        if variable.shape != value.shape or variable.dtype.as_numpy_dtype != value.dtype:
            raise InputError(
                f"{name} is {value.dtype} {value.shape} in the checkpoint, but "
                f"{variable.dtype.name} {tuple(variable.shape)} in the model."
            )


def _write(prefix: Path, state: Mapping[str, np.ndarray]) -> None:
    names = list(state)
    try:
        tf.raw_ops.SaveV2(
            prefix=paths.for_tensorflow(prefix),
            tensor_names=names,
            shape_and_slices=[""] * len(names),
            tensors=[tf.convert_to_tensor(value) for value in state.values()],
        )
    except tf.errors.OpError as error:
        # "{{function_node ...}} PATH; No space left on device [Op:SaveV2]"
        cause = error.message.rpartition("}} ")[2].partition(" [Op:")[0]
        raise StorageError(f"{prefix}: {cause}; see to the disk.") from error
    # The writer may lose bytes without saying so where the disk fails: what counts is what is read.
    written = _read(prefix)
    for name, value in state.items():
        if written[name].tobytes() != value.tobytes():
            raise StorageError(f"{prefix}: {name} is not what was written; see to the disk.")


def _read(prefix: Path) -> dict[str, np.ndarray]:
    try:
        return tensors.read(prefix)
    except InputError:  # a link, say; it is a ValueError too
        raise
    except (OSError, ValueError) as error:
        raise StorageError(f"{prefix}: cannot be read: {error}") from error


def _encode(content: dict[str, Any]) -> bytes:
    """Returns a manifest: there is one way to write a content, so that every byte is checked."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    whole = {"content": content, "sha256": digest}
    return json.dumps(whole, sort_keys=True, indent=1).encode() + b"\n"


def _verified(path: Path, step: int) -> Checkpoint:
    """Returns the checkpoint in a directory.

    Raises:
      _Damaged: its manifest does not hold.
      InputError: a file of it is a link, a pipe or a device.
      StorageError: it cannot be read now.
    """
    try:
        data = files.read(path / _MANIFEST)
        content = json.loads(data)["content"]
        if data != _encode(content):
            raise _Damaged(f"{_MANIFEST} was changed")
        if content["step"] != step:
            raise _Damaged(f"it is of step {content['step']}")
        found = {*files.names(path)} - {_MANIFEST}
        if found != content["files"].keys():
            odd = ", ".join(sorted(found ^ content["files"].keys()))
            raise _Damaged(f"{odd}: missing, or not of this checkpoint")
        for name, expected in content["files"].items():
            if (path / name).lstat().st_size != expected["size"]:
                raise _Damaged(f"{name} has another size")
            if files.sha256(path / name) != expected["sha256"]:
                raise _Damaged(f"{name} was changed")
        if not isinstance(content["record"], dict):
            raise _Damaged(f"{_MANIFEST} holds no record")
    except InputError:  # a link, say; it is a ValueError too
        raise
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise _Damaged(f"{Path(error.filename).name}: {error.strerror}") from None
    except OSError as error:
        raise StorageError(
            f"{error.filename or path}: {error.strerror}; nothing was changed: see to it, then run "
            "the same command again."
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _Damaged(f"{_MANIFEST} cannot be read") from None
    return Checkpoint(path, step, content["record"])
