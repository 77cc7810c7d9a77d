"""What an image looks like, in numbers: the features of a fixed random convolutional network.

The distance of two images' pixels says little above some 16 pixels: a grey mush lies near to
everything. The statistics of random filters' answers tell it from pictures, they need no file and
no training, and they are the same on every machine. Each filter sums to zero, so that it answers to
edges and not to areas; otherwise a picture out of focus would look like a sharp one. Colours have
their own features. None of them knows objects: a face with three eyes has about those of a face.

Source: the statistics of a random network's feature maps tell textures apart nearly as well as
those of a trained one: Ustyuzhaninov et al., "What Does It Take to Generate Natural Textures?",
2017.
"""

import functools

import numpy as np
import tensorflow as tf

from tfgan.core import random

WIDTHS = (16, 32, 64, 128)
"""Channels of the layers; each halves height and width."""

SEED = 0
"""Of the filters: part of what the numbers mean, so never another one."""

_KERNEL_SIZE = 3
_CHUNK = 64  # images at once: the first maps of large ones would fill the memory
_TINY = 1e-8  # under the root


def random_features(images: tf.Tensor) -> tf.Tensor:
    """Returns mean and standard deviation of each colour and of each map, float32 [N, F].

    Args:
      images: float [N, H, W, C] in [-1, 1]; N is known.
    """
    return tf.concat(
        [_features(images[i : i + _CHUNK]) for i in range(0, images.shape[0], _CHUNK)], 0
    )


def _features(images: tf.Tensor) -> tf.Tensor:
    maps = [tf.cast(images, tf.float32)]
    for kernel in _kernels(images.shape[3]):
        maps.append(tf.nn.relu(tf.nn.conv2d(maps[-1], kernel, 2, "SAME")))
    features = []
    for x in maps:
        mean, variance = tf.nn.moments(x, [1, 2])  # [N, width]
        features += [mean, tf.sqrt(variance + _TINY)]
    return tf.concat(features, 1)


@functools.cache
def _kernels(channels: int) -> list[np.ndarray]:
    """Returns the filters: normal, with the variance that keeps the maps' scale, less their means.

    Source: He et al., "Delving Deep into Rectifiers", 2015, equation 10.
    """
    kernels = []
    with tf.init_scope():
        for i, width in enumerate(WIDTHS):
            shape = [_KERNEL_SIZE, _KERNEL_SIZE, channels, width]
            stddev = (2.0 / (_KERNEL_SIZE**2 * channels)) ** 0.5
            kernel = random.normal(shape, SEED, f"features/{i}", stddev=stddev).numpy()
            kernels.append(kernel - kernel.mean((0, 1)))  # [K, K, in, out]
            channels = width
    return kernels
