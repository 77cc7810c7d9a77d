"""Penalties against closed forms: a linear discriminator has one gradient everywhere."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.penalties import PENALTIES, gradient_penalty

SHARES = tf.constant([0.0, 0.25, 0.5, 1.0], tf.float64)


def draw(shape, stream):
    assert stream == "gradient_penalty"
    return tf.ensure_shape(SHARES, [4])


def linear(*weights):
    return lambda x: tf.linalg.matvec(tf.reshape(x, [len(x), -1]), tf.constant(weights, x.dtype))


@pytest.mark.parametrize("weights", [(0.3, 0.4), (3.0, 4.0), (0.6, 0.8)])
@pytest.mark.parametrize("shape", [(2,), (1, 2, 1)])
def test_of_a_linear_discriminator_it_is_exact(weights, shape):
    real, fake = (tf.random.stateless_normal([4, *shape], [s, 0], dtype=tf.float64) for s in (1, 2))
    got = gradient_penalty(linear(*weights), real, fake, draw)
    expected = (np.linalg.norm(weights) - 1.0) ** 2
    np.testing.assert_allclose(got, [expected] * 4, atol=1e-11)
    got = gradient_penalty(linear(*weights), real, fake, draw, target=2.0)
    np.testing.assert_allclose(got, [(np.linalg.norm(weights) - 2.0) ** 2] * 4, atol=1e-11)


def test_the_norm_is_taken_for_each_example_at_its_own_point():
    """D(x) = |x|^2 / 2 has the gradient x: the penalty shows where it was taken."""
    real = tf.constant([[3.0, 4.0], [0.0, 4.0], [2.0, 0.0], [0.0, 1.0]], tf.float64)
    fake = tf.constant([[0.0, 2.0], [0.0, 0.0], [0.0, 0.0], [9.0, 9.0]], tf.float64)
    got = gradient_penalty(lambda x: tf.reduce_sum(x * x, 1) / 2, real, fake, draw)
    np.testing.assert_allclose(got, [1.0, 0.0, 0.0, 0.0], atol=1e-11)  # norms 2, 1, 1, 1


def test_where_the_gradient_is_0_its_own_gradient_is_finite():
    weight = tf.Variable([0.0, 0.0], dtype=tf.float64)
    real = fake = tf.ones([4, 2], tf.float64)
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(lambda x: tf.linalg.matvec(x, weight), real, fake, draw)
    assert np.isfinite(tape.gradient(penalty, weight)).all()


def test_its_gradient_is_that_of_finite_differences():
    weight = tf.Variable([0.5, -2.0], dtype=tf.float64)
    real, fake = (tf.random.stateless_normal([4, 2], [s, 0], dtype=tf.float64) for s in (1, 2))

    def loss(w):
        return tf.reduce_mean(
            gradient_penalty(lambda x: tf.reduce_sum(tf.tanh(x * w), 1), real, fake, draw)
        )

    with tf.GradientTape() as tape:
        value = loss(weight)
    got = tape.gradient(value, weight).numpy()
    for i in range(2):
        step = np.eye(2)[i] * 1e-5
        ahead, back = loss(weight.numpy() + step), loss(weight.numpy() - step)
        np.testing.assert_allclose(got[i], (ahead - back) / 2e-5, rtol=1e-6)


def test_every_penalty_is_listed_by_its_name():
    assert all(name == penalty.__name__ for name, penalty in PENALTIES.items())
