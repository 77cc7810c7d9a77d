"""Fully connected players, for points and small images.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5 (there with maxout).
"""

import math

import tensorflow as tf

from tfgan.core.interfaces import Mode
from tfgan.nn.layers import Dense

THREADS_PER_OPERATION = 1
"""TensorFlow does not split the matrix products of a small MLP. It would split what lies between
them, and its threads would wait for each other; and with one thread the bits do not depend on the
number of cores."""


class _MLP(tf.Module):
    """Dense layers with ReLU between them."""

    def __init__(self, sizes, *, seed: int, compute_dtype, name: str, dtype):
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self.dense = [
            Dense(in_size, out_size, seed=seed, name=f"{name}/dense_{i}", dtype=dtype)
            for i, (in_size, out_size) in enumerate(zip(sizes[:-1], sizes[1:], strict=True))
        ]

    def _forward(self, x: tf.Tensor) -> tf.Tensor:
        x = tf.cast(x, self.compute_dtype)
        *hidden, last = self.dense
        for layer in hidden:
            x = tf.nn.relu(layer(x))
        return last(x)


class Generator(_MLP):
    """Maps latents [B, latent_size] to examples [B, *shape] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: shape of one example.
      hidden_size, hidden_layers: width and number of the hidden layers.
      seed: seed of the run.
      compute_dtype: dtype of the arithmetic inside.
      name: prefix of the variables.
      dtype: of the weights, and of what comes out.
    """

    def __init__(
        self,
        latent_size: int,
        shape,
        *,
        hidden_size: int,
        hidden_layers: int,
        seed: int,
        compute_dtype="float32",
        name="generator",
        dtype=tf.float32,
    ):
        self.shape = tuple(shape)
        sizes = [latent_size, *[hidden_size] * hidden_layers, math.prod(shape)]
        super().__init__(sizes, seed=seed, compute_dtype=compute_dtype, name=name, dtype=dtype)

    def __call__(self, latents: tf.Tensor, mode: Mode = Mode.INFERENCE) -> tf.Tensor:
        """Maps latents to examples, the same in all modes."""
        x = tf.tanh(self._forward(latents))
        return tf.cast(tf.reshape(x, [-1, *self.shape]), self.dtype)


class Discriminator(_MLP):
    """Maps examples [B, *shape] to logits [B]. Arguments as for `Generator`."""

    def __init__(
        self,
        shape,
        *,
        hidden_size: int,
        hidden_layers: int,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        self.size = math.prod(shape)
        sizes = [self.size, *[hidden_size] * hidden_layers, 1]
        super().__init__(sizes, seed=seed, compute_dtype=compute_dtype, name=name, dtype=dtype)

    def __call__(self, x: tf.Tensor, mode: Mode = Mode.INFERENCE) -> tf.Tensor:
        """Maps examples to logits, the same in all modes."""
        logits = self._forward(tf.reshape(x, [-1, self.size]))  # [B, 1]
        return tf.cast(tf.reshape(logits, [-1]), self.dtype)
