"""Feature maps of twice or half the height and width, rounded up: each has all its derivatives."""

import tensorflow as tf


def nearest_up(x: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Repeats each value of [B, h, w, C] in 2 x 2 places, cut to [B, *size, C].

    Args:
      x: feature maps.
      size: H and W, 2 h or 2 h - 1 and 2 w or 2 w - 1.
    """
    # Not `tf.image.resize`, whose gradient has none.
    return _cut(tf.nn.depth_to_space(tf.concat([x] * 4, -1), 2), size)


def average_down(x: tf.Tensor) -> tf.Tensor:
    """Returns the means of 2 x 2 values; at an odd edge, of those that there are."""
    return tf.nn.avg_pool2d(x, 2, 2, "SAME")


def bilinear_up(x: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Interpolates [B, h, w, C] linearly between its places, cut to [B, *size, C].

    Around the map lie zeros. By the filter [1, 3, 3, 1], that is [1, 2, 1] of repeated values.

    Args:
      x: feature maps.
      size: as for `nearest_up`.

    Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020, and Huang
    et al., "The GAN is dead; long live the GAN!", 2024, section 4.
    """
    height, width, channels = x.shape[1:]
    wide = _wide(x)
    y = tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
        input_sizes=tf.stack([tf.shape(x)[0], 2 * height, 2 * width, channels]),
        filter=4.0 * _filter(channels, wide.dtype),
        out_backprop=wide,
        strides=[1, 2, 2, 1],
        padding="SAME",
    )
    return tf.cast(_cut(y, size), x.dtype)


def bilinear_down(x: tf.Tensor) -> tf.Tensor:
    """Returns the transpose of `bilinear_up` by 4: weighted means of 4 x 4 values."""
    odd = [size % 2 for size in x.shape[1:3]]
    wide = tf.pad(_wide(x), [[0, 0], *([1, 1 + extra] for extra in odd), [0, 0]])
    filters = _filter(x.shape[-1], wide.dtype)
    return tf.cast(tf.nn.depthwise_conv2d(wide, filters, [1, 2, 2, 1], "VALID"), x.dtype)


def _wide(x: tf.Tensor) -> tf.Tensor:
    """Returns bfloat16 as float32: the kernel of TensorFlow is seven times as fast there."""
    return tf.cast(x, tf.float32) if x.dtype == tf.bfloat16 else x


def _filter(channels: int, dtype: tf.DType) -> tf.Tensor:
    """Returns [1, 3, 3, 1] in both directions, of sum 1, for each channel: [4, 4, channels, 1]."""
    taps = tf.constant([1.0, 3.0, 3.0, 1.0], dtype) / 8.0
    square = taps[:, tf.newaxis] * taps
    return tf.tile(square[:, :, tf.newaxis, tf.newaxis], [1, 1, channels, 1])


def _cut(x: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    height, width = size
    return x if tuple(x.shape[1:3]) == tuple(size) else x[:, :height, :width]
