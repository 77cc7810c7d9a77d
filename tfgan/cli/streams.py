"""The standard streams of a command, whatever was done to them.

A stream that is closed is opened on nothing: the next file would take its place. A reader that
leaves (`| head -1`, a closed terminal) is no fault of the command, which goes on in silence.
A name that the locale cannot write is shown with escapes.
"""

import contextlib
import errno
import io
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator

from tfgan.core.checks import InputError

# Severity I, what announces it, and that there is no CUDA driver (error 303 of cuInit).
_MACHINE_NOTE = re.compile(rb"I\d{4} |WARNING: All log messages before absl|.*cuInit.*\(303\)")


class _Lasting(io.FileIO):
    """Writes to a descriptor until its reader is gone, and to nothing from then on."""

    def __init__(self, descriptor: int):
        super().__init__(descriptor, "w", closefd=False)
        self._is_terminal = self.isatty()

    def write(self, data) -> int:
        try:
            return super().write(data)
        except OSError as error:
            is_gone = error.errno == errno.EPIPE or error.errno == errno.EIO and self._is_terminal
            if not is_gone:
                raise
            _turn_to_nothing(self.fileno())
            return len(data)


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """Keeps the process's own streams usable inside the `with`; others', such as a test's, stay."""
    _open_closed()
    before = {"stdout": sys.stdout, "stderr": sys.stderr}
    made = []
    for name, stream in before.items():
        if stream is None or stream is not getattr(sys, f"__{name}__"):
            continue
        stream.flush()
        buffered = io.BufferedWriter(_Lasting(stream.fileno()))
        lines = stream.line_buffering or name == "stderr"
        made.append(
            io.TextIOWrapper(buffered, stream.encoding, "backslashreplace", line_buffering=lines)
        )
        setattr(sys, name, made[-1])
    try:
        yield
    finally:
        for stream in made:
            _flush(stream)
        for name, stream in before.items():
            setattr(sys, name, stream)


def say_last(line: str) -> None:
    """Says the last line of a command, as far as that can be done."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)


def import_tensorflow() -> None:
    """Imports TensorFlow and finds its devices, without the notes that no log level silences.

    All else that it says meanwhile is passed on, such as a driver that does not fit.

    Raises:
      InputError: it would not start here.
    """
    if sys.platform == "linux" and not os.path.exists("/proc/self/exe"):
        raise InputError("TensorFlow cannot start without /proc: mount it.")  # it would abort
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0" or sys.stderr is None:
        return
    sys.stderr.flush()
    own_stderr = os.dup(2)  # TensorFlow's libraries write to the descriptor, not to sys.stderr
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()
            logging.getLogger("tensorflow").setLevel(logging.ERROR)
        finally:
            sys.stderr.flush()
            os.dup2(own_stderr, 2)
            os.close(own_stderr)
            notes.seek(0)
            for line in notes:
                if not _MACHINE_NOTE.match(line):
                    with contextlib.suppress(OSError):
                        os.write(2, line)


def _open_closed() -> None:
    """Opens the standard streams that are closed."""
    for descriptor, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", closefd=False))


def _flush(stream) -> None:
    """Writes what waits; what cannot be written is dropped.

    Python would try again at its exit, and change the status.
    """
    try:
        if stream is not None:  # closed from the start
            stream.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            _turn_to_nothing(stream.fileno())
            stream.flush()


def _turn_to_nothing(descriptor: int) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
