"""What a script's process tells the one that has started it, made and sent beside the script."""

import contextlib
import hashlib
import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

MOST_WAITING = 64
"""Calls that may wait to be told, each with the values that it has moved."""

SMALL = 2**17
"""Bytes: less is told at once, since handing it to another thread takes longer."""


class Teller:
    """Sends messages, large ones from a thread of its own: their digests take longer than calls.

    Args:
      connection: to the parent.
      values: whether values are told, not digests.
    """

    def __init__(self, connection: Connection, values: bool):
        self._connection, self._values = connection, values
        self._waiting: queue.Queue = queue.Queue(MOST_WAITING)
        sys.setswitchinterval(2e-4)  # the script does not wait long for the other thread
        self._thread = threading.Thread(target=self._send_all, daemon=True)
        self._thread.start()

    def tell(self, *message: Any) -> None:
        """Sends a message, after those before it."""
        self._waiting.put(message)

    def call(
        self,
        kind: int,
        feeds: Sequence[Any],
        draws: Sequence[Any],
        fetches: Sequence[Any],
        variables: Mapping[str, Any],
        inside: Mapping[str, Any],
    ) -> None:
        """Tells of a call; the script may change what it fed and what it got as it likes."""
        size = sum(np.asarray(value).nbytes for value in [*variables.values(), *feeds, *fetches])
        message = ("call", kind, feeds, draws, fetches, variables, inside)
        if size < SMALL and not self._waiting.unfinished_tasks:
            self._send(message)
        else:
            feeds, fetches = [np.array(v) for v in feeds], [np.array(v) for v in fetches]
            self.tell("call", kind, feeds, draws, fetches, variables, inside)

    def end(self, how: str, text: str = "") -> None:
        """Tells of the end, and returns when all is told."""
        self.tell("end", how, text)
        self._waiting.put(None)
        self._thread.join()

    def _send_all(self) -> None:
        while (message := self._waiting.get()) is not None:
            self._send(message)
            self._waiting.task_done()

    def _send(self, message: tuple) -> None:
        if message[0] == "call":
            what, kind, *told, inside = message
            told = [self._told(values) for values in told]
            inside = {name: np.asarray(value) for name, value in inside.items()}
            message = (what, kind, *told, inside)
        with contextlib.suppress(OSError):  # the parent has heard enough
            self._connection.send(message)

    def _told(self, values: Any) -> Any:
        make = np.asarray if self._values else lambda value: digest(np.asarray(value))
        if isinstance(values, Mapping):
            return {name: make(value) for name, value in values.items()}
        return [make(value) for value in values]


def digest(value: np.ndarray) -> str:
    """Returns 16 hexadecimal digits of an array's dtype, shape and bytes."""
    made = hashlib.sha1(usedforsecurity=False)
    if value.dtype == object:
        made.update(repr(value.tolist()).encode())
    elif value.size:
        made.update(np.ascontiguousarray(value).view(np.uint8).data)
    made.update(f"{value.dtype.str} {value.shape}".encode())
    return made.hexdigest()[:16]
