"""What the image sources share: encoded images to uint8 arrays, uint8 to the networks' floats.

Pillow decodes and resizes, not TensorFlow: it is host code, so it runs beside the training graph
without waiting for the graph's threads; it reads a file's size without decoding it; and its filters
antialias (Parmar et al., "On Aliased Resizing and Surprising Subtleties in GAN Evaluation", 2022).
"""

import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image, ImageColor, ImageOps

from tfgan.core.checks import InputError

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""Pillow's name for images of so many channels."""

MOST_PIXELS = 64_000_000
"""Of one picture: a few kilobytes can hold gigabytes of them."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
_GREY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I", "F")
_ALPHA_MODES = ("LA", "PA", "RGBA", "La", "RGBa")
_ORIENTATION = 0x0112  # EXIF's tag: how the camera was held; 1: upright
_DECODE_ERRORS = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)

_THREADED_BYTES = 4096  # smaller images take longer to hand to a thread than to decode
_threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="decode")


def to_float(images: tf.Tensor) -> tf.Tensor:
    """Maps uint8 to float32 in [-1, 1]: black to exactly -1, white to exactly 1.

    (x - 127.5) / 127.5. The difference is exact, so each result is the correctly rounded one and
    x and 255 - x are exact opposites; x * (2 / 255) - 1 rounds twice and has neither property.
    """
    return (tf.cast(images, tf.float32) - 127.5) / 127.5


def check_batch_size(name: str, num_examples: int, batch_size: int) -> None:
    """Checks that a set can fill a batch.

    Raises:
      InputError: one batch would hold more than the whole set.
    """
    if batch_size > num_examples:
        raise InputError(
            f"batch_size {batch_size} is more than the {num_examples} examples of {name}: "
            f"give --batch_size={num_examples} or less."
        )


class Header(NamedTuple):
    """What a file says of its picture before that is decoded."""

    height: int
    """Pixels, as the picture is to be seen."""

    width: int
    is_grey: bool
    has_alpha: bool
    """Whether pixels may be transparent."""

    is_turned: bool
    """Whether the camera was held otherwise than upright."""

    is_animated: bool


def header(path: Path) -> Header:
    """Reads the header of a picture.

    Raises:
      InputError: it cannot be read as a picture, or has too many pixels; the message names the
        file.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            turn = image.getexif().get(_ORIENTATION, 1)
            width, height = image.size[::-1] if turn in (5, 6, 7, 8) else image.size
            found = Header(
                height,
                width,
                image.mode in _GREY_MODES,
                image.mode in _ALPHA_MODES or "transparency" in image.info,
                turn in range(2, 9),
                getattr(image, "is_animated", False),
            )
    except _DECODE_ERRORS as error:
        raise _undecodable(str(path), error) from error
    _check_size(str(path), width, height)
    return found


def colour(name: str) -> tuple[int, int, int]:
    """Returns a colour as red, green and blue, 0 to 255 each.

    Raises:
      InputError: it is none of CSS's, such as white, silver or #ffcc00.
    """
    try:
        red, green, blue, *_ = ImageColor.getrgb(name)
    except ValueError:
        raise InputError(
            f"--background={name} is no colour: give a name such as white, or #rrggbb."
        ) from None
    return red, green, blue


def decode(
    encoded: bytes,
    name: str,
    shape: tuple[int, int, int],
    *,
    resize: bool,
    background: tuple[int, int, int] = (255, 255, 255),
) -> np.ndarray:
    """Decodes one picture; of several frames the first.

    Greyscale and colour are converted into each other, and 16 bits are cut to the upper 8. What is
    transparent is laid on a background unless `shape` has 4 channels: under it may lie anything. A
    camera's orientation mark is followed.

    Args:
      encoded: content of the file.
      name: what messages call it.
      shape: the array wanted, [H, W, C] with C of 1, 3 or 4.
      resize: whether to cut the largest centred square and resize it to [H, W] (bicubic,
        antialiased); else the image must have this size.
      background: red, green and blue.

    Returns:
      uint8 [H, W, C].

    Raises:
      InputError: it is damaged or of another size; the message holds `name`.
    """
    height, width, channels = shape
    try:
        with Image.open(io.BytesIO(encoded), formats=_FORMATS) as image:
            _check_size(name, *image.size)
            image.load()
            image = _upright(image)
            if image.mode.startswith("I;16"):
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            if channels != 4:
                image = _laid_on(background, image)
            if image.mode != MODES[channels]:
                image = image.convert(MODES[channels])
    except InputError:
        raise
    except _DECODE_ERRORS as error:
        raise _undecodable(name, error) from error
    if image.size != (width, height):
        if not resize:
            raise InputError(
                f"{name} is {image.height}x{image.width}, not {height}x{width}: "
                "give --image_size to bring all to one size."
            )
        image = _resize(image, width, height)
    return np.asarray(image).reshape(shape)


def decode_all(
    decode_one: Callable[[int], np.ndarray],
    indices: Sequence[int] | np.ndarray,
    shape: tuple[int, int, int],
    encoded_bytes: int,
) -> np.ndarray:
    """Decodes many images, on all cores where that helps.

    Args:
      decode_one: maps an index to an image, uint8 `shape`.
      indices: the images wanted.
      shape: [H, W, C].
      encoded_bytes: size of a typical encoded image.

    Returns:
      uint8 [B, H, W, C], in the order of `indices`.
    """
    images = np.empty([len(indices), *shape], np.uint8)

    def put(i: int) -> None:
        images[i] = decode_one(int(indices[i]))

    spread = _threads.map if encoded_bytes >= _THREADED_BYTES else map
    for _ in spread(put, range(len(indices))):
        pass
    return images


def _check_size(name: str, width: int, height: int) -> None:
    if height * width > MOST_PIXELS:
        raise InputError(
            f"{name} has {height} x {width} pixels, more than {MOST_PIXELS:,}: shrink or remove it."
        )


def _upright(image: Image.Image) -> Image.Image:
    """Follows the mark of how the camera was held."""
    return ImageOps.exif_transpose(image) if image.getexif().get(_ORIENTATION, 1) != 1 else image


def _laid_on(background: tuple[int, int, int], image: Image.Image) -> Image.Image:
    """Lays a picture with transparency on a colour; others stay as they are."""
    if image.mode not in _ALPHA_MODES and "transparency" not in image.info:
        return image
    under = Image.new("RGBA", image.size, (*background, 255))
    return Image.alpha_composite(under, image.convert("RGBA")).convert("RGB")


def _resize(image: Image.Image, width: int, height: int) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    # Band by band: Pillow would weigh the colours of an RGBA image by its transparency.
    bands = [band.resize((width, height), Image.Resampling.BICUBIC, box) for band in image.split()]
    return bands[0] if len(bands) == 1 else Image.merge(image.mode, bands)


def _undecodable(name: str, error: Exception) -> InputError:
    cause = "not an image" if isinstance(error, Image.UnidentifiedImageError) else error
    return InputError(f"{name} cannot be read as a picture ({cause}): repair or remove it.")
