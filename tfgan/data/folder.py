"""The PNG and JPEG files below a folder."""

import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.core.paths import check_inside, user_path
from tfgan.data import fingerprints, pixels
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

SUFFIXES = (".png", ".jpg", ".jpeg")


def load(image_dir: str, *, image_size: int, batch_size: int, seed: int, memory_mb: int) -> Source:
    """Makes the source of a folder of images.

    All files with an image's suffix count, in subfolders too, except hidden ones; their order is
    that of their paths' characters. Images have 3 channels, or 1 where every file is greyscale.

    Args:
      image_dir: the folder.
      image_size: height and width; images are cut to a centred square and resized. 0: as they are,
        all of one size.
      batch_size: images in a batch.
      seed: seed of the run.
      memory_mb: a set of more uint8 megabytes (1e6 bytes) is read from disk while training.

    Raises:
      InputError: there is no such folder, no image in it, or a file in it that does not fit; the
        message names the file.
    """
    paths = _find(image_dir)
    pixels.check_batch_size(image_dir, len(paths), batch_size)
    sizes, greys = zip(*(_header(path) for path in paths), strict=True)
    size = (image_size, image_size) if image_size else _common_size(paths, sizes)
    shape = (*size, 1 if all(greys) else 3)

    encoded_bytes = paths[0].stat().st_size

    def decode(i: int) -> np.ndarray:
        return pixels.decode(_content(paths[i]), str(paths[i]), shape, resize=image_size > 0)

    def read(indices: np.ndarray) -> np.ndarray:
        return pixels.decode_all(decode, indices, shape, encoded_bytes)

    fingerprint = _fingerprint(image_dir, paths)
    if len(paths) * np.prod(shape) > memory_mb * 1e6:
        former = functools.partial(_names_and_sizes, image_dir, paths)
        return RandomAccessImages(
            image_dir, read, len(paths), shape, batch_size, seed, fingerprint, former
        )
    images = {"real": read(np.arange(len(paths)))}
    return Arrays(images, batch_size=batch_size, name=image_dir, seed=seed, fingerprint=fingerprint)


def _find(image_dir: str) -> list[Path]:
    root = user_path(image_dir)
    if not root.is_dir():
        raise InputError(f"image_dir {image_dir!r} is not a folder.")
    found = [path.relative_to(root) for path in root.rglob("*")]
    found = [
        path
        for path in found
        if path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in path.parts)
    ]
    paths = [root / path for path in sorted(found, key=Path.as_posix) if not (root / path).is_dir()]
    for path in paths:
        check_inside(path, root)
    if not paths:
        raise InputError(f"image_dir {image_dir!r} holds no image: none of {', '.join(SUFFIXES)}.")
    return paths


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


def _names_and_sizes(image_dir: str, paths: list[Path]) -> str:
    """Returns what was the fingerprint of images on disk: pictures could be swapped under it."""
    root = user_path(image_dir)
    listing = [f"{path.relative_to(root).as_posix()} {path.stat().st_size}\n" for path in paths]
    return hashlib.sha256(os.fsencode("".join(listing))).hexdigest()


def _header(path: Path) -> tuple[tuple[int, int], bool]:
    height, width, is_grey = pixels.header(path)
    return (height, width), is_grey


def _common_size(paths: list[Path], sizes: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    height, width = sizes[0]
    for path, size in zip(paths, sizes, strict=True):
        if size != sizes[0]:
            raise InputError(
                f"{path} is {size[0]}x{size[1]}, not {height}x{width} like {paths[0].name}: "
                "give --image_size to bring all to one size."
            )
    return sizes[0]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
