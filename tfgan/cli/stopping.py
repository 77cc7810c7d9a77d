"""What SIGTERM, Ctrl-C and SIGHUP do, from the first moment of a command to its last.

The training loop asks `requested()` after each of its calls and ends with a checkpoint. Before and
after it (imports, reading data, the animation) there is nothing to finish: all that counts is on
the disk, so the process ends at once, as it also does at a second signal. SIGHUP is what a terminal
sends that is closed; `nohup` has it ignored, and so it stays.

Python runs signal handlers between its own instructions, which may be far apart while TensorFlow
works. So a thread waits for the signals: they reach it, through a pipe, at any moment.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

SECONDS_APART = 0.5
"""Signals nearer to each other count as one: `timeout` and terminals send them twice, to the
process and to its group."""


class _Watch:
    """What is known of the signals of this process."""

    def __init__(self):
        self.stderr = 2
        self.is_watching = False  # `handled` is active
        self.deferred = False  # a signal waits for the end of a step
        self.received: int | None = None  # the first signal, while deferred
        self.received_at = 0.0  # seconds
        self.elsewhere = ""  # a signal that another process has told of, while deferred

    def take(self, number: int) -> None:
        """Handles one signal, on the thread that waits for them."""
        name = signal.Signals(number).name
        if self.deferred and self.received is None:
            self.received, self.received_at = number, time.monotonic()
            _say(f"{name}: stopping after the current call; signal again to stop immediately")
            return
        if self.deferred and time.monotonic() - self.received_at < SECONDS_APART:
            return
        _say(f"stopped immediately by {name}; what was saved is whole: run the same command again")
        os._exit(128 + number)  # not sys.exit, which the main thread would have to take note of


_watch = _Watch()


@contextlib.contextmanager
def handled() -> Iterator[None]:
    """Handles the signals inside the `with`. Does nothing outside of the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    read_end, write_end = os.pipe()
    _watch.stderr = os.dup(2)  # which stays where it is while others turn away descriptor 2
    os.set_blocking(write_end, False)
    thread = threading.Thread(target=_wait, args=(read_end,), name="signals", daemon=True)
    # A handler in Python has to be there for the pipe to be written to; it has nothing to do.
    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    taken = [number for number in SIGNALS if number != signal.SIGHUP or not ignored]
    before = {number: signal.signal(number, lambda *_: None) for number in taken}
    pipe_before = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    thread.start()
    _watch.is_watching = True
    try:
        yield
    finally:
        _watch.is_watching = False
        signal.set_wakeup_fd(pipe_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(write_end)  # which ends the thread
        thread.join()
        os.close(_watch.stderr)
        _watch.stderr = 2


def take_back() -> None:
    """Has the signals handled again as Python knows it, after a library has taken one for itself.

    Outside of the main thread, where that cannot be, it does nothing.
    """
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if (handler := signal.getsignal(number)) is not None:
                signal.signal(number, handler)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Lets the first signal wait until `requested` is asked.

    In a program that is not ours, such as a notebook, that is the first Ctrl-C; the second one is
    what it always was.
    """
    _watch.deferred, _watch.received, _watch.elsewhere = True, None, ""
    with contextlib.nullcontext() if _watch.is_watching else _first_interrupt_waits():
        try:
            yield
        finally:
            _watch.deferred = False


@contextlib.contextmanager
def _first_interrupt_waits() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def take(*_):
        _watch.received = signal.SIGINT
        signal.signal(signal.SIGINT, before)
        _say("stopping after the current call; interrupt again to stop immediately")

    signal.signal(signal.SIGINT, take)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def requested() -> str | None:
    """Returns the name of the signal that waits for the end of a step, if there is one."""
    return signal.Signals(_watch.received).name if _watch.received else _watch.elsewhere or None


def ask(signal_elsewhere: str) -> None:
    """Lets `requested` answer with a signal that another process has received."""
    _watch.elsewhere = signal_elsewhere


def _wait(read_end: int) -> None:
    while numbers := os.read(read_end, 1):
        if numbers[0] in SIGNALS:
            _watch.take(numbers[0])
    os.close(read_end)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):
        os.write(_watch.stderr, f"{line}\n".encode())
