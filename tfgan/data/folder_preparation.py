"""Resizes the pictures of a folder, once, into the cache that runs read.

Pillow can decode a JPEG at a fraction of its size (`draft`), in a fraction of the time. That gives
other pixels, and a run's bits must not depend on whether its pictures are prepared.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfgan.cli import stopping
from tfgan.core.checks import InputError, Stopped
from tfgan.core.paths import user_path
from tfgan.data import decoding, fingerprints, folder, pixels, resized


class Prepared(NamedTuple):
    """What `prepare` has made, or found."""

    path: Path
    shape: tuple[int, ...]
    """[N, H, W, C]."""

    seconds: float
    """That it took; 0 where it was there already."""

    damage: str
    """What was wrong with the entry that was there before; empty: nothing, or there was none."""


def prepare(image_dir: str, image_size: int = 0, background: str = "white") -> Prepared:
    """Decodes and resizes all pictures of a folder, unless that is done already.

    Args:
      image_dir, image_size, background: as for `folder.load`, which finds what is made here.

    Raises:
      InputError: as for `folder.load`; a file changes meanwhile; another process does the same.
      StorageError: the disk refuses.
      Stopped: a signal came. As after every error, nothing half-made is left.
    """
    colour = pixels.colour(background)
    found = folder.look(image_dir, image_size, background)
    fingerprint = folder.fingerprint_of(image_dir, found.paths)
    pictures = resized.Pictures(fingerprint, (len(found.paths), *found.shape), colour)
    damage, started = "", time.monotonic()
    try:
        if resized.reader(pictures) is not None:
            return Prepared(pictures.path(), pictures.shape, 0.0, "")
    except resized.DamagedError as error:
        damage = str(error)
    digests = [b""] * len(found.paths)

    def heard(i: int, content: bytes) -> None:
        digests[i] = hashlib.sha256(content).digest()

    def chunks() -> Iterator[np.ndarray]:
        read, done = folder.reader(found, colour, heard), 0
        with contextlib.closing(decoding.Progress(image_dir, len(digests))) as progress:
            for chunk in decoding.in_chunks(read, pictures.shape):
                yield chunk
                done += len(chunk)
                progress.show(done)
                if signal := stopping.requested():
                    raise Stopped(f"{signal}: stopped, and nothing is kept of it.")
        # The digests are of the very bytes that were decoded.
        content = folder.digest_of(image_dir, found.paths, digests)
        if fingerprints.CONTENT + content != fingerprint:
            raise InputError(
                f"a file in {image_dir} changed meanwhile: run the same command again."
            )

    with stopping.deferred():
        path = resized.write(pictures, os.path.abspath(user_path(image_dir)), chunks())
    return Prepared(path, pictures.shape, time.monotonic() - started, damage)
