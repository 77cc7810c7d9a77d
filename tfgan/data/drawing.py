"""Pictures of examples in [-1, 1]: grids, scatter plots, heat maps."""

import math

import numpy as np
import PIL.Image

SQUARE = 1.1
"""A scatter plot shows [-SQUARE, SQUARE]^2."""

SIDE = 400
"""Of a scatter plot, in pixels."""

RADIUS = 1.6
OPACITY = 0.5
"""Of a dot, in pixels; and how much of what is behind it a dot hides."""

_DOT = np.arange(-2, 3)
"""Pixels around the nearest one that a dot reaches: RADIUS, half a pixel of edge, and half of
rounding."""

_FRAME = 255
_PALETTE = np.full([256, 3], 176, np.uint8)  # grey: the frame
_PALETTE[:_FRAME] = np.rint(np.linspace([255, 255, 255], [31, 119, 180], _FRAME))
"""Colours of a scatter plot: white to blue, by how much of a pixel is hidden."""


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
    """Draws points [N, 2] in the square [-1.1, 1.1]^2: more ink where there are more of them.

    The first coordinate goes to the right, the second one up. Points outside of the square, or not
    finite, are left out.

    Returns:
      A picture with a palette ("P"), which is small as a file and quick to write.
    """
    # A figure of matplotlib takes 20 times as long, which a fast training loop would wait for.
    points = np.asarray(points, np.float64)
    points = points[(np.abs(points) <= SQUARE).all(axis=1)]  # [M, 2]
    # In pixels, whose centres are whole numbers, in a frame that is wide enough for every dot.
    edge = len(_DOT) // 2 + 1
    width = SIDE + 2 * edge
    column, row = (points * [1, -1] + SQUARE).T * (SIDE / (2 * SQUARE)) - 0.5 + edge  # [M] each
    columns, rows = (np.rint(at).astype(np.int64)[:, None] + _DOT for at in (column, row))  # [M, D]
    distances = np.hypot((rows - row[:, None])[:, :, None], (columns - column[:, None])[:, None])
    covered = np.clip(RADIUS + 0.5 - distances, 0.0, 1.0)  # [M, D, D], a soft edge of one pixel
    # Dots that overlap let through the product of what each one does: a sum of logarithms.
    places = rows[:, :, None] * width + columns[:, None]
    ink = np.bincount(places.ravel(), np.log1p(-OPACITY * covered).ravel(), minlength=width**2)
    ink = ink.reshape(width, width)[edge:-edge, edge:-edge]
    levels = np.rint((_FRAME - 1) * -np.expm1(ink)).astype(np.uint8)  # [SIDE, SIDE]
    levels[[0, -1]] = levels[:, [0, -1]] = _FRAME
    picture = PIL.Image.fromarray(levels)
    picture.putpalette(_PALETTE.tobytes())
    return picture


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
