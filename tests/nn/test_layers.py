"""Layers against their definitions."""

import numpy as np
import tensorflow as tf

from tfgan.nn.layers import Conv2D, Conv2DTranspose, Dense


def test_initial_weights_follow_their_papers():
    dense = Dense(300, 200, seed=0, name="d").kernel.numpy()
    limit = np.sqrt(6 / 500)
    assert np.abs(dense).max() <= limit
    np.testing.assert_allclose(dense.std(), limit / np.sqrt(3), rtol=0.01)
    conv = Conv2D(64, 64, kernel_size=5, stride=2, seed=0, name="c").kernel.numpy()
    np.testing.assert_allclose([conv.mean(), conv.std()], [0.0, 0.02], atol=3e-4)


def test_convolution_against_its_definition():
    draw = np.random.RandomState(0)
    x = draw.normal(size=(2, 8, 8, 3)).astype(np.float32)
    layer = Conv2D(3, 4, kernel_size=5, stride=2, seed=0, name="c")
    layer.bias.assign([0.0, 1.0, 2.0, 3.0])
    # SAME with stride 2 and 5 taps on an even size: one row of zeros before, two after.
    padded = np.pad(x, [(0, 0), (1, 2), (1, 2), (0, 0)])
    kernel, expected = layer.kernel.numpy(), np.zeros((2, 4, 4, 4))
    for i in range(4):
        for j in range(4):
            patch = padded[:, 2 * i : 2 * i + 5, 2 * j : 2 * j + 5]
            expected[:, i, j] = np.einsum("bhwc,hwco->bo", patch, kernel)
    np.testing.assert_allclose(layer(tf.constant(x)), expected + np.arange(4), atol=1e-5)


def test_transposed_convolution_is_the_transpose():
    # <conv(x), y> = <x, conv_transpose(y)> for every x and y, where both have one kernel.
    draw = np.random.RandomState(0)
    x = tf.constant(draw.normal(size=(2, 8, 8, 3)).astype(np.float32))
    y = tf.constant(draw.normal(size=(2, 4, 4, 5)).astype(np.float32))
    down = Conv2D(3, 5, kernel_size=5, stride=2, seed=0, name="a", use_bias=False)
    up = Conv2DTranspose(5, 3, kernel_size=5, stride=2, seed=0, name="b", use_bias=False)
    up.kernel.assign(down.kernel)
    assert up(y).shape == x.shape
    np.testing.assert_allclose(
        tf.reduce_sum(down(x) * y), tf.reduce_sum(x * up(y)), rtol=1e-4, atol=1e-4
    )
