"""Images in memory and on disk: one order, one mapping, the same bytes."""

import threading

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from source_checks import check_pure, eager, in_a_loop

from tfgan.core.checks import InputError
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

IMAGES = np.random.default_rng(0).integers(0, 256, [23, 4, 5, 3], np.uint8)


def in_memory(images=IMAGES, batch_size=4, seed=0):
    return Arrays({"real": images}, batch_size=batch_size, name="some images", seed=seed)


def on_disk(images=IMAGES, batch_size=4, seed=0, read=None):
    read = read or images.__getitem__
    return RandomAccessImages(
        *("some images", read, len(images), images.shape[1:], batch_size, seed),
        *("content:", lambda: "former"),
    )


each_road = pytest.mark.parametrize("make", [in_memory, on_disk])


def numbered(num_examples):
    """Images that hold their own index."""
    return np.arange(num_examples, dtype=np.uint8).reshape(-1, 1, 1, 1)


def indices_of(batches):
    return np.rint(batches * 127.5 + 127.5).astype(int).ravel()


@each_road
def test_a_batch_is_a_function_of_seed_and_step(make):
    check_pure(make)


@each_road
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_every_epoch_holds_each_image_once(make, data):
    num_examples = data.draw(st.integers(1, 30), "num_examples")
    batch_size = data.draw(st.integers(1, num_examples), "batch_size")
    source = make(numbered(num_examples), batch_size, seed=data.draw(st.integers(0, 99), "seed"))
    num_steps = -(-3 * num_examples // batch_size)  # three epochs; batches straddle them
    drawn = indices_of(eager(source, range(num_steps)))
    for epoch in range(3):
        part = drawn[epoch * num_examples : (epoch + 1) * num_examples]
        np.testing.assert_array_equal(np.sort(part), np.arange(num_examples))


@each_road
def test_epochs_differ(make):
    drawn = indices_of(in_a_loop(make(numbered(40), 10), 0, 8)).reshape(2, 40)
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], np.arange(40))


@each_road
def test_black_and_white_are_exact(make):
    images = np.stack([np.zeros([2, 2, 1], np.uint8), np.full([2, 2, 1], 255, np.uint8)])
    batch = make(images, 2).batch(tf.constant(0, tf.int64))["real"].numpy()
    assert sorted(batch[:, 0, 0, 0]) == [-1.0, 1.0]


@each_road
def test_what_it_says_of_itself(make):
    source = make()
    assert (source.name, source.num_examples, source.batch_size) == ("some images", 23, 4)
    assert source.specs == {"real": tf.TensorSpec([4, 5, 3], tf.float32, "real")}
    assert source.kind.name == "images"
    batch = tf.function(source.batch).get_concrete_function(tf.TensorSpec([], tf.int64))
    assert batch.structured_outputs["real"].shape == [4, 4, 5, 3]  # known while the graph is built


@each_road
def test_a_batch_larger_than_the_set_is_refused(make):
    with pytest.raises(
        InputError, match=r"batch_size 24 .* 23 examples .* --batch_size=23 or less"
    ):
        make(batch_size=24)
    make(batch_size=23)


def test_memory_and_disk_give_the_same_bytes():
    for steps in (range(12), [9, 3, 3, 0, 11, 5]):
        np.testing.assert_array_equal(eager(on_disk(), steps), eager(in_memory(), steps))
    np.testing.assert_array_equal(in_a_loop(on_disk(), 2, 30), in_a_loop(in_memory(), 2, 30))


def test_several_batches_in_one_iteration():
    @tf.function(autograph=False)
    def two(source, step):
        return tf.stack([source.batch(2 * step + i)["real"] for i in range(2)])

    disk, memory = on_disk(), in_memory()
    for step in tf.range(8, dtype=tf.int64):
        np.testing.assert_array_equal(two(disk, step), two(memory, step))


def test_images_stay_out_of_the_graph_and_can_live_on_a_gpu():
    source = in_memory(np.zeros([1000, 8, 8, 1], np.uint8))
    graph = tf.function(source.batch).get_concrete_function(tf.TensorSpec([], tf.int64)).graph
    assert graph.as_graph_def().ByteSize() < 32_000  # the images are 64,000 bytes
    # GatherV2 has no uint8 kernel on GPUs: the whole set would move to the host at each step.
    assert "ResourceGather" in {op.type for op in graph.get_operations()}


