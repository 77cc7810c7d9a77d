"""Spectral normalisation of a weight: it is divided by its largest singular value."""

import tensorflow as tf

from tfgan.core import random

FIRST_ITERATIONS = 100
"""Power iterations when a weight is made: sigma is within 1 % then, also where singular values lie
close, as those of random kernels do. With a random u it would be far too small, and the network
that many times too steep for those who use it before its own first step: the other player, the
first picture, the first row of health."""


class SpectralNorm(tf.Module):
    """Divides a weight by its spectral norm, W / sigma(W) with sigma = u^T W v.

    `u` and `v` approximate the first singular vectors of W as a matrix [inputs, outputs]. They are
    state of the player that owns the weight: one power iteration moves them in `before_step`, and
    all passes until its next step share what that found, the other player's as well. They are
    constants of the gradient; sigma is not: d sigma / d W = u v^T.

    Args:
      weight: kernel of a layer, of rank 2 or more, float32 or float64. All its axes but one are
        the rows of the matrix.
      out_axis: the axis that is its columns: the last, but for a transposed convolution.
      seed: seed of the run.
      name: prefix of the variables `u` [inputs] and `v` [outputs].

    Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018,
    algorithm 1.
    """

    def __init__(self, weight: tf.Variable, *, seed: int, name: str, out_axis: int = -1):
        self.weight, self._out_axis = weight, out_axis % weight.shape.rank
        columns = weight.shape[self._out_axis]
        rows = weight.shape.num_elements() // columns
        u = tf.cast(random.normal([rows], seed, f"{name}/u"), weight.dtype)
        self.u = tf.Variable(u, trainable=False, name=f"{name}/u")
        self.v = tf.Variable(tf.zeros([columns], weight.dtype), trainable=False, name=f"{name}/v")
        for _ in range(FIRST_ITERATIONS):
            self.before_step()

    def before_step(self) -> None:
        """Runs one power iteration: v = W^T u / |W^T u|, u = W v / |W v|."""
        matrix = self._matrix(self.weight)
        v = tf.math.l2_normalize(tf.linalg.matvec(matrix, self.u, transpose_a=True))
        self.u.assign(tf.math.l2_normalize(tf.linalg.matvec(matrix, v)))
        self.v.assign(v)

    def __call__(self) -> tf.Tensor:
        """Returns the normalised weight, in its own shape and dtype."""
        sigma = tf.reduce_sum(self.u * tf.linalg.matvec(self._matrix(self.weight), self.v))
        return self.weight / sigma

    def _matrix(self, weight) -> tf.Tensor:
        """Returns a weight as [inputs, outputs]."""
        axes = [i for i in range(weight.shape.rank) if i != self._out_axis]
        if self._out_axis < len(axes):
            weight = tf.transpose(weight, [*axes, self._out_axis])
        return tf.reshape(weight, [-1, weight.shape[-1]])
