"""The pictures below a folder."""

import contextlib
import functools
import hashlib
import os
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfgan.core.checks import InputError
from tfgan.core.interfaces import LabelSpec, Source
from tfgan.core.paths import check_inside, user_path
from tfgan.data import decoding, fingerprints, labels, oddities, pixels, resized
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp")

LARGEST = 256
"""Pictures that all have one size keep it up to this side, in pixels."""


def load(
    image_dir: str,
    *,
    image_size: int,
    batch_size: int,
    seed: int,
    memory_mb: int,
    background: str = "white",
    with_labels: bool = False,
) -> Source:
    """Makes the source of a folder of images.

    All files with an image's suffix count, in subfolders too, except hidden ones; their order is
    that of their paths' characters. Images have 3 channels, or 1 where every file is greyscale.
    What a user may not expect is told in the source's `notes`. Pictures that `tfgan prepare` has
    resized are read from its cache, to the same bytes.

    Args:
      image_dir: the folder.
      image_size: height and width; images are cut to a centred square and resized. 0: as they are,
        where all have one size of up to `LARGEST`; else up to `oddities.USUAL`, and a note says so.
      batch_size: images in a batch.
      seed: seed of the run.
      memory_mb: a set of more uint8 megabytes (1e6 bytes) is read from disk while training.
      background: colour that transparent images are laid on, as CSS names it.
      with_labels: each directory directly below the folder is a class, in the order of their names.

    Raises:
      InputError: there is no such folder, no image in it, or a file in it that does not fit; the
        message names the file.
    """
    colour = pixels.colour(background)
    found = look(image_dir, image_size, background)
    paths, shape = found.paths, found.shape
    pixels.check_batch_size(image_dir, len(paths), batch_size)
    classes = _classes(image_dir, paths) if with_labels else None
    fingerprint = fingerprint_of(image_dir, paths)
    pictures = resized.Pictures(fingerprint, (len(paths), *shape), colour)
    command = prepare_command(image_dir, image_size, background)
    read = reader(found, colour)
    source: Arrays | RandomAccessImages
    if pictures.num_bytes() > memory_mb * 1e6:
        prepared = _usable(lambda: resized.reader(pictures), command)
        if prepared is None:
            _time(read, image_dir, len(paths), command)
        former = functools.partial(_names_and_sizes, image_dir, paths, found.headers)
        source = RandomAccessImages(
            image_dir,
            classes.beside(prepared or read) if classes else prepared or read,
            len(paths),
            shape,
            batch_size,
            seed,
            fingerprint,
            former,
            classes.spec() if classes else None,
        )
    else:
        images = _usable(lambda: resized.read_all(pictures), command)
        if images is None:
            images = _read_all(read, image_dir, pictures.shape, command)
        source = Arrays(
            {"real": images} | ({"labels": classes.labels} if classes else {}),
            batch_size=batch_size,
            name=image_dir,
            seed=seed,
            fingerprint=fingerprint,
            class_names=classes.names if classes else (),
        )
    source.notes = found.notes
    return source


class Look(NamedTuple):
    """What is known of a folder before a picture is decoded."""

    paths: list[Path]
    headers: list[pixels.Header]
    shape: tuple[int, int, int]
    """[H, W, C] of every picture, once it is decoded."""

    is_resized: bool
    """Whether a picture has another size."""

    notes: tuple[str, ...]
    """What a user may not expect."""


def look(image_dir: str, image_size: int, background: str = "white") -> Look:
    """Looks at a folder; arguments and errors as for `load`."""
    paths, skipped = _find(image_dir)
    headers = [pixels.header(path) for path in paths]
    sizes = [(header.height, header.width) for header in headers]
    size = (image_size, image_size) if image_size else _chosen(sizes)
    shape = (*size, 1 if all(header.is_grey for header in headers) else 3)
    told = (
        *oddities.of_size(sizes, size, is_asked=image_size > 0),
        *oddities.of_files(headers, skipped, background),
    )
    return Look(paths, headers, shape, set(sizes) != {size}, told)


class Classes(NamedTuple):
    """The directories directly below a folder, and which of them each picture lies in."""

    names: tuple[str, ...]
    labels: np.ndarray
    """int32 [N]."""

    def spec(self) -> LabelSpec:
        """Returns what the labels are."""
        counts = np.bincount(self.labels, minlength=len(self.names))
        return labels.spec_of_counts(counts, self.names)

    def beside(self, read: Callable) -> Callable:
        """Returns a function that returns what `read` does, and the labels, int32 [B]."""
        return lambda indices: (read(indices), self.labels[indices])


