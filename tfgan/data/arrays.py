"""Examples that fit into memory."""

import copy
import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core import random, replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Kind, Specs
from tfgan.data import kinds, labels, pixels

MOST_BYTES = 8 * 10**9
"""What `from_dataset` reads into memory before it gives up: a set may have no end."""


class Arrays:
    """A `Source` over arrays in memory; every epoch is a new permutation of all examples.

    Args:
      arrays: by name, each [N, ...]. "real" has to be there: uint8 images [N, H, W, C], whose 0 ..
        255 become [-1, 1]; or floats in [-1, 1], which become float32. Integers under other names,
        such as "labels", become int32. Labels [N] that number classes from 0 on are described by a
        `LabelSpec`.
      batch_size: examples in a batch, at most N.
      name: what to call it.
      seed: of the order.
      kind: of the examples; None: by their shape.
      fingerprint: changes when the examples do; None: a digest of the arrays' bytes.
      class_names: of the classes that "labels" number; (): as many as there are, without names.

    Attributes:
      arrays: variables by name, as they lie in memory.

    Raises:
      InputError: an array does not fit; the message names it.
    """

    reads_share = True

    def __init__(
        self,
        arrays: Mapping[str, Any],
        *,
        batch_size: int,
        name: str = "arrays",
        seed: int = 0,
        kind: Kind | None = None,
        fingerprint: str | None = None,
        class_names: Sequence[str] = (),
    ):
        arrays = _checked(arrays)
        self.notes: tuple[str, ...] = ()
        self.name, self.batch_size = name, batch_size
        self.num_examples: int | None = len(arrays["real"])
        pixels.check_batch_size(name, self.num_examples, batch_size)
        self.kind: Kind = kind or kinds.of_shape(arrays["real"].shape[1:])
        self.specs: Specs = {
            key: tf.TensorSpec(array.shape[1:], _dtype_in_a_batch(key, array), key)
            for key, array in arrays.items()
        } | _label_spec(name, arrays.get("labels"), class_names)
        self.fingerprint = _fingerprint(arrays, class_names) if fingerprint is None else fingerprint
        self._order = random.EpochOrder(self.num_examples, batch_size, seed)
        # Variables, not constants: on a GPU only a variable's gather has a kernel for uint8.
        self.arrays = {
            key: tf.Variable(array, trainable=False, name=key) for key, array in arrays.items()
        }

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the examples of `step` (int64 scalar), [B, ...] by name."""
        chosen = replicas.share(self._order.indices(step))
        return {
            key: _in_a_batch(key, tf.gather(array, chosen)) for key, array in self.arrays.items()
        }

    def with_seed(self, seed: int) -> "Arrays":
        """Returns the same examples in the order of another seed."""
        other = copy.copy(self)
        other._order = random.EpochOrder(self._order.num_examples, self.batch_size, seed)
        return other

    def with_real(self, real: np.ndarray, mark: str) -> "Arrays":
        """Returns a set with other images, or whatever it holds, in the same order.

        Args:
          real: as the set's own, of the same shape and dtype.
          mark: says how they were made from these; no other set of the same fingerprint may have
            it.
        """
        other = copy.copy(self)
        other.arrays = self.arrays | {"real": tf.Variable(real, trainable=False, name="real")}
        other.fingerprint = f"{self.fingerprint} {mark}"
        return other

    def former_fingerprint(self) -> str:
        """Returns what the fingerprint was in the records of 0.1.0, whoever made the arrays."""
        return _fingerprint({key: array.numpy() for key, array in self.arrays.items()})


def from_dataset(
    dataset: Any,
    *,
    batch_size: int,
    name: str = "dataset",
    seed: int = 0,
    kind: Kind | None = None,
) -> Arrays:
    """Reads a finite `tf.data.Dataset` into memory, so that any batch can be had at any time.

    Args:
      dataset: its elements are single examples: one tensor; a pair (example, label); or a dict that
        holds "real", or TFDS's "image" and "label".
      batch_size, name, seed, kind: as for `Arrays`.

    Raises:
      InputError: it has no end, is larger than `MOST_BYTES`, is empty, or its elements do not fit.
    """
    if int(dataset.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise InputError(f"{name} has no end: cut it with dataset.take(n).")
    rows, size = [], 0
    for element in dataset.as_numpy_iterator():
        rows.append(_named(element))
        size += sum(np.asarray(value).nbytes for value in rows[-1].values())
        if size > MOST_BYTES:
            raise InputError(
                f"{name} is larger than {MOST_BYTES / 1e9:.0f} GB: cut it with dataset.take(n)."
            )
    if not rows:
        raise InputError(f"{name} is empty.")
    shapes = {np.shape(row["real"]) for row in rows}
    if len(shapes) > 1:
        raise InputError(f"the examples of {name} vary in shape: {sorted(shapes)[:3]}.")
    arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    return Arrays(arrays, batch_size=batch_size, name=name, seed=seed, kind=kind)


def _named(element: Any) -> dict[str, Any]:
    """Returns an element as named values."""
    named: dict[Any, Any]
    if isinstance(element, Mapping):
        named = {{"image": "real", "label": "labels"}.get(k, k): v for k, v in element.items()}
        named = {k: v for k, v in named.items() if np.asarray(v).dtype.kind in "biuf"}  # no ids
    elif isinstance(element, (tuple, list)):
        named = dict(zip(("real", "labels"), element, strict=False))
    else:
        named = {"real": element}
    if "real" not in named:
        raise InputError(f'an element has no "real" or "image", but {", ".join(named)}.')
    return named


def _checked(arrays: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not isinstance(arrays, Mapping) or "real" not in arrays:
        raise InputError('the examples have to be named: {"real": images}.')
    arrays = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
    for key, array in arrays.items():
        if array.ndim == 0 or len(array) != len(arrays["real"]):
            raise InputError(
                f'{key!r} has shape {array.shape}, "real" has {arrays["real"].shape}: both need '
                "one entry per example."
            )
        if array.dtype.kind not in "biuf":
            raise InputError(f"{key!r} holds {array.dtype}; numbers can be trained on.")
        if array.dtype.kind == "f":
            arrays[key] = array = array.astype(np.float32)
            if not np.isfinite(array).all():
                raise InputError(f"{key!r} holds NaN or infinity.")
        elif key != "real":
            arrays[key] = array.astype(np.int32)
    real = arrays["real"]
    if real.dtype.kind != "f" and real.dtype != np.uint8:
        raise InputError(f'"real" is {real.dtype}: give uint8 images, or floats in [-1, 1].')
    if real.dtype == np.uint8 and real.ndim != 4:
        raise InputError(f'uint8 "real" must be images [N, H, W, C], got shape {real.shape}.')
    if real.dtype.kind == "f" and np.abs(real).max(initial=0) > 1:
        warnings.warn(
            f'"real" reaches from {real.min():g} to {real.max():g}: a generator that ends in tanh '
            "cannot leave [-1, 1].",
            stacklevel=3,
        )
    return arrays


def _label_spec(name: str, array: np.ndarray | None, class_names: Sequence[str]) -> dict:
    """Returns the spec of labels that number classes; {} for others, which may mean anything.

    Raises:
      InputError: there are class names, and a label without one.
    """
    highest = -1  # of what are no numbers of classes
    if array is not None and array.dtype == np.int32 and array.ndim == 1 and array.min() >= 0:
        highest = int(array.max())
    if class_names and not 0 <= highest < len(class_names):
        raise InputError(
            f'{name} has {len(class_names)} class names, and its "labels" are no whole numbers '
            f"from 0 to {len(class_names) - 1}, one for each example: correct either."
        )
    if array is None or not 0 <= highest < max(len(array), len(class_names)):
        return {}  # some of more classes than examples have none
    counts = np.bincount(array, minlength=len(class_names))
    return {"labels": labels.spec_of_counts(counts, class_names)}


def _dtype_in_a_batch(key: str, array: np.ndarray) -> tf.DType:
    return tf.float32 if key == "real" else tf.as_dtype(array.dtype)


def _in_a_batch(key: str, values: tf.Tensor) -> tf.Tensor:
    return pixels.to_float(values) if key == "real" and values.dtype == tf.uint8 else values


def _fingerprint(arrays: Mapping[str, np.ndarray], class_names: Sequence[str] = ()) -> str:
    """Returns a digest of the bytes; of "real" alone where there is nothing else."""
    digest = hashlib.sha256(arrays["real"].data)
    for key in sorted(arrays.keys() - {"real"}):
        digest.update(f"{key} {arrays[key].dtype} {arrays[key].shape} ".encode())
        digest.update(arrays[key].data)
    digest.update(json.dumps(list(class_names)).encode() if class_names else b"")
    return digest.hexdigest()
