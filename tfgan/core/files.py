"""Writing files so that a crash at any moment leaves either the old state or the new one.

A name is only ever given to bytes that are on the disk already: they are written under a temporary
name, flushed to the disk, renamed, and the directory that holds the name is flushed too. A crash
can leave temporary names behind; they are known by their ending, and `clean` removes them.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tfgan.core.checks import InputError, StorageError

TEMPORARY = ".tmp"
"""Ending of names that do not count."""


def user_path(text: str) -> Path:
    """Returns the path that a flag names: a shell leaves the ~ of `--run_dir=~/runs/x` alone."""
    return Path(os.path.expanduser(text))  # Path's own one fails where there is no such user


def output(flag: str, text: str) -> Path:
    """Returns the file that a flag names, after a look at whether it can be written there.

    Raises:
      InputError: it is a directory, or its parent does not exist.
    """
    path = user_path(text)
    if path.is_dir():
        raise InputError(f"--{flag}={text} cannot be written: it is a directory.")
    if not path.parent.is_dir():
        raise InputError(f"--{flag}={text} cannot be written: {path.parent} is not a directory.")
    return path


def write(path: Path, data: bytes) -> None:
    """Writes a file, or replaces it whole.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(path):
        temporary = path.with_name(path.name + TEMPORARY)
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync(path.parent)


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


def clean(folder: Path, names: str, inside: str = "") -> None:
    """Removes what a crash left under temporary names, here and not below.

    Only what has a name of our making goes: a user may have a `thesis.tmp` of their own here.

    Args:
      folder: where to look.
      names: pattern of the names that were being made, without the temporary ending.
      inside: pattern of what a directory of such a name may hold; with anything else it stays.

    Raises:
      StorageError: the disk refuses.
    """
    with disk_errors(folder):
        for path in sorted(folder.glob(f"*{TEMPORARY}")):
            if not re.fullmatch(names, path.name.removesuffix(TEMPORARY)):
                continue
            if path.is_symlink() or not path.is_dir():
                path.unlink()
            elif all(re.fullmatch(inside, entry.name) for entry in path.iterdir()):
                shutil.rmtree(path)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a directory, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Returns the digest of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def manifest(folder: Path) -> dict[str, dict[str, int | str]]:
    """Returns "size" and "sha256" of each file in a directory, however deep, by path from there."""
    return {
        str(file.relative_to(folder)): {"size": file.stat().st_size, "sha256": sha256(file)}
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


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


def lock(folder: Path, doing: str = "trains", flag: str = "--run_dir") -> int:
    """Takes a directory for this process, until it ends however it ends; returns the descriptor.

    Args:
      folder: to take.
      doing: what this process does there, and `flag`, which names the directory: for the message.

    Raises:
      InputError: another process has it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InputError(
            f"{folder}: another process {doing} here; wait for it, or choose another {flag}."
        ) from None
    return descriptor
