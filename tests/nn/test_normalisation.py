"""Normalisation against its formula."""

import numpy as np
import pytest
import tensorflow as tf

from tests.nn import derivatives
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.nn.normalisation import (
    NORMALISATIONS,
    BatchNorm,
    ConditionalBatchNorm,
    GroupNorm,
    LayerNorm,
)


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


def by_hand(x, axes, epsilon, scale, offset):
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return scale * (x - mean) / np.sqrt(variance + epsilon) + offset


SCALE, OFFSET = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), np.arange(6.0)


def set_up(norm):
    norm.scale.assign(SCALE)
    norm.offset.assign(OFFSET)
    return norm


def examples(*shape, seed=0):
    return np.random.RandomState(seed).normal(1.0, 2.0, size=shape)


@pytest.mark.parametrize("shape", [(3, 2, 4, 6), (3, 6)])
def test_layer_norm_is_of_each_example(shape):
    x = examples(*shape)
    norm = set_up(LayerNorm(6, name="n", dtype=tf.float64))
    expected = by_hand(x, tuple(range(1, len(shape))), 1e-5, SCALE, OFFSET)
    for mode in Mode:
        np.testing.assert_allclose(norm(tf.constant(x), mode), expected, rtol=1e-10)


@pytest.mark.parametrize("shape", [(3, 2, 4, 6), (3, 6)])
def test_group_norm_is_of_each_example_and_group(shape):
    x = examples(*shape)
    norm = set_up(GroupNorm(6, num_groups=3, name="n", dtype=tf.float64))
    axes = tuple(range(1, len(shape)))
    parts = [
        by_hand(x[..., i : i + 2], axes, 1e-5, SCALE[i : i + 2], OFFSET[i : i + 2])
        for i in (0, 2, 4)
    ]
    for mode in Mode:
        np.testing.assert_allclose(norm(tf.constant(x), mode), np.concatenate(parts, -1), 1e-10)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_conditional_batch_norm_has_the_statistics_of_all_and_the_tables_of_a_class(dtype):
    draw, shape = np.random.RandomState(0), (4, 2, 2, 3)
    x = draw.normal(3.0, 2.0, size=shape).astype(dtype.as_numpy_dtype)
    labels = np.array([2, 0, 2, 1], np.int32)
    norm = ConditionalBatchNorm(3, num_classes=4, name="n", dtype=dtype)
    plain = BatchNorm(3, name="p", dtype=dtype)
    scale, offset = draw.normal(size=(2, 4, 3))
    norm.scale.assign(scale)
    norm.offset.assign(offset)
    for mode in (Mode.TRAIN, Mode.FROZEN, Mode.INFERENCE):
        y = plain(tf.constant(x), mode).numpy()
        expected = scale[labels][:, None, None] * y + offset[labels][:, None, None]
        got = norm(tf.constant(x), mode, tf.constant(labels))
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
        assert norm.moving_mean.numpy().tobytes() == plain.moving_mean.numpy().tobytes()
        assert norm.moving_variance.numpy().tobytes() == plain.moving_variance.numpy().tobytes()


def test_vectors_are_maps_of_one_pixel():
    x = tf.constant(examples(5, 6), tf.float32)
    labels = tf.constant([0, 1, 1, 0, 1])
    for make in (
        lambda: BatchNorm(6, name="n"),
        lambda: ConditionalBatchNorm(6, num_classes=2, name="n"),
    ):
        flat, map_of_one = make(), make()
        for mode in (Mode.TRAIN, Mode.INFERENCE):
            y = map_of_one(x[:, None, None], mode, labels)[:, 0, 0]
            np.testing.assert_array_equal(flat(x, mode, labels), y)


GRADIENTS = {
    "batch": lambda **options: BatchNorm(6, **options),
    "layer": lambda **options: LayerNorm(6, **options),
    "group": lambda **options: GroupNorm(6, num_groups=3, **options),
    "conditional_batch": lambda **options: ConditionalBatchNorm(6, num_classes=3, **options),
}


@pytest.mark.parametrize("norm", GRADIENTS)
def test_gradients_are_those_of_differences(norm):
    layer = GRADIENTS[norm](name="n", dtype=tf.float64)
    labels = tf.constant([2, 0])  # one class is not there: its rows have the gradient 0
    x = tf.constant(examples(2, 1, 2, 6))
    derivatives.check(layer, x, lambda x: layer(x, Mode.FROZEN, labels))


@pytest.mark.parametrize("norm", GRADIENTS)
def test_bfloat16_stays_what_it_is(norm):
    layer = GRADIENTS[norm](name="n")
    x, labels = tf.constant(examples(4, 3, 3, 6), tf.bfloat16), tf.constant([0, 1, 2, 0])
    y = layer(x, Mode.FROZEN, labels)
    assert y.dtype == tf.bfloat16
    exact = layer(tf.cast(x, tf.float32), Mode.FROZEN, labels)
    np.testing.assert_allclose(tf.cast(y, tf.float32), exact, atol=0.03)


def test_groups_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(InputError, match="norm_groups=8 does not divide the 12 channels of x: gi"):
        GroupNorm(12, num_groups=8, name="x")


def test_every_normalisation_is_tested_here():
    assert {*GRADIENTS, "none", "spectral"} == NORMALISATIONS.keys()
