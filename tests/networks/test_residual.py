"""The residual families: the tables of their papers, and how they start."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core.interfaces import Mode
from tfgan.networks import r3gan, resnet


def count(network):
    return sum(int(tf.size(weight)) for weight in network.trainable_variables)


def block(before, after, is_generator):
    """How many weights a block with a convolution beside it has."""
    convolutions = 9 * before * after + 9 * after * after + before * after
    # No bias before a normalisation.
    return convolutions + (2 * after + 2 * (before + after) if is_generator else 3 * after)


def test_resnet_of_32_pixels_is_that_of_table_3():
    options = dict(shape=(32, 32, 3), seed=0)
    generator = resnet.Generator(
        128, base_channels=256, max_channels=256, generator_norm="batch", **options
    )
    start, end = 129 * 4 * 4 * 256, 2 * 256 + 9 * 256 * 3 + 3
    assert count(generator) == start + 3 * block(256, 256, True) + end
    discriminator = resnet.Discriminator(base_channels=128, max_channels=128, **options)
    plain = 2 * (9 * 128 * 128 + 128)
    start = block(3, 128, False)
    assert count(discriminator) == start + block(128, 128, False) + 2 * plain + 129
    assert [b.resizes for b in discriminator.block] == [True, True, False, False]


def test_resnet_of_128_pixels_is_that_of_table_5():
    options = dict(shape=(128, 128, 3), base_channels=64, max_channels=1024, seed=0)
    generator = resnet.Generator(128, generator_norm="batch", **options)
    widths = [1024, 1024, 512, 256, 128, 64]
    blocks = sum(block(*pair, True) for pair in zip(widths[:-1], widths[1:], strict=True))
    assert count(generator) == 129 * 4 * 4 * 1024 + blocks + 2 * 64 + 9 * 64 * 3 + 3
    discriminator = resnet.Discriminator(**options)
    widths = [3, 64, 128, 256, 512, 1024]
    blocks = sum(block(*pair, False) for pair in zip(widths[:-1], widths[1:], strict=True))
    last = 2 * (9 * 1024 * 1024 + 1024)
    assert count(discriminator) == blocks + last + 1025
    assert [b.resizes for b in discriminator.block] == [True] * 5 + [False]


@pytest.mark.parametrize(
    ("shape", "halvings", "blocks"),
    [((8, 8, 1), 0, 2), ((16, 16, 1), 1, 3), ((40, 40, 1), 3, 4), ((48, 100, 3), 3, 4)],
)
def test_resnet_of_other_sizes(shape, halvings, blocks):
    discriminator = resnet.Discriminator(shape, base_channels=2, max_channels=4, seed=0)
    assert [b.resizes for b in discriminator.block] == [i < halvings for i in range(blocks)]


def test_a_resnet_block_is_its_definition():
    options = dict(norm="none", sizes_of_norm={}, name="b", seed=0, dtype=tf.float64)
    made = resnet._Block(3, 5, **options)
    x = tf.constant(np.random.RandomState(0).normal(size=(2, 4, 6, 3)))

    def conv(layer, x):
        return tf.nn.conv2d(x, layer.kernel, 1, "SAME") + layer.bias

    def relu(x):
        return tf.maximum(x, 0.0)

    def up(x):
        return tf.repeat(tf.repeat(x, 2, 1), 2, 2)

    def down(x):
        batch, height, width, depth = x.shape
        return tf.reduce_mean(tf.reshape(x, [batch, height // 2, 2, width // 2, 2, depth]), [2, 4])

    first, second = made.conv
    expected = conv(second, relu(conv(first, up(relu(x))))) + conv(made.shortcut, up(x))
    np.testing.assert_allclose(made.up(x, (8, 12), Mode.FROZEN, None), expected, atol=1e-12)
    expected = down(conv(second, relu(conv(first, relu(x))))) + conv(made.shortcut, down(x))
    np.testing.assert_allclose(made.down(x, Mode.FROZEN), expected, atol=1e-12)
    start = resnet._Block(3, 5, starts=True, **options)
    expected = down(conv(second, relu(conv(first, x)))) + conv(made.shortcut, down(x))
    np.testing.assert_allclose(start.down(x, Mode.FROZEN), expected, atol=1e-12)


def test_resnet_sums_over_places():
    """A discriminator of features that are the same everywhere says more of a larger image."""
    discriminator = resnet.Discriminator((16, 16, 1), base_channels=2, seed=0)
    seen = []
    dense = discriminator.dense
    discriminator.dense = lambda features: seen.append(features) or dense(features)
    image = tf.constant(np.random.RandomState(0).normal(size=(1, 16, 16, 1)), tf.float32)
    x = image
    for made in discriminator.block:
        x = made.down(x, Mode.FROZEN)
    discriminator(image)
    assert np.any(seen[0])
    np.testing.assert_allclose(seen[0], tf.reduce_sum(tf.nn.relu(x), [1, 2]), rtol=1e-5)


def test_a_resnet_encoder_tells_the_places_apart():
    """From a sum over them nothing knows where to draw what it says."""
    encoder = resnet.Discriminator((16, 16, 1), base_channels=2, num_outputs=6, seed=0)
    image = tf.constant(np.random.RandomState(0).normal(size=(1, 16, 16, 1)), tf.float32)
    x = image
    for made in encoder.block:
        x = made.down(x, Mode.FROZEN)
    expected = encoder.dense(tf.reshape(tf.nn.relu(x), [1, -1]))
    assert expected.shape == (1, 6)
    np.testing.assert_array_equal(encoder(image), expected)


# R3GAN.


def r3gan_players(shape=(32, 32, 3), base_channels=16, latent_size=6, **options):
    options = dict(shape=shape, base_channels=base_channels, seed=0) | options
    return r3gan.Generator(latent_size, **options), r3gan.Discriminator(**options)


def test_r3gan_has_the_weights_of_its_definition():
    """Stages of two blocks: C -> 2 C -> (groups of 16) -> C, and two biases of 2 C."""
    generator, discriminator = r3gan_players(max_channels=64)
    widths = [16, 32, 64, 64]

    def stage(c):
        return 2 * (2 * c * c + 9 * 16 * 2 * c + 2 * c * c + 2 * 2 * c)

    stages = sum(map(stage, widths)) + 16 * 32 + 32 * 64  # a change of channels is 1 x 1
    assert count(generator) == 6 * 64 + 4 * 4 * 64 + stages + 16 * 3
    assert count(discriminator) == 3 * 16 + stages + 4 * 4 * 64 + 64
    assert [s.block[0].conv[1].groups for s in generator.stage] == [8, 8, 4, 2]


def test_r3gan_starts_with_blocks_that_pass_on_what_they_get():
    for player in r3gan_players():
        num_blocks = 2 * 4
        for i, stage in enumerate(player.stage):
            for made in stage.block:
                x = tf.constant(np.random.RandomState(i).normal(size=(1, 3, 3, 8)), tf.float32)
                x = tf.tile(x, [1, 1, 1, made.conv[0].kernel.shape[2] // 8])
                np.testing.assert_array_equal(made(x), x)
                # The gain of the leaky ReLU, and Fixup's m = 3: num_blocks^(-1 / (2 m - 2)).
                gain = np.sqrt(2.0 / 1.04) * num_blocks ** (-1.0 / 4.0)
                for conv in made.conv[:2]:
                    fan_in = np.prod(conv.kernel.shape[:3])
                    deviation = np.std(conv.kernel) * np.sqrt(fan_in) / gain
                    assert abs(deviation - 1.0) < 4.0 / np.sqrt(2.0 * np.size(conv.kernel))
                assert not np.any(made.conv[2].kernel)
    generator, discriminator = r3gan_players()
    assert not [
        v.name
        for p in (generator, discriminator)
        for v in p.variables
        if "/conv_" in v.name and "bias" in v.name
    ]


def test_an_r3gan_block_is_its_definition():
    made = r3gan._Block(16, 4, seed=0, name="b", dtype=tf.float64)
    draw = np.random.RandomState(0)
    made.conv[2].kernel.assign(draw.normal(size=(1, 1, 32, 16)))
    for bias in made.bias:
        bias.assign(draw.normal(size=32))
    x = draw.normal(size=(2, 3, 5, 16))

    def act(y, bias):
        y = y + bias.numpy()
        return np.where(y > 0, y, 0.2 * y)

    first, middle, last = (conv.kernel.numpy() for conv in made.conv)
    y = act(x @ first[0, 0], made.bias[0])
    parts = [
        tf.nn.conv2d(y[..., 16 * i : 16 * i + 16], middle[..., 16 * i : 16 * i + 16], 1, "SAME")
        for i in range(2)
    ]
    expected = x + act(np.concatenate(parts, -1), made.bias[1]) @ last[0, 0]
    # TensorFlow holds the slope, 0.2, in float32.
    np.testing.assert_allclose(made(tf.constant(x)), expected, rtol=1e-5, atol=1e-6)


def test_an_r3gan_leaves_its_range_in_training_alone():
    generator, _ = r3gan_players()
    latents = tf.fill([2, 6], 3.0)
    free = generator(latents, Mode.TRAIN)
    assert np.abs(free).max() > 1.0
    np.testing.assert_array_equal(generator(latents), np.clip(free, -1.0, 1.0))
