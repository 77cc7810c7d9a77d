"""Deep convolutional players for images of any size from 8 x 8 up.

Source: Radford et al., "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks", 2015, section 3: strided convolutions, batch normalisation but for the
generator's output and the discriminator's input, ReLU and tanh in the generator, leaky ReLU in the
discriminator.
"""

import math

import tensorflow as tf

from tfgan.core.interfaces import Judgement, Mode
from tfgan.networks.maps import channels, sizes
from tfgan.nn import attention, normalisation
from tfgan.nn.conditions import concatenate
from tfgan.nn.heads import Head
from tfgan.nn.layers import Conv2D, Conv2DTranspose, Dense
from tfgan.nn.minibatch import MinibatchStddev

KERNEL_SIZE, STRIDE = 5, 2

THREADS_PER_OPERATION = 0
"""One a core: convolutions want them all."""


def _maps(shape, base_channels: int, max_channels: int) -> list[tuple[int, int, int]]:
    """Height, width and channels of the feature maps below the image, from the largest down."""
    return [
        (height, width, channels(i, base_channels, max_channels))
        for i, (height, width) in enumerate(sizes("dcgan", shape)[1:])
    ]


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
      attention_size: shorter side of the feature map that has self-attention; 0: none.
      num_classes: it is called with labels of so many classes; 0: without.
      bounded: whether tanh takes what comes out into [-1, 1]; False: it is any number, as logits
        are.
      seed: seed of the run.
      compute_dtype: dtype of the arithmetic inside.
      name: prefix of the variables.
      dtype: of the weights, and of what comes out.

    Raises:
      InputError: `shape` or another size does not fit.
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
        attention_size: int = 0,
        num_classes: int = 0,
        bounded: bool = True,
        seed: int,
        compute_dtype="float32",
        name="generator",
        dtype=tf.float32,
    ):
        norm = normalisation.check("generator", generator_norm, num_classes)
        self.bounded = bounded
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self.num_columns = 0 if norm == "conditional_batch" else num_classes
        maps = _maps(shape, base_channels, max_channels)[::-1]  # smallest map first
        self.first_map = maps[0]
        outs = [*maps[1:], tuple(shape)]
        self._norms = f"{norm}_norm"
        norms = normalisation.layers(
            norm,
            [c for *_, c in maps],
            name=name,
            num_groups=norm_groups,
            num_classes=num_classes,
            dtype=dtype,
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
                latent_size + self.num_columns,
                math.prod(self.first_map),
                name=f"{name}/dense_0",
                stddev=0.02,
                **common,
            )
        ]
        setattr(self, self._norms, norms)  # called after what they are: "batch_norm_0"
        self.attention = attention.layers(attention_size, maps, name=name, **common)

    def __call__(
        self,
        latents: tf.Tensor,
        mode: Mode = Mode.INFERENCE,
        labels: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Maps float [B, latent_size], and labels int32 [B], to images."""
        latents = concatenate(tf.cast(latents, self.compute_dtype), labels, self.num_columns)
        x = tf.reshape(self.dense[0](latents), [-1, *self.first_map])
        layers = (getattr(self, self._norms), self.attention, self.conv_transpose)
        for norm, attend, conv in zip(*layers, strict=True):
            x = tf.nn.relu(x if norm is None else norm(x, mode, labels))
            x = conv(x if attend is None else attend(x))
        return tf.cast(tf.tanh(x) if self.bounded else x, self.dtype)


class Discriminator(tf.Module):
    """Maps images [B, H, W, C] to logits [B]. Arguments as for `Generator`, and:

    Args:
      discriminator_norm: normalisation of all hidden layers but the first, or of all weights.
      minibatch_stddev: the last layer sees how much the images of a batch differ.
      condition: how it knows the class: one of `heads.CONDITIONS`.
      num_classes, num_codes: of that condition.
      num_outputs: more than 1: it is an encoder, which maps to so many numbers, [B, num_outputs].
    """

    def __init__(
        self,
        shape,
        *,
        base_channels: int,
        max_channels: int = 0,
        discriminator_norm: str = "none",
        norm_groups: int = 1,
        attention_size: int = 0,
        minibatch_stddev: bool = False,
        condition: str = "none",
        num_classes: int = 0,
        num_codes: int = 0,
        num_outputs: int = 1,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        norm = normalisation.check("discriminator", discriminator_norm)
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self.num_planes = num_classes if condition == "concatenation" else 0
        maps = _maps(shape, base_channels, max_channels)
        outs = [c for *_, c in maps]
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
                zip([shape[2] + self.num_planes, *outs[:-1]], outs, norms, strict=True)
            )
        ]
        height, width, last = maps[-1]
        self.flat_size = height * width * (last + minibatch_stddev)
        self.dense = [
            Dense(self.flat_size, num_outputs, name=f"{name}/dense_0", stddev=0.02, **common)
        ]
        setattr(self, self._norms, norms)
        self.attention = attention.layers(attention_size, maps, name=name, **common)
        self.minibatch = None
        if minibatch_stddev:
            self.minibatch = MinibatchStddev(name=f"{name}/minibatch", dtype=dtype)
        self.head = Head(
            self.flat_size,
            condition=condition,
            num_classes=num_classes,
            num_codes=num_codes,
            name=f"{name}/head",
            **common,
        )

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor | Judgement:
        """Maps images, and labels int32 [B], to logits, or to a judgement."""
        x = concatenate(tf.cast(x, self.compute_dtype), labels, self.num_planes)
        layers = (self.conv, getattr(self, self._norms), self.attention)
        for conv, norm, attend in zip(*layers, strict=True):
            x = conv(x)
            x = tf.nn.leaky_relu(x if norm is None else norm(x, mode))
            x = x if attend is None else attend(x)
        x = x if self.minibatch is None else self.minibatch(x, mode)
        features = tf.reshape(x, [-1, self.flat_size])
        return self.head(self.dense[0](features), features, labels, self.dtype)
