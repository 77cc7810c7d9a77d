"""Normalisation layers: called as layer(x, mode, labels), each takes of these what it needs."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tfgan.core import checks, replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.nn.spectral import SpectralNorm


class BatchNorm(tf.Module):
    """Batch normalisation over all but the last axis, by the fused kernel.

    y = scale (x - mean) / sqrt(variance + epsilon) + offset

    In inference, mean and variance are the moving ones; else the batch's. The moving statistics are
    state of the player that owns them: they move in that player's own step alone.

    Args:
      channels: size of the last axis.
      name: prefix of the variables `scale`, `offset`, `moving_mean`, `moving_variance`, [channels]
        each.
      dtype: of the variables; the fused kernel takes float32 alone, so float64 is computed by its
        definition.

    Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithms 1 and 2.
    """

    momentum, epsilon = 0.9, 1e-3

    def __init__(self, channels: int, *, name: str, dtype=tf.float32):
        self._make([channels], name, dtype)

    def _make(self, shape: list[int], name: str, dtype) -> None:
        """Makes the variables; scale and offset have `shape`."""

        def variable(what, value, trainable):
            return tf.Variable(value, trainable=trainable, name=f"{name}/{what}")

        zeros, ones = tf.zeros(shape[-1:], dtype), tf.ones(shape[-1:], dtype)
        self.moving_mean = variable("moving_mean", zeros, False)
        self.moving_variance = variable("moving_variance", ones, False)
        self.offset = variable("offset", tf.zeros(shape, dtype), True)
        self.scale = variable("scale", tf.ones(shape, dtype), True)

    def __call__(self, x: tf.Tensor, mode: Mode, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Normalises [B, H, W, channels] or [B, channels]."""
        if x.shape.rank == 2:
            return tf.squeeze(self(x[:, tf.newaxis, tf.newaxis], mode, labels), [1, 2])
        y, mean, variance = self._normalise(x, mode, labels)
        if mode is Mode.TRAIN:
            found = replicas.means([mean, variance])  # so that all replicas hold the same
            for moving, batch in zip((self.moving_mean, self.moving_variance), found, strict=True):
                moving.assign_sub((moving - batch) * (1.0 - self.momentum))
        return y

    def _normalise(self, x, mode, labels):
        return self._kernel(x, mode, self.scale, self.offset)

    def _kernel(self, x, mode, scale, offset):
        """Returns y, and the mean and the unbiased variance that it was made with, [channels]."""
        if self.scale.dtype == tf.float64 or _is_shared(mode):
            return self._by_definition(x, mode, scale, offset)
        of_batch = mode.uses_batch_statistics
        return tf.compat.v1.nn.fused_batch_norm(
            x,
            scale,
            offset,
            mean=None if of_batch else self.moving_mean,
            variance=None if of_batch else self.moving_variance,
            epsilon=self.epsilon,
            is_training=of_batch,
        )

    def _by_definition(self, x, mode, scale, offset):
        wide = tf.cast(x, self.moving_mean.dtype)
        mean, variance = self.moving_mean.read_value(), self.moving_variance.read_value()
        count = tf.cast(tf.size(x) / tf.shape(x)[-1], wide.dtype)
        axes = list(range(x.shape.rank - 1))
        if _is_shared(mode):
            mean = replicas.mean(tf.reduce_mean(wide, axes))
            variance = replicas.variance(wide, axes)
            count *= replicas.current().count
        elif mode.uses_batch_statistics:
            mean, variance = tf.nn.moments(wide, axes)
        y = tf.nn.batch_normalization(wide, mean, variance, offset, scale, self.epsilon)
        # The kernel's variance is unbiased too.
        return tf.cast(y, x.dtype), mean, variance * count / (count - 1.0)


def _is_shared(mode: Mode) -> bool:
    """Says whether batch statistics are those of all replicas together."""
    replica = replicas.current()
    return mode.uses_batch_statistics and replica is not None and replica.shares_batch_statistics


class ConditionalBatchNorm(BatchNorm):
    """Batch normalisation whose scale and offset are those of each example's class.

    The statistics are the whole batch's, as `BatchNorm` has them.

    Args:
      channels: size of the last axis.
      num_classes: how many there are.
      name: prefix of the variables: those of `BatchNorm`, with scale and offset
        [num_classes, channels].
      dtype: of the variables.

    Source: Dumoulin et al., "A Learned Representation For Artistic Style", 2017, equation 5.
    """

    def __init__(self, channels: int, *, num_classes: int, name: str, dtype=tf.float32):
        self._make([num_classes, channels], name, dtype)

    def _normalise(self, x, mode, labels):
        plain, shape = self.moving_mean.dtype, [-1, 1, 1, x.shape[-1]]
        ones, zeros = tf.ones(x.shape[-1:], plain), tf.zeros(x.shape[-1:], plain)
        y, mean, variance = self._kernel(x, mode, ones, zeros)
        # Not `tf.gather`: its gradient would hold the rows of the batch alone.
        of_class = tf.one_hot(labels, self.scale.shape[0], dtype=plain)  # [B, num_classes]
        scale, offset = (
            tf.cast(tf.reshape(tf.matmul(of_class, table), shape), x.dtype)
            for table in (self.scale, self.offset)
        )
        return scale * y + offset, mean, variance


