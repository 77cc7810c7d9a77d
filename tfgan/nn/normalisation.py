"""Normalisation layers."""

import tensorflow as tf

from tfgan.core.interfaces import Mode


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
        def variable(what, value, trainable):
            return tf.Variable(value, trainable=trainable, name=f"{name}/{what}")

        zeros, ones = tf.zeros([channels], dtype), tf.ones([channels], dtype)
        self.moving_mean = variable("moving_mean", zeros, False)
        self.moving_variance = variable("moving_variance", ones, False)
        self.offset = variable("offset", zeros, True)
        self.scale = variable("scale", ones, True)

    def __call__(self, x: tf.Tensor, mode: Mode) -> tf.Tensor:
        """Normalises [B, H, W, channels]."""
        y, mean, variance = self._normalise(x, mode)
        if mode is Mode.TRAIN:
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign_sub((moving - batch) * (1.0 - self.momentum))
        return y

    def _normalise(self, x, mode):
        if self.scale.dtype == tf.float64:
            return self._by_definition(x, mode)
        of_batch = mode.uses_batch_statistics
        return tf.compat.v1.nn.fused_batch_norm(
            x,
            self.scale,
            self.offset,
            mean=None if of_batch else self.moving_mean,
            variance=None if of_batch else self.moving_variance,
            epsilon=self.epsilon,
            is_training=of_batch,
        )

    def _by_definition(self, x, mode):
        mean, variance = self.moving_mean.read_value(), self.moving_variance.read_value()
        if mode.uses_batch_statistics:
            mean, variance = tf.nn.moments(x, list(range(x.shape.rank - 1)))
        y = tf.nn.batch_normalization(x, mean, variance, self.offset, self.scale, self.epsilon)
        count = tf.cast(tf.size(x) / tf.shape(x)[-1], x.dtype)
        return y, mean, variance * count / (count - 1.0)  # the kernel's is unbiased too
