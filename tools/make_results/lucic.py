"""The networks of a published comparison, as a user's own: of this library's layers, in one file.

Source: Lucic et al., "Are GANs Created Equal? A Large-Scale Study", 2018, section 5 and appendix:
those of InfoGAN (Chen et al. 2016, appendix C.1) for images of 28 x 28.
"""

import math

import tensorflow as tf

from tfgan import build
from tfgan.core.interfaces import Mode
from tfgan.nn import normalisation
from tfgan.nn.layers import Conv2D, Conv2DTranspose, Dense

WIDTHS = (64, 128)
HIDDEN = 1024
KERNEL_SIZE, STRIDE, STDDEV = 4, 2, 0.02


class Generator(tf.Module):
    """Maps latents [B, Z] to images [B, H, W, C]; H and W are multiples of 4."""

    def __init__(
        self, latent_size, shape, *, norm, seed, compute_dtype, bounded=True, name="generator"
    ):
        height, width, channels = shape
        first, second = WIDTHS
        self.compute_dtype = tf.as_dtype(compute_dtype)
        self.bounded, self.maps = bounded, (height // 4, width // 4, second)
        self.dense = [
            Dense(latent_size, HIDDEN, seed=seed, name=f"{name}/dense_0", stddev=STDDEV),
            Dense(HIDDEN, math.prod(self.maps), seed=seed, name=f"{name}/dense_1", stddev=STDDEV),
        ]
        self.convs = [
            Conv2DTranspose(a, b, kernel_size=4, stride=2, seed=seed, name=f"{name}/conv_{i}")
            for i, (a, b) in enumerate([(second, first), (first, channels)])
        ]
        self.norms = normalisation.layers(norm, [HIDDEN, math.prod(self.maps), first], name=name)

    def __call__(self, latents, mode=Mode.INFERENCE):
        """Returns the images, in [-1, 1] if they are bounded."""

        def norm(i, x):
            return tf.nn.relu(x if self.norms[i] is None else self.norms[i](x, mode))

        x = norm(0, self.dense[0](tf.cast(latents, self.compute_dtype)))
        x = tf.reshape(norm(1, self.dense[1](x)), [-1, *self.maps])
        x = tf.cast(self.convs[1](norm(2, self.convs[0](x))), tf.float32)
        return tf.tanh(x) if self.bounded else x


class Discriminator(tf.Module):
    """Maps images [B, H, W, C] to logits [B]; to [B, num_outputs], if these are more than 1."""

    def __init__(self, shape, *, norm, seed, compute_dtype, num_outputs=1, name="discriminator"):
        height, width, channels = shape
        first, second = WIDTHS
        self.compute_dtype = tf.as_dtype(compute_dtype)
        self.num_outputs = num_outputs
        self.convs = [
            Conv2D(a, b, kernel_size=KERNEL_SIZE, stride=STRIDE, seed=seed, name=f"{name}/conv_{i}")
            for i, (a, b) in enumerate([(channels, first), (first, second)])
        ]
        flat = (height // 4) * (width // 4) * second
        self.dense = [
            Dense(flat, HIDDEN, seed=seed, name=f"{name}/dense_0", stddev=STDDEV),
            Dense(HIDDEN, num_outputs, seed=seed, name=f"{name}/dense_1", stddev=STDDEV),
        ]
        self.norms = normalisation.layers(norm, [0, second, HIDDEN], name=name)

    def __call__(self, images, mode=Mode.INFERENCE):
        """Returns the logits."""

        def norm(i, x):
            return tf.nn.leaky_relu(x if self.norms[i] is None else self.norms[i](x, mode))

        x = tf.cast(images, self.compute_dtype)
        x = norm(1, self.convs[1](norm(0, self.convs[0](x))))
        x = norm(2, self.dense[0](tf.reshape(x, [tf.shape(x)[0], -1])))
        x = tf.cast(self.dense[1](x), tf.float32)
        return tf.squeeze(x, 1) if self.num_outputs == 1 else x


def players(config, shape, num_classes):
    """Returns generator and discriminator, as `build.build_networks` does."""
    common = dict(seed=config.seed, compute_dtype=config.compute_dtype)
    return (
        Generator(config.latent_size, shape, norm=config.generator_norm, **common),
        Discriminator(shape, norm=config.discriminator_norm, **common),
    )


def coders(config, shape):
    """Returns encoder and decoder, as `build.build_coders` does."""
    common = dict(seed=config.seed, compute_dtype=config.compute_dtype)
    own = dict(num_outputs=2 * config.latent_size, name="encoder")
    decoder = dict(bounded=config.likelihood != "bernoulli", name="decoder")
    return (
        Discriminator(shape, norm=config.discriminator_norm, **own, **common),
        Generator(config.latent_size, shape, norm=config.generator_norm, **decoder, **common),
    )


def make(config, specs):
    """Makes the model of a config: what `--model=tools.make_results.lucic:make` names."""
    if config.model_type == "vae":
        return build.vae(config, specs, coders)
    return build.gan(config, specs, players)
