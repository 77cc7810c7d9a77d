"""Fully connected players, for points and small images.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5 (there with maxout).
"""

import math

import tensorflow as tf

from tfgan.core.interfaces import Mode
from tfgan.nn import normalisation
from tfgan.nn.layers import Dense

THREADS_PER_OPERATION = 1
"""TensorFlow does not split the matrix products of a small MLP. It would split what lies between
them, and its threads would wait for each other; and with one thread the bits do not depend on the
number of cores."""


class _MLP(tf.Module):
    """Dense layers with ReLU between them, and a normalisation before each ReLU."""

    def __init__(
        self, sizes, *, norm: str, norm_groups: int, seed: int, compute_dtype, name: str, dtype
    ):
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self._norms = f"{norm}_norm"
        norms = normalisation.layers(
            norm, sizes[1:-1], name=name, num_groups=norm_groups, dtype=dtype
        )
        self.dense = [
            Dense(
                in_size,
                out_size,
                name=f"{name}/dense_{i}",
                use_bias=following is None,
                seed=seed,
                spectral=norm == "spectral",
                dtype=dtype,
            )
            for i, (in_size, out_size, following) in enumerate(
                zip(sizes[:-1], sizes[1:], [*norms, None], strict=True)
            )
        ]
        setattr(self, self._norms, norms)

    def _forward(self, x: tf.Tensor, mode: Mode) -> tf.Tensor:
        x = tf.cast(x, self.compute_dtype)
        *hidden, last = self.dense
        for layer, norm in zip(hidden, getattr(self, self._norms), strict=True):
            x = layer(x)
            x = tf.nn.relu(x if norm is None else norm(x, mode))
        return last(x)


class Generator(_MLP):
    """Maps latents [B, latent_size] to examples [B, *shape] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: shape of one example.
      hidden_size, hidden_layers: width and number of the hidden layers.
      generator_norm: normalisation of the hidden layers, or of the weights of all layers.
      norm_groups: of group normalisation.
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
        generator_norm: str = "none",
        norm_groups: int = 1,
        seed: int,
        compute_dtype="float32",
        name="generator",
        dtype=tf.float32,
    ):
        taken = normalisation.OF_GENERATORS
        normalisation.check("mlp", "generator", generator_norm, taken)
        self.shape = tuple(shape)
        sizes = [latent_size, *[hidden_size] * hidden_layers, math.prod(shape)]
        super().__init__(
            sizes,
            norm=generator_norm,
            norm_groups=norm_groups,
            seed=seed,
            compute_dtype=compute_dtype,
            name=name,
            dtype=dtype,
        )

    def __call__(self, latents: tf.Tensor, mode: Mode = Mode.INFERENCE) -> tf.Tensor:
        """Maps latents to examples."""
        x = tf.tanh(self._forward(latents, mode))
        return tf.cast(tf.reshape(x, [-1, *self.shape]), self.dtype)


class Discriminator(_MLP):
    """Maps examples [B, *shape] to logits [B]. Arguments as for `Generator`."""

    def __init__(
        self,
        shape,
        *,
        hidden_size: int,
        hidden_layers: int,
        discriminator_norm: str = "none",
        norm_groups: int = 1,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        taken = normalisation.OF_DISCRIMINATORS
        normalisation.check("mlp", "discriminator", discriminator_norm, taken)
        self.size = math.prod(shape)
        sizes = [self.size, *[hidden_size] * hidden_layers, 1]
        super().__init__(
            sizes,
            norm=discriminator_norm,
            norm_groups=norm_groups,
            seed=seed,
            compute_dtype=compute_dtype,
            name=name,
            dtype=dtype,
        )

    def __call__(self, x: tf.Tensor, mode: Mode = Mode.INFERENCE) -> tf.Tensor:
        """Maps examples to logits."""
        logits = self._forward(tf.reshape(x, [-1, self.size]), mode)  # [B, 1]
        return tf.cast(tf.reshape(logits, [-1]), self.dtype)