def _classes(image_dir: str, paths: list[Path]) -> Classes:
    """Returns the classes of the pictures below a folder.

    Raises:
      InputError: a picture lies in none.
    """
    root = user_path(image_dir)
    found = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    numbers = {name: i for i, name in enumerate(found)}
    below = [path.relative_to(root) for path in paths]
    for path in below:
        if len(path.parts) == 1:
            raise InputError(
                f"{root / path} lies in no directory of a class: move it into one, such as "
                f"{found[0] if found else 'cats'}/, or train without labels (--condition=none)."
            )
    # A name on the disk need not be UTF-8, and will be printed.
    names = tuple(os.fsencode(name).decode(errors="replace") for name in found)
    return Classes(names, np.array([numbers[path.parts[0]] for path in below], np.int32))


def reader(
    found: Look,
    background: tuple[int, int, int],
    heard: Callable[[int, bytes], None] | None = None,
) -> Callable[[np.ndarray], np.ndarray]:
    """Returns a function that decodes some pictures: indices, int [B], to uint8 [B, H, W, C].

    Args:
      found: the folder.
      background: red, green and blue.
      heard: is told the index and the content of each file that is read, on any thread.
    """
    paths, shape = found.paths, found.shape
    encoded_bytes = paths[0].stat().st_size

    def decode(i: int) -> np.ndarray:
        content = _content(paths[i])
        if heard is not None:
            heard(i, content)
        name = str(paths[i])
        return pixels.decode(content, name, shape, resize=found.is_resized, background=background)

    return lambda indices: pixels.decode_all(decode, indices, shape, encoded_bytes)


def prepare_command(image_dir: str, image_size: int, background: str) -> str:
    """Returns the command that prepares a folder, for messages."""
    words = ["tfgan", "prepare", f"--image_dir={image_dir}"]
    words += [f"--image_size={image_size}"] if image_size else []
    words += [f"--background={background}"] if background != "white" else []
    return shlex.join(words)


def _usable(read: Callable, command: str):
    """Returns what is read of the cache; None, after a line, where that is damaged."""
    try:
        return read()
    except resized.DamagedError as error:
        print(f"{error}; `{command}` makes it again", file=sys.stderr, flush=True)
        return None


def _read_all(read: Callable, name: str, shape: tuple[int, ...], command: str) -> np.ndarray:
    """Decodes all pictures, uint8 [N, H, W, C], and shows how far that is if it takes long."""
    images, done = np.empty(shape, np.uint8), 0
    with contextlib.closing(decoding.Progress(name, len(images), command)) as progress:
        for chunk in decoding.in_chunks(read, shape):
            images[done : done + len(chunk)] = chunk
            done += len(chunk)
            progress.show(done)
    return images


def _time(read: Callable, name: str, number: int, command: str) -> None:
    """Decodes a few pictures, and says so if all of them will take long."""
    started, few = time.monotonic(), min(decoding.FIRST, number)
    read(np.arange(few))
    seconds = (time.monotonic() - started) * number / few
    decoding.say_if_long(name, number, seconds, "in every epoch", command)


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


def fingerprint_of(image_dir: str, paths: list[Path]) -> str:
    """Returns a digest of the files' names below the folder and of their content."""

    def compute() -> str:
        fingerprints.announce(image_dir, paths)
        return digest_of(image_dir, paths, (hashlib.sha256(_content(p)).digest() for p in paths))

    what = f"names below {os.path.abspath(user_path(image_dir))} and content"
    return fingerprints.CONTENT + fingerprints.cached(paths, what, compute)


def digest_of(image_dir: str, paths: list[Path], contents: Iterable[bytes]) -> str:
    """Returns the fingerprint's digest, from the SHA-256 of each file's content."""
    root = user_path(image_dir)
    names = (os.fsencode(path.relative_to(root).as_posix()) for path in paths)
    pairs = zip(names, contents, strict=True)
    return fingerprints.digest(part for pair in pairs for part in pair)


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
    power of two up to `oddities.USUAL` that does not enlarge most of them.
    """
    if len(set(sizes)) == 1 and max(sizes[0]) <= LARGEST:
        return sizes[0]
    shorter = int(np.median([min(size) for size in sizes]))
    side = min(oddities.USUAL, 1 << max(shorter.bit_length() - 1, 3))
    return side, side


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
