"""Layers: explicit sizes, variables made at once, arithmetic in the dtype of the input.

Weights are float32 and are cast to the input's dtype where they are used; a network chooses its
precision by casting what comes in. Each variable is drawn from its own stream of the run's seed.
"""

import tensorflow as tf

from tfgan.core import random


class Dense(tf.Module):
    """Fully connected layer, x W + b.

    Args:
      in_size, out_size: widths.
      seed: seed of the run.
      name: prefix of the variables `kernel` [in_size, out_size] and `bias` [out_size].
      stddev: standard deviation of the normal the kernel is drawn from; None: uniform on
        +-sqrt(6 / (in_size + out_size)) (Glorot and Bengio 2010, equation 16). The bias starts at
        0.
    """

    def __init__(self, in_size: int, out_size: int, *, seed: int, name: str, stddev=None):
        self.in_size, self.out_size = in_size, out_size
        shape = [in_size, out_size]
        if stddev is None:
            limit = (6.0 / (in_size + out_size)) ** 0.5
            kernel = limit * random.uniform(shape, seed, f"{name}/kernel")
        else:
            kernel = random.normal(shape, seed, f"{name}/kernel", stddev=stddev)
        self.kernel = tf.Variable(kernel, name=f"{name}/kernel")
        self.bias = tf.Variable(tf.zeros([out_size]), name=f"{name}/bias")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Maps [B, in_size] to [B, out_size]."""
        y = tf.matmul(x, tf.cast(self.kernel, x.dtype))
        return tf.nn.bias_add(y, tf.cast(self.bias, x.dtype))


class Conv2D(tf.Module):
    """Strided 5 x 5 convolution with zero padding: halves height and width.

    Args:
      in_channels, out_channels: channels before and after.
      seed: seed of the run.
      name: prefix of the variables `kernel` [5, 5, in_channels, out_channels] and `bias`.
      use_bias: False where a normalisation with its own offset follows.

    The kernel is drawn from a normal of standard deviation 0.02 (Radford et al., "DCGAN", 2015,
    section 4), the bias starts at 0.
    """

    kernel_size, stride, stddev = 5, 2, 0.02

    def __init__(self, in_channels, out_channels, *, seed: int, name: str, use_bias: bool = True):
        shape = [self.kernel_size, self.kernel_size, *self._channels(in_channels, out_channels)]
        kernel = random.normal(shape, seed, f"{name}/kernel", stddev=self.stddev)
        self.kernel = tf.Variable(kernel, name=f"{name}/kernel")
        self.bias = tf.Variable(tf.zeros([out_channels]), name=f"{name}/bias") if use_bias else None

    @staticmethod
    def _channels(in_channels, out_channels):
        return in_channels, out_channels

    def _convolve(self, x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv2d(x, kernel, self.stride, "SAME")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Maps [B, H, W, in_channels] to [B, H / 2, W / 2, out_channels]."""
        y = self._convolve(x, tf.cast(self.kernel, x.dtype))
        # A plain sum: oneDNN fuses the gradient of `bias_add` with that of the kernel in some
        # graphs and not in others (a session's, eager), and the two round differently.
        return y if self.bias is None else y + tf.cast(self.bias, x.dtype)


class Conv2DTranspose(Conv2D):
    """Transpose of `Conv2D`: doubles height and width.

    Maps [B, H, W, in_channels] to [B, 2 H, 2 W, out_channels]. Its kernel is
    [5, 5, out_channels, in_channels], as TensorFlow's transposed convolution wants it.
    """

    @staticmethod
    def _channels(in_channels, out_channels):
        return out_channels, in_channels

    def _convolve(self, x, kernel):
        batch, height, width = tf.shape(x)[0], x.shape[1], x.shape[2]
        out_shape = tf.stack([batch, height * self.stride, width * self.stride, kernel.shape[2]])
        return tf.nn.conv2d_transpose(x, kernel, out_shape, self.stride, "SAME")


class BatchNorm(tf.Module):
    """Batch normalisation over all but the last axis, by the fused kernel.

    y = scale (x - mean) / sqrt(variance + epsilon) + offset

    In training, mean and variance are the batch's; else the moving ones. The moving statistics are
    state of the player that owns them: they move only where that player's own step asks for it.

    Args:
      channels: size of the last axis.
      name: prefix of the variables `scale`, `offset`, `moving_mean`, `moving_variance`, [channels]
      each.

    Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithms 1 and 2.
    """

    momentum, epsilon = 0.9, 1e-3

    def __init__(self, channels: int, *, name: str):
        self.scale = tf.Variable(tf.ones([channels]), name=f"{name}/scale")
        self.offset = tf.Variable(tf.zeros([channels]), name=f"{name}/offset")
        self.moving_mean = tf.Variable(
            tf.zeros([channels]), trainable=False, name=f"{name}/moving_mean"
        )
        self.moving_variance = tf.Variable(
            tf.ones([channels]), trainable=False, name=f"{name}/moving_variance"
        )

    def __call__(self, x: tf.Tensor, training: bool, update_statistics: bool = False) -> tf.Tensor:
        """Normalises [B, H, W, channels]; `update_statistics` also moves the moving statistics."""
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x,
            self.scale,
            self.offset,
            mean=None if training else self.moving_mean,
            variance=None if training else self.moving_variance,
            epsilon=self.epsilon,
            is_training=training,
        )
        if training and update_statistics:
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign_sub((moving - batch) * (1.0 - self.momentum))
        return y
