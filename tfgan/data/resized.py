"""A cache of decoded pictures: `tfgan prepare --image_dir=...` makes it, a run finds it by itself.

An entry is a directory below $XDG_CACHE_HOME/tfgan/resized (else ~/.cache/tfgan/resized): the
pixels, as NumPy's .npy file, and a record of what they are of. Its name is a digest of all that the
pixels depend on, so that an entry of other files, or of another decoder, is not found. A run reads
the same bytes with an entry and without: it only saves time, and it is safe to remove them all.

An entry of somebody else's is not trusted: no link is followed, nothing in it is parsed but the
record's JSON, and pixels of another digest than the recorded one are not used.
"""

import contextlib
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import PIL
from PIL import features

from tfgan.core import files, locks
from tfgan.core.checks import CommandError, InputError, StorageError
from tfgan.data import fingerprints

DECODER = (1, f"Pillow {PIL.__version__}", *map(features.version, ("jpg", "webp")))
"""What decodes. Count the number up when `pixels.decode` gives other bytes than before."""

PIXELS, RECORD = "pixels.npy", "entry.json"
MOST_RECORD_BYTES = 65_536
_OWN = {RECORD, RECORD + files.TEMPORARY, PIXELS}
_TEMPORARY_NAME = "[0-9a-f]{64}" + re.escape(files.TEMPORARY)


class Pictures(NamedTuple):
    """What decoded pictures are a function of, beside the decoder."""

    fingerprint: str
    """Of the content of the files."""

    shape: tuple[int, ...]
    """[N, H, W, C]."""

    background: tuple[int, int, int]
    """Red, green and blue."""

    def path(self) -> Path:
        """Returns where their entry lies, if there is one."""
        parts = self.fingerprint, [int(size) for size in self.shape], self.background, DECODER
        return fingerprints.cache("resized") / fingerprints.digest([json.dumps(parts).encode()])

    def header(self) -> bytes:
        """Returns how their .npy file begins."""
        text = io.BytesIO()
        shape = tuple(int(size) for size in self.shape)
        fields = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(text, fields)
        return text.getvalue()

    def num_bytes(self) -> int:
        """Returns how many bytes of pixels they have."""
        return int(np.prod(self.shape, dtype=np.int64))


class DamagedError(InputError):
    """There is an entry, and it cannot be used."""


def read_all(pictures: Pictures) -> np.ndarray | None:
    """Returns the pixels of an entry, uint8 [N, H, W, C], after a look at their digest.

    Returns None where there is no entry.

    Raises:
      DamagedError: there is one, and it cannot be used; the message names it.
    """
    if (entry := _open(pictures)) is None:
        return None
    file, digest = entry
    with file:
        images = np.empty(pictures.shape, np.uint8)
        if not _read_into(file, images, len(pictures.header())):
            raise _damaged(pictures, "it is cut off")
    if hashlib.sha256(images.data).hexdigest() != digest:
        raise _damaged(pictures, "its pixels have another digest than its record says")
    return images


def reader(pictures: Pictures) -> Callable[[np.ndarray], np.ndarray] | None:
    """Returns a function that reads some pixels of an entry; None where there is no entry.

    It maps indices, int [B], to uint8 [B, H, W, C]. The file stays open, so it reads on though the
    entry is removed. It does not map the file into memory: of a mapped one that is cut off, a read
    ends the process, and its pages count as the process's own.

    All pixels are read once for their digest, which is remembered while the file stays as it is.

    Raises:
      DamagedError: there is an entry, and it cannot be used; the message names it. The function
        raises InputError if the file is cut off meanwhile.
    """
    if (entry := _open(pictures)) is None:
        return None
    file, digest = entry
    path, offset = pictures.path() / PIXELS, len(pictures.header())

    def compute() -> str:
        fingerprints.announce(str(path), [path])
        return _digest(file, offset)

    if fingerprints.cached([path], "pixels of an entry", compute) != digest:
        file.close()
        raise _damaged(pictures, "its pixels have another digest than its record says")
    one = int(np.prod(pictures.shape[1:]))

    def read(indices: np.ndarray) -> np.ndarray:
        images = np.empty([len(indices), *pictures.shape[1:]], np.uint8)
        for image, i in zip(images, indices, strict=True):
            if not _read_into(file, image, offset + int(i) * one):
                raise InputError(f"{path} was cut off meanwhile: run the same command again.")
        return images

    return read


def write(pictures: Pictures, folder: str, chunks: Iterable[np.ndarray]) -> Path:
    """Makes an entry, unless another process has done so meanwhile; returns its path.

    It gets its name once it is whole and on the disk. What was damaged under that name is removed.

    Args:
      pictures: what it is of.
      folder: where they come from, for people who look into the record.
      chunks: all pixels in order, uint8 [n, H, W, C] each. Nothing is left of the entry if taking
        the next one raises.

    Raises:
      InputError: another process makes this entry now, or something is in the way.
      StorageError: the disk refuses.
    """
    path = pictures.path()
    if not path.is_absolute():
        raise InputError("there is no home directory to keep pictures in: set XDG_CACHE_HOME.")
    with _disk_errors(path):
        files.make_folder(path.parent, with_parents=True)
        _clean(path.parent)
        temporary = path.with_name(path.name + files.TEMPORARY)
        held = _taken(temporary)
        try:
            if not _is_usable(pictures):
                _remove(path)
                record = _record(pictures) | {"folder": folder}
                record["sha256"] = _write_pixels(temporary / PIXELS, pictures, chunks)
                files.write(temporary / RECORD, json.dumps(record, indent=1).encode())
                files.publish(temporary, path)
        finally:
            _remove(temporary)  # where it has not got its name
            os.close(held)
    return path


