"""Residual players of spectrally normalised GANs, for images of any size from 8 x 8 up.

With --discriminator_norm=spectral and --generator_norm=batch, or conditional_batch, they are those
of the paper: of its tables 3 (32 px: base_channels and max_channels are 256 in its generator, 128
in its discriminator), 4 (48 px) and 5 (128 px: 64 and 1024). Between images of these sizes the
channels double at each halving. The discriminator halves until the shorter side is 8 to 15 for
images up to 32 px, and 4 to 7 beyond, where table 4 goes on to 3.

Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018, appendix
B; projection and conditional normalisation: Miyato and Koyama, "cGANs with Projection
Discriminator", 2018, appendix A.
"""

import math

import tensorflow as tf

from tfgan.core.interfaces import Judgement, Mode
from tfgan.networks.maps import channels, sizes
from tfgan.nn import attention, normalisation
from tfgan.nn.conditions import concatenate
from tfgan.nn.heads import Head
from tfgan.nn.layers import Conv2D, Dense
from tfgan.nn.minibatch import MinibatchStddev
from tfgan.nn.resampling import average_down, nearest_up

SMALL = 32
"""Images up to this are judged at a map twice as large, by one block more."""

THREADS_PER_OPERATION = 0
"""One a core: convolutions want them all."""


def _convolution(in_channels, out_channels, kernel_size=3, gain=2.0, **options) -> Conv2D:
    """A convolution, drawn as Glorot and Bengio have it, times the root of `gain`."""
    stddev = (2.0 * gain / (kernel_size**2 * (in_channels + out_channels))) ** 0.5
    return Conv2D(
        in_channels, out_channels, kernel_size=kernel_size, stride=1, stddev=stddev, **options
    )