class GroupNorm(tf.Module):
    """Normalises each example by itself, over height, width and the channels of a group.

    y = scale (x - mean) / sqrt(variance + epsilon) + offset, the same in all modes.

    Args:
      channels: size of the last axis.
      num_groups: neighbouring channels make so many groups of one size.
      name: prefix of the variables `scale` and `offset`, [channels] each.
      dtype: of the variables, in which bfloat16 is computed as well.

    Raises:
      InputError: the groups do not divide the channels.

    Source: Wu and He, "Group Normalization", 2018, equation 7.
    """

    epsilon = 1e-5

    def __init__(self, channels: int, *, num_groups: int, name: str, dtype=tf.float32):
        if channels % num_groups:
            raise InputError(
                f"--norm_groups={num_groups} does not divide the {channels} channels of {name}: "
                f"give {math.gcd(channels, num_groups)}, or another divisor of {channels}."
            )
        self.num_groups = num_groups
        self.offset = tf.Variable(tf.zeros([channels], dtype), name=f"{name}/offset")
        self.scale = tf.Variable(tf.ones([channels], dtype), name=f"{name}/scale")

    def __call__(self, x: tf.Tensor, mode: Mode, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Normalises [B, H, W, channels] or [B, channels]."""
        channels = x.shape[-1]
        area = math.prod(x.shape[1:-1])
        y = tf.reshape(
            tf.cast(x, self.scale.dtype), [-1, area, self.num_groups, channels // self.num_groups]
        )
        mean, variance = tf.nn.moments(y, [1, 3], keepdims=True)  # [B, 1, num_groups, 1]
        y = tf.reshape((y - mean) * tf.math.rsqrt(variance + self.epsilon), [-1, *x.shape[1:]])
        return tf.cast(y * self.scale + self.offset, x.dtype)


class LayerNorm(GroupNorm):
    """`GroupNorm` with all channels in one group.

    Args:
      channels, name, dtype: as there.

    Source: Ba et al., "Layer Normalization", 2016, section 3; of images as Gulrajani et al. 2017
    have it, section 4.
    """

    def __init__(self, channels: int, *, name: str, dtype=tf.float32):
        super().__init__(channels, num_groups=1, name=name, dtype=dtype)


NORMALISATIONS: dict[str, Any] = {
    "none": None,
    "batch": BatchNorm,
    "layer": LayerNorm,
    "group": GroupNorm,
    "conditional_batch": ConditionalBatchNorm,
    "spectral": SpectralNorm,
}
"""What --generator_norm and --discriminator_norm name. `spectral` normalises a layer's weight, the
others what comes out of it."""


def check(player: str, norm: str, num_classes: int = 0) -> str:
    """Returns the name of a player's normalisation, if the player can have it.

    Args:
      player: "generator" or "discriminator".
      norm: name of the normalisation.
      num_classes: 0: the player gets no labels.

    Raises:
      InputError: it cannot; the message says what fits.
    """
    checks.one_of(f"{player}_norm", norm, NORMALISATIONS)
    if norm == "conditional_batch" and player == "discriminator":
        raise InputError(
            "--discriminator_norm=conditional_batch: a discriminator learns the class by "
            "--condition=projection or another one; give --discriminator_norm=batch or spectral."
        )
    if norm == "conditional_batch" and not num_classes:
        raise InputError(
            "--generator_norm=conditional_batch needs labels, and there are none: add "
            "--condition=projection or another one, or give --generator_norm=batch."
        )
    return norm


def layers(
    norm: str,
    channels: Sequence[int],
    *,
    name: str,
    num_groups: int = 1,
    num_classes: int = 0,
    dtype=tf.float32,
) -> list[Any]:
    """Makes the normalisations of a network's feature maps.

    Args:
      norm: name of the normalisation.
      channels: of each map; 0: that map is not normalised.
      name: of the network; the i-th is called "{name}/{norm}_norm_{i}".
      num_groups, num_classes: of those that take them.
      dtype: of the variables.

    Returns:
      One for each map, or None.

    Raises:
      InputError: a size does not fit.
    """
    if norm in ("none", "spectral"):
        return [None] * len(channels)
    own = {"group": dict(num_groups=num_groups), "conditional_batch": dict(num_classes=num_classes)}
    make = functools.partial(NORMALISATIONS[norm], dtype=dtype, **own.get(norm, {}))
    return [
        make(size, name=f"{name}/{norm}_norm_{i}") if size else None
        for i, size in enumerate(channels)
    ]
