"""A trained model as a SavedModel that TensorFlow Serving loads.

One version is one directory, and gets its name when all of it is on the disk:

    exports/digits/6000/saved_model.pb, variables/   the graph and the weights
                        assets.extra/                what a server runs before it serves
                        batching_params.pbtxt        how a server may merge requests
                        model_card.json              where it comes from; SHA-256 of all the rest
"""

import contextlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tfgan.config import Config
from tfgan.core import checks, files, locks, paths
from tfgan.core.checks import InputError, NonFiniteError, StorageError
from tfgan.core.interfaces import Model, Specs
from tfgan.runs import identity, tensors
from tfgan.runs.checkpoints import assign, make_model
from tfgan.serving import card, graph, warm_up
from tfgan.serving.model import Served

_NAME = re.compile(r"state/(.+)/\.ATTRIBUTES/VARIABLE_VALUE")

GRAPH = "saved_model.pb"
OWN: files.Names = {
    "[0-9]+": {
        r"(saved_model|fingerprint)\.pb(\.tmp[0-9a-f]+)?": None,  # TensorFlow's temporary names
        r"batching_params\.pbtxt|model_card\.json": None,
        r"variables|assets|assets\.extra": {".*": None},
    }
}
"""What is made in a directory of versions."""

WARM_UP = "assets.extra/tf_serving_warmup_requests"


def export(served: Served, record: Mapping[str, Any], export_dir: Path) -> Path | None:
    """Writes the version of a checkpoint; returns its directory, or None if it was there before.

    Args:
      served: what to export.
      record: for the card; `step` becomes the version, `checkpoint_sha256` tells whose it is.
      export_dir: holds one directory for each version, and becomes the server's base path.

    Raises:
      InputError: that version is there and of another checkpoint, or damaged; another process
        exports here; the graph holds what may not be served.
      NonFiniteError: a weight is NaN or infinite.
      StorageError: the disk refuses. What was there before is whole, whatever is raised.
    """
    bad = checks.first_non_finite({name: v.numpy() for name, v in served.module.state.items()})
    if bad:
        raise NonFiniteError(f"{bad} is not finite; nothing was exported.")
    path = export_dir / str(record["step"])
    paths.for_tensorflow(path)
    files.make_folder(export_dir, with_parents=True)
    lock = locks.lock(export_dir, "exports", "--export_dir")
    try:
        files.clean(export_dir, OWN)
        if path.name in files.names(export_dir):
            if card.read(path)["checkpoint_sha256"] == record["checkpoint_sha256"]:
                return None
            raise InputError(
                f"{path} is there already, of another run; choose another --export_dir."
            )
        temporary = path.with_name(path.name + files.TEMPORARY)
        try:
            files.make_folder(temporary, is_new=True)
            with files.disk_errors(path):
                _write(served, record, temporary)
        except tf.errors.OpError as error:
            raise StorageError(f"{temporary}: {error.message}; see to the disk.") from error
        files.publish(temporary, path)
    finally:
        with contextlib.suppress(StorageError):
            files.clean(export_dir, OWN)
        os.close(lock)
    return path


def _write(served: Served, record: Mapping[str, Any], path: Path) -> None:
    """Writes all files of a version."""
    place = paths.for_tensorflow(path)
    tf.saved_model.save(served.module, place, signatures=served.signatures)
    saved = SavedModel.FromString(files.read(path / GRAPH))
    (whole,) = saved.meta_graphs
    graph.check(whole)
    graph.fence(whole)
    files.write(path / GRAPH, saved.SerializeToString(deterministic=True))
    files.remove(path / "fingerprint.pb")  # of the graph without fences; a server does not need it
    files.write(path / "batching_params.pbtxt", warm_up.BATCHING.encode())
    files.make_folder((path / WARM_UP).parent)
    with tf.io.TFRecordWriter(f"{place}/{WARM_UP}") as writer:
        for log in warm_up.logs(whole.signature_def, Path(place).parent.name):
            writer.write(log)
    card.write(path, record, whole.signature_def)


class Export:
    """An export that is read. Nothing that it holds is run.

    The model is made from the config on the card, and its tensors are read as a checkpoint's.

    Args:
      path: of one version, or of the directory that holds versions: the newest then.

    Raises:
      InputError: there is none, or it is damaged.
    """

    def __init__(self, path: Path):
        self.path = card.newest_version(path)
        self.card = card.read(self.path)
        self._recorded = identity.read(self.card, self.path)
        self.config, self.specs, self.kind, self.made_by = self._recorded

    @property
    def step(self) -> int:
        """How many iterations had been done.

        Raises:
          InputError: the card does not say.
        """
        if type(self.card.get("step")) is not int:
            raise InputError(f"{self.path} is of another version: its card names no step.")
        return self.card["step"]

    def sha256(self) -> str:
        """Returns the digest of the card, which holds those of all the rest.

        Raises:
          StorageError: it cannot be read.
        """
        with files.disk_errors(self.path):
            return files.sha256(self.path / card.CARD)

    def values(self) -> dict[str, np.ndarray]:
        """Returns the tensors by their names in the model's state: those that are served.

        Raises:
          InputError: they cannot be read, or are of an older version.
        """
        return _tensors(self.path / "variables" / "variables")

    def model(self, make: Callable[[Config, Specs], Model]) -> Model:
        """Returns the model with the export's weights.

        Args:
          make: makes the model that was exported.

        Raises:
          InputError: the export is of another model.
        """
        saved = self.values()
        model = make_model(make, self._recorded, saved)
        assign({name: v for name, v in model.state().items() if name in saved}, saved)
        return model


def _tensors(prefix: Path) -> dict[str, np.ndarray]:
    """Returns the tensors of an export by their names in the model's state.

    Raises:
      InputError: they cannot be read, or their names are those of an older version.
    """
    try:
        found = {_NAME.fullmatch(key): value for key, value in tensors.read(prefix).items()}
    except InputError:  # a link, say; it is a ValueError too
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{prefix}: cannot be read: {error}") from error
    named = {_unescaped(match[1]): value for match, value in found.items() if match}
    if not named:
        raise InputError(f"{prefix} is of an older version; export the run again.")
    return named


def _unescaped(name: str) -> str:
    """Returns a name of TensorFlow's object graph as it was: "/" is ".S" there, "." is ".."."""
    return re.sub(r"\.([S.])", lambda found: {"S": "/", ".": "."}[found[1]], name)
