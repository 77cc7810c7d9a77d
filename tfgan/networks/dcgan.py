"""Deep convolutional players for square images of a power of two, from 8 up.

Source: Radford et al., "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks", 2015, section 3: strided convolutions, batch normalisation but for the
generator's output and the discriminator's input, ReLU and tanh in the generator, leaky ReLU in the
discriminator.
"""

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.nn.layers import BatchNorm, Conv2D, Conv2DTranspose, Dense

SMALLEST = 4
"""Height and width of the smallest feature map."""


def _channels(shape, base_channels: int) -> list[int]:
    """Channels of the feature maps below the image, from the largest to the smallest.

    Raises:
      InputError: `shape` is not a square image of a power of two, from 8 up.
    """
    size = shape[0]
    if len(shape) != 3 or size != shape[1] or size < 8 or size & (size - 1):
        got = " x ".join(map(str, shape))
        raise InputError(
            f"network 'dcgan' needs square images of 8, 16, 32, ... pixels, got {got}; "
            "set --image_size (for images) or --network=mlp."
        )
    halvings = (size // SMALLEST).bit_length() - 1
    return [base_channels * 2**i for i in range(halvings)]


class Generator(tf.Module):
    """Maps latents [B, latent_size] to images [B, S, S, C] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: (S, S, C) of one image; S a power of two, from 8 up.
      base_channels: channels of the largest hidden feature map; doubled at each halving of its
      size. batch_norm: normalise all layers but the last. seed: seed of the run. compute_dtype:
      dtype of the arithmetic inside; what comes out is float32. name: prefix of the variables.

    Raises:
      InputError: `shape` does not fit.
    """

    def __init__(
        self,
        latent_size,
        shape,
        *,
        base_channels,
        batch_norm,
        seed,
        compute_dtype=tf.float32,
        name="generator",
    ):
        self.compute_dtype = compute_dtype
        channels = _channels(shape, base_channels)[::-1]  # smallest map first
        self.first_map = [SMALLEST, SMALLEST, channels[0]]
        self.dense = Dense(
            latent_size,
            SMALLEST * SMALLEST * channels[0],
            seed=seed,
            name=f"{name}/dense_0",
            stddev=0.02,
        )
        self.norms = [
            BatchNorm(c, name=f"{name}/batch_norm_{i}")
            for i, c in enumerate(channels)
            if batch_norm
        ]
        outs = [*channels[1:], shape[2]]
        self.convs = [
            Conv2DTranspose(
                in_channels,
                out_channels,
                seed=seed,
                name=f"{name}/conv_transpose_{i}",
                use_bias=not batch_norm or i == len(outs) - 1,
            )
            for i, (in_channels, out_channels) in enumerate(zip(channels, outs, strict=True))
        ]

    def __call__(self, latents: tf.Tensor, training=False, update_statistics=False) -> tf.Tensor:
        """Returns images.

        Args:
          latents: float [B, latent_size].
          training: normalise by the batch (else by the moving statistics).
          update_statistics: move the moving statistics: only in the generator's own step.
        """
        x = self.dense(tf.cast(latents, self.compute_dtype))
        x = tf.reshape(x, [-1, *self.first_map])
        for i, conv in enumerate(self.convs):
            if self.norms:
                x = self.norms[i](x, training, update_statistics)
            x = conv(tf.nn.relu(x))
        return tf.cast(tf.tanh(x), tf.float32)


class Discriminator(tf.Module):
    """Maps images [B, S, S, C] to logits [B]. Arguments as for `Generator`."""

    def __init__(
        self,
        shape,
        *,
        base_channels,
        batch_norm,
        seed,
        compute_dtype=tf.float32,
        name="discriminator",
    ):
        self.compute_dtype = compute_dtype
        outs = _channels(shape, base_channels)
        self.convs = [
            Conv2D(
                in_channels,
                out_channels,
                seed=seed,
                name=f"{name}/conv_{i}",
                use_bias=not batch_norm or i == 0,
            )
            for i, (in_channels, out_channels) in enumerate(
                zip([shape[2], *outs[:-1]], outs, strict=True)
            )
        ]
        # No normalisation of the first layer: it would hide the statistics that tell real from
        # fake.
        self.norms = [
            BatchNorm(c, name=f"{name}/batch_norm_{i}")
            for i, c in enumerate(outs)
            if batch_norm and i > 0
        ]
        self.flat_size = SMALLEST * SMALLEST * outs[-1]
        self.dense = Dense(self.flat_size, 1, seed=seed, name=f"{name}/dense_0", stddev=0.02)

    def __call__(self, x: tf.Tensor, training=False, update_statistics=False) -> tf.Tensor:
        """Returns logits; the two modes as for `Generator`."""
        x = tf.cast(x, self.compute_dtype)
        for i, conv in enumerate(self.convs):
            x = conv(x)
            if self.norms and i > 0:
                x = self.norms[i - 1](x, training, update_statistics)
            x = tf.nn.leaky_relu(x)
        logits = self.dense(tf.reshape(x, [-1, self.flat_size]))  # [B, 1]
        return tf.cast(tf.reshape(logits, [-1]), tf.float32)
