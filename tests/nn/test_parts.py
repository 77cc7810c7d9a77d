"""Attention, the standard deviation of a minibatch, dropout, resampling: against their formulas."""

import numpy as np
import pytest
import tensorflow as tf

from tests.nn import derivatives
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.nn import attention, resampling
from tfgan.nn.attention import SelfAttention
from tfgan.nn.dropout import Dropout
from tfgan.nn.minibatch import MinibatchStddev

DRAW = np.random.RandomState(0)
MAPS = DRAW.normal(size=(3, 2, 4, 16))


# Attention.


def attentive(dtype=tf.float64, gamma=0.7, channels=16):
    layer = SelfAttention(channels, seed=0, name="a", dtype=dtype)
    layer.gamma.assign(gamma)
    return layer


def test_attention_is_the_formula_of_the_paper():
    layer, x = attentive(), MAPS.reshape(3, 8, 16)
    w_f, w_g, w_h, w_v = (
        getattr(layer, name).kernel.numpy()[0, 0] for name in ("key", "query", "value", "output")
    )
    assert w_f.shape == (16, 2)
    expected = np.zeros_like(x)
    for b in range(3):
        scores = (x[b] @ w_f) @ (x[b] @ w_g).T  # s_ij, equation 1
        share = np.exp(scores) / np.exp(scores).sum(0)  # of i, for each j
        expected[b] = 0.7 * (share.T @ (x[b] @ w_h)) @ w_v + x[b]
    np.testing.assert_allclose(layer(tf.constant(MAPS)), expected.reshape(MAPS.shape), rtol=1e-10)


def test_attention_does_nothing_at_first():
    layer = SelfAttention(16, seed=0, name="a")
    x = tf.constant(MAPS, tf.float32)
    np.testing.assert_array_equal(layer(x), x)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(tf.square(layer(x)))
    assert abs(tape.gradient(value, layer.gamma)) > 1e-3  # and yet it learns


def test_gradients_of_attention():
    derivatives.check(attentive(channels=4), tf.constant(MAPS[:1, :, :2, :4]))


def test_attention_sits_at_the_one_map_of_its_size():
    maps = [(16, 20, 8), (8, 10, 16), (8, 10, 16), (4, 5, 32)]
    assert attention.layers(0, maps, name="x", seed=0) == [None] * 4
    made = attention.layers(8, maps, name="x", seed=0)
    assert [layer is not None for layer in made] == [False, True, False, False]
    assert made[1].query.kernel.shape == (1, 1, 16, 2)
    match = "attention_size=10, but the shorter sides of the x's feature maps are 4, 8, 16: give"
    with pytest.raises(InputError, match=match):
        attention.layers(10, maps, name="x", seed=0)


# The standard deviation of a minibatch.


@pytest.mark.parametrize("shape", [(3, 2, 4, 16), (3, 16)])
def test_minibatch_stddev_is_one_number_everywhere(shape):
    x = np.random.RandomState(1).normal(size=shape)
    layer = MinibatchStddev(name="m", dtype=tf.float64)
    y = layer(tf.constant(x), Mode.FROZEN).numpy()
    np.testing.assert_array_equal(y[..., :-1], x)
    np.testing.assert_allclose(y[..., -1], x.std(0).mean(), rtol=1e-7)
    assert layer.moving_stddev.numpy() == 1.0  # not asked to move


def test_minibatch_stddev_of_inference_does_not_depend_on_the_neighbours():
    x = tf.constant(np.random.RandomState(1).normal(size=(4, 3)), tf.float32)
    layer = MinibatchStddev(name="m")
    stddev = layer(x, Mode.TRAIN)[0, -1]
    np.testing.assert_allclose(layer.moving_stddev, 0.9 + 0.1 * stddev, rtol=1e-6)
    alone, together = layer(x[:1], Mode.INFERENCE), layer(x, Mode.INFERENCE)
    np.testing.assert_array_equal(alone, together[:1])
    assert alone[0, -1] == layer.moving_stddev


