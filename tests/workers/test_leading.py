"""How the chief leads, over a real connection; the calls into TensorFlow are stand-ins here."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import tensorflow as tf

from tests.workers.test_meeting import SAME, clusters, end, meet
from tfgan.cli import stopping
from tfgan.workers import leading
from tfgan.workers.connection import Ended, WorkerGone

MODEL = SimpleNamespace(training_seed=7)


@pytest.fixture
def links():
    both = meet(*((each, SAME) for each in clusters(2)))
    yield both
    end(*both)


def lead(links, run_steps, answer):
    """Lets the chief make one call; the other one answers what it was told with `answer`."""
    chief, other = links

    def follow():
        told = other.receive()
        answer(other)
        return told

    with ThreadPoolExecutor(1) as pool:
        followed = pool.submit(follow)
        losses = leading.leading(run_steps, MODEL, chief)(3, 2)
        return losses, followed.result()


def test_the_others_are_told_each_call(links):
    losses, told = lead(links, lambda *a: {"loss": a}, lambda other: other.tell({"signal": ""}))
    assert losses == {"loss": (3, 2)}
    assert told == {"seed": 7, "step": 3, "num_steps": 2}


@pytest.mark.parametrize("signal", ["SIGTERM", ""])
def test_a_signal_of_another_worker_counts(signal, links):
    with stopping.deferred():
        lead(links, lambda *_: {}, lambda other: other.tell({"signal": signal}))
        asked = stopping.requested()
    address = links[0].cluster.addresses[1]
    assert asked == (f"SIGTERM of worker 1 at {address}" if signal else None)


def lost(*_):
    raise tf.errors.UnavailableError(None, None, "Connection reset by peer")


def test_the_reason_that_another_worker_gives_is_told(links):
    def fails(other):
        other.tell({"ended": 2, "line": "photo.jpg cannot be read."})

    with pytest.raises(Ended, match="worker 1 at .*: photo.jpg cannot be read") as raised:
        lead(links, lost, fails)
    assert raised.value.status == 2


def test_one_that_is_gone_without_a_word_is_named(links):
    with pytest.raises(WorkerGone, match="worker 1 at .* is gone"):
        lead(links, lost, lambda other: [each.close() for _, each in other._connections])


def test_a_failure_that_nobody_explains_is_told(links, monkeypatch):
    monkeypatch.setattr("tfgan.workers.link.SECONDS_TO_EXPLAIN", 0.2)
    with pytest.raises(WorkerGone, match="lost each other .Connection reset by peer"):
        lead(links, lost, lambda _: None)
