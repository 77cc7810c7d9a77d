"""Paths that users give."""

import os
from pathlib import Path

from tfgan.core.checks import InputError


def user_path(text: str) -> Path:
    """Returns the path that a flag names: a shell leaves the ~ of `--run_dir=~/runs/x` alone.

    Whatever the locale says, the bytes of a path are UTF-8, as those of a flag file are.
    """
    name = os.fsdecode(text.encode(errors="surrogateescape"))
    return Path(os.path.expanduser(name))  # Path's own one fails where there is no such user


def for_tensorflow(path: Path) -> str:
    """Returns a path as TensorFlow takes it.

    Raises:
      InputError: it is not UTF-8.
    """
    try:
        return os.fsencode(path).decode()
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is not UTF-8, which TensorFlow cannot open: choose another name."
        ) from None


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


def output_folder(flag: str, text: str) -> Path | None:
    """Returns the directory that a flag names as one, there already or with a "/" at its end.

    Returns:
      The directory, which its user may have to make; None where the flag names a file.

    Raises:
      InputError: a file is there, or its parent does not exist.
    """
    path = user_path(text)
    if not text or not (text.endswith("/") or path.is_dir()):
        return None
    if path.exists() and not path.is_dir():
        raise InputError(f"--{flag}={text} is no directory, but a file.")
    if not path.parent.is_dir():
        raise InputError(f"--{flag}={text} cannot be made: {path.parent} is not a directory.")
    return path


def check_inside(path: Path, root: Path) -> None:
    """Checks that what lies below a directory of somebody else's is a file that lies there.

    Raises:
      InputError: it is no file, or a link that leads out of `root`.
    """
    if not path.is_file():  # a pipe would be waited for, without a word
        raise InputError(f"{path} cannot be read: it is no regular file; remove it.")
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise InputError(
            f"{path} leads to {path.resolve()}, out of {root}: put a copy there, or remove it."
        )
