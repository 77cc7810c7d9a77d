"""A connection between two workers: messages that are JSON objects, a line each.

TensorFlow's own connections carry tensors, and say nothing of why the other side is gone. On this
one the chief tells the others what to do next, and each tells the reason why it ends. Nothing that
arrives is ever run.
"""

import contextlib
import json
import os
import queue
import socket
import threading
from collections.abc import Mapping
from typing import Any

from tfgan.core.checks import CommandError

GRACE_SECONDS = 20.0
"""How long a process may take to end by itself after a worker is gone: TensorFlow may be waiting
for that worker without an end."""

SILENT_SECONDS = 30
"""After how long a machine that no longer answers, as after a power cut, counts as gone."""

MAX_BYTES = 2**24
"""Of a message; no honest one is longer."""


class WorkerGone(CommandError):  # noqa: N818 (not an error of this process)
    """Another worker is gone without a word. The status is sysexits' EX_UNAVAILABLE: resume."""

    status = 69


class Ended(CommandError):  # noqa: N818 (not an error of this process)
    """Another worker has ended, and said why; the status is its own."""

    def __init__(self, text: str, status: int):
        super().__init__(text)
        self.status = status


class Connection:
    """Messages to and from one worker.

    Args:
      connected: the socket.
      name: of the other worker, for messages; it may be given later.
    """

    def __init__(self, connected: socket.socket, name: str):
        self.name = name
        self._socket = connected
        connected.settimeout(None)
        for option, value in (
            (socket.TCP_NODELAY, 1),
            (socket.TCP_KEEPIDLE, SILENT_SECONDS // 3),
            (socket.TCP_KEEPINTVL, SILENT_SECONDS // 6),
            (socket.TCP_KEEPCNT, 4),
            (socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000),
        ):
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._received: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._is_closing = threading.Event()
        threading.Thread(target=self._listen, name=f"from {name}", daemon=True).start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Sends a message; that the other one is gone, `receive` will say."""
        with contextlib.suppress(OSError):
            self._socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """Waits for a message.

        Args:
          seconds: how long; None: without an end.

        Raises:
          WorkerGone: the other one is gone.
          Ended: it has ended with another status than 0, and says why.
          TimeoutError: nothing came.
        """
        try:
            message = self._received.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if message is None:
            self._received.put(None)  # whoever asks again
            raise WorkerGone(self._gone())
        if message.get("ended"):
            raise Ended(*self._end(message))
        return message

    def close(self) -> None:
        """Ends the connection; from here on this process ends when it likes."""
        self._is_closing.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        """Takes what arrives, on a thread of its own; then sees to it that this process ends."""
        last: dict[str, Any] = {}
        with (
            contextlib.suppress(OSError, ValueError, UnicodeError),
            self._socket.makefile("rb") as file,
        ):
            while line := file.readline(MAX_BYTES):
                message = json.loads(line)
                if not isinstance(message, dict):
                    break
                last = message
                self._received.put(message)
        self._received.put(None)
        if self._is_closing.wait(GRACE_SECONDS):
            return
        reason, status = self._end(last) if "ended" in last else (self._gone(), WorkerGone.status)
        with contextlib.suppress(OSError):
            os.write(2, f"error: {reason}\n".encode())
        os._exit(status)

    def _end(self, message: Mapping[str, Any]) -> tuple[str, int]:
        """Returns the reason that another worker gives for its end, and its status."""
        status = message["ended"]
        is_status = type(status) is int and 0 <= status < 256
        return f"{self.name}: {message.get('line')}", status if is_status else 1

    def _gone(self) -> str:
        return (
            f"{self.name} is gone. What was saved is whole: run the same command on all workers to "
            "resume."
        )
