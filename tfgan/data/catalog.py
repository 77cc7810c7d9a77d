"""Any set of TensorFlow Datasets, by name. Nothing here touches the network."""

import contextlib
import difflib
import functools
import io
import json
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from tfgan.core.checks import InputError, NotPreparedError, shown
from tfgan.core.interfaces import Source
from tfgan.core.paths import check_inside
from tfgan.data import fingerprints, labels, pixels, records
from tfgan.data.arrays import Arrays
from tfgan.data.digits import digits_dataset_builder
from tfgan.data.random_access import RandomAccessImages
from tfgan.data.synthetic import MIXTURES

EMBEDDED = (digits_dataset_builder.Builder.name,)
"""Our own TFDS builders: they need no network and are prepared on first use."""

MADE_OF = {"stacked_mnist": "mnist"}
"""Data that are made of a set, which is what has to be prepared: see `stacked.py`."""

_TFDS_NAME = r"\w+($|/|:\d)"  # not user:name, a community set, which asks the network


def load(
    name: str,
    *,
    data_dir: str,
    split: str,
    image_size: int,
    batch_size: int,
    seed: int,
    memory_mb: int,
    background: str = "white",
    with_labels: bool = False,
) -> Source:
    """Makes the source of a prepared TFDS set of images.

    Args:
      name: digits, mnist, cifar10, ..., in TFDS's notation: name/config:version.
      data_dir: where TFDS keeps prepared sets; empty: TFDS's own default.
      split: in TFDS's notation, such as train or train[:10%].
      image_size: height and width; images are cut to a centred square and resized. 0: as they are.
      batch_size: images in a batch.
      seed: seed of the run.
      memory_mb: a set of more uint8 megabytes (1e6 bytes) is read from disk while training.
      background: colour that transparent images of 3 channels are laid on, as CSS names it.
      with_labels: whether batches hold "labels": the set's feature 'label', or the one class label
        that it has.

    Returns:
      Images in the order of the records, which TFDS shuffled when it prepared the set.

    Raises:
      NotPreparedError: the set is known, but not prepared.
      InputError: the name, the split or the size does not fit, or the set is damaged.
    """
    builder = _prepared(find(name, data_dir), name, data_dir)
    colour = pixels.colour(background)
    num_examples = _num_examples(builder, name, split)
    shape = _shape(builder, name, image_size)
    label = _label(builder, name, split) if with_labels else None
    pixels.check_batch_size(name, num_examples, batch_size)

    def decode(chosen: Sequence[bytes], indices: Sequence[int] | np.ndarray) -> np.ndarray:
        def decode_one(i: int) -> np.ndarray:
            what = f"record {indices[i]} of {name}, split {split},"
            return pixels.decode(
                records.encoded(chosen[i]), what, shape, resize=image_size > 0, background=colour
            )

        return pixels.decode_all(decode_one, range(len(indices)), shape, len(chosen[0]))

    if num_examples * np.prod(shape) <= memory_mb * 1e6:
        with records.readable(builder):
            in_memory = records.read_all(builder, split)
            known = records.known(in_memory, label)
            arrays = {"real": decode(in_memory, range(num_examples))}
            if label:
                arrays["labels"] = label.of_all(in_memory, range(num_examples))
        return Arrays(
            arrays,
            batch_size=batch_size,
            name=name,
            seed=seed,
            fingerprint=fingerprints.CONTENT + known.digest,
            class_names=label.names if label else (),
        )

    file_format = builder.info.file_format.value
    if file_format not in records.RANDOM_ACCESS_FORMATS:
        raise InputError(
            f"{name} is more than --data_memory_mb={memory_mb} and is prepared as {file_format}, "
            "which cannot be read in any order: raise --data_memory_mb, or remove "
            f"{builder.data_dir} and run `{command(name, data_dir)} --file_format=array_record`."
        )
    with records.readable(builder):
        on_disk = records.random_access(builder, split)
        known = records.known_on_disk(builder, name, split, on_disk, label)

    def read(indices: np.ndarray):
        with records.readable(builder):
            chosen = on_disk.__getitems__([int(i) for i in indices])
            images = decode(chosen, indices)
            return (images, label.of_all(chosen, indices)) if label else images

    return RandomAccessImages(
        name,
        read,
        num_examples,
        shape,
        batch_size,
        seed,
        fingerprints.CONTENT + known.digest,
        functools.partial(records.names_and_sizes, builder, split),
        labels.spec_of_counts(known.counts, label.names) if label else None,
    )


