"""Layers: explicit sizes, variables made at once, arithmetic in the dtype of the input.

Weights are float32, unless a layer is told otherwise, and are cast to the input's dtype where they
are used: a network chooses its precision by casting what comes in. Each variable is drawn from its
own stream of the run's seed.
"""

import functools

import tensorflow as tf

from tfgan.core import random
from tfgan.nn.spectral import SpectralNorm


class _Layer(tf.Module):
    """What has a `kernel`, perhaps with a spectral norm."""

    kernel: tf.Variable
    spectral_norm: SpectralNorm | None

    def _weight(self, dtype) -> tf.Tensor:
        """Returns the kernel as the layer uses it."""
        kernel = self.kernel if self.spectral_norm is None else self.spectral_norm()
        return tf.cast(kernel, dtype)


class Dense(_Layer):
    """Fully connected layer, x W + b.

    Args:
      in_size, out_size: widths.
      seed: seed of the run.
      name: prefix of the variables `kernel` [in_size, out_size] and `bias` [out_size].
      stddev: standard deviation of the normal the kernel is drawn from; None: uniform on
        +-sqrt(6 / (in_size + out_size)) (Glorot and Bengio 2010, equation 16). The bias starts at
        0.
      use_bias: False where a normalisation with its own offset follows.
      plain_sum: add the bias as `tf.matmul(x, W) + b` does, in place of `tf.nn.bias_add`. What
        comes out has the same bits; the gradient of the bias is summed in another order.
      spectral: divide the kernel by its largest singular value.
      dtype: of the weights.
    """

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        seed: int,
        name: str,
        stddev: float | None = None,
        use_bias: bool = True,
        plain_sum: bool = False,
        spectral: bool = False,
        dtype=tf.float32,
    ):
        self.in_size, self.out_size = in_size, out_size
        shape = [in_size, out_size]
        if stddev is None:
            limit = (6.0 / (in_size + out_size)) ** 0.5
            kernel = limit * random.uniform(shape, seed, f"{name}/kernel")
        else:
            kernel = random.normal(shape, seed, f"{name}/kernel", stddev=stddev)
        self.bias, self._add = None, tf.add if plain_sum else tf.nn.bias_add
        if use_bias:
            self.bias = tf.Variable(tf.zeros([out_size], dtype), name=f"{name}/bias")
        self.kernel = tf.Variable(tf.cast(kernel, dtype), name=f"{name}/kernel")
        self.spectral_norm = SpectralNorm(self.kernel, seed=seed, name=name) if spectral else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Maps [B, in_size] to [B, out_size]."""
        y = tf.matmul(x, self._weight(x.dtype))
        return y if self.bias is None else self._add(y, tf.cast(self.bias, x.dtype))


class Conv2D(_Layer):
    """Strided convolution with zero padding: divides height and width by the stride, rounding up.

    Args:
      in_channels, out_channels: channels before and after.
      kernel_size, stride: height and width of the kernel, and how far it moves.
      seed: seed of the run.
      name: prefix of the variables `kernel` [K, K, in_channels, out_channels] and `bias`.
      use_bias: False where a normalisation with its own offset follows.
      stddev: standard deviation of the normal the kernel is drawn from (Radford et al., "DCGAN",
        2015, section 4, has 0.02). The bias starts at 0.
      spectral: divide the kernel, as a matrix [K K in_channels, out_channels], by its largest
        singular value.
      dtype: of the weights.
    """

    _out_axis = 3  # of the kernel

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int,
        stride: int,
        seed: int,
        name: str,
        use_bias: bool = True,
        stddev: float = 0.02,
        spectral: bool = False,
        dtype=tf.float32,
    ):
        self.stride = stride
        shape = [kernel_size, kernel_size, *self._channels(in_channels, out_channels)]
        kernel = random.normal(shape, seed, f"{name}/kernel", stddev=stddev)
        self.bias = None
        if use_bias:
            self.bias = tf.Variable(tf.zeros([out_channels], dtype), name=f"{name}/bias")
        self.kernel = tf.Variable(tf.cast(kernel, dtype), name=f"{name}/kernel")
        self.spectral_norm = None
        if spectral:
            self.spectral_norm = SpectralNorm(
                self.kernel, seed=seed, name=name, out_axis=self._out_axis
            )

    def _channels(self, in_channels, out_channels):
        return in_channels, out_channels

    def _convolve(self, x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv2d(x, kernel, self.stride, "SAME")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Maps [B, H, W, in_channels] to [B, H / stride, W / stride, out_channels]."""
        y = self._convolve(x, self._weight(x.dtype))
        # A plain sum: oneDNN fuses the gradient of `bias_add` with that of the kernel in some
        # graphs and not in others (a session's, eager), and the two round differently.
        return y if self.bias is None else y + tf.cast(self.bias, x.dtype)


class Conv2DTranspose(Conv2D):
    """Transpose of `Conv2D`: multiplies height and width by the stride.

    Its kernel is [K, K, out_channels, in_channels], as TensorFlow's own wants it.

    Args:
      out_size: height and width of what comes out, where they are no multiples of the stride: any
        from which `Conv2D` would lead back. None: stride times those of what comes in.
      other: as for `Conv2D`.
    """

    _out_axis = 2

    def __init__(self, *args, out_size: tuple[int, int] | None = None, **other):
        super().__init__(*args, **other)
        self.out_size = out_size

    def _channels(self, in_channels, out_channels):
        return out_channels, in_channels

    def _convolve(self, x, kernel):
        height, width = self.out_size or (x.shape[1] * self.stride, x.shape[2] * self.stride)
        out_shape = tf.stack([tf.shape(x)[0], height, width, kernel.shape[2]])
        return tf.nn.conv2d_transpose(x, kernel, out_shape, self.stride, "SAME")


class GroupedConv2D(Conv2D):
    """`Conv2D` of each group of neighbouring channels by itself.

    The i-th of `groups` parts of the output channels is made of the i-th part of the input channels
    alone. The kernel is [K, K, in_channels / groups, out_channels].

    Args:
      groups: how many; divides both numbers of channels.
      other: as for `Conv2D`, but for `spectral`: the kernel is no matrix of the whole layer.
    """

    def __init__(self, *args, groups: int, **other):
        self.groups = groups
        super().__init__(*args, **other)

    def _channels(self, in_channels, out_channels):
        return in_channels // self.groups, out_channels

    def _convolve(self, x, kernel):
        if self.groups == 1 or (x.dtype != tf.float64 and _grouped_gradient_exists()):
            return super()._convolve(x, kernel)
        parts = (tf.split(x, self.groups, -1), tf.split(kernel, self.groups, -1))
        convolve = super()._convolve
        return tf.concat([convolve(*part) for part in zip(*parts, strict=True)], -1)


@functools.cache
def _grouped_gradient_exists() -> bool:
    """Says whether TensorFlow's own grouped convolution has a gradient on this machine.

    On a CPU it is oneDNN's, up to ten times as fast as one convolution a group; it is not there in
    float64, nor with TF_ENABLE_ONEDNN_OPTS=0.
    """
    with tf.init_scope(), tf.GradientTape() as tape:
        x, kernel = tf.zeros([1, 1, 1, 2]), tf.zeros([1, 1, 1, 2])
        tape.watch([x, kernel])
        y = tf.nn.conv2d(x, kernel, 1, "SAME")
    try:
        with tf.init_scope():
            tape.gradient(y, [x, kernel])
    except tf.errors.OpError:
        return False
    return True
