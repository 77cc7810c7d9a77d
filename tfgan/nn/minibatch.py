"""What a discriminator sees of a whole batch: how much its examples differ."""

import tensorflow as tf

from tfgan.core import replicas
from tfgan.core.interfaces import Mode


class MinibatchStddev(tf.Module):
    """Adds one feature, the same everywhere: the standard deviation over the batch.

    It is taken for each value by itself, then averaged over all values. In inference it is the
    moving average of what the passes in training had: what is said of an example does not depend
    on those that it happens to be asked together with.

    Args:
      name: prefix of the variable `moving_stddev`, a scalar.
      dtype: of the variable.

    Source: Karras et al., "Progressive Growing of GANs", 2018, section 3.
    """

    momentum = 0.9

    def __init__(self, *, name: str, dtype=tf.float32):
        self.moving_stddev = tf.Variable(
            tf.ones([], dtype), trainable=False, name=f"{name}/moving_stddev"
        )

    def __call__(self, x: tf.Tensor, mode: Mode) -> tf.Tensor:
        """Maps [B, ..., C] to [B, ..., C + 1]."""
        dtype = self.moving_stddev.dtype
        if mode.uses_batch_statistics:
            variance = replicas.variance(tf.cast(x, dtype), 0)
            # The root has an infinite derivative at 0.
            stddev = tf.reduce_mean(tf.sqrt(variance + 1e-8))
            if mode is Mode.TRAIN:
                self.moving_stddev.assign_sub((self.moving_stddev - stddev) * (1.0 - self.momentum))
        else:
            stddev = tf.convert_to_tensor(self.moving_stddev)
        shape = tf.concat([tf.shape(x)[:-1], [1]], 0)
        return tf.concat([x, tf.fill(shape, tf.cast(stddev, x.dtype))], -1)
