"""Pictures inside a page: as they are where they are small, else smaller."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import PIL.Image

from tfgan.core import files
from tfgan.pages.markup import Markup, tag
from tfgan.runs import pictures

MOST_BYTES = 8 * 2**20
"""Of all pictures of a page, before they are written as text, which takes a third more."""

MOST_PICTURES, FEWEST_PICTURES, OF_ALL_RUNS = 12, 2, 240
"""Pictures of samples that are shown of a run, and about how many of all runs together."""

SIDES = (1024, 768, 512, 384, 256, 192, 128)
"""Pixels of the longer side of a picture that is shown smaller: the first that is small enough."""

QUALITY = 85
"""Of those, as JPEG."""


def most_pictures(num_runs: int) -> int:
    """Returns how many pictures of samples are shown of each of so many runs."""
    return max(FEWEST_PICTURES, min(MOST_PICTURES, OF_ALL_RUNS // num_runs))


def spread(paths: Sequence[Path], most: int) -> list[Path]:
    """Returns up to `most` >= 2 of the paths, evenly: the first and the last among them."""
    if len(paths) <= most:
        return list(paths)
    return [paths[round(i * (len(paths) - 1) / (most - 1))] for i in range(most)]


def picture(path: Path, about: str, most_bytes: int) -> Markup:
    """Returns an image that holds a PNG file.

    Args:
      path: of the file.
      about: what it shows, for those who do not see it.
      most_bytes: of its data; a larger one is shown smaller.

    Raises:
      StorageError: it is no PNG file any more, or cannot be read.
      InputError: it is a link or a pipe.
    """
    with files.disk_errors(path):
        data = files.read(path)
    decoded = pictures.decoded(path, data)
    kind, (width, height) = "png", decoded.size
    if len(data) > most_bytes:
        kind, data = "jpeg", _smaller(decoded, most_bytes)
    text = base64.b64encode(data).decode()
    source = f"data:image/{kind};base64,{text}"
    return tag("img", src=source, alt=about, width=width, height=height)


def _smaller(decoded: PIL.Image.Image, most_bytes: int) -> bytes:
    """Returns a picture as JPEG of at most so many bytes, or the smallest one."""
    encoded = io.BytesIO()
    for side in SIDES:
        small = decoded.convert("RGB")
        small.thumbnail((side, side))
        encoded = io.BytesIO()
        small.save(encoded, format="JPEG", quality=QUALITY)
        if encoded.tell() <= most_bytes:
            break
    return encoded.getvalue()
