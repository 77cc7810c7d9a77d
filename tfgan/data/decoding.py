"""Decodes all pictures of a folder, some at a time, and shows how far that is."""

import os
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import tqdm

FIRST = 8
"""Pictures in the first chunk: as few as say how long all of them will take."""

CHUNK = 16 * (os.cpu_count() or 1)
"""Pictures in a chunk: a second of large photos, after which a signal is heard."""

CHUNK_BYTES = 16e6
"""Most bytes of decoded pictures in a chunk, if that is not one picture alone."""

LONG_SECONDS = 5.0
"""What takes longer than this is worth a word on how to save it."""

SECONDS = 5.0
"""Between two lines, where there is no terminal."""


def in_chunks(
    read: Callable[[np.ndarray], np.ndarray], shape: tuple[int, ...]
) -> Iterator[np.ndarray]:
    """Yields all pictures in order, uint8 [n, H, W, C] each time.

    Args:
      read: maps indices, int [n], to uint8 [n, H, W, C].
      shape: of all, [N, H, W, C].
    """
    most = max(1, min(CHUNK, int(CHUNK_BYTES // np.prod(shape[1:]))))
    start, end = 0, min(FIRST, most)
    while start < shape[0]:
        yield read(np.arange(start, min(end, shape[0])))
        start, end = end, end + most


class Progress:
    """Shows how many pictures are decoded: a bar on a terminal; else a line now and then.

    Args:
      name: of the folder.
      number: of its pictures.
      command: what would save the time from the next start on: it is named, and progress is shown,
        only once the first pictures say that all of them take long. Empty: it is shown at once.
    """

    def __init__(self, name: str, number: int, command: str = ""):
        self._name, self._number, self._command = name, number, command
        self._started = self._shown = time.monotonic()
        self._bar = None
        self._is_shown = not command
        if self._is_shown:
            self._begin()

    def show(self, done: int) -> None:
        """Shows that so many pictures are done."""
        now = time.monotonic()
        if not self._is_shown:
            seconds = (now - self._started) * self._number / done
            if not say_if_long(self._name, self._number, seconds, "at every start", self._command):
                return
            self._is_shown, self._shown = True, now
            self._begin()
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif now - self._shown >= SECONDS:
            self._shown = now
            left = (now - self._started) * (self._number - done) / done
            text = f"{self._name}: {done:,} of {self._number:,} pictures, {left:.0f} s left"
            print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()

    def _begin(self) -> None:
        if sys.stderr.isatty():
            name = os.path.basename(self._name.rstrip(os.sep))
            self._bar = tqdm.tqdm(
                total=self._number, desc=name, unit="picture", dynamic_ncols=True, file=sys.stderr
            )


def say_if_long(name: str, number: int, seconds: float, when: str, command: str) -> bool:
    """Says on one line which command saves time, where there is much to save.

    Args:
      name: of the folder.
      number: of its pictures.
      seconds: that it takes to decode them all.
      when: they are decoded.
      command: decodes them once.

    Returns:
      Whether it is much.
    """
    if seconds <= LONG_SECONDS:
        return False
    text = f"{name}: decoding {number:,} pictures takes about {seconds:.0f} s {when}; `{command}`"
    print(f"{text} does it once", file=sys.stderr, flush=True)
    return True
