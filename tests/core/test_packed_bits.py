"""The bytes of tensors survive the way through one vector of whole numbers."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core import bits

DTYPES = ["float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "uint16"]
DTYPES += ["int32", "uint32", "int64", "uint64", "bool"]


def values(dtype):
    """Any bits there are, NaN and -0 among them."""
    dtype = tf.as_dtype(dtype).as_numpy_dtype
    raw = np.random.RandomState(0).bytes(np.dtype(dtype).itemsize * 6)
    if dtype == np.bool_:
        return np.array([[True, False, True], [False, False, True]])
    array = np.frombuffer(raw, dtype).reshape(2, 3).copy()
    if dtype not in (np.int8, np.int16, np.int32, np.int64):
        array[0, 0], array[1, 1] = -array.dtype.type(0), array.dtype.type(3)
    return array


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_back_whole(dtype):
    state = [tf.constant(values(dtype)), tf.constant(values("float32")[0]), tf.constant(7)]

    @tf.function
    def there_and_back():
        return bits.unpacked(bits.packed(state), state)

    for before, after in zip(state, there_and_back(), strict=True):
        assert after.dtype == before.dtype
        assert after.numpy().tobytes() == before.numpy().tobytes()


def test_text_is_refused():
    with pytest.raises(TypeError, match="a tensor of string has no bits to pass on"):
        bits.packed([tf.constant("a")])