def test_gradients_of_minibatch_stddev_are_finite_where_all_examples_are_alike():
    layer = MinibatchStddev(name="m", dtype=tf.float64)
    derivatives.check(layer, tf.constant(MAPS[:, 0, :2]), lambda x: layer(x, Mode.FROZEN))
    x = tf.ones([3, 2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = MinibatchStddev(name="m")(x, Mode.FROZEN)
    assert np.isfinite(tape.gradient(y, x)).all()


# Dropout.


def test_dropout_keeps_so_many_and_scales_them():
    layer, x = Dropout(0.8, seed=0, name="d"), tf.ones([200, 100])
    y = layer(x, Mode.TRAIN).numpy()
    assert {*np.unique(y)} == {np.float32(0.0), np.float32(1.0 / 0.8)}
    assert abs((y > 0).mean() - 0.8) < 3 * np.sqrt(0.8 * 0.2 / 20_000)
    np.testing.assert_array_equal(layer(x, Mode.INFERENCE), x)
    np.testing.assert_array_equal(Dropout(1.0, seed=0, name="d")(x, Mode.TRAIN), x)


def test_masks_are_a_function_of_seed_name_and_step():
    x = tf.ones([4, 9])

    def mask(steps=0, mode=Mode.TRAIN, seed=0, name="d"):
        layer = Dropout(0.5, seed=seed, name=name)
        for _ in range(steps):
            layer.before_step()
        first = layer(x, mode).numpy().tobytes()
        assert layer(x, Mode.FROZEN).numpy().tobytes() == first  # a pass moves nothing
        assert layer.step.numpy() == steps
        return first

    assert mask() == mask()
    assert len({mask(), mask(1), mask(2), mask(seed=1), mask(name="other")}) == 5


# Resampling.


@pytest.mark.parametrize("size", [(4, 6), (3, 6), (4, 5), (3, 5)])
def test_nearest_up_repeats(size):
    x = np.random.RandomState(0).normal(size=(2, 2, 3, 5))
    expected = x.repeat(2, 1).repeat(2, 2)[:, : size[0], : size[1]]
    np.testing.assert_array_equal(resampling.nearest_up(tf.constant(x), size), expected)


@pytest.mark.parametrize("size", [(4, 6), (3, 5)])
def test_average_down_is_the_mean_of_what_is_there(size):
    x = np.random.RandomState(0).normal(size=(2, *size, 3))
    y = resampling.average_down(tf.constant(x)).numpy()
    assert y.shape == (2, 2, 3, 3)
    for i in range(2):
        for j in range(3):
            mean = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean((1, 2))
            np.testing.assert_allclose(y[:, i, j], mean, rtol=1e-12)


def up_matrix(size):
    """One direction: each value at 2 i and 2 i + 1, between it and its neighbours."""
    matrix = np.zeros((2 * size, size))
    for i in range(size):
        for place, weight in ((2 * i - 1, 1), (2 * i, 3), (2 * i + 1, 3), (2 * i + 2, 1)):
            if 0 <= place < 2 * size:
                matrix[place, i] = weight / 4
    return matrix


def test_bilinear_up_interpolates():
    x = np.random.RandomState(0).normal(size=(2, 3, 4, 5))
    expected = np.einsum("ph,qw,bhwc->bpqc", up_matrix(3), up_matrix(4), x)
    np.testing.assert_allclose(resampling.bilinear_up(tf.constant(x), (6, 8)), expected, 1e-10)
    cut = resampling.bilinear_up(tf.constant(x), (5, 7))
    np.testing.assert_allclose(cut, expected[:, :5, :7], 1e-10)
    constant = resampling.bilinear_up(tf.ones([1, 4, 4, 1]), (8, 8))
    np.testing.assert_allclose(constant[:, 1:-1, 1:-1], np.ones((1, 6, 6, 1)), rtol=1e-6)


@pytest.mark.parametrize("size", [(6, 8), (5, 7), (7, 4)])
def test_bilinear_down_is_its_transpose(size):
    x = np.random.RandomState(0).normal(size=(2, *size, 5))
    down = [up_matrix((n + 1) // 2)[:n].T / 2 for n in size]
    expected = np.einsum("ph,qw,bhwc->bpqc", *down, x)
    np.testing.assert_allclose(resampling.bilinear_down(tf.constant(x)), expected, 1e-10)


RESAMPLERS = {
    "nearest_up": lambda x: resampling.nearest_up(x, (4, 5)),
    "average_down": resampling.average_down,
    "bilinear_up": lambda x: resampling.bilinear_up(x, (4, 5)),
    "bilinear_down": resampling.bilinear_down,
}


@pytest.mark.parametrize("name", RESAMPLERS)
def test_resampling_has_gradients_of_gradients(name):
    resample, x = RESAMPLERS[name], tf.constant(MAPS[:1, :, :3, :2])
    found, expected = tf.test.compute_gradient(resample, [x], delta=1e-5)
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-8)

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(resample(x) ** 3)
        return tape.gradient(y, x)

    found, expected = tf.test.compute_gradient(gradient, [x], delta=1e-5)
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", RESAMPLERS)
def test_resampling_of_bfloat16_is_close(name):
    y = RESAMPLERS[name](tf.constant(MAPS[:, :, :3], tf.bfloat16))
    assert y.dtype == tf.bfloat16
    exact = RESAMPLERS[name](tf.constant(MAPS[:, :, :3]))
    np.testing.assert_allclose(tf.cast(y, tf.float64), exact, atol=0.03)
