"""Residual players without normalisation, for images of any size from 8 x 8 up.

They go with the relativistic objective and both penalties on gradients, r1 and r2. At each size are
two blocks: an inverted bottleneck with a grouped convolution, biases before the leaky ReLU alone,
and a last kernel that starts at 0, so that at first each block passes on what it gets.

Source: Huang et al., "The GAN is dead; long live the GAN! A Modern Baseline GAN", 2024, section 4
and its authors' code. Its generator has no tanh: in training its values may leave [-1, 1], and in
inference they are cut there.
"""

import tensorflow as tf

from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Judgement, Mode
from tfgan.networks.maps import channels, sizes
from tfgan.nn.conditions import concatenate
from tfgan.nn.heads import Head
from tfgan.nn.layers import Conv2D, Dense, GroupedConv2D
from tfgan.nn.resampling import bilinear_down, bilinear_up

BLOCKS_PER_STAGE, EXPANSION, GROUP_SIZE = 2, 2, 16
"""Blocks at each size, how many times the channels a block has inside, channels of a group."""

SLOPE = 0.2
"""Of the leaky ReLU."""

THREADS_PER_OPERATION = 0
"""One a core: convolutions want them all."""


def _convolution(in_channels: int, out_channels: int, gain: float = 1.0, **options) -> Conv2D:
    """A convolution of 1 x 1 that keeps the variance, times the square of `gain`."""
    stddev = gain * in_channels**-0.5
    return Conv2D(
        in_channels,
        out_channels,
        kernel_size=1,
        stride=1,
        use_bias=False,
        stddev=stddev,
        **options,
    )


