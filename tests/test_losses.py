"""Objectives against closed forms, their gradients, and the bugs that GAN losses are known for."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan import losses

LOGITS = np.array([-3.0, -0.5, 0.0, 0.5, 3.0], np.float32)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-np.asarray(x, np.float64)))


FAKE = sigmoid(LOGITS)  # D(G(z)) as a probability
REAL = sigmoid(LOGITS[::-1])

# name: (generator loss, its derivative, discriminator loss, derivatives by real and by fake logits)
EXPECTED = {
    "minimax": (
        np.log(1 - FAKE),
        -FAKE,
        -np.log(REAL) - np.log(1 - FAKE),
        REAL - 1,
        FAKE,
    ),
    "non_saturating": (
        -np.log(FAKE),
        FAKE - 1,
        -np.log(REAL) - np.log(1 - FAKE),
        REAL - 1,
        FAKE,
    ),
    "wasserstein": (-LOGITS, -np.ones(5), LOGITS - LOGITS[::-1], -np.ones(5), np.ones(5)),
}


def test_every_objective_is_tested():
    assert set(losses.OBJECTIVES) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_values_and_gradients_are_the_closed_forms(name):
    g_value, g_slope, d_value, d_real_slope, d_fake_slope = EXPECTED[name]
    objective = losses.OBJECTIVES[name]
    real, fake = tf.Variable(LOGITS[::-1].copy()), tf.Variable(LOGITS)
    with tf.GradientTape(persistent=True) as tape:
        g_loss = objective.generator_loss(tf.convert_to_tensor(fake))
        d_loss = objective.discriminator_loss(
            tf.convert_to_tensor(real), tf.convert_to_tensor(fake)
        )
    np.testing.assert_allclose(g_loss, g_value, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(d_loss, d_value, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(tape.gradient(g_loss, fake), g_slope, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(tape.gradient(d_loss, real), d_real_slope, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(tape.gradient(d_loss, fake), d_fake_slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_at_the_optimum_the_value_of_the_game_is_minus_log_4(name):
    zero = tf.zeros([7])
    value = -losses.OBJECTIVES[name].discriminator_loss(zero, zero)
    np.testing.assert_allclose(value, -math.log(4.0), rtol=1e-6)


def test_a_hopeless_generator_still_learns_only_when_non_saturating():
    logits = tf.Variable([-20.0])
    with tf.GradientTape(persistent=True) as tape:
        saturating = losses.minimax_generator_loss(tf.convert_to_tensor(logits))
        non_saturating = losses.non_saturating_generator_loss(tf.convert_to_tensor(logits))
    assert abs(tape.gradient(saturating, logits).numpy()[0]) < 1e-8
    assert abs(tape.gradient(non_saturating, logits).numpy()[0]) > 0.99


@pytest.mark.parametrize("name", EXPECTED)
def test_no_logit_is_too_large(name):
    extreme = tf.constant([-1e4, 1e4])
    objective = losses.OBJECTIVES[name]
    assert np.isfinite(objective.generator_loss(extreme)).all()
    assert np.isfinite(objective.discriminator_loss(extreme, -extreme)).all()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("shape", [(), (3,), (3, 1), (2, 2, 2)])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64, tf.bfloat16])
def test_one_value_per_logit(name, shape, dtype):
    logits = tf.zeros(shape, dtype)
    objective = losses.OBJECTIVES[name]
    for loss in (objective.generator_loss(logits), objective.discriminator_loss(logits, logits)):
        assert loss.shape == shape
        assert loss.dtype == dtype


@pytest.mark.parametrize("name", EXPECTED)
def test_logits_never_broadcast(name):
    # [B, 1] against [B] would silently make B x B losses.
    with pytest.raises(ValueError, match=r"real_logits and fake_logits.*\(4, 1\) and \(4,\)"):
        losses.OBJECTIVES[name].discriminator_loss(tf.zeros([4, 1]), tf.zeros([4]))


@pytest.mark.parametrize("name", EXPECTED)
def test_integers_are_refused_by_name(name):
    integers, floats = tf.zeros([2], tf.int32), tf.zeros([2])
    objective = losses.OBJECTIVES[name]
    with pytest.raises(TypeError, match="fake_logits must be floating point, got int32"):
        objective.generator_loss(integers)
    with pytest.raises(TypeError, match="real_logits"):
        objective.discriminator_loss(integers, floats)
