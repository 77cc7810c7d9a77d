"""What ties the workers of a run together, from the moment they have met to their end.

The chief decides: it tells all others each call into TensorFlow before it makes it, and they report
after it. A clock of their own would let them part.
"""

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from tfgan.core.checks import CommandError
from tfgan.workers.cluster import Cluster
from tfgan.workers.connection import Connection

SECONDS_TO_EXPLAIN = 10.0
"""How long to wait, after TensorFlow has failed, for a reason that another worker may give."""


class Link:
    """The connections of one worker: the chief's to all others, another one's to the chief.

    A context manager, which at its end tells the other side how this process ended.

    Args:
      cluster: who trains together.
    """

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self._connections: list[tuple[int, Connection]] = []

    def add(self, index: int, connection: Connection) -> None:
        """Adds the connection to a worker."""
        connection.name = self.cluster.called(index)
        self._connections.append((index, connection))

    def check(self) -> None:
        """Checks that no other worker has ended, where none has anything else to say yet.

        Raises:
          WorkerGone, Ended: one has.
        """
        for _, connection in self._connections:
            with contextlib.suppress(TimeoutError):
                connection.receive(0)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Sends a message to the other side."""
        for _, connection in self._connections:
            connection.send(message)

    def receive(self) -> dict[str, Any]:
        """Waits for the chief's next message; raises as `Connection.receive`."""
        ((_, connection),) = self._connections
        return connection.receive()

    def collect(self) -> dict[int, dict[str, Any]]:
        """Waits for a message of each other worker, and returns them by index; raises as above."""
        return {
            index: connection.receive()
            for index, connection in sorted(self._connections, key=lambda pair: pair[0])
        }

    def explain(self) -> None:
        """Waits for the reason of a failure, where another worker is the cause.

        Raises:
          WorkerGone, Ended: one is.
        """
        until = time.monotonic() + SECONDS_TO_EXPLAIN
        while time.monotonic() < until:
            self.check()
            time.sleep(0.05)

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, kind, error, traceback) -> None:
        status, line = 0, ""
        if isinstance(error, CommandError):
            status, line = error.status, error.line()
        elif error is not None:
            status, line = 1, f"{kind.__name__}: {error}"
        self.tell({"ended": status, "line": line})
        for _, connection in self._connections:
            connection.close()
