"""What a run makes of its pictures and logs: the animation, and the plot of the losses."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def save_animation(frames: Sequence[Path], path: Path) -> None:
    """Writes an animated GIF of PNG files, in their order; it rests on the last one."""
    durations = [200] * (len(frames) - 1) + [2000]  # milliseconds
    first, *rest = frames
    _loaded(first).save(
        path,
        format="GIF",
        save_all=True,
        append_images=map(_loaded, rest),  # one at a time: a process may open some 1,000 files
        duration=durations,
        loop=0,
    )


def _loaded(frame: Path) -> PIL.Image.Image:
    """Reads a picture and closes its file."""
    with PIL.Image.open(frame) as picture:
        picture.load()
    return picture


def save_plot(columns: Mapping[str, np.ndarray], path: Path, *, title: str, unit: str) -> None:
    """Writes a PNG with one line for each column but `step`, which is the horizontal axis."""
    figure = Figure(figsize=(8, 3))
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name, values in columns.items():
        if name != "step":
            axes.plot(columns["step"], values, linewidth=0.6, label=name)
    axes.set(xlabel="step", ylabel=f"loss ({unit})", title=title)
    axes.legend()
    figure.savefig(path, format="png", dpi=100, bbox_inches="tight")