@each_road
def test_another_seed_is_another_order_of_the_same_examples(make):
    source = make(numbered(40), 10, seed=1)
    other = source.with_seed(2)
    drawn, again = (indices_of(eager(s, range(4))) for s in (source, other))
    assert sorted(drawn) == sorted(again) == list(range(40))
    assert not np.array_equal(drawn, again)
    np.testing.assert_array_equal(again, indices_of(eager(make(numbered(40), 10, 2), range(4))))
    np.testing.assert_array_equal(drawn, indices_of(eager(source, range(4))))  # as it was


def test_labels_come_with_their_examples():
    arrays = {"real": numbered(40), "labels": np.arange(40) * 2}
    source = Arrays(arrays, batch_size=10)
    batch = source.batch(tf.constant(3, tf.int64))
    assert batch["labels"].dtype == tf.int32
    np.testing.assert_array_equal(batch["labels"], indices_of(batch["real"].numpy()) * 2)
    assert (
        source.fingerprint != Arrays(arrays | {"labels": np.arange(40)}, batch_size=10).fingerprint
    )
    assert (
        Arrays({"real": arrays["real"]}, batch_size=10).fingerprint
        == in_memory(arrays["real"], 10).fingerprint
    )


def test_a_loader_says_what_its_arrays_are_known_by():
    own = in_memory()
    named = Arrays({"real": IMAGES}, batch_size=4, fingerprint="content:1")
    assert own.former_fingerprint() == own.fingerprint  # there was no other way
    assert named.fingerprint == named.with_seed(1).fingerprint == "content:1"
    assert named.former_fingerprint() == named.with_seed(1).former_fingerprint() == own.fingerprint
    labelled = {"real": IMAGES, "labels": np.arange(23)}
    own = Arrays(labelled, batch_size=4)
    assert Arrays(labelled, batch_size=4, fingerprint="").former_fingerprint() == own.fingerprint


class Reader:
    """Reads from IMAGES and keeps a record of it."""

    def __init__(self):
        self.reads = []
        self.threads = set()
        self.changed = threading.Condition()

    def __call__(self, indices):
        with self.changed:
            self.reads.append(tuple(indices))
            self.threads.add(threading.current_thread())
            self.changed.notify_all()
        return IMAGES[indices]

    def wait_for(self, num_reads):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.reads) >= num_reads, timeout=20)


def test_the_next_batch_is_read_ahead_once():
    read = Reader()
    source = on_disk(read=read)
    eager(source, [0])
    read.wait_for(2)  # the batch of step 1, which nobody has asked for
    eager(source, [1, 2, 3])
    read.wait_for(5)
    assert len(read.reads) == len(set(read.reads)) == 5
    assert len(read.threads) == 1
    assert threading.main_thread() not in read.threads


def test_several_batches_of_one_iteration_are_read_once_each():
    read = Reader()
    source = on_disk(read=read)

    @tf.function(autograph=False)
    def four(first):
        return [source.batch(first + i) for i in range(4)]

    for iteration in range(6):
        four(tf.constant(4 * iteration, tf.int64))
    read.wait_for(25)
    assert len(read.reads) == len(set(read.reads)) == 25


def test_a_wrong_guess_is_harmless():
    expected = eager(in_memory(), range(10))
    wrong = set()

    def read(indices):
        if tuple(indices) in wrong:
            raise OSError("nobody asked for this")
        return IMAGES[indices]

    reader = Reader()
    eager(on_disk(read=reader), [1])
    wrong.add(reader.reads[0])
    source = on_disk(read=read)
    for step in (0, 5, 0, 2):  # step 0 guesses step 1, whose read fails
        np.testing.assert_array_equal(eager(source, [step])[0], expected[step])


def test_an_error_in_reading_reaches_the_caller_with_its_message():
    def read(indices):
        raise InputError("photos/cat.png cannot be read.")

    with pytest.raises(tf.errors.OpError, match=r"InputError: photos/cat\.png cannot be read\."):
        in_a_loop(on_disk(read=read), 0, 1)
