"""What stands in for modules that are gone."""

import gzip

import numpy as np
import pytest

from tfgan.parity import stubs


def idx(array):
    shape = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


@pytest.fixture
def mnist(tmp_path):
    """Writes a tiny MNIST: a part plain, a part compressed."""
    draw = np.random.RandomState(0)
    for part, count in (("train", 30), ("t10k", 10)):
        images = draw.randint(256, size=(count, 28, 28)).astype(np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    return tmp_path


def test_the_directory_that_the_script_names(mnist, monkeypatch):
    monkeypatch.delenv(stubs.MNIST_DIR, raising=False)
    told = []
    sets = stubs.read_data_sets(
        str(mnist), one_hot=True, validation_size=5, tell=lambda *said: told.append(said)
    )
    assert told == []
    assert (sets.train.num_examples, sets.validation.num_examples) == (25, 5)
    assert sets.test.images.shape == (10, 784)
    assert sets.test.images.dtype == np.float32
    assert 0.9 < sets.test.images.max() <= 1
    np.testing.assert_array_equal(sets.test.labels, np.eye(10))


def test_digits_stand_in_and_that_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv(stubs.MNIST_DIR, raising=False)
    told = []
    sets = stubs.read_data_sets(str(tmp_path), tell=lambda *said: told.append(said))
    assert "scikit-learn's 1,797 digits" in told[0][1]
    assert sets.train.images.shape == (1300, 784)
    assert sets.train.labels.dtype == np.int64


def test_batches_go_through_the_set_and_repeat_with_the_seed():
    images = np.arange(10, dtype=np.float32)[:, None]
    batches = []
    for _ in range(2):
        np.random.seed(3)
        data = stubs.DataSet(images.copy(), np.arange(10))
        batches.append([data.next_batch(4) for _ in range(5)])
    for first, second in zip(*batches, strict=True):
        np.testing.assert_array_equal(first[0], second[0])
    seen = np.concatenate([batch for batch, _ in batches[0]])[:, 0]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))  # each epoch, whole
    for x, y in batches[0]:
        np.testing.assert_array_equal(x[:, 0], y)
