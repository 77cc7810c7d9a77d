"""The pictures of a run: how samples are laid out, the animation, the plot of the losses."""

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL.Image
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tfgan.core import files
from tfgan.core.checks import StorageError
from tfgan.core.interfaces import (
    Inputs,
    LabelSpec,
    Model,
    Source,
    num_classes,
    takes_labels,
)
from tfgan.data import labels

STREAM = "samples"
"""Of the inputs of the samples."""

LOOKED_THROUGH = 16
"""Times as many real examples as a picture shows are looked through for those of each class."""

PLOT_WIDTH = 700
"""About how many pixels wide the lines of a plot are."""


class Rows(NamedTuple):
    """How a picture of samples is laid out: a class a row."""

    labels: tuple[int, ...]
    """Of the rows; (): there are no classes."""

    columns: int
    """0: as the kind of examples likes."""

    def inputs(self, drawn: Inputs) -> dict[str, tf.Tensor]:
        """Returns a model's inputs of all rows: each has those of `drawn`, and its own label."""
        rows = len(self.labels)
        tiled = {name: tf.tile(x, [rows] + [1] * (x.shape.rank - 1)) for name, x in drawn.items()}
        return tiled | {"labels": tf.repeat(tf.constant(self.labels), self.columns)}


def rows(num_classes: int, number: int) -> Rows:
    """Lays out about so many samples.

    Of classes that are too many for two samples each, as many are shown as there are columns.
    """
    if not num_classes:
        return Rows((), 0)
    side = max(1, math.isqrt(number))
    count = num_classes if 2 * num_classes <= number else min(num_classes, side)
    labels = tuple(i * num_classes // count for i in range(count))
    return Rows(labels, max(1, min(number // count, 2 * side)))  # of two classes no long ribbon


def inputs(model: Model, number: int) -> tuple[Inputs, int]:
    """Draws the inputs of a run's pictures, the same each time; returns them, and the columns.

    From row to row the class alone differs.
    """
    laid_out = rows(num_classes(model), number)
    if not laid_out.labels:
        return model.inputs(number, STREAM), 0
    return laid_out.inputs(model.inputs(laid_out.columns, STREAM)), laid_out.columns


def first(source: Source, number: int) -> np.ndarray:
    """Returns the first real examples that training sees, [number, *shape]."""
    batch = tf.function(source.batch, autograph=False)  # as the loop has it
    batches: list[np.ndarray] = []
    while sum(map(len, batches)) < number:
        batches.append(batch(tf.constant(len(batches), tf.int64))["real"].numpy())
    return np.concatenate(batches)[:number]


def real(model: Model, source: Source, number: int) -> tuple[np.ndarray, int]:
    """Returns about so many real examples, [N, *shape], and the columns of their picture.

    They are those of the first steps; with labels, in rows as the samples have them. Of a rare
    class some come again; one that is not met has an empty row.
    """
    laid_out = rows(num_classes(model), number)
    if takes_labels(model) and isinstance(source.specs.get("labels"), LabelSpec):
        most = LOOKED_THROUGH * len(laid_out.labels) * laid_out.columns
        found = labels.examples_by_class(source, laid_out.labels, laid_out.columns, most)
        shape = [laid_out.columns, *source.specs["real"].shape]
        empty = np.full(shape, -1.0, np.float32)
        return np.concatenate([np.resize(found.get(k, empty), shape) for k in laid_out.labels]), (
            laid_out.columns
        )
    return first(source, number), 0


def reconstructions(model: Any, real: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns real examples, each before its reconstruction, and the columns of their picture.

    Args:
      model: has `reconstruct`: see `interfaces.reconstructs`.
      real: float [N, *shape].

    Returns:
      [2 N, *shape], and a number that keeps the two side by side.
    """
    pairs = np.stack([real, model.reconstruct(tf.constant(real)).numpy()], 1)
    return pairs.reshape(-1, *real.shape[1:]), 2 * max(1, round(math.sqrt(len(real) / 2)))


def animation(frames: Sequence[Path]) -> bytes:
    """Returns an animated GIF of PNG files, in their order; it rests on the last one.

    Raises:
      StorageError: one of them cannot be read, or is no picture any more.
    """
    durations = [200] * (len(frames) - 1) + [2000]  # milliseconds
    first, *rest = frames
    encoded = io.BytesIO()
    _loaded(first).save(
        encoded,
        format="GIF",
        save_all=True,
        append_images=map(_loaded, rest),  # one at a time: a process may open some 1,000 files
        duration=durations,
        loop=0,
    )
    return encoded.getvalue()


def _loaded(frame: Path) -> PIL.Image.Image:
    """Reads a picture and closes its file."""
    with files.disk_errors(frame):
        return decoded(frame, files.read(frame))


def decoded(frame: Path, data: bytes) -> PIL.Image.Image:
    """Returns the picture that a PNG file holds.

    Raises:
      StorageError: it is none any more.
    """
    try:
        picture = PIL.Image.open(io.BytesIO(data), formats=["PNG"])
        picture.load()
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise StorageError(f"{frame} is not as it was written: {error}; remove it.") from error
    return picture


def plot(columns: Mapping[str, np.ndarray], *, title: str, unit: str) -> bytes:
    """Returns a PNG with one line for each column but `step`, which is the horizontal axis."""
    figure = Figure(figsize=(8, 3), layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name, values in columns.items():
        if name != "step":
            axes.plot(*thinned(columns["step"], values), linewidth=0.6, label=name)
    axes.set(xlabel="step", ylabel=f"loss ({unit})", title=title)
    axes.legend()
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png", dpi=100)
    return encoded.getvalue()


def thinned(
    steps: np.ndarray, values: np.ndarray, width: int = PLOT_WIDTH
) -> tuple[np.ndarray, np.ndarray]:
    """Returns a line [N] as one of at most 4 * `width` points that looks the same in that width.

    Of the points that fall into one column of pixels the lowest and the highest stay, in their
    order: no peak is lost. A plot of a million steps takes 0.1 s instead of 4.
    """
    number = -(-len(values) // (2 * width))  # in a group
    if number <= 2:
        return steps, values
    starts = np.arange(0, len(values), number)
    groups = np.split(values, starts[1:])
    kept = [s + i for s, g in zip(starts, groups, strict=True) for i in (g.argmin(), g.argmax())]
    chosen = np.unique(kept)  # in order; a group of equal values has one
    return steps[chosen], values[chosen]
