"""How workers meet, over real sockets: who is missing, different, double or a stranger."""

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tfgan.core.checks import InputError
from tfgan.workers import connection, meeting
from tfgan.workers.cluster import Cluster
from tfgan.workers.connection import Ended, WorkerGone
from tfgan.workers.launching import loopback

SAME = {"--seed": 1}


def clusters(count):
    addresses = tuple(loopback(count))
    names = tuple(f"worker {i}" for i in range(count))
    return [Cluster(addresses, names, index) for index in range(count)]


def meet(*calls, seconds=20):
    """Lets workers, (cluster, started_with), meet; returns the link, or the error, of each."""

    def one(call):
        try:
            return meeting.meet(*call, seconds)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def end(*links):
    for link in links:
        if not isinstance(link, Exception):
            link.__exit__(None, None, None)


def test_they_meet_and_talk():
    first, *others = meet(*((each, SAME) for each in clusters(3)))
    first.tell({"step": 1})
    assert [other.receive() for other in others] == [{"step": 1}] * 2
    for other in others:
        other.tell({"said": other.cluster.index})
    assert first.collect() == {1: {"said": 1}, 2: {"said": 2}}
    end(first, *others)


def test_what_differs_is_named_to_both():
    one, two = clusters(2)
    chief, other = meet((one, SAME), (two, {"--seed": 2}))
    expected = f"--seed is 2 on worker 1 at {two.addresses[1]} and 1 on worker 0 at "
    assert isinstance(chief, InputError)
    assert expected in str(chief)
    with other, pytest.raises(Ended, match="worker 0 at .*: --seed is 2 on worker 1") as raised:
        other.receive()
    assert raised.value.status == 2


def test_what_only_one_has_is_named():
    one, two = clusters(2)
    chief, other = meet((one, SAME), (two, {**SAME, "--new": 3}))
    assert "--new is 3 on worker 1" in str(chief)
    end(other)


def test_a_worker_that_never_comes_is_named():
    one, two, three = clusters(3)
    chief, other = meet((one, SAME), (two, SAME), seconds=1)
    assert f"worker 2 at {three.addresses[2]} did not come within 1 s" in str(chief)
    with other, pytest.raises(Ended, match="worker 2 at .* did not come"):
        other.receive()


def test_a_chief_that_never_comes_is_named():
    _, two = clusters(2)
    (other,) = meet((two, SAME), seconds=0.5)
    assert isinstance(other, InputError)
    assert f"worker 0 at {two.addresses[0]} did not answer worker 1 within 0.5 s" in str(other)


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("host", ["127.0.0.1", ""])
def test_a_port_that_is_taken_is_named(index, host):
    here = clusters(2)[index]
    with socket.create_server((host, here.place(index)[1])):
        (found,) = meet((here, SAME), seconds=1)
    assert isinstance(found, InputError)
    assert f"worker {index} at {here.addresses[index]}: its port is not to be had (Add" in str(
        found
    )


def test_an_index_that_comes_twice_is_named():
    one, two, _ = clusters(3)
    again = Cluster((*two.addresses[:2], *loopback(1)), two.names, 1)
    found = []
    with ThreadPoolExecutor(1) as pool:
        chief = pool.submit(meet, (one, SAME))
        for cluster in (two, again):
            # Their ports are the same here, where they would be of two machines.
            link = meeting._join(cluster, SAME, 20)
            found.append(link)
        assert "worker 1 at" in str(chief.result()[0])
        assert "came twice" in str(chief.result()[0])
    end(*found)


def test_one_that_dies_while_the_chief_waits_is_named():
    one, two, _ = clusters(3)
    with ThreadPoolExecutor(1) as pool:
        chief = pool.submit(meet, (one, SAME))
        link = meeting._join(two, SAME, 20)
        for _, each in link._connections:
            each.close()  # without a word
        error = chief.result()[0]
    assert isinstance(error, WorkerGone)
    assert "worker 1 at" in str(error)
    assert error.status == 69


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"[]\n", b'{"index": 9}\n', b"{"])
def test_a_stranger_is_no_worker(said):
    one, two = clusters(2)
    with ThreadPoolExecutor(1) as pool:
        chief = pool.submit(meet, (one, SAME))
        with contextlib.closing(_stranger(one)) as stranger:
            stranger.sendall(said)
            (other,) = meet((two, SAME))
            (link,) = chief.result()
            link.tell({"step": 1})
            assert other.receive() == {"step": 1}
    end(link, other)


def _stranger(cluster):
    while True:
        with contextlib.suppress(OSError):
            return socket.create_connection(cluster.place(0))


def test_a_message_without_an_end_is_not_kept(monkeypatch):
    monkeypatch.setattr(connection, "MAX_BYTES", 100)
    one, two = meet(*((each, SAME) for each in clusters(2)))
    two.tell({"long": "x" * 1000})
    with one, pytest.raises(WorkerGone):
        one.collect()
    end(two)


@pytest.mark.parametrize(("said", "status"), [(2, 2), ("rm -rf", 1), (-9, 1), (True, 1), (1e9, 1)])
def test_the_status_of_another_worker_is_a_status(said, status):
    one, two = meet(*((each, SAME) for each in clusters(2)))
    two.tell({"ended": said, "line": "why"})
    with one, pytest.raises(Ended, match="worker 1 at .*: why") as raised:
        one.collect()
    assert raised.value.status == status
    end(two)
