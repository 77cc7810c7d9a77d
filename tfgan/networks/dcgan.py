"""Deep convolutional players for images of any size from 8 x 8 up.

Source: Radford et al., "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks", 2015, section 3: strided convolutions, batch normalisation but for the
generator's output and the discriminator's input, ReLU and tanh in the generator, leaky ReLU in the
discriminator.
"""

import math

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.nn import normalisation
from tfgan.nn.layers import Conv2D, Conv2DTranspose, Dense

SMALLEST = 4
"""The shorter side of the smallest feature map is this or up to 7: 4 for powers of two."""

KERNEL_SIZE, STRIDE = 5, 2

THREADS_PER_OPERATION = 0
"""One a core: convolutions want them all."""


def _maps(shape, base_channels: int, max_channels: int) -> list[tuple[int, int, int]]:
    """Height, width and channels of the feature maps below the image, from the largest down.

    Each has half the height and width of the one before, rounded up, and twice the channels.

    Raises:
      InputError: `shape` is no image, or too small.
    """
    if len(shape) != 3 or min(shape[:2]) < 2 * SMALLEST:
        got = " x ".join(map(str, shape))
        way_out = f"--image_size={2 * SMALLEST} or more, or " if len(shape) == 3 else ""
        raise InputError(
            f"network 'dcgan' needs images of {2 * SMALLEST} x {2 * SMALLEST} pixels or more, got "
            f"{got}: give {way_out}--network=mlp."
        )
    height, width, _ = shape
    maps = []
    for i in range((min(height, width) // SMALLEST).bit_length() - 1):
        height, width = (height + 1) // STRIDE, (width + 1) // STRIDE
        channels = base_channels * 2**i
        maps.append((height, width, min(channels, max_channels) if max_channels else channels))
    return maps


class Generator(tf.Module):
    """Maps latents [B, latent_size] to images [B, H, W, C] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: (H, W, C) of one image; H and W from 8 up.
      base_channels: channels of the largest hidden feature map; doubled at each halving of its
        size.
      max_channels: more than these no feature map has; 0: there is no limit.
      generator_norm: normalisation of all layers but the last, or of the weights of all layers.
      norm_groups: of group normalisation.
      num_classes: more than 0: it is called with labels, int32 [B].
      seed: seed of the run.
      compute_dtype: dtype of the arithmetic inside.
      name: prefix of the variables.
      dtype: of the weights, and of what comes out.

    Raises:
      InputError: `shape` does not fit.
    """

    def __init__(
        self,
        latent_size: int,
        shape,
        *,
        base_channels: int,
        max_channels: int = 0,
        generator_norm: str = "none",
        norm_groups: int = 1,
        seed: int,
        compute_dtype="float32",
        name="generator",
        dtype=tf.float32,
    ):
        norm = generator_norm
        normalisation.check("dcgan", "generator", norm, normalisation.OF_GENERATORS)
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        maps = _maps(shape, base_channels, max_channels)[::-1]  # smallest map first
        self.first_map = maps[0]
        outs = [*maps[1:], tuple(shape)]
        # Called after what it is: "generator/batch_norm_0/scale".
        self._norms = f"{norm}_norm"
        norms = normalisation.layers(
            norm, [c for *_, c in maps], name=name, num_groups=norm_groups, dtype=dtype
        )
        common = dict(seed=seed, spectral=norm == "spectral", dtype=dtype)
        self.conv_transpose = [
            Conv2DTranspose(
                in_channels,
                out_channels,
                kernel_size=KERNEL_SIZE,
                stride=STRIDE,
                out_size=(height, width),
                name=f"{name}/conv_transpose_{i}",
                use_bias=following is None,
                **common,
            )
            for i, ((*_, in_channels), (height, width, out_channels), following) in enumerate(
                zip(maps, outs, [*norms[1:], None], strict=True)
            )
        ]
        self.dense = [
            Dense(
                latent_size,
                math.prod(self.first_map),
                name=f"{name}/dense_0",
                stddev=0.02,
                **common,
            )
        ]
        setattr(self, self._norms, norms)

    def __call__(self, latents: tf.Tensor, mode: Mode = Mode.INFERENCE) -> tf.Tensor:
        """Maps float [B, latent_size] to images."""
        x = self.dense[0](tf.cast(latents, self.compute_dtype))
        x = tf.reshape(x, [-1, *self.first_map])
        for norm, conv in zip(getattr(self, self._norms), self.conv_transpose, strict=True):
            x = conv(tf.nn.relu(x if norm is None else norm(x, mode)))
        return tf.cast(tf.tanh(x), self.dtype)


class Discriminator(tf.Module):
    """Maps images [B, H, W, C] to logits [B]. Arguments as for `Generator`."""

    def __init__(
        self,
        shape,
        *,
        base_channels: int,
        max_channels: int = 0,
        discriminator_norm: str = "none",
        norm_groups: int = 1,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        norm = discriminator_norm
        normalisation.check("dcgan", "discriminator", norm, normalisation.OF_DISCRIMINATORS)
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        maps = _maps(shape, base_channels, max_channels)
        outs = [channels for *_, channels in maps]
        # None after the first layer: it would hide the statistics that tell real from fake.
        self._norms = f"{norm}_norm"
        norms = normalisation.layers(
            norm, [0, *outs[1:]], name=name, num_groups=norm_groups, dtype=dtype
        )
        common = dict(seed=seed, spectral=norm == "spectral", dtype=dtype)
        self.conv = [
            Conv2D(
                in_channels,
                out_channels,
                kernel_size=KERNEL_SIZE,
                stride=STRIDE,
                name=f"{name}/conv_{i}",
                use_bias=following is None,
                **common,
            )
            for i, (in_channels, out_channels, following) in enumerate(
                zip([shape[2], *outs[:-1]], outs, norms, strict=True)
            )
        ]
        self.flat_size = math.prod(maps[-1])
        self.dense = [Dense(self.flat_size, 1, name=f"{name}/dense_0", stddev=0.02, **common)]
        setattr(self, self._norms, norms)

    def __call__(self, x: tf.Tensor, mode: Mode = Mode.INFERENCE) -> tf.Tensor:
        """Maps images to logits."""
        x = tf.cast(x, self.compute_dtype)
        for conv, norm in zip(self.conv, getattr(self, self._norms), strict=True):
            x = conv(x)
            x = tf.nn.leaky_relu(x if norm is None else norm(x, mode))
        logits = self.dense[0](tf.reshape(x, [-1, self.flat_size]))  # [B, 1]
        return tf.cast(tf.reshape(logits, [-1]), self.dtype)
