"""The players of 2014: a discriminator of maxout units with dropout, for points and small images.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5, and its authors' settings
for MNIST: 1200 ReLU twice in the generator, 240 maxout units of 5 pieces twice in the
discriminator (--hidden_size=1200 for both), where 0.8 of the pixels and half of the hidden units
stay. Its weights were bounded in norm and drawn from narrower intervals; here neither.
"""

import math

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Judgement, Mode
from tfgan.networks.mlp import THREADS_PER_OPERATION, Generator
from tfgan.nn.conditions import concatenate
from tfgan.nn.dropout import Dropout
from tfgan.nn.heads import Head
from tfgan.nn.layers import Dense

__all__ = ["THREADS_PER_OPERATION", "Discriminator", "Generator"]

PIECES = 5
"""Linear functions whose maximum is a unit."""

KEEP_INPUT, KEEP_HIDDEN = 0.8, 0.5
"""Probabilities that a value of the example, and of a hidden layer, stays."""


class Discriminator(tf.Module):
    """Maps examples [B, *shape] to logits [B].

    Args:
      shape: shape of one example.
      hidden_size: linear functions in each hidden layer, `PIECES` to a unit.
      hidden_layers: number of the hidden layers.
      condition: how it knows the class: one of `heads.CONDITIONS`.
      num_classes, num_codes: of that condition.
      num_outputs: more than 1: it is an encoder, which maps to so many numbers, [B, num_outputs].
      seed: seed of the run.
      compute_dtype: dtype of the arithmetic inside.
      name: prefix of the variables.
      dtype: of the weights, and of what comes out.

    Raises:
      InputError: a size does not fit.

    Source: maxout: Goodfellow et al., "Maxout Networks", 2013, section 3.
    """

    def __init__(
        self,
        shape,
        *,
        hidden_size: int,
        hidden_layers: int,
        condition: str = "none",
        num_classes: int = 0,
        num_codes: int = 0,
        num_outputs: int = 1,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        if hidden_size % PIECES:
            raise InputError(
                f"--hidden_size={hidden_size}, but --network=maxout makes each unit of {PIECES}: "
                f"give a multiple of {PIECES}."
            )
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self.size, self.num_units = math.prod(shape), hidden_size // PIECES
        self.num_columns = num_classes if condition == "concatenation" else 0
        options = dict(seed=seed, dtype=dtype)
        in_sizes = [self.size + self.num_columns, *[self.num_units] * hidden_layers]
        outs = [*[hidden_size] * hidden_layers, num_outputs]
        self.dense = [
            Dense(in_size, out_size, name=f"{name}/dense_{i}", **options)
            for i, (in_size, out_size) in enumerate(zip(in_sizes, outs, strict=True))
        ]
        self.dropout = [
            Dropout(KEEP_HIDDEN if i else KEEP_INPUT, seed=seed, name=f"{name}/dropout_{i}")
            for i in range(len(outs))
        ]
        self.head = Head(
            self.num_units,
            condition=condition,
            num_classes=num_classes,
            num_codes=num_codes,
            name=f"{name}/head",
            **options,
        )

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor | Judgement:
        """Maps examples, and labels int32 [B], to logits, or to a judgement."""
        x = tf.cast(tf.reshape(x, [-1, self.size]), self.compute_dtype)
        x = concatenate(self.dropout[0](x, mode), labels, self.num_columns)
        for layer, dropout in zip(self.dense[:-1], self.dropout[1:], strict=True):
            pieces = tf.reshape(layer(x), [-1, self.num_units, PIECES])
            x = dropout(tf.reduce_max(pieces, -1), mode)
        return self.head(self.dense[-1](x), x, labels, self.dtype)
