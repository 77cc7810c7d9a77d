"""The card of an export: where it comes from, what it offers, and the SHA-256 of all its files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from tfgan.core import files, runtime
from tfgan.core.checks import InputError

CARD = "model_card.json"


def write(path: Path, record: Mapping[str, Any], signatures: Mapping[str, Any]) -> None:
    """Writes the card of a version, all of whose other files are there.

    Args:
      path: directory of the version.
      record: of the run.
      signatures: SignatureDef by name.
    """
    card = dict(record) | {
        "signatures": {name: _described(s) for name, s in offered(signatures).items()},
        "exported_with": runtime.versions() | {"tensorflow": tf.__version__},
        "files": files.manifest(path),
    }
    files.write(path / CARD, json.dumps(card, indent=2).encode() + b"\n")


def read(path: Path) -> dict[str, Any]:
    """Returns the card of a version, all of whose files are what it says.

    Raises:
      InputError: a file is missing, was changed or is none of its own; or there is no card.
    """
    try:
        card = json.loads(files.read(path / CARD))
        expected = {name: file["sha256"] for name, file in card["files"].items()}
        found = {n: file["sha256"] for n, file in files.manifest(path).items() if n != CARD}
        odd = {name for name, _ in expected.items() ^ found.items()}
        if not odd:
            return card
        problem = f"{', '.join(sorted(odd))}: missing, changed, or not of this version"
    except InputError:  # a link, say; it is a ValueError too
        raise
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        problem = f"{CARD} cannot be read"
    raise InputError(f"{path} is not a whole export: {problem}; remove it and export again.")


def newest_version(path: Path) -> Path:
    """Returns the directory of the newest version, or `path` itself where that is a version.

    Raises:
      InputError: there is none.
    """
    names = files.names(path)
    if CARD in names:
        return path
    versions = [int(name) for name in names if name.isascii() and name.isdigit()]
    if not versions:
        raise InputError(f"{path} holds no export; is it the --export_dir of one?")
    return path / str(max(versions))


def offered(signatures: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the signatures that take something, in order: the loader's own takes nothing."""
    return {name: each for name, each in sorted(signatures.items()) if each.inputs}


def _described(signature: Any) -> dict[str, dict[str, str]]:
    """Returns names, dtypes and shapes of a signature."""

    def tensors(named):
        return {
            name: f"{tf.as_dtype(info.dtype).name} {tf.TensorShape(info.tensor_shape).as_list()}"
            for name, info in sorted(named.items())
        }

    return {"inputs": tensors(signature.inputs), "outputs": tensors(signature.outputs)}
