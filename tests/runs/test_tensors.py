"""Tensors in TensorFlow's format, whoever wrote them."""

import random

import numpy as np
import pytest
import tensorflow as tf

from tfgan.runs import tensors
from tools.fuzz import binaries

VALUES = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a/b": np.float64(0.5),
    "a/bc": np.zeros([0, 4], np.int64),
    "b": np.array([True, False]),
    "c": tf.constant([1.5, -2.0], tf.bfloat16).numpy(),
    "d": np.array([1 + 2j], np.complex64),
    **{f"many/{i}": np.full([3], i, np.int16) for i in range(300)},
}


def save(prefix, values):
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(values),
        shape_and_slices=[""] * len(values),
        tensors=[tf.convert_to_tensor(value) for value in values.values()],
    )


def test_what_tensorflow_writes_is_read(tmp_path):
    save(tmp_path / "state", VALUES)
    read = tensors.read(tmp_path / "state")
    assert read.keys() == VALUES.keys()
    for name, value in VALUES.items():
        assert read[name].dtype == value.dtype
        assert read[name].shape == value.shape
        assert read[name].tobytes() == value.tobytes()


def test_what_tensorflow_reads_is_what_is_read(tmp_path):
    save(tmp_path / "state", VALUES)
    reader = tf.train.load_checkpoint(str(tmp_path / "state"))
    read = tensors.read(tmp_path / "state")
    assert reader.get_variable_to_shape_map().keys() == read.keys()
    for name, value in read.items():
        assert np.asarray(reader.get_tensor(name)).tobytes() == value.tobytes()


@pytest.mark.parametrize("seed", range(8))
def test_an_index_with_bits_flipped_ends_in_one_error_or_in_its_own_bytes(seed, tmp_path):
    """TensorFlow's reader ends the process at some of these, with "Check failed"."""
    save(tmp_path / "state", {"a": VALUES["a"], "b": VALUES["b"]})
    index, draw = (tmp_path / "state.index").read_bytes(), random.Random(seed)
    refused = 0
    for _ in range(300):
        (tmp_path / "state.index").write_bytes(binaries.index(index, draw))
        try:
            read = tensors.read(tmp_path / "state")
        except ValueError:
            refused += 1
        else:
            assert sum(value.nbytes for value in read.values()) <= 2 * 26
    assert refused > 100


def test_texts_and_cut_files_are_refused(tmp_path):
    save(tmp_path / "state", {"a": tf.constant(["text"])})
    with pytest.raises(ValueError, match="a does not hold numbers"):
        tensors.read(tmp_path / "state")
    save(tmp_path / "state", {"a": VALUES["a"]})
    data = tmp_path / "state.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(ValueError, match="a lies outside of the data"):
        tensors.read(tmp_path / "state")
    (tmp_path / "state.index").write_bytes(b"")
    with pytest.raises(ValueError, match="the index is no table"):
        tensors.read(tmp_path / "state")