class _Block(tf.Module):
    """A residual block: twice normalisation, ReLU and convolution, and a way past them.

    Args:
      in_channels, out_channels: of what goes in and comes out.
      norm: of what each ReLU sees, or of the weights.
      starts: the image itself goes in: before the first convolution there is no ReLU.
      resizes: its caller's height and width are others before and after.
      sizes_of_norm: `num_groups` and `num_classes`.
      seed, name, dtype: as for the layers.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        norm: str,
        starts: bool = False,
        resizes: bool = True,
        sizes_of_norm: dict,
        name: str,
        seed: int,
        dtype,
    ):
        self.starts, self.resizes = starts, resizes
        normalised = [0 if starts else in_channels, out_channels]
        self.norm = normalisation.layers(norm, normalised, name=name, dtype=dtype, **sizes_of_norm)
        common = dict(seed=seed, spectral=norm == "spectral", dtype=dtype)
        self.conv = [
            _convolution(
                in_channels,
                out_channels,
                name=f"{name}/conv_0",
                use_bias=self.norm[1] is None,
                **common,
            ),
            _convolution(out_channels, out_channels, name=f"{name}/conv_1", **common),
        ]
        self.shortcut = None
        if resizes or in_channels != out_channels:
            self.shortcut = _convolution(
                in_channels,
                out_channels,
                kernel_size=1,
                gain=1.0,
                name=f"{name}/shortcut",
                **common,
            )

    def _activated(self, i: int, x, mode, labels):
        return tf.nn.relu(x if self.norm[i] is None else self.norm[i](x, mode, labels))

    def _past(self, x):
        return x if self.shortcut is None else self.shortcut(x)

    def up(self, x: tf.Tensor, size, mode: Mode, labels: tf.Tensor | None) -> tf.Tensor:
        """Maps [B, h, w, in_channels] to [B, *size, out_channels]."""
        y = self.conv[0](nearest_up(self._activated(0, x, mode, labels), size))
        y = self.conv[1](self._activated(1, y, mode, labels))
        # Of repeated values the convolution of 1 x 1 is the repeated one, at a quarter of the cost.
        return y + nearest_up(self._past(x), size)

    def down(self, x: tf.Tensor, mode: Mode) -> tf.Tensor:
        """Maps [B, H, W, in_channels] to [B, H / 2, W / 2, out_channels] if it resizes."""
        y = self.conv[0](x if self.starts else self._activated(0, x, mode, None))
        y = self.conv[1](self._activated(1, y, mode, None))
        if self.resizes:
            x, y = average_down(x), average_down(y)
        return y + self._past(x)


class Generator(tf.Module):
    """Maps latents [B, latent_size] to images [B, H, W, C] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: (H, W, C) of one image; H and W from 8 up.
      base_channels: channels of the feature map of the image's size; doubled at each halving.
      max_channels: more than these no feature map has; 0: there is no limit.
      generator_norm: normalisation before each ReLU, or of all weights.
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
        maps = [
            (height, width, channels(i, base_channels, max_channels))
            for i, (height, width) in enumerate(sizes("resnet", shape))
        ][::-1]  # smallest map first
        self.first_map, self.outs = maps[0], [tuple(size) for *size, _ in maps[1:]]
        own = dict(num_groups=norm_groups, num_classes=num_classes)
        common = dict(seed=seed, dtype=dtype)
        is_spectral = norm == "spectral"
        self.dense = Dense(
            latent_size + self.num_columns,
            math.prod(self.first_map),
            name=f"{name}/dense",
            spectral=is_spectral,
            **common,
        )
        self.block = [
            _Block(before, after, norm=norm, sizes_of_norm=own, name=f"{name}/block_{i}", **common)
            for i, ((*_, before), (*_, after)) in enumerate(zip(maps[:-1], maps[1:], strict=True))
        ]
        self.attention = attention.layers(
            attention_size, maps[1:], name=name, spectral=is_spectral, **common
        )
        last = maps[-1][2]
        [self.norm] = normalisation.layers(norm, [last], name=name, dtype=dtype, **own)
        self.conv = _convolution(
            last, shape[2], gain=1.0, name=f"{name}/conv", spectral=is_spectral, **common
        )

    def __call__(
        self,
        latents: tf.Tensor,
        mode: Mode = Mode.INFERENCE,
        labels: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Maps float [B, latent_size], and labels int32 [B], to images."""
        latents = concatenate(tf.cast(latents, self.compute_dtype), labels, self.num_columns)
        x = tf.reshape(self.dense(latents), [-1, *self.first_map])
        for block, size, attend in zip(self.block, self.outs, self.attention, strict=True):
            x = block.up(x, size, mode, labels)
            x = x if attend is None else attend(x)
        x = self.conv(tf.nn.relu(x if self.norm is None else self.norm(x, mode, labels)))
        return tf.cast(tf.tanh(x) if self.bounded else x, self.dtype)


class Discriminator(tf.Module):
    """Maps images [B, H, W, C] to logits [B]. Arguments as for `Generator`, and:

    Args:
      base_channels: channels after the first block.
      discriminator_norm: normalisation before each ReLU of a block, or of all weights.
      minibatch_stddev: the last layer sees how much the images of a batch differ.
      condition: how it knows the class: one of `heads.CONDITIONS`.
      num_classes, num_codes: of that condition.
      num_outputs: more than 1: it is an encoder, which maps to so many numbers, [B, num_outputs].
        It tells the places of the last feature map apart, where a discriminator adds them up.
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
        found = sizes("resnet", shape)
        is_small = min(shape[:2]) <= SMALL
        num_halvings = len(found) - 1 - is_small
        found = [*found[1 : num_halvings + 1], *[found[num_halvings]] * (1 + is_small)]
        maps = [(*size, channels(i, base_channels, max_channels)) for i, size in enumerate(found)]
        outs = [c for *_, c in maps]
        is_spectral = norm == "spectral"
        common = dict(seed=seed, dtype=dtype)
        self.block = [
            _Block(
                before,
                after,
                norm=norm,
                starts=i == 0,
                resizes=i < num_halvings,
                sizes_of_norm=dict(num_groups=norm_groups),
                name=f"{name}/block_{i}",
                **common,
            )
            for i, (before, after) in enumerate(
                zip([shape[2] + self.num_planes, *outs[:-1]], outs, strict=True)
            )
        ]
        self.attention = attention.layers(
            attention_size, maps, name=name, spectral=is_spectral, **common
        )
        self.minibatch = None
        if minibatch_stddev:
            self.minibatch = MinibatchStddev(name=f"{name}/minibatch", dtype=dtype)
        num_features = outs[-1] + minibatch_stddev
        self.is_encoder = num_outputs > 1
        if self.is_encoder:
            num_features *= math.prod(found[-1])
        self.dense = Dense(
            num_features, num_outputs, name=f"{name}/dense", spectral=is_spectral, **common
        )
        self.head = Head(
            num_features,
            condition=condition,
            num_classes=num_classes,
            num_codes=num_codes,
            name=f"{name}/head",
            spectral=is_spectral,
            **common,
        )

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor | Judgement:
        """Maps images, and labels int32 [B], to logits, or to a judgement."""
        x = concatenate(tf.cast(x, self.compute_dtype), labels, self.num_planes)
        for block, attend in zip(self.block, self.attention, strict=True):
            x = block.down(x, mode)
            x = x if attend is None else attend(x)
        x = x if self.minibatch is None else self.minibatch(x, mode)
        x = tf.nn.relu(x)
        if self.is_encoder:
            features = tf.reshape(x, [-1, self.dense.in_size])
        else:
            features = tf.reduce_sum(x, [1, 2])  # [B, num_features]
        return self.head(self.dense(features), features, labels, self.dtype)
