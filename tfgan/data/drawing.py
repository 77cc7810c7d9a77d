"""Pictures of examples in [-1, 1]: grids, scatter plots, heat maps.

Figures are drawn on a canvas of their own: a program's choice of matplotlib's backend stays.
"""

import math

import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tfgan.core.checks import InputError

MOST_PIXELS = 64_000_000
"""Of a picture that is enlarged because somebody asks for it."""


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps float [-1, 1] to uint8 0 .. 255, rounding to nearest; what lies outside is clipped."""
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def grid(images: np.ndarray, columns: int = 0, scale: int = 0) -> PIL.Image.Image:
    """Draws images in a grid, row by row.

    Args:
      images: float [N, H, W, C] in [-1, 1], C of 1, 3 or 4.
      columns: of the grid; 0: about as many as it has rows.
      scale: factor by which all of it is enlarged, each pixel to a square; 0: the largest that
        keeps it within 512 pixels, so that small images can be seen.

    Raises:
      InputError: a `scale` of more than 1 makes it too large.
    """
    number, height, width, channels = images.shape
    columns = columns or int(np.ceil(np.sqrt(number)))
    rows = int(np.ceil(number / columns))
    # A grey line of one pixel around each image: small ones could not be told apart without it.
    size = (columns * (width + 1) - 1, rows * (height + 1) - 1)
    scale = scale or max(1, 512 // max(size))
    _check_size(size, scale)
    cells = np.full([rows * columns, height + 1, width + 1, channels], 96, np.uint8)
    cells[:number, :height, :width] = to_uint8(images)
    whole = cells.reshape(rows, columns, height + 1, width + 1, channels).transpose(0, 2, 1, 3, 4)
    whole = whole.reshape(rows * (height + 1), columns * (width + 1), channels)[:-1, :-1]
    picture = PIL.Image.fromarray(whole[..., 0] if channels == 1 else whole)
    return picture.resize((picture.width * scale, picture.height * scale), PIL.Image.NEAREST)


def _check_size(size: tuple[int, int], scale: int) -> None:
    """Checks that a picture which is asked to be larger than it has to be stays within bounds.

    Raises:
      InputError: it does not.
    """
    width, height = (scale * length for length in size)
    if scale > 1 and width * height > MOST_PIXELS:
        raise InputError(
            f"{width} x {height} pixels are more than {MOST_PIXELS:,}: give a smaller scale than "
            f"{scale}, or draw fewer examples."
        )


def scatter(points: np.ndarray, columns: int = 0, scale: int = 0) -> PIL.Image.Image:
    """Draws points [N, 2] in the square [-1.1, 1.1]^2.

    Args:
      points: what to draw.
      columns: so many points in a row are joined by a line, in a colour of its own; 0: none are.
      scale: factor by which the 400 x 400 pixels are enlarged; 0: as they are.

    Raises:
      InputError: a `scale` of more than 1 makes it too large.
    """
    scale = scale or 1
    _check_size((400, 400), scale)
    figure = Figure(figsize=(4, 4))
    figure.set_dpi(figure.get_dpi() * scale)
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    if columns:
        for row in np.split(points, range(columns, len(points), columns)):
            axes.plot(row[:, 0], row[:, 1], marker="o", markersize=2, linewidth=0.5)
    else:
        axes.scatter(points[:, 0], points[:, 1], s=4, alpha=0.5)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    canvas.draw()
    return PIL.Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])


def heat_maps(examples: np.ndarray, columns: int = 0, scale: int = 0) -> PIL.Image.Image:
    """Draws examples [N, *shape] of any shape as grey rectangles in a grid: white is 1.

    `columns` and `scale` are those of the `grid`.
    """
    number, *shape = examples.shape
    if len(shape) < 2:  # a row of numbers is folded to be about square
        size = math.prod(shape)
        width = math.ceil(math.sqrt(size))
        height = math.ceil(size / width)
        flat = np.full([number, height * width], -1.0, np.float32)
        flat[:, :size] = examples.reshape(number, size)
        return grid(flat.reshape(number, height, width, 1), columns, scale)
    maps = examples.reshape(number, math.prod(shape[:-1]), shape[-1], 1)
    return grid(maps, columns, scale)
