"""Distances between examples, and the share of the real ones that samples cover."""

import tensorflow as tf

NUM_NEIGHBOURS = 5
"""The ball of a real example reaches to its 5th neighbour (Naeem et al. 2020, section 4.1): samples
like the data then cover 97 % of the balls, 1 - 1 / 2^5."""


def mean_distance(examples: tf.Tensor) -> tf.Tensor:
    """Returns the mean Euclidean distance of two different rows of `examples` [N, F]; 0 if N = 1.

    They are centred first: equal rows become zeros, and their distance does not drown in rounding.
    """
    count = examples.shape[0]
    centred = examples - tf.reduce_mean(examples, 0)
    squares = squared_distances(centred, centred)
    squares = tf.linalg.set_diag(squares, tf.zeros([count], squares.dtype))
    return tf.reduce_sum(tf.sqrt(squares)) / max(count * (count - 1), 1)


def neighbour_distances(examples: tf.Tensor) -> tf.Tensor:
    """Returns the distance of each row of `examples` [N, F] to its 5th neighbour, [N].

    With five rows or fewer it is the distance to the farthest.
    """
    centred = examples - tf.reduce_mean(examples, 0)
    squares = tf.sort(squared_distances(centred, centred), 1)  # column 0: the row itself
    return tf.sqrt(squares[:, min(NUM_NEIGHBOURS, examples.shape[0] - 1)])


def coverage(real: tf.Tensor, radii: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Returns the share of `real` [N, F] with a row of `fake` [M, F] within its radius ([N]).

    Source: Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020,
    equation 9.
    """
    centre = tf.reduce_mean(real, 0)
    nearest = tf.reduce_min(squared_distances(real - centre, fake - centre), 1)  # [N]
    return tf.reduce_mean(tf.cast(tf.sqrt(nearest) <= radii, real.dtype))


def squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Returns |a_i - b_j|^2 [N, M] of the rows of `a` [N, F] and `b` [M, F], by one product."""
    products = tf.matmul(a, b, transpose_b=True)
    squares = tf.reduce_sum(a * a, 1)[:, None] + tf.reduce_sum(b * b, 1)[None, :]
    return tf.maximum(squares - 2.0 * products, 0.0)
