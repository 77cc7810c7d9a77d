"""Every network family: shapes, range, gradients, precision, and what normalisation may touch."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode

BATCH = dict(generator_norm="batch", discriminator_norm="batch")
SPECTRAL = dict(generator_norm="spectral", discriminator_norm="spectral")

FAMILIES = {
    "mlp, points": (dict(network="mlp"), (2,)),
    "mlp, images": (dict(network="mlp"), (6, 5, 3)),
    "mlp with layer norm": (
        dict(network="mlp", generator_norm="layer", minibatch_stddev=True),
        (2,),
    ),
    "maxout": (dict(network="maxout", hidden_size=20), (6, 5, 3)),
    "dcgan 8": (dict(network="dcgan"), (8, 8, 1)),
    "dcgan 32 with batch norm": (dict(network="dcgan", **BATCH), (32, 32, 3)),
    "dcgan 64": (dict(network="dcgan"), (64, 64, 4)),
    "dcgan, odd and not square": (dict(network="dcgan", **BATCH), (27, 50, 3)),
    "dcgan, spectral, attentive": (
        dict(network="dcgan", attention_size=8, minibatch_stddev=True, **SPECTRAL),
        (16, 16, 1),
    ),
    "resnet 8": (dict(network="resnet"), (8, 8, 1)),
    "resnet, odd and not square": (
        dict(network="resnet", generator_norm="batch", discriminator_norm="spectral"),
        (27, 50, 3),
    ),
    "resnet 40, attentive": (
        dict(network="resnet", attention_size=20, minibatch_stddev=True, generator_norm="group")
        | dict(norm_groups=2, base_channels=2),
        (40, 40, 3),
    ),
    "r3gan 8": (dict(network="r3gan", base_channels=16), (8, 8, 1)),
    "r3gan, odd and not square": (dict(network="r3gan"), (27, 50, 3)),
}
"""Fields of the config, and the shape of one example."""


def players(config, shape, num_classes=0):
    """Both players, away from where gates and kernels that start at 0 hide what lies behind."""
    made = build.build_networks(config, shape, num_classes)
    draw = np.random.RandomState(0)
    for weight in (w for player in made for w in player.trainable_variables):
        if "gamma" in weight.name or not np.any(weight):
            weight.assign(draw.uniform(-0.2, 0.2, weight.shape))
    return made


@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_range_and_gradients(family, small_config):
    fields, shape = FAMILIES[family]
    config = small_config(**fields)
    generator, discriminator = players(config, shape)
    latents = tf.random.stateless_uniform([3, config.latent_size], [0, 1], -1, 1)
    with tf.GradientTape() as tape:
        fake = generator(latents, Mode.FROZEN)
        logits = discriminator(fake, Mode.FROZEN)
    assert fake.shape == (3, *shape)
    assert fake.dtype == logits.dtype == tf.float32
    assert logits.shape == (3,)
    assert np.abs(generator(latents)).max() <= 1.0
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
    np.testing.assert_allclose(rough(latents), exact(latents), atol=0.06)
    assert rough(latents).numpy().tobytes() != exact(latents).numpy().tobytes()


@pytest.mark.parametrize("shape", [(7, 8, 1), (8, 7, 3), (4, 4, 1), (2,)])
def test_dcgan_says_which_sizes_fit(shape, small_config):
    with pytest.raises(InputError, match=r"8 x 8 pixels or more, got .*--network=mlp"):
        build.build_networks(small_config(network="dcgan"), shape)


@pytest.mark.parametrize(
    ("shape", "maps"),
    [
        ((8, 8, 1), [(4, 4)]),
        ((15, 9, 1), [(8, 5)]),
        ((28, 28, 1), [(14, 14), (7, 7)]),
        ((48, 100, 3), [(24, 50), (12, 25), (6, 13)]),
        ((128, 128, 3), [(64, 64), (32, 32), (16, 16), (8, 8), (4, 4)]),
    ],
)
def test_each_map_of_dcgan_is_half_of_the_one_before(shape, maps, small_config):
    config = small_config(network="dcgan", base_channels=2, max_channels=8)
    generator, discriminator = build.build_networks(config, shape)
    channels = [2, 4, 8, 8, 8][: len(maps)]
    assert generator.first_map == (*maps[-1], channels[-1])
    x = tf.zeros([1, *shape])
    for conv, size, count in zip(discriminator.conv, maps, channels, strict=True):
        x = conv(x)
        assert x.shape == (1, *size, count)
    x = tf.zeros([1, *generator.first_map])
    sizes = [*zip(maps[-2::-1], channels[-2::-1], strict=True), (shape[:2], shape[2])]
    for conv, (size, count) in zip(generator.conv_transpose, sizes, strict=True):
        x = conv(x)
        assert x.shape == (1, *size, count)


def test_channels_have_a_limit(small_config):
    """Fault 4 of issue 11: at 256 pixels each player had 72 million weights."""
    shape = (256, 256, 3)
    players = build.build_networks(small_config(network="dcgan", base_channels=64), shape)
    assert max(sum(map(int, map(tf.size, p.trainable_variables))) for p in players) < 19e6
    wide = small_config(network="dcgan", base_channels=2, max_channels=0)
    assert build.build_networks(wide, shape)[0].first_map == (4, 4, 64)


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