def find(name: str, data_dir: str) -> tfds.core.DatasetBuilder:
    """Finds the builder of a set, prepared or not.

    Raises:
      InputError: there is none; the message lists the names nearest to it.
    """
    if not re.match(_TFDS_NAME, name):
        raise InputError(_unknown(name))
    root = Path(os.path.expanduser(data_dir or tfds.core.constants.DATA_DIR))
    _check_files(root / re.split("[/:]", name)[0])
    try:
        return tfds.builder(name, data_dir=os.path.expanduser(data_dir) or None)
    except tfds.core.registered.DatasetNotFoundError:
        raise InputError(_unknown(name)) from None
    except Exception as error:  # a builder may raise anything: each runs its own code
        folder = data_dir or "its default folder"
        raise InputError(
            f"TFDS cannot make {name!r} in {folder}: {records.first_line(error)}."
        ) from error


def _check_files(folder: Path) -> None:
    """Checks the files of a set, which may be somebody else's, before TFDS opens one.

    Raises:
      InputError: one is no file, leads out of the set, or names code that is not TFDS's own.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            check_inside(path, folder)
        names: list[str] = []
        if path.name == "features.json":
            # What cannot be read names nothing, and TFDS refuses it.
            with contextlib.suppress(OSError, ValueError, RecursionError):
                names += map(str, _classes(json.loads(path.read_bytes())))
        for name in names:
            if not name.startswith("tensorflow_datasets."):
                raise InputError(
                    f"{path} names {shown(name)}, which TFDS would import: prepare the set anew, "
                    "with features of TFDS's own."
                )


def _classes(document: Any, key: str = "") -> Iterator[Any]:
    """Yields the classes that a features.json names, by whatever key TFDS knows for them."""
    if key in ("pythonClassName", "python_class_name", "type") and not isinstance(document, dict):
        yield document
    elif key == "json" and isinstance(document, str):  # as older versions of TFDS nest it
        yield from _classes(json.loads(document))
    elif isinstance(document, list):
        for each in document:
            yield from _classes(each)
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from _classes(value, name)


def is_prepared(builder: tfds.core.DatasetBuilder) -> bool:
    """Returns whether the set lies ready on disk."""
    return Path(builder.data_dir, "dataset_info.json").exists()


def command(name: str, data_dir: str) -> str:
    """Returns the command that prepares a set, for messages."""
    words = ["python", "-m", "tfgan.prepare", f"--data={name}"]
    return shlex.join([*words, f"--data_dir={data_dir}"] if data_dir else words)


def _prepared(
    builder: tfds.core.DatasetBuilder, name: str, data_dir: str
) -> tfds.core.DatasetBuilder:
    """Returns the builder of the prepared set, after preparing it where it is one of ours."""
    if is_prepared(builder):
        return builder
    if builder.name not in EMBEDDED:
        raise NotPreparedError(
            f"{name} is not prepared in {builder.data_dir_root}: "
            f"run `{command(name, data_dir)}` once, where there is a network."
        )
    failure = None
    try:
        with contextlib.redirect_stdout(io.StringIO()), _no_progress_bar():
            builder.download_and_prepare()
    except OSError as error:
        failure = error  # or another process was faster: TFDS renames a finished folder into place
    builder = find(name, data_dir)
    if not is_prepared(builder):
        cause = records.first_line(failure) if failure else "its folder is in the way; remove it"
        raise InputError(f"cannot prepare {name} in {builder.data_dir} ({cause}): give --data_dir.")
    return builder


def _num_examples(builder: tfds.core.DatasetBuilder, name: str, split: str) -> int:
    splits = builder.info.splits
    try:
        num_examples = splits[split].num_examples
    except (ValueError, KeyError, AssertionError) as error:
        raise InputError(
            f"{name} has no split {split!r}. Its splits: {', '.join(splits)}; "
            "parts of them as in https://www.tensorflow.org/datasets/splits."
        ) from error
    folder = Path(builder.data_dir).resolve()
    try:
        shards = [Path(part.filename) for part in splits[split].file_instructions]
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise InputError(
            f"the set in {folder} is damaged ({records.first_line(error)}): "
            "remove it and prepare it again."
        ) from error
    for shard in shards:
        if not shard.resolve().is_relative_to(folder):
            raise InputError(f"{folder} names {shown(str(shard))}, which lies outside of it.")
    if not num_examples:
        raise InputError(f"split {split!r} of {name} is empty. Its splits: {', '.join(splits)}.")
    return num_examples


def _shape(builder: tfds.core.DatasetBuilder, name: str, image_size: int) -> tuple[int, int, int]:
    features = builder.info.features
    features = dict(features) if isinstance(features, tfds.features.FeaturesDict) else {}
    image = features.get("image")
    if not isinstance(image, tfds.features.Image) or image.np_dtype != np.uint8:
        raise InputError(
            f"{name} has no 8-bit feature 'image' to train on. Its features: {', '.join(features)}."
        )
    if len(image.shape) != 3:
        raise InputError(f"the images of {name} have the shape {image.shape}, not [H, W, C].")
    height, width, channels = image.shape
    channels = channels or 3
    if channels not in pixels.MODES:
        raise InputError(f"{name} has images of {channels} channels; 1, 3 and 4 can be trained on.")
    if image_size:
        return image_size, image_size, channels
    if height is None or width is None:
        raise InputError(f"the images of {name} vary in size: give --image_size.")
    return height, width, channels


def _label(builder: tfds.core.DatasetBuilder, name: str, split: str) -> records.Label:
    """Returns the feature that holds the class of an example.

    Raises:
      InputError: there is none, or several of which none is called 'label'.
    """
    features = dict(builder.info.features)
    classes = {
        key: feature
        for key, feature in features.items()
        if isinstance(feature, tfds.features.ClassLabel) and feature.num_classes
    }
    if "label" in classes:
        classes = {"label": classes["label"]}
    if len(classes) != 1:
        found = f"several: {', '.join(sorted(classes))}"
        found = found if classes else f"only {', '.join(sorted(features))}"
        raise InputError(
            f"{name} has no feature 'label' that names a class, but {found}: train it without "
            "labels (--condition=none), or take another set."
        )
    ((key, feature),) = classes.items()
    return records.Label(key, tuple(feature.names), f"{name}, split {split},")


@contextlib.contextmanager
def _no_progress_bar() -> Iterator[None]:
    tfds.disable_progress_bar()
    try:
        yield
    finally:
        tfds.enable_progress_bar()


def _unknown(name: str) -> str:
    if name in MADE_OF:
        return f"{name} is made of {MADE_OF[name]}: prepare that, by --data={MADE_OF[name]}."
    path = Path(os.path.expanduser(name))
    if os.sep in name and path.exists():
        folder = path if path.is_dir() else path.parent
        return f"{name!r} is a path, not a set: for your own pictures give --image_dir={folder}"
    known = [*MIXTURES, *MADE_OF, *tfds.list_builders(with_community_datasets=False)]
    near = difflib.get_close_matches(re.split("[/:]", name)[0].lower(), known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else "."
    return (
        f"unknown data {name!r}{hint} Known: ring, grid, digits, stacked_mnist and the sets of "
        "TensorFlow Datasets (https://www.tensorflow.org/datasets/catalog)."
    )
