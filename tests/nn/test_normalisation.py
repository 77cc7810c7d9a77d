"""Normalisation against its formula."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core.interfaces import Mode
from tfgan.nn.normalisation import BatchNorm


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_batch_norm_is_the_formula_in_all_modes(dtype):
    draw = np.random.RandomState(0)
    x = draw.normal(3.0, 2.0, size=(4, 2, 2, 3)).astype(dtype.as_numpy_dtype)
    norm = BatchNorm(3, name="n", dtype=dtype)
    norm.scale.assign([1.0, 2.0, 3.0])
    norm.offset.assign([0.0, 1.0, 2.0])
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))

    def formula(mean, variance):
        return norm.scale.numpy() * (x - mean) / np.sqrt(variance + 1e-3) + norm.offset.numpy()

    np.testing.assert_allclose(
        norm(tf.constant(x), Mode.FROZEN), formula(mean, variance), atol=1e-4
    )
    np.testing.assert_array_equal(norm.moving_mean, np.zeros(3))  # not asked to move
    norm(tf.constant(x), Mode.TRAIN)
    unbiased = variance * 16 / 15
    np.testing.assert_allclose(norm.moving_mean, 0.1 * mean, rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * unbiased, rtol=1e-5)
    np.testing.assert_allclose(
        norm(tf.constant(x), Mode.INFERENCE), formula(0.1 * mean, 0.9 + 0.1 * unbiased), atol=1e-4
    )
