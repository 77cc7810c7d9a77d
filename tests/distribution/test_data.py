"""A replica reads its own examples, and no others."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core import replicas
from tfgan.core.replicas import Replica
from tfgan.data.arrays import Arrays
from tfgan.data.binarised import Binarised
from tfgan.data.mirrored import Mirrored
from tfgan.data.random_access import RandomAccessImages

IMAGES = np.random.RandomState(0).randint(0, 256, (20, 6, 6, 1)).astype(np.uint8)


class Reader:
    """Counts what is read."""

    def __init__(self):
        self.read = []

    def __call__(self, indices):
        self.read += indices.tolist()
        return IMAGES[indices]

    def source(self):
        shape = IMAGES.shape[1:]
        return RandomAccessImages("x", self, 20, shape, 8, 3, "fingerprint", lambda: "")


def in_memory():
    return Arrays({"real": IMAGES, "labels": np.arange(20) % 3}, batch_size=8, seed=3)


class Plain:
    """A source of a user's own, which knows nothing of replicas."""

    def __init__(self):
        self._inner = in_memory()
        self.kind, self.specs = self._inner.kind, self._inner.specs
        self.batch_size = 8

    def batch(self, step):
        with replicas.acting_as(None):
            return self._inner.batch(step)


SOURCES = {
    "in memory": in_memory,
    "read": lambda: Reader().source(),
    "mirrored": lambda: Mirrored(in_memory(), 3),
    "mirrored, read": lambda: Mirrored(Reader().source(), 3),
    "binarised": lambda: Binarised(in_memory(), 3),
    "binarised, read": lambda: Binarised(Reader().source(), 3),
    "of a user's own": Plain,
    "of a user's own, mirrored": lambda: Mirrored(Plain(), 3),
}


def shares(source, count, step):
    """Returns the batch of each replica."""
    from tfgan.distribution import Share

    found = []
    for index in range(count):
        with replicas.acting_as(Replica(index, count, lambda values: values)):
            found.append(Share(source).batch(tf.constant(step, tf.int64)))
    return found


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("name", SOURCES)
def test_the_shares_make_up_the_batch(name, count):
    source = SOURCES[name]()
    for step in (0, 2, 5):  # 2 and 5 reach into the next epoch
        whole = source.batch(tf.constant(step, tf.int64))
        parts = shares(source, count, step)
        for key, values in whole.items():
            together = np.concatenate([part[key].numpy() for part in parts])
            assert together.tobytes() == values.numpy().tobytes()


def test_a_replica_reads_its_share_from_the_disk_and_no_more():
    reader = Reader()
    source = reader.source()
    for step in range(4):
        with replicas.acting_as(Replica(1, 2, lambda values: values)):
            source.batch(tf.constant(step, tf.int64))
    source._guess[1].result()  # the batch after the last, which is read ahead
    alone = Reader()
    order = alone.source()._order
    asked = [order.indices(tf.constant(step, tf.int64)).numpy()[4:] for step in range(5)]
    assert reader.read == np.concatenate(asked).tolist()
