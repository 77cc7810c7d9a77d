"""How the workers of a run find each other, before TensorFlow does.

TensorFlow waits without a word for a worker that never comes, and fails far away from what two of
them disagree about. So the chief first listens on its own port, each of the others says there what
it was started with, and whoever is missing or different is named. Then TensorFlow takes the port;
the connections stay.
"""

import contextlib
import socket
import time
from collections.abc import Iterable, Mapping
from typing import Any

from tfgan.core.checks import CommandError, InputError, shown
from tfgan.workers.cluster import VARIABLE, Cluster
from tfgan.workers.connection import Connection
from tfgan.workers.link import Link

SECONDS_BEFORE_A_LINE = 5
SECONDS_TO_SPEAK = 10
"""After how long a connection that has not said who it is, a port scanner's say, is closed."""


def meet(cluster: Cluster, started_with: Mapping[str, Any], seconds: float) -> Link:
    """Waits until all workers are there.

    Args:
      cluster: who trains together.
      started_with: what has to be the same on all, as JSON, by the name that messages give it.
      seconds: how long to wait.

    Raises:
      InputError: a port is taken, a worker has not come, or was started with something else.
      WorkerGone, Ended: one came, and is gone again.
    """
    with _listen(cluster) as listener:
        if cluster.is_chief:
            return _gather(cluster, listener, started_with, seconds)
    return _join(cluster, started_with, seconds)


def _listen(cluster: Cluster) -> socket.socket:
    """Takes this worker's port. Only the chief listens there: the others see that it is free."""
    _, port = cluster.place(cluster.index)
    has_both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if has_both else socket.AF_INET
    try:
        # On every interface, as TensorFlow will: behind a translated address none has that name.
        return socket.create_server(("", port), family=family, dualstack_ipv6=has_both)
    except OSError as error:
        raise InputError(
            f"{cluster.called(cluster.index)}: its port is not to be had ({error.strerror}): end "
            f"what has it, or give another one in {VARIABLE}."
        ) from None


def _gather(
    cluster: Cluster, listener: socket.socket, started_with: Mapping[str, Any], seconds: float
) -> Link:
    """Waits for all others, as the chief."""
    missing = set(range(1, len(cluster.names)))
    unknown: dict[Connection, float] = {}  # when each came
    until, notice = time.monotonic() + seconds, _Notice()
    listener.settimeout(0.05)
    with contextlib.ExitStack() as stack:
        link = stack.enter_context(Link(cluster))
        strangers = stack.enter_context(contextlib.ExitStack())
        strangers.callback(_close, unknown)
        while missing:
            with contextlib.suppress(TimeoutError):
                connected, _ = listener.accept()
                unknown[Connection(connected, "a worker")] = time.monotonic()
            for connection, came in list(unknown.items()):
                said = _first_word(connection)
                if said is None and time.monotonic() - came < SECONDS_TO_SPEAK:
                    continue
                del unknown[connection]
                said = said or {}
                index = said.get("index")
                if type(index) is not int or not 0 < index < len(cluster.names):
                    connection.close()
                    continue
                link.add(index, connection)
                if index not in missing:
                    raise InputError(f"{connection.name} came twice: give each its own index.")
                missing.discard(index)
                _compare(cluster, index, started_with, said.get("started_with"))
            link.check()
            names = ", ".join(map(cluster.called, sorted(missing)))
            if missing and time.monotonic() > until:
                raise InputError(
                    f"{names} did not come within {seconds:g} s: start the same command there, "
                    f"with its own {VARIABLE}, and see that it reaches {cluster.addresses[0]}."
                )
            notice.show(f"{cluster.name} waits for {names}" if missing else "")
        strangers.close()
        stack.pop_all()
    return link


def _close(connections: Iterable[Connection]) -> None:
    for connection in connections:
        connection.close()


def _first_word(connection: Connection) -> dict[str, Any] | None:
    """Returns what has come; {} of one that is gone; None: nothing yet."""
    try:
        return connection.receive(0)
    except TimeoutError:
        return None
    except CommandError:
        return {}


def _compare(
    cluster: Cluster, index: int, chiefs: Mapping[str, Any], others: Mapping[str, Any] | None
) -> None:
    others = others if isinstance(others, dict) else {}
    for name in (*chiefs, *(set(others) - set(chiefs))):
        if chiefs.get(name) != others.get(name):
            raise InputError(
                f"{name} is {shown(others.get(name))} on {cluster.called(index)} and "
                f"{shown(chiefs.get(name))} on {cluster.called(0)}: start all with the same."
            )


def _join(cluster: Cluster, started_with: Mapping[str, Any], seconds: float) -> Link:
    """Finds the chief."""
    until, notice = time.monotonic() + seconds, _Notice()
    while True:
        try:
            connected = socket.create_connection(cluster.place(0), timeout=5)
            break
        except OSError as error:
            if time.monotonic() > until:
                raise InputError(
                    f"{cluster.called(0)} did not answer {cluster.name} within {seconds:g} s "
                    f"({error}): start the same command there, with its own {VARIABLE}."
                ) from None
            notice.show(f"{cluster.name} waits for {cluster.called(0)}")
            time.sleep(0.1)
    link = Link(cluster)
    link.add(0, Connection(connected, cluster.called(0)))
    link.tell({"index": cluster.index, "started_with": dict(started_with)})
    return link


class _Notice:
    """A line for whoever waits, once it has taken a while."""

    def __init__(self):
        self._at = time.monotonic() + SECONDS_BEFORE_A_LINE

    def show(self, line: str) -> None:
        if line and time.monotonic() > self._at:
            print(line, flush=True)
            self._at = float("inf")
