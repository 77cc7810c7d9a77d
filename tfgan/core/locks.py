"""One process at a time in a directory."""

import errno
import fcntl
import os
from pathlib import Path

from tfgan.core.checks import InputError, StorageError
from tfgan.core.files import disk_errors

_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


def lock(folder: Path, doing: str = "trains", flag: str = "--run_dir") -> int:
    """Takes a directory for this process, until it ends however it ends; returns the descriptor.

    Args:
      folder: to take.
      doing: what this process does there, and `flag`, which names the directory: for the message.

    Raises:
      InputError: another process has it, or the file system has no locks.
      StorageError: it cannot be opened.
    """
    with disk_errors(folder):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise InputError(
                f"{folder}: another process {doing} here; wait for it, or choose another {flag}."
            ) from None
        if error.errno in _NO_LOCKS:
            raise InputError(
                f"{folder}: its file system has no locks ({error.strerror}), so that two processes "
                f"could write here at once; choose a {flag} on another one."
            ) from None
        raise StorageError(f"{folder}: cannot be locked: {error.strerror}.") from error
    return descriptor
