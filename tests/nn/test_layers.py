"""Layers against their definitions."""

import platform

import numpy as np
import pytest
import tensorflow as tf

from tests.nn import derivatives
from tfgan.nn import layers
from tfgan.nn.layers import Conv2D, Conv2DTranspose, Dense, GroupedConv2D


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


def grouped(groups, dtype=tf.float32, channels=(6, 9)):
    options = dict(kernel_size=3, stride=1, seed=0, name="g", stddev=1.0, dtype=dtype)
    return GroupedConv2D(*channels, groups=groups, **options)


@pytest.mark.parametrize("way", ["float32", "float64", "float32 without oneDNN"])
def test_a_grouped_convolution_is_one_of_each_group(way, monkeypatch):
    dtype = tf.as_dtype(way.split()[0])
    if way == "float32 without oneDNN":
        monkeypatch.setattr(layers, "_grouped_gradient_exists", lambda: False)
    layer = grouped(3, dtype)
    assert layer.kernel.shape == (3, 3, 2, 9)
    layer.bias.assign(np.arange(9.0))
    x = np.random.RandomState(0).normal(size=(2, 5, 4, 6))
    expected = []
    for i in range(3):
        plain = Conv2D(2, 3, kernel_size=3, stride=1, seed=0, name="p", dtype=tf.float64)
        plain.kernel.assign(layer.kernel.numpy()[..., 3 * i : 3 * i + 3])
        expected.append(plain(tf.constant(x[..., 2 * i : 2 * i + 2])) + np.arange(3.0) + 3 * i)
    with tf.GradientTape() as tape:
        y = layer(tf.constant(x, dtype))
        value = tf.reduce_sum(y * y)
    np.testing.assert_allclose(y, np.concatenate(expected, -1), atol=1e-5)
    kernel_gradient = tape.gradient(value, layer.kernel)
    dense = np.zeros((3, 3, 6, 9))
    for i in range(3):
        group = layer.kernel.numpy()[..., 3 * i : 3 * i + 3]
        dense[:, :, 2 * i : 2 * i + 2, 3 * i : 3 * i + 3] = group
    dense = tf.constant(dense)
    with tf.GradientTape() as tape:
        tape.watch(dense)
        y = tf.nn.conv2d(tf.constant(x), dense, 1, "SAME") + np.arange(9.0)
        value = tf.reduce_sum(y * y)
    of_dense = tape.gradient(value, dense).numpy()
    for i in range(3):
        block = of_dense[:, :, 2 * i : 2 * i + 2, 3 * i : 3 * i + 3]
        np.testing.assert_allclose(kernel_gradient[..., 3 * i : 3 * i + 3], block, rtol=1e-4)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="oneDNN is built for x86 alone")
def test_the_kernel_of_this_machine_has_the_grouped_gradient():
    """Else the r3gan would be several times slower here without a word."""
    assert layers._grouped_gradient_exists()


def test_gradients_of_layers_are_those_of_differences():
    draw = np.random.RandomState(0)
    vectors, maps = draw.normal(size=(2, 3)), draw.normal(size=(2, 3, 4, 4))
    options = dict(seed=0, dtype=tf.float64)
    square = dict(kernel_size=3, stride=2, stddev=0.5, **options)
    for layer, x in (
        (Dense(3, 4, name="d", **options), vectors),
        (Dense(3, 4, name="d", use_bias=False, **options), vectors),
        (Conv2D(4, 2, name="c", **square), maps),
        (Conv2DTranspose(4, 2, name="t", out_size=(5, 8), **square), maps),
        (grouped(2, tf.float64, (4, 4)), maps),
    ):
        derivatives.check(layer, tf.constant(x))


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_a_bias_is_added_in_two_ways_whose_gradients_round_differently(dtype):
    x = tf.random.stateless_normal([100, 5], [1, 2], dtype=dtype)
    slope = tf.random.stateless_normal([100, 64], [3, 4], dtype=dtype)
    found = {}
    for plain_sum in (False, True):
        dense = Dense(5, 64, seed=0, name="x", plain_sum=plain_sum, dtype=dtype)
        dense.bias.assign(tf.range(64, dtype=dtype) / 3)
        with tf.GradientTape() as tape:
            y = dense(x)
        gradient = tape.gradient(y, dense.bias, slope)
        found[plain_sum] = (y.numpy().tobytes(), gradient.numpy().tobytes())
    by_kernel = tf.raw_ops.BiasAddGrad(out_backprop=slope)
    assert found[False] == (found[True][0], by_kernel.numpy().tobytes())
    assert found[True][1] == tf.reduce_sum(slope, 0).numpy().tobytes() != found[False][1]


def test_a_layer_without_bias():
    layer = Dense(3, 4, seed=0, name="d", use_bias=False)
    assert layer.bias is None
    np.testing.assert_array_equal(layer(tf.eye(3)), layer.kernel)
