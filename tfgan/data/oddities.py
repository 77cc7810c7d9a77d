"""What a user may not expect of a folder of pictures, in words."""

import math
from collections import Counter

from tfgan.data import pixels

USUAL = 64
"""Side in pixels to which pictures of several sizes are brought: what two cores can train on."""

FEW = 1000
"""Of fewer pictures than these a note says that they are few."""


def of_size(sizes: list[tuple[int, int]], size: tuple[int, int], is_asked: bool) -> tuple[str, ...]:
    """Returns what is odd in the size that pictures are brought to.

    Args:
      sizes: height and width of each picture.
      size: height and width of all, in training.
      is_asked: whether the user has said it.
    """
    smallest, largest = (_by(pick(sizes, key=math.prod)) for pick in (min, max))
    notes = []
    if not is_asked and set(sizes) != {size}:
        are = f"are {largest}" if smallest == largest else f"are {smallest} to {largest}"
        notes.append(
            f"images {are} pixels: cut to squares and resized to {_by(size)}; another size: "
            "--image_size"
        )
    if not is_asked and max(size) > 2 * USUAL:
        notes.append(
            f"images are {_by(size)} pixels: --image_size={USUAL} takes about one part in "
            f"{math.prod(size) // USUAL**2} of the time"
        )
    if number := sum(min(each) < min(size) for each in sizes):
        notes.append(f"{_images(number, 'are')} smaller than {_by(size)} and enlarged")
    return tuple(notes)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def of_files(headers: list[pixels.Header], skipped: Counter, background: str) -> tuple[str, ...]:
    """Returns what is odd in the files of a folder."""
    notes = []
    if skipped:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in skipped.most_common())
        notes.append(f"skipped {kinds}: not images that can be read")
    if number := sum(header.has_alpha for header in headers):
        notes.append(f"{_images(number)} transparency, laid on {background} (--background)")
    if number := sum(header.is_turned for header in headers):
        notes.append(f"{_images(number)} a camera's orientation mark, which is followed")
    if number := sum(header.is_animated for header in headers):
        notes.append(f"{_images(number)} several frames, of which the first is taken")
    if len(headers) < FEW:
        notes.append(
            f"{_images(len(headers), 'are')} few: samples may copy them; compare them with "
            "samples/real.png, add more if you can, and --mirror where left and right do not matter"
        )
    return tuple(notes)


def _images(number: int, verb: str = "have") -> str:
    if number == 1:
        return "1 image has" if verb == "have" else "1 image is"
    return f"{number:,} images {verb}"