def _write_pixels(path: Path, pictures: Pictures, chunks: Iterable[np.ndarray]) -> str:
    """Writes the .npy file; returns the digest of its pixels."""
    digest, num_bytes = hashlib.sha256(), 0
    with files.disk_errors(path), files.open_plain(path, "xb") as file:
        file.write(pictures.header())
        for chunk in chunks:
            data = np.ascontiguousarray(chunk).data
            file.write(data)
            digest.update(data)
            num_bytes += chunk.nbytes
    if num_bytes != pictures.num_bytes():
        raise ValueError(f"{num_bytes} bytes of pixels, not {pictures.num_bytes()}")
    return digest.hexdigest()


def _record(pictures: Pictures) -> dict[str, Any]:
    """Returns what a record says of what it is of."""
    return {
        "fingerprint": pictures.fingerprint,
        "shape": [int(size) for size in pictures.shape],
        "background": list(pictures.background),
        "decoder": list(DECODER),
    }


def _open(pictures: Pictures) -> tuple[IO[bytes], str] | None:
    """Opens the pixels of an entry; returns the file, and the digest that its pixels should have.

    Raises:
      DamagedError: the entry cannot be used.
    """
    path, header = pictures.path(), pictures.header()
    if not path.is_absolute() or not os.path.lexists(path):
        return None
    if path.is_symlink() or not path.is_dir():
        raise _damaged(pictures, "it is no directory")
    try:
        with files.open_plain(path / RECORD, "rb") as file:
            record = json.loads(file.read(MOST_RECORD_BYTES))
        pixels = files.open_plain(path / PIXELS, "rb")
    except OSError as error:
        raise _damaged(pictures, f"{error.filename}: {error.strerror}") from error
    except InputError as error:  # a link, a pipe
        raise _damaged(pictures, str(error).partition(";")[0]) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(pictures, f"its {RECORD} cannot be read") from error
    if cause := _fault(
        pictures, record, os.fstat(pixels.fileno()).st_size, pixels.read(len(header))
    ):
        pixels.close()
        raise _damaged(pictures, cause)
    return pixels, record["sha256"]


def _fault(pictures: Pictures, record: Any, num_bytes: int, header: bytes) -> str:
    """Returns what is wrong with an entry, but for the digest of its pixels; empty: nothing."""
    expected = _record(pictures)
    if not isinstance(record, dict) or {n: record.get(n) for n in expected} != expected:
        return "its record is of something else"
    if not re.fullmatch("[0-9a-f]{64}", str(record.get("sha256"))):
        return "its record has no digest"
    if num_bytes != len(header) + pictures.num_bytes():
        return f"its {PIXELS} has another size"
    return "" if header == pictures.header() else f"its {PIXELS} has another shape"


def _is_usable(pictures: Pictures) -> bool:
    with contextlib.suppress(DamagedError):
        return reader(pictures) is not None
    return False


def _read_into(file: IO[bytes], array: np.ndarray, offset: int) -> bool:
    """Reads bytes from a place in a file; returns whether there were enough."""
    view = array.reshape(-1).data
    while view:
        number = os.preadv(file.fileno(), [view], offset)  # at most 2 GB at once
        if not number:
            return False
        view, offset = view[number:], offset + number
    return True


def _digest(file: IO[bytes], offset: int) -> str:
    digest = hashlib.sha256()
    while block := os.pread(file.fileno(), 1 << 20, offset):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()


def _damaged(pictures: Pictures, cause: str) -> DamagedError:
    return DamagedError(f"{pictures.path()} is damaged and not used: {cause}")


def _taken(temporary: Path) -> int:
    """Takes an empty directory of a temporary name for this process; returns its descriptor.

    Raises:
      InputError: another process has it, or something is in the way.
    """
    while True:
        if temporary.is_symlink():
            raise InputError(f"{temporary} is a link and in the way: remove it.")
        files.make_folder(temporary)
        try:
            held = locks.lock(temporary, "prepares these pictures", "XDG_CACHE_HOME")
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                continue  # another process has just finished: it has its name by now
            raise
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(held), temporary.stat()):
                _empty(temporary)  # of what a killed one left
                return held
        os.close(held)


def _clean(cache: Path) -> None:
    """Removes what killed processes left; a living one holds its own by a lock."""
    for name in files.names(cache):
        path = cache / name
        if not re.fullmatch(_TEMPORARY_NAME, name) or path.is_symlink():
            continue
        with contextlib.suppress(CommandError, OSError):  # it only takes room
            held = locks.lock(path)
            try:
                _remove(path)
            finally:
                os.close(held)


def _remove(path: Path) -> None:
    """Removes what has a name of our making, with what is ours in it and with nothing else."""
    if not os.path.lexists(path):
        return
    with files.disk_errors(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            _empty(path)
            path.rmdir()


def _empty(path: Path) -> None:
    with files.disk_errors(path):
        foreign = sorted({*os.listdir(path)} - _OWN)
        if foreign:
            raise InputError(f"{path / foreign[0]} is in the way: move or remove it.")
        for name in os.listdir(path):
            (path / name).unlink()


@contextlib.contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Says of an error of the disk what can be done about it here."""
    try:
        yield
    except StorageError as error:
        cause = error.__cause__
        if not isinstance(cause, OSError):
            raise
        raise StorageError(
            f"{cause.filename or path}: {cause.strerror}; nothing was made. See to the disk, or "
            "let XDG_CACHE_HOME name a directory with room and rights to write."
        ) from error