class _Block(tf.Module):
    """x + W_3 f(W_2 f(W_1 x + b_1) + b_2), where f is the leaky ReLU and W_3 starts at 0.

    Args:
      num_channels: before and after; fewer than a group's have one group, the others whole ones.
      num_blocks: of the whole network; the more, the smaller the first two kernels start (Zhang et
        al., "Fixup Initialization", 2019, section 3).
      seed, name, dtype: as for the layers.
    """

    def __init__(self, num_channels: int, num_blocks: int, *, seed: int, name: str, dtype):
        inner = EXPANSION * num_channels
        if inner > GROUP_SIZE and inner % GROUP_SIZE:
            raise InputError(
                f"network=r3gan convolves in groups of {GROUP_SIZE} channels, which do not divide "
                f"the {inner} inside a block of {num_channels}: take a --base_channels and a "
                f"--max_channels that {GROUP_SIZE // EXPANSION} divides."
            )
        gain = (2.0 / (1.0 + SLOPE**2)) ** 0.5 * num_blocks**-0.25
        groups = max(inner // GROUP_SIZE, 1)
        options = dict(seed=seed, dtype=dtype)
        self.conv = [
            _convolution(num_channels, inner, gain, name=f"{name}/conv_0", **options),
            GroupedConv2D(
                inner,
                inner,
                groups=groups,
                kernel_size=3,
                stride=1,
                use_bias=False,
                stddev=gain * (9 * inner // groups) ** -0.5,
                name=f"{name}/conv_1",
                **options,
            ),
            _convolution(inner, num_channels, 0.0, name=f"{name}/conv_2", **options),
        ]
        self.bias = [
            tf.Variable(tf.zeros([inner], dtype), name=f"{name}/bias_{i}") for i in range(2)
        ]

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Maps [B, H, W, num_channels] to the same shape."""
        y = self.conv[0](x)
        for bias, conv in zip(self.bias, self.conv[1:], strict=True):
            y = conv(tf.nn.leaky_relu(y + tf.cast(bias, y.dtype), SLOPE))
        return x + y


class _Stage(tf.Module):
    """The blocks at one size, and a change of channels beside them, if there is one.

    Args:
      in_channels, out_channels: before and after that change; the blocks have `num_channels`.
    """

    def __init__(
        self,
        num_channels: int,
        num_blocks: int,
        in_channels: int,
        out_channels: int,
        *,
        name: str,
        **options,
    ):
        self.linear = None
        if in_channels != out_channels:
            self.linear = _convolution(in_channels, out_channels, name=f"{name}/linear", **options)
        self.block = [
            _Block(num_channels, num_blocks, name=f"{name}/block_{i}", **options)
            for i in range(BLOCKS_PER_STAGE)
        ]

    def changed(self, x: tf.Tensor) -> tf.Tensor:
        """Changes the channels."""
        return x if self.linear is None else self.linear(x)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Runs the blocks."""
        for block in self.block:
            x = block(x)
        return x


class Generator(tf.Module):
    """Maps latents [B, latent_size] to images [B, H, W, C], in inference in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: (H, W, C) of one image; H and W from 8 up.
      base_channels: channels at the image's size; doubled at each halving. Multiples of 8 make
        groups of 16, the paper's.
      max_channels: more than these no feature map has; 0: there is no limit.
      num_classes: it is called with labels of so many classes; 0: without.
      bounded: whether inference cuts what comes out at -1 and 1; False: it is any number, as logits
        are.
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
        num_classes: int = 0,
        bounded: bool = True,
        seed: int,
        compute_dtype="float32",
        name="generator",
        dtype=tf.float32,
    ):
        self.bounded = bounded
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self.num_columns = num_classes
        self.sizes = sizes("r3gan", shape)[::-1]  # smallest map first
        widths = [
            channels(i, base_channels, max_channels) for i in reversed(range(len(self.sizes)))
        ]
        options = dict(seed=seed, dtype=dtype)
        in_size, first = latent_size + num_classes, widths[0]
        self.dense = Dense(
            in_size, first, stddev=in_size**-0.5, use_bias=False, name=f"{name}/dense", **options
        )
        basis = random.normal([*self.sizes[0], first], seed, f"{name}/basis")
        self.basis = tf.Variable(tf.cast(basis, dtype), name=f"{name}/basis")
        num_blocks = BLOCKS_PER_STAGE * len(widths)
        self.stage = [
            _Stage(after, num_blocks, before, after, name=f"{name}/stage_{i}", **options)
            for i, (before, after) in enumerate(zip([first, *widths[:-1]], widths, strict=True))
        ]
        self.output = _convolution(widths[-1], shape[2], name=f"{name}/output", **options)

    def __call__(
        self,
        latents: tf.Tensor,
        mode: Mode = Mode.INFERENCE,
        labels: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Maps float [B, latent_size], and labels int32 [B], to images."""
        latents = concatenate(tf.cast(latents, self.compute_dtype), labels, self.num_columns)
        x = self.dense(latents)[:, tf.newaxis, tf.newaxis] * tf.cast(self.basis, latents.dtype)
        for i, (stage, size) in enumerate(zip(self.stage, self.sizes, strict=True)):
            if i > 0:
                x = bilinear_up(stage.changed(x), size)
            x = stage(x)
        x = tf.cast(self.output(x), self.dtype)
        is_cut = self.bounded and mode is Mode.INFERENCE
        return tf.clip_by_value(x, -1.0, 1.0) if is_cut else x


class Discriminator(tf.Module):
    """Maps images [B, H, W, C] to logits [B]. Arguments as for `Generator`, and:

    Args:
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
        condition: str = "none",
        num_classes: int = 0,
        num_codes: int = 0,
        num_outputs: int = 1,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self.num_planes = num_classes if condition == "concatenation" else 0
        found = sizes("r3gan", shape)
        widths = [channels(i, base_channels, max_channels) for i in range(len(found))]
        last = widths[-1]
        options = dict(seed=seed, dtype=dtype)
        self.input = _convolution(
            shape[2] + self.num_planes, widths[0], name=f"{name}/input", **options
        )
        num_blocks = BLOCKS_PER_STAGE * len(widths)
        self.stage = [
            _Stage(before, num_blocks, before, after, name=f"{name}/stage_{i}", **options)
            for i, (before, after) in enumerate(zip(widths, [*widths[1:], last], strict=True))
        ]
        area = found[-1][0] * found[-1][1]
        basis = random.normal([*found[-1], last], seed, f"{name}/basis", stddev=area**-0.5)
        self.basis = tf.Variable(tf.cast(basis, dtype), name=f"{name}/basis")
        self.dense = Dense(
            last, num_outputs, stddev=last**-0.5, use_bias=False, name=f"{name}/dense", **options
        )
        self.head = Head(
            last,
            condition=condition,
            num_classes=num_classes,
            num_codes=num_codes,
            name=f"{name}/head",
            **options,
        )

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor | Judgement:
        """Maps images, and labels int32 [B], to logits, or to a judgement; alike in all modes."""
        x = self.input(concatenate(tf.cast(x, self.compute_dtype), labels, self.num_planes))
        for stage in self.stage[:-1]:
            x = stage.changed(bilinear_down(stage(x)))
        x = self.stage[-1](x)
        features = tf.reduce_sum(x * tf.cast(self.basis, x.dtype), [1, 2])  # [B, last]
        return self.head(self.dense(features), features, labels, self.dtype)
