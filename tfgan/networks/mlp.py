"""Fully connected players, for points and small images.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5 (there with maxout).
"""

import math

import tensorflow as tf

from tfgan.nn.layers import Dense


class _MLP(tf.Module):
    """Dense layers with ReLU between them."""

    def __init__(self, sizes, *, seed: int, name: str):
        self.layers = [
            Dense(in_size, out_size, seed=seed, name=f"{name}/dense_{i}")
            for i, (in_size, out_size) in enumerate(zip(sizes[:-1], sizes[1:], strict=True))
        ]

    def __call__(self, x):
        *hidden, last = self.layers
        for layer in hidden:
            x = tf.nn.relu(layer(x))
        return last(x)


class Generator(tf.Module):
    """Maps latents [B, latent_size] to examples [B, *shape] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: shape of one example.
      hidden_size, hidden_layers: width and number of the hidden layers.
      seed: seed of the run.
      compute_dtype: dtype of the arithmetic inside; what comes out is float32.
      name: prefix of the variables.
    """

    def __init__(
        self,
        latent_size,
        shape,
        *,
        hidden_size,
        hidden_layers,
        seed,
        compute_dtype=tf.float32,
        name="generator",
    ):
        self.shape, self.compute_dtype = tuple(shape), compute_dtype
        sizes = [latent_size, *[hidden_size] * hidden_layers, math.prod(shape)]
        self.mlp = _MLP(sizes, seed=seed, name=name)

    def __call__(self, latents: tf.Tensor, training=False, update_statistics=False) -> tf.Tensor:
        """Returns examples; the modes are for networks that normalise, and change nothing here."""
        x = self.mlp(tf.cast(latents, self.compute_dtype))
        return tf.cast(tf.reshape(tf.tanh(x), [-1, *self.shape]), tf.float32)


class Discriminator(tf.Module):
    """Maps examples [B, *shape] to logits [B]. Arguments as for `Generator`."""

    def __init__(
        self,
        shape,
        *,
        hidden_size,
        hidden_layers,
        seed,
        compute_dtype=tf.float32,
        name="discriminator",
    ):
        self.size, self.compute_dtype = math.prod(shape), compute_dtype
        sizes = [self.size, *[hidden_size] * hidden_layers, 1]
        self.mlp = _MLP(sizes, seed=seed, name=name)

    def __call__(self, x: tf.Tensor, training=False, update_statistics=False) -> tf.Tensor:
        """Returns logits; the modes are for networks that normalise, and change nothing here."""
        logits = self.mlp(tf.reshape(tf.cast(x, self.compute_dtype), [-1, self.size]))  # [B, 1]
        return tf.cast(tf.reshape(logits, [-1]), tf.float32)
