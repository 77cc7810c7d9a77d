"""Distances between examples, and which shares of them lie near each other."""

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


def nearest_distances(examples: tf.Tensor) -> tf.Tensor:
    """Returns the distance of each row of `examples` [N, F] to the nearest other, [N]; N > 1."""
    centred = examples - tf.reduce_mean(examples, 0)
    squares = squared_distances(centred, centred)
    farthest = tf.fill([examples.shape[0]], squares.dtype.max)
    return tf.sqrt(tf.reduce_min(tf.linalg.set_diag(squares, farthest), 1))


def precision_and_coverage(
    real: tf.Tensor, radii: tf.Tensor, fake: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the share of `fake` [M, F] that lies in a ball of `real` [N, F], radius `radii` [N];
    and that of the balls that hold a row of `fake`.

    Sources: Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative
    Models", 2019, equation 2; Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative
    Models", 2020, equation 9.
    """
    centre = tf.reduce_mean(real, 0)
    squares = squared_distances(real - centre, fake - centre)  # [N, M]
    within = tf.cast(tf.sqrt(squares) <= radii[:, None], real.dtype)
    return tuple(tf.reduce_mean(tf.reduce_max(within, axis)) for axis in (0, 1))


def coverage(real: tf.Tensor, radii: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Returns the second of `precision_and_coverage` alone."""
    return precision_and_coverage(real, radii, fake)[1]


def squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Returns |a_i - b_j|^2 [N, M] of the rows of `a` [N, F] and `b` [M, F], by one product."""
    products = tf.matmul(a, b, transpose_b=True)
    squares = tf.reduce_sum(a * a, 1)[:, None] + tf.reduce_sum(b * b, 1)[None, :]
    return tf.maximum(squares - 2.0 * products, 0.0)
