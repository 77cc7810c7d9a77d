"""Every operation on the files of a run or of an export: nobody else opens, renames or removes one.

A crash at any moment leaves either the old state or the new one: a name is only ever given to bytes
that are on the disk already. They are written under a temporary name, flushed to the disk, renamed,
and the directory that holds the name is flushed too. A crash can leave temporary names behind; they
are known by their ending, and `clean` removes them.

Nothing reaches outside: what is opened is a regular file and no link, what is removed has a name of
our making. Errors come by kind: `InputError` for what is no file of ours, `StorageError` for what
the disk refuses.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from tfgan.core.checks import InputError, StorageError

TEMPORARY = ".tmp"
"""Ending of names that do not count."""

Names = Mapping[str, Any]
"""Names of our making, as patterns: a file's maps to None, a directory's to the `Names` in it."""


def open_plain(path: Path, mode: str) -> IO[bytes]:
    """Opens a regular file, and nothing else: no link is followed, no pipe is waited for.

    Args:
      path: of the file.
      mode: "rb", "ab", or "xb", which makes it.

    Raises:
      InputError: it is a link, a pipe or a device.
      OSError: as `open`.
    """

    def opener(name, flags):
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(name, flags, 0o666)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):  # a link; a pipe without a reader
                raise _not_plain(path) from None
            raise
        found = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(found) and not stat.S_ISDIR(found):  # of which `open` complains itself
            os.close(descriptor)
            raise _not_plain(path)
        return descriptor

    return open(path, mode, opener=opener)


def open_log(path: Path) -> IO[bytes]:
    """Opens a file that grows at its end; makes it if it is not there.

    Where it has a second name (a copy by hard links, such as a backup's), it becomes a file of its
    own first: the other one stays what it is.

    Raises:
      InputError: it is a link, a pipe or a device.
      OSError: as `open`.
    """
    log = open_plain(path, "ab")
    if os.fstat(log.fileno()).st_nlink > 1:
        log.close()
        write(path, read(path))
        log = open_plain(path, "ab")
    return log


def read(path: Path) -> bytes:
    """Returns the bytes of a file.

    Raises:
      InputError: it is a link, a pipe or a device.
      OSError: as `open`.
    """
    with open_plain(path, "rb") as file:
        return file.read()


def write(path: Path, data: bytes) -> None:
    """Writes a file, or replaces it whole.

    Raises:
      InputError: its temporary name is taken.
      StorageError: the disk refuses.
    """
    temporary = path.with_name(path.name + TEMPORARY)
    with disk_errors(path):
        try:
            file = open_plain(temporary, "xb")
        except FileExistsError:
            raise _in_the_way(temporary) from None
        try:
            with file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync(path.parent)


def mark(path: Path) -> None:
    """Makes an empty file, which is whole as soon as it is there.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(path):
        with contextlib.suppress(FileExistsError):
            open_plain(path, "xb").close()
        sync(path.parent)


def remove(path: Path) -> None:
    """Removes a file, if it is there.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(path), contextlib.suppress(FileNotFoundError):
        path.unlink()
        sync(path.parent)


def make_folder(path: Path, *, is_new: bool = False, with_parents: bool = False) -> None:
    """Makes a directory, if it is not there.

    Args:
      path: of the directory.
      is_new: it must not be there.
      with_parents: makes those that are not there, too.

    Raises:
      InputError: it must not be there, and is.
      StorageError: the disk refuses.
    """
    with disk_errors(path):
        try:
            path.mkdir(exist_ok=not is_new, parents=with_parents)
        except FileExistsError:
            if not is_new:  # a file
                raise
            raise _in_the_way(path) from None


def names(folder: Path) -> list[str]:
    """Returns what is in a directory, in order; [] where there is none.

    Raises:
      StorageError: it cannot be read.
    """
    try:
        with disk_errors(folder):
            return sorted(os.listdir(folder))
    except StorageError as error:
        if isinstance(error.__cause__, (FileNotFoundError, NotADirectoryError)):
            return []
        raise


def temporary_folder(owner: object) -> str:
    """Makes a directory that goes when an object does; returns its path."""
    path = tempfile.mkdtemp(prefix="tfgan-")
    weakref.finalize(owner, shutil.rmtree, path, ignore_errors=True)
    return path


def publish(temporary: Path, path: Path) -> None:
    """Gives a finished directory its name: flushes all in it, however deep, then renames.

    Raises:
      StorageError: the disk refuses, or `path` exists.
    """
    with disk_errors(path):
        for inside in sorted(temporary.rglob("*")):
            sync(inside)
        sync(temporary)
        os.rename(temporary, path)
        sync(path.parent)


def remove_folder(path: Path) -> None:
    """Removes a directory with all in it; a crash leaves it whole or under a temporary name.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(path):
        temporary = path.with_name(path.name + TEMPORARY)
        os.rename(path, temporary)
        shutil.rmtree(temporary)


def set_aside(path: Path) -> None:
    """Renames what is damaged, so that its name can be used again.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(path):
        number = 0
        while os.path.lexists(aside := path.with_name(f"{path.name}.damaged{number or ''}")):
            number += 1
        path.rename(aside)
        sync(path.parent)


def clean(folder: Path, own: Names) -> None:
    """Removes what a crash left under temporary names, here and not below.

    Only what has a name of our making goes: a user may have a `thesis.tmp` of their own here. A
    directory goes if all that it holds has one too.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(folder):
        for name in names(folder):
            if not name.endswith(TEMPORARY):
                continue
            path, (is_own, inside) = folder / name, _known(name, own)
            if is_own and (path.is_symlink() or not path.is_dir()):
                path.unlink()
            elif is_own and all(_known(each, inside or {})[0] for each in os.listdir(path)):
                shutil.rmtree(path)


def check_plain(folder: Path, own: Names) -> None:
    """Checks that what has a name of our making is a file or a directory, whichever it should be.

    Raises:
      InputError: it is a link, a pipe or a device, or the other of the two.
      StorageError: the disk refuses.
    """
    with disk_errors(folder):
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:  # a run that trains has removed an older checkpoint meanwhile
            return
    for entry in entries:
        is_own, inside = _known(entry.name, own)
        if not is_own or entry.name.endswith(TEMPORARY):  # which are never opened
            continue
        path = folder / entry.name
        if inside is None and not entry.is_file(follow_symlinks=False):
            raise _not_plain(path)
        if inside is not None and not entry.is_dir(follow_symlinks=False):
            raise _not_plain(path, "directory")
        if inside is not None:
            check_plain(path, inside)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a directory, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Returns the digest of a file's bytes.

    Raises:
      InputError: it is a link, a pipe or a device.
      OSError: as `open`.
    """
    digest = hashlib.sha256()
    with open_plain(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def manifest(folder: Path) -> dict[str, dict[str, int | str]]:
    """Returns "size" and "sha256" of each file in a directory, however deep, by path from there.

    Raises:
      InputError: something in it is neither a file nor a directory.
      OSError: as `open`.
    """
    found: dict[str, dict[str, int | str]] = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            below = manifest(path)
            found |= {f"{entry.name}/{name}": record for name, record in below.items()}
        else:
            found[entry.name] = {"size": path.lstat().st_size, "sha256": sha256(path)}
    return found


@contextlib.contextmanager
def disk_errors(path: Path | str) -> Iterator[None]:
    """Turns an error of the disk into one line that names the file.

    Raises:
      StorageError: in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or path}: {error.strerror}; nothing that was saved is lost: see to "
            "the disk, then run the same command again."
        ) from error


def _known(name: str, own: Names) -> tuple[bool, Names | None]:
    """Returns whether a name, or what it is the temporary name of, is own; and what it may hold."""
    for pattern, inside in own.items():
        if re.fullmatch(pattern, name.removesuffix(TEMPORARY)):
            return True, inside
    return False, None


def _in_the_way(path: Path) -> InputError:
    return InputError(f"{path} is in the way: move or remove it.")


def _not_plain(path: Path, wanted: str = "regular file") -> InputError:
    what = "a link" if path.is_symlink() else f"no {wanted}"
    return InputError(
        f"{path} is {what}; nothing is read or written through it: remove it, or put a {wanted} in "
        "its place."
    )
