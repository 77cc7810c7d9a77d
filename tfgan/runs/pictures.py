"""Pictures of examples, as grids or scatter plots; their animation; the plot of the losses."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # before pyplot: a server has no screen
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image


def draw_examples(examples: np.ndarray) -> PIL.Image.Image:
    """Draws examples in [-1, 1]: images [N, H, W, 1 or 3] as a grid, points [N, 2] as a scatter."""
    if examples.ndim == 4:
        return _grid(examples)
    if examples.ndim == 2 and examples.shape[1] == 2:
        return _scatter(examples)
    raise ValueError(f"no picture for examples of shape {examples.shape}.")


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps float [-1, 1] to uint8 0 .. 255, rounding to nearest; what lies outside is clipped."""
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def _grid(images: np.ndarray) -> PIL.Image.Image:
    number, height, width, channels = images.shape
    columns = int(np.ceil(np.sqrt(number)))
    rows = int(np.ceil(number / columns))
    # A grey line of one pixel around each image: small ones could not be told apart without it.
    cells = np.full([rows * columns, height + 1, width + 1, channels], 96, np.uint8)
    cells[:number, :height, :width] = to_uint8(images)
    grid = cells.reshape(rows, columns, height + 1, width + 1, channels).transpose(0, 2, 1, 3, 4)
    grid = grid.reshape(rows * (height + 1), columns * (width + 1), channels)[:-1, :-1]
    picture = PIL.Image.fromarray(grid[..., 0] if channels == 1 else grid)
    scale = max(1, 512 // max(picture.size))  # small images grow to be seen, pixel by pixel
    return picture.resize((picture.width * scale, picture.height * scale), PIL.Image.NEAREST)


def _scatter(points: np.ndarray) -> PIL.Image.Image:
    figure, axes = plt.subplots(figsize=(4, 4))
    axes.scatter(*points.T, s=4, alpha=0.5)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    figure.canvas.draw()
    picture = PIL.Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    plt.close(figure)
    return picture


def save_animation(frames: Sequence[Path], path: Path) -> None:
    """Writes an animated GIF of PNG files, in their order; it rests on the last one."""
    pictures = [PIL.Image.open(frame) for frame in frames]
    durations = [200] * (len(pictures) - 1) + [2000]  # milliseconds
    pictures[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        loop=0,
    )


def save_plot(columns: Mapping[str, np.ndarray], path: Path, *, title: str, unit: str) -> None:
    """Writes a PNG with one line for each column but `step`, which is the horizontal axis."""
    figure, axes = plt.subplots(figsize=(8, 3))
    for name, values in columns.items():
        if name != "step":
            axes.plot(columns["step"], values, linewidth=0.6, label=name)
    axes.set(xlabel="step", ylabel=f"loss ({unit})", title=title)
    axes.legend()
    figure.savefig(path, format="png", dpi=100, bbox_inches="tight")
    plt.close(figure)
