"""Fully connected players, for points and small images.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5 (there with maxout: see
`maxout.py`).
"""

import math

import tensorflow as tf

from tfgan.core.interfaces import Judgement, Mode
from tfgan.nn import normalisation
from tfgan.nn.conditions import concatenate
from tfgan.nn.heads import Head
from tfgan.nn.layers import Dense
from tfgan.nn.minibatch import MinibatchStddev

THREADS_PER_OPERATION = 1
"""TensorFlow does not split the matrix products of a small MLP. It would split what lies between
them, and its threads would wait for each other; and with one thread the bits do not depend on the
number of cores."""


class _MLP(tf.Module):
    """Dense layers with a normalisation and ReLU between them.

    Args:
      sizes: of what goes in, of the hidden layers, and of what comes out.
      num_more: what joins the last hidden layer.
    """

    def __init__(
        self, sizes, num_more=0, *, norm: str, seed: int, compute_dtype, name: str, dtype, **options
    ):
        self.dtype, self.compute_dtype = dtype, tf.as_dtype(compute_dtype)
        self._norms = f"{norm}_norm"
        norms = normalisation.layers(norm, sizes[1:-1], name=name, dtype=dtype, **options)
        in_sizes = [*sizes[:-2], sizes[-2] + num_more]
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
                zip(in_sizes, sizes[1:], [*norms, None], strict=True)
            )
        ]
        setattr(self, self._norms, norms)  # called after what they are: "batch_norm_0"

    def _features(self, x: tf.Tensor, mode: Mode, labels: tf.Tensor | None) -> tf.Tensor:
        """Returns the last hidden layer."""
        for layer, norm in zip(self.dense[:-1], getattr(self, self._norms), strict=True):
            x = layer(x)
            x = tf.nn.relu(x if norm is None else norm(x, mode, labels))
        return x


class Generator(_MLP):
    """Maps latents [B, latent_size] to examples [B, *shape] in [-1, 1].

    Args:
      latent_size: width of the latents.
      shape: shape of one example.
      hidden_size, hidden_layers: width and number of the hidden layers.
      generator_norm: normalisation of the hidden layers, or of the weights of all layers.
      norm_groups: of group normalisation.
      num_classes: it is called with labels of so many classes; 0: without.
      bounded: whether tanh takes what comes out into [-1, 1]; False: it is any number, as logits
        are.
      seed: seed of the run.
      compute_dtype: dtype of the arithmetic inside.
      name: prefix of the variables.
      dtype: of the weights, and of what comes out.

    Raises:
      InputError: a size does not fit.
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
        num_classes: int = 0,
        bounded: bool = True,
        seed: int,
        compute_dtype="float32",
        name="generator",
        dtype=tf.float32,
    ):
        norm = normalisation.check("generator", generator_norm, num_classes)
        self.shape, self.bounded = tuple(shape), bounded
        self.num_columns = 0 if norm == "conditional_batch" else num_classes
        sizes = [latent_size + self.num_columns, *[hidden_size] * hidden_layers, math.prod(shape)]
        super().__init__(
            sizes,
            norm=norm,
            num_groups=norm_groups,
            num_classes=num_classes,
            seed=seed,
            compute_dtype=compute_dtype,
            name=name,
            dtype=dtype,
        )

    def __call__(
        self,
        latents: tf.Tensor,
        mode: Mode = Mode.INFERENCE,
        labels: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Maps latents, and labels int32 [B], to examples."""
        x = concatenate(tf.cast(latents, self.compute_dtype), labels, self.num_columns)
        x = self.dense[-1](self._features(x, mode, labels))
        x = tf.tanh(x) if self.bounded else x
        return tf.cast(tf.reshape(x, [-1, *self.shape]), self.dtype)


class Discriminator(_MLP):
    """Maps examples [B, *shape] to logits [B]. Arguments as for `Generator`, and:

    Args:
      discriminator_norm: normalisation of the hidden layers, or of the weights of all layers.
      minibatch_stddev: the last layer sees how much the examples of a batch differ.
      condition: how it knows the class: one of `heads.CONDITIONS`.
      num_classes, num_codes: of that condition.
      num_outputs: more than 1: it is an encoder, which maps to so many numbers, [B, num_outputs].
    """

    def __init__(
        self,
        shape,
        *,
        hidden_size: int,
        hidden_layers: int,
        discriminator_norm: str = "none",
        norm_groups: int = 1,
        minibatch_stddev: bool = False,
        condition: str = "none",
        num_classes: int = 0,
        num_codes: int = 0,
        num_outputs: int = 1,
        seed: int,
        compute_dtype="float32",
        name="discriminator",
        dtype=tf.float32,
    ):
        norm = normalisation.check("discriminator", discriminator_norm)
        self.size = math.prod(shape)
        self.num_columns = num_classes if condition == "concatenation" else 0
        super().__init__(
            [self.size + self.num_columns, *[hidden_size] * hidden_layers, num_outputs],
            num_more=int(minibatch_stddev),
            norm=norm,
            num_groups=norm_groups,
            seed=seed,
            compute_dtype=compute_dtype,
            name=name,
            dtype=dtype,
        )
        self.minibatch = None
        if minibatch_stddev:
            self.minibatch = MinibatchStddev(name=f"{name}/minibatch", dtype=dtype)
        self.head = Head(
            hidden_size + minibatch_stddev,
            condition=condition,
            num_classes=num_classes,
            num_codes=num_codes,
            seed=seed,
            name=f"{name}/head",
            spectral=norm == "spectral",
            dtype=dtype,
        )

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor | Judgement:
        """Maps examples, and labels int32 [B], to logits, or to a judgement."""
        x = tf.cast(tf.reshape(x, [-1, self.size]), self.compute_dtype)
        features = self._features(concatenate(x, labels, self.num_columns), mode, labels)
        features = features if self.minibatch is None else self.minibatch(features, mode)
        return self.head(self.dense[-1](features), features, labels, self.dtype)
