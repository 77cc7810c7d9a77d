"""Pictures of examples in [-1, 1]: grids, scatter plots, heat maps.

Figures are drawn on a canvas of their own: a program's choice of matplotlib's backend stays.
"""

import math

import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps float [-1, 1] to uint8 0 .. 255, rounding to nearest; what lies outside is clipped."""
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def grid(images: np.ndarray) -> PIL.Image.Image:
    """Draws images [N, H, W, C], C of 1, 3 or 4, in a grid."""
    number, height, width, channels = images.shape
    columns = int(np.ceil(np.sqrt(number)))
    rows = int(np.ceil(number / columns))
    # A grey line of one pixel around each image: small ones could not be told apart without it.
    cells = np.full([rows * columns, height + 1, width + 1, channels], 96, np.uint8)
    cells[:number, :height, :width] = to_uint8(images)
    whole = cells.reshape(rows, columns, height + 1, width + 1, channels).transpose(0, 2, 1, 3, 4)
    whole = whole.reshape(rows * (height + 1), columns * (width + 1), channels)[:-1, :-1]
    picture = PIL.Image.fromarray(whole[..., 0] if channels == 1 else whole)
    scale = max(1, 512 // max(picture.size))  # small images grow to be seen, pixel by pixel
    return picture.resize((picture.width * scale, picture.height * scale), PIL.Image.NEAREST)


def scatter(points: np.ndarray) -> PIL.Image.Image:
    """Draws points [N, 2] in the square [-1.1, 1.1]^2."""
    figure = Figure(figsize=(4, 4))
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.scatter(points[:, 0], points[:, 1], s=4, alpha=0.5)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    canvas.draw()
    return PIL.Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])


def heat_maps(examples: np.ndarray) -> PIL.Image.Image:
    """Draws examples [N, *shape] of any shape as grey rectangles in a grid: white is 1."""
    number, *shape = examples.shape
    if len(shape) < 2:  # a row of numbers is folded to be about square
        size = math.prod(shape)
        width = math.ceil(math.sqrt(size))
        height = math.ceil(size / width)
        flat = np.full([number, height * width], -1.0, np.float32)
        flat[:, :size] = examples.reshape(number, size)
        return grid(flat.reshape(number, height, width, 1))
    return grid(examples.reshape(number, math.prod(shape[:-1]), shape[-1], 1))
