"""Every network family: shapes, range, gradients, precision, and what normalisation may touch."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build
from tfgan.core.checks import InputError
from tfgan.nn.layers import BatchNorm, Conv2D, Conv2DTranspose, Dense

FAMILIES = {
    "mlp, points": (dict(network="mlp"), (2,)),
    "mlp, images": (dict(network="mlp"), (6, 5, 3)),
    "dcgan 8": (dict(network="dcgan"), (8, 8, 1)),
    "dcgan 32 with batch norm": (dict(network="dcgan", batch_norm=True), (32, 32, 3)),
    "dcgan 64": (dict(network="dcgan"), (64, 64, 4)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_range_and_gradients(family, small_config):
    fields, shape = FAMILIES[family]
    config = small_config(**fields)
    generator, discriminator = build.build_networks(config, shape)
    latents = tf.random.stateless_uniform([3, config.latent_size], [0, 1], -1, 1)
    with tf.GradientTape() as tape:
        fake = generator(latents, training=True)
        logits = discriminator(fake, training=True)
    assert fake.shape == (3, *shape)
    assert fake.dtype == logits.dtype == tf.float32
    assert logits.shape == (3,)
    assert np.abs(fake).max() <= 1.0
    weights = (*generator.trainable_variables, *discriminator.trainable_variables)
    for weight, gradient in zip(weights, tape.gradient(logits, weights), strict=True):
        assert gradient is not None, weight.name
        assert np.isfinite(gradient).all(), weight.name


@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16_is_close_and_stays_inside(family, small_config):
    fields, shape = FAMILIES[family]
    exact, _ = build.build_networks(small_config(**fields), shape)
    rough, _ = build.build_networks(small_config(compute_dtype="bfloat16", **fields), shape)
    latents = tf.random.stateless_uniform([3, 8], [0, 1], -1, 1)
    assert all(variable.dtype == tf.float32 for variable in rough.variables)
    assert rough(latents).dtype == tf.float32
    np.testing.assert_allclose(rough(latents), exact(latents), atol=0.03)
    assert rough(latents).numpy().tobytes() != exact(latents).numpy().tobytes()


@pytest.mark.parametrize("shape", [(28, 28, 1), (4, 4, 1), (16, 32, 3), (2,), (12, 12, 3)])
def test_dcgan_says_which_sizes_fit(shape, small_config):
    with pytest.raises(InputError, match=r"8, 16, 32.*--image_size"):
        build.build_networks(small_config(network="dcgan"), shape)


def test_weights_are_a_function_of_seed_and_name(small_config):
    def weights(seed):
        networks = build.build_networks(small_config(network="dcgan", seed=seed), (8, 8, 1))
        return {v.name: v.numpy() for network in networks for v in network.variables}

    one, same, other = weights(1), weights(1), weights(2)
    kernels = [name for name in one if name.endswith("kernel:0")]
    assert len(kernels) == 4
    for name in kernels:
        assert one[name].tobytes() == same[name].tobytes()
        assert one[name].tobytes() != other[name].tobytes()


def test_initial_weights_follow_their_papers():
    dense = Dense(300, 200, seed=0, name="d").kernel.numpy()
    limit = np.sqrt(6 / 500)
    assert np.abs(dense).max() <= limit
    np.testing.assert_allclose(dense.std(), limit / np.sqrt(3), rtol=0.01)
    conv = Conv2D(64, 64, seed=0, name="c").kernel.numpy()
    np.testing.assert_allclose([conv.mean(), conv.std()], [0.0, 0.02], atol=3e-4)


def test_convolution_against_its_definition():
    draw = np.random.RandomState(0)
    x = draw.normal(size=(2, 8, 8, 3)).astype(np.float32)
    layer = Conv2D(3, 4, seed=0, name="c")
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
    down = Conv2D(3, 5, seed=0, name="a", use_bias=False)
    up = Conv2DTranspose(5, 3, seed=0, name="b", use_bias=False)
    up.kernel.assign(down.kernel)
    assert up(y).shape == x.shape
    np.testing.assert_allclose(
        tf.reduce_sum(down(x) * y), tf.reduce_sum(x * up(y)), rtol=1e-4, atol=1e-4
    )


def test_batch_norm_is_the_formula_in_both_modes():
    draw = np.random.RandomState(0)
    x = draw.normal(3.0, 2.0, size=(4, 2, 2, 3)).astype(np.float32)
    norm = BatchNorm(3, name="n")
    norm.scale.assign([1.0, 2.0, 3.0])
    norm.offset.assign([0.0, 1.0, 2.0])
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))

    def formula(mean, variance):
        return norm.scale.numpy() * (x - mean) / np.sqrt(variance + 1e-3) + norm.offset.numpy()

    np.testing.assert_allclose(norm(x, training=True), formula(mean, variance), atol=1e-4)
    np.testing.assert_array_equal(norm.moving_mean, np.zeros(3))  # not asked to move
    norm(x, training=True, update_statistics=True)
    unbiased = variance * 16 / 15
    np.testing.assert_allclose(norm.moving_mean, 0.1 * mean, rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * unbiased, rtol=1e-5)
    np.testing.assert_allclose(
        norm(x, training=False), formula(0.1 * mean, 0.9 + 0.1 * unbiased), atol=1e-4
    )
