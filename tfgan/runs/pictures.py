"""What a run makes of its pictures and logs: the animation, and the plot of the losses."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tfgan.core import files
from tfgan.core.checks import StorageError

PLOT_WIDTH = 700
"""About how many pixels wide the lines of a plot are."""


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
        data = files.read(frame)
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


def thinned(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns a line [N] as one of at most 4 * `PLOT_WIDTH` points that looks the same.

    Of the points that fall into one column of pixels the lowest and the highest stay, in their
    order: no peak is lost. A plot of a million steps takes 0.1 s instead of 4.
    """
    number = -(-len(values) // (2 * PLOT_WIDTH))  # in a group
    if number <= 2:
        return steps, values
    starts = np.arange(0, len(values), number)
    groups = np.split(values, starts[1:])
    kept = [s + i for s, g in zip(starts, groups, strict=True) for i in (g.argmin(), g.argmax())]
    chosen = np.unique(kept)  # in order; a group of equal values has one
    return steps[chosen], values[chosen]
