"""Pictures of examples in [-1, 1]: grids, scatter plots, heat maps."""

import io
import math

import numpy as np
import PIL.Image
import PIL.ImageDraw

from tfgan.core.checks import InputError

SQUARE = 1.1
"""A scatter plot shows [-SQUARE, SQUARE]^2."""

SIDE = 400
"""Of a scatter plot, in pixels."""

RADIUS = 1.6
OPACITY = 0.5
"""Of a dot, in pixels; and how much of what is behind it a dot hides."""

_FRAME = 255
_PALETTE = np.full([256, 3], 176, np.uint8)  # grey: the frame
_PALETTE[:_FRAME] = np.rint(np.linspace([255, 255, 255], [31, 119, 180], _FRAME))
"""Colours of a scatter plot: white to blue, by how much of a pixel is hidden."""

MOST_PIXELS = 64_000_000
"""Of a picture that is enlarged because somebody asks for it."""


def png(picture: PIL.Image.Image) -> bytes:
    """Returns a picture as a PNG."""
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG")
    return encoded.getvalue()


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


def scatter(
    points: np.ndarray, columns: int = 0, scale: int = 0, joined: bool = False
) -> PIL.Image.Image:
    """Draws points [N, 2] in the square [-1.1, 1.1]^2: more ink where there are more of them.

    The first coordinate goes to the right, the second one up. Points that are not finite are left
    out, and so is what lies outside of the square.

    Args:
      points: what to draw.
      columns: so many points in a row have a colour of their own; 0: all have the same.
      scale: factor by which the SIDE x SIDE pixels are enlarged; 0: as they are.
      joined: whether a line joins the points of one colour.

    Raises:
      InputError: a `scale` of more than 1 makes it too large.
    """
    scale = scale or 1
    _check_size((SIDE, SIDE), scale)
    points = np.asarray(points, np.float64)
    return _in_colours(points, columns, scale, joined) if columns else _dots(points, scale)


def _dots(points: np.ndarray, scale: int) -> PIL.Image.Image:
    """Draws each point as a soft dot, in a picture with a palette ("P"): small and quick to write.

    A figure of matplotlib takes 20 times as long, which a fast training loop would wait for.
    """
    points = points[(np.abs(points) <= SQUARE).all(axis=1)]  # [M, 2]
    side, radius = SIDE * scale, RADIUS * scale
    # In pixels, whose centres are whole numbers, in a frame that is wide enough for every dot.
    reach = math.ceil(radius)
    near, edge = np.arange(-reach, reach + 1), reach + 1
    width = side + 2 * edge
    column, row = (points * [1, -1] + SQUARE).T * (side / (2 * SQUARE)) - 0.5 + edge  # [M] each
    columns, rows = (np.rint(at).astype(np.int64)[:, None] + near for at in (column, row))  # [M, D]
    distances = np.hypot((rows - row[:, None])[:, :, None], (columns - column[:, None])[:, None])
    covered = np.clip(radius + 0.5 - distances, 0.0, 1.0)  # [M, D, D], a soft edge of one pixel
    # Dots that overlap let through the product of what each one does: a sum of logarithms.
    places = rows[:, :, None] * width + columns[:, None]
    ink = np.bincount(places.ravel(), np.log1p(-OPACITY * covered).ravel(), minlength=width**2)
    ink = ink.reshape(width, width)[edge:-edge, edge:-edge]
    levels = np.rint((_FRAME - 1) * -np.expm1(ink)).astype(np.uint8)  # [side, side]
    levels[[0, -1]] = levels[:, [0, -1]] = _FRAME
    picture = PIL.Image.fromarray(levels)
    picture.putpalette(_PALETTE.tobytes())
    return picture


def _in_colours(points: np.ndarray, columns: int, scale: int, joined: bool) -> PIL.Image.Image:
    """Draws each `columns` points in a colour of its own: dots, and maybe a line through them."""
    side, fine = SIDE * scale, 2  # drawn twice as large, for soft edges
    picture = PIL.Image.new("RGB", (side * fine, side * fine), "white")
    pen = PIL.ImageDraw.Draw(picture)
    places = (points * [1, -1] + SQUARE) * (side * fine / (2 * SQUARE))  # [N, 2]
    rows = np.split(places, range(columns, len(places), columns))
    for i, row in enumerate(rows):
        hue = f"hsl({(210 + 360 * i // len(rows)) % 360}, 70%, 40%)"
        there = [tuple(place) for place in row[np.isfinite(row).all(axis=1)]]
        if joined and len(there) > 1:
            pen.line(there, fill=hue, width=fine * scale)
        for place in there:
            pen.circle(place, radius=RADIUS * fine * scale, fill=hue)
    pen.rectangle([0, 0, side * fine - 1, side * fine - 1], outline="#b0b0b0", width=fine)
    return picture.resize((side, side), PIL.Image.Resampling.BOX)


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
