"""The pictures below a folder."""

import functools
import hashlib
import math
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.core.paths import check_inside, user_path
from tfgan.data import fingerprints, pixels
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp")

USUAL = 64
"""Side in pixels to which pictures of several sizes are brought: what two cores can train on."""

LARGEST = 256
"""Pictures that all have one size keep it up to this side, in pixels."""

FEW = 1000
"""Of fewer pictures than these a note says that they are few."""


def load(
    image_dir: str,
    *,
    image_size: int,
    batch_size: int,
    seed: int,
    memory_mb: int,
    background: str = "white",
) -> Source:
    """Makes the source of a folder of images.

    All files with an image's suffix count, in subfolders too, except hidden ones; their order is
    that of their paths' characters. Images have 3 channels, or 1 where every file is greyscale.
    What a user may not expect is told in the source's `notes`.

    Args:
      image_dir: the folder.
      image_size: height and width; images are cut to a centred square and resized. 0: as they are,
        where all have one size of up to `LARGEST`; else up to `USUAL`, and a note says so.
      batch_size: images in a batch.
      seed: seed of the run.
      memory_mb: a set of more uint8 megabytes (1e6 bytes) is read from disk while training.
      background: colour that transparent images are laid on, as CSS names it.

    Raises:
      InputError: there is no such folder, no image in it, or a file in it that does not fit; the
        message names the file.
    """
    colour = pixels.colour(background)
    paths, skipped = _find(image_dir)
    pixels.check_batch_size(image_dir, len(paths), batch_size)
    headers = [pixels.header(path) for path in paths]
    sizes = [(header.height, header.width) for header in headers]
    size = (image_size, image_size) if image_size else _chosen(sizes)
    is_resized = set(sizes) != {size}
    shape = (*size, 1 if all(header.is_grey for header in headers) else 3)

    encoded_bytes = paths[0].stat().st_size

    def decode(i: int) -> np.ndarray:
        return pixels.decode(
            _content(paths[i]), str(paths[i]), shape, resize=is_resized, background=colour
        )

    def read(indices: np.ndarray) -> np.ndarray:
        return pixels.decode_all(decode, indices, shape, encoded_bytes)

    fingerprint = _fingerprint(image_dir, paths)
    source: Arrays | RandomAccessImages
    if len(paths) * np.prod(shape) > memory_mb * 1e6:
        former = functools.partial(_names_and_sizes, image_dir, paths, headers)
        source = RandomAccessImages(
            image_dir, read, len(paths), shape, batch_size, seed, fingerprint, former
        )
    else:
        images = {"real": read(np.arange(len(paths)))}
        source = Arrays(
            images, batch_size=batch_size, name=image_dir, seed=seed, fingerprint=fingerprint
        )
    source.notes = (*_size_notes(sizes, size, image_size), *_notes(headers, skipped, background))
    return source


def _notes(headers: list[pixels.Header], skipped: Counter, background: str) -> tuple[str, ...]:
    """Returns what a user may not expect of a folder."""
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


def _find(image_dir: str) -> tuple[list[Path], Counter]:
    """Returns the images of a folder, and how many other files there are of each suffix."""
    root = user_path(image_dir)
    if not root.is_dir():
        what = "is a file: name its folder" if root.is_file() else "is not there"
        raise InputError(f"image_dir {image_dir!r} {what}.")
    found = [path.relative_to(root) for path in root.rglob("*")]
    shown = [path for path in found if not any(part.startswith(".") for part in path.parts)]
    names = sorted((p for p in shown if not (root / p).is_dir()), key=Path.as_posix)
    paths = [root / name for name in names if name.suffix.lower() in SUFFIXES]
    others = [name for name in names if name.suffix.lower() not in SUFFIXES]
    skipped = Counter(name.suffix.lower() or "without a suffix" for name in others)
    for path in paths:
        check_inside(path, root)
    if not paths:
        raise InputError(f"image_dir {image_dir!r} holds no image: none of {', '.join(SUFFIXES)}.")
    return paths, skipped


def _fingerprint(image_dir: str, paths: list[Path]) -> str:
    """Returns a digest of the files' names below the folder and of their content."""
    root = user_path(image_dir)

    def parts() -> Iterator[bytes]:
        for path in paths:
            yield os.fsencode(path.relative_to(root).as_posix())
            yield hashlib.sha256(_content(path)).digest()

    def compute() -> str:
        fingerprints.announce(image_dir, paths)
        return fingerprints.digest(parts())

    what = f"names below {os.path.abspath(root)} and content"
    return fingerprints.CONTENT + fingerprints.cached(paths, what, compute)


def _names_and_sizes(image_dir: str, paths: list[Path], headers: list[pixels.Header]) -> str:
    """Returns what was the fingerprint of images on disk: pictures could be swapped under it."""
    if any(header.has_alpha or header.is_turned for header in headers):
        return "read in another way"  # what was under transparency was shown, and none was turned
    root = user_path(image_dir)
    listing = [f"{path.relative_to(root).as_posix()} {path.stat().st_size}\n" for path in paths]
    return hashlib.sha256(os.fsencode("".join(listing))).hexdigest()


def _chosen(sizes: list[tuple[int, int]]) -> tuple[int, int]:
    """Returns the height and width to train on, where nobody says them.

    The pictures' own, where all have one that is not too large; else that of a square, the largest
    power of two up to `USUAL` that does not enlarge most of them.
    """
    if len(set(sizes)) == 1 and max(sizes[0]) <= LARGEST:
        return sizes[0]
    shorter = int(np.median([min(size) for size in sizes]))
    side = min(USUAL, 1 << max(shorter.bit_length() - 1, 3))
    return side, side


def _size_notes(
    sizes: list[tuple[int, int]], size: tuple[int, int], image_size: int
) -> tuple[str, ...]:
    """Returns what a user may not expect of the size."""
    smallest, largest = (_by(pick(sizes, key=math.prod)) for pick in (min, max))
    notes = []
    if not image_size and set(sizes) != {size}:
        are = f"are {largest}" if smallest == largest else f"are {smallest} to {largest}"
        notes.append(
            f"images {are} pixels: cut to squares and resized to {_by(size)}; another size: "
            "--image_size"
        )
    if not image_size and max(size) > 2 * USUAL:
        notes.append(
            f"images are {_by(size)} pixels: --image_size={USUAL} takes about one part in "
            f"{math.prod(size) // USUAL**2} of the time"
        )
    if number := sum(min(each) < min(size) for each in sizes):
        notes.append(f"{_images(number, 'are')} smaller than {_by(size)} and enlarged")
    return tuple(notes)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
