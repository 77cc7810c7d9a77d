"""How well a variational autoencoder explains examples: the ELBO and log p(x), by many draws.

An example's numbers are a pure function of the weights, the example, its number, the seed and how
many latents are drawn: not of what is measured beside it.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfgan.core import random
from tfgan.core.interfaces import Mode
from tfgan.likelihoods import importance_weighted_bound, log_weight, standard_normal_kl
from tfgan.models.vae import VAE

PART = 250
"""Latents of one example that are decoded at once: the memory that an estimate needs."""


class Evidence(NamedTuple):
    """What is known of log p(x), float64 [N] each, in nats."""

    elbo: np.ndarray
    """Estimate of the ELBO: its first term by draws, the KL in closed form."""

    log_likelihood: np.ndarray
    """The bound by importance weights: it is log p(x) in the limit of many draws."""


class Estimator:
    """Estimates the evidence of examples by importance weights.

    Args:
      model: explains them; its weights may move between two calls.
      num_samples: K, latents that are drawn for an example. 5,000 is what papers take.
      seed: of the draws.

    Source: Burda et al., "Importance Weighted Autoencoders", 2016, equation 8.
    """

    def __init__(self, model: VAE, num_samples: int, seed: int = 0):
        parts, self._dtype = -(-num_samples // PART), model.dtype

        def of_example(pair):
            example, number = pair
            posterior = model.encode(example[None])
            repeated = tf.repeat(example[None], PART, 0)

            def draws(part):
                """Returns log p(x | z) and the log weights of a part, [PART] each."""
                stream_step = number * parts + part
                drawn = random.normal([PART, model.latents.size], seed, "evidence", stream_step)
                noise = tf.cast(drawn, model.dtype)
                decoded = model.decoder(posterior.latents(noise), Mode.INFERENCE)
                fits = model.likelihood.log_likelihood(decoded, repeated)
                return fits, log_weight(fits, noise, *posterior)

            spec = tf.TensorSpec([PART], model.dtype)
            found = tf.map_fn(
                draws,
                tf.range(parts, dtype=tf.int64),
                fn_output_signature=(spec, spec),
                parallel_iterations=1,
            )
            fits, weights = (
                tf.cast(tf.reshape(each, [-1])[:num_samples], tf.float64) for each in found
            )
            [kl] = tf.unstack(standard_normal_kl(*posterior))
            elbo = tf.reduce_mean(fits) - tf.cast(kl, tf.float64)
            return elbo, importance_weighted_bound(weights)

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, *model.shape], model.dtype),
                tf.TensorSpec([], tf.int64),
            ],
            autograph=False,
        )
        def estimate(examples, first):
            numbers = first + tf.range(tf.shape(examples, tf.int64)[0], dtype=tf.int64)
            scalar = tf.TensorSpec([], tf.float64)
            return tf.map_fn(
                of_example,
                (examples, numbers),
                fn_output_signature=(scalar, scalar),
                parallel_iterations=1,
            )

        self._estimate = estimate

    def __call__(self, examples: np.ndarray, first: int = 0) -> Evidence:
        """Returns the evidence of examples [N, *shape] in [-1, 1], whose numbers begin at `first`.

        A set may be measured in parts: each example keeps its own draws.
        """
        found = self._estimate(tf.constant(examples, self._dtype), tf.constant(first, tf.int64))
        return Evidence(*(values.numpy() for values in found))
