"""Objectives against closed forms, their gradients, and the bugs that GAN losses are known for."""

import math
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from tfgan import losses
from tfgan.core import contradictions
from tfgan.core.checks import InputError
from tfgan.losses import OBJECTIVES

# No two are alike or opposite, and none is at a kink: what a swap of two of them does would show.
REAL = np.array([2.5, -0.7, 0.3, 1.6, -2.2])
FAKE = np.array([-3.1, 0.9, -0.4, -1.3, 2.0])


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softplus(x):
    return np.log(1.0 + np.exp(x))


class Expected(NamedTuple):
    """One value per example: both losses, and the derivatives of their sums over the batch."""

    generator: np.ndarray
    generator_slope: np.ndarray
    of_real: (
        np.ndarray
    )  # the discriminator's loss is the sum of these two: weights are of the first
    of_fake: np.ndarray
    real_slope: np.ndarray
    fake_slope: np.ndarray


ONE = np.ones(5)
_GAP = FAKE - REAL
_REAL_GAP, _FAKE_GAP = REAL - FAKE.mean(), FAKE - REAL.mean()  # relativistic average
_VANILLA = (-np.log(sigmoid(REAL)), -np.log(1 - sigmoid(FAKE)), sigmoid(REAL) - 1, sigmoid(FAKE))
_SECH = 1.0 / np.cosh(FAKE) ** 2

EXPECTED = {
    "minimax": Expected(np.log(1 - sigmoid(FAKE)), -sigmoid(FAKE), *_VANILLA),
    "non_saturating": Expected(-np.log(sigmoid(FAKE)), sigmoid(FAKE) - 1, *_VANILLA),
    "wasserstein": Expected(-FAKE, -ONE, -REAL, FAKE, -ONE, ONE),
    "least_squares": Expected(
        (FAKE - 1) ** 2 / 2, FAKE - 1, (REAL - 1) ** 2 / 2, FAKE**2 / 2, REAL - 1, FAKE
    ),
    "hinge": Expected(
        -FAKE,
        -ONE,
        np.maximum(0, 1 - REAL),
        np.maximum(0, 1 + FAKE),
        -1.0 * (REAL < 1),
        1.0 * (FAKE > -1),
    ),
    "relativistic": Expected(
        softplus(-_GAP), -sigmoid(-_GAP), softplus(_GAP), 0 * ONE, -sigmoid(_GAP), sigmoid(_GAP)
    ),
    "relativistic_average": Expected(
        softplus(-_FAKE_GAP) + softplus(_REAL_GAP),
        -sigmoid(-_FAKE_GAP) - sigmoid(_REAL_GAP).mean(),
        softplus(-_REAL_GAP),
        softplus(_FAKE_GAP),
        -sigmoid(-_REAL_GAP) - sigmoid(_FAKE_GAP).mean(),
        sigmoid(_FAKE_GAP) + sigmoid(-_REAL_GAP).mean(),
    ),
    "kullback_leibler": Expected(
        -np.exp(FAKE - 1), -np.exp(FAKE - 1), -REAL, np.exp(FAKE - 1), -ONE, np.exp(FAKE - 1)
    ),
    "reverse_kullback_leibler": Expected(
        1 - FAKE, -ONE, np.exp(-REAL), FAKE - 1, -np.exp(-REAL), ONE
    ),
    "pearson": Expected(
        -(FAKE**2) / 4 - FAKE, -FAKE / 2 - 1, -REAL, FAKE**2 / 4 + FAKE, -ONE, FAKE / 2 + 1
    ),
    "squared_hellinger": Expected(
        1 - np.exp(FAKE),
        -np.exp(FAKE),
        np.exp(-REAL) - 1,
        np.exp(FAKE) - 1,
        -np.exp(-REAL),
        np.exp(FAKE),
    ),
    "total_variation": Expected(
        -np.tanh(FAKE) / 2,
        -_SECH / 2,
        -np.tanh(REAL) / 2,
        np.tanh(FAKE) / 2,
        -1 / np.cosh(REAL) ** 2 / 2,
        _SECH / 2,
    ),
}

# Where the losses grow exponentially: the smallest real logit and the largest fake one that their
# docstrings promise, in float32 and bfloat16, and in float64.
RANGES = {
    "kullback_leibler": ((-1e4, 89.0), (-1e4, 710.0)),
    "reverse_kullback_leibler": ((-88.0, 1e4), (-709.0, 1e4)),
    "squared_hellinger": ((-88.0, 88.0), (-709.0, 709.0)),
}
DTYPES = (tf.float32, tf.float64, tf.bfloat16)


def test_every_objective_is_tested():
    assert set(OBJECTIVES) == set(EXPECTED)


def generator_loss(objective, real, fake):
    return objective.of_generator(fake, lambda: real)


def constants(*arrays, dtype=tf.float64):
    return [tf.constant(array, dtype) for array in arrays]


@pytest.mark.parametrize("name", EXPECTED)
def test_values_and_gradients_are_the_closed_forms(name):
    expected, objective = EXPECTED[name], OBJECTIVES[name]
    real, fake = constants(REAL, FAKE)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        g_loss = generator_loss(objective, real, fake)
        d_loss = objective.discriminator_loss(real, fake)
    pairs = (
        (g_loss, expected.generator),
        (tape.gradient(g_loss, fake), expected.generator_slope),
        (d_loss, expected.of_real + expected.of_fake),
        (tape.gradient(d_loss, real), expected.real_slope),
        (tape.gradient(d_loss, fake), expected.fake_slope),
    )
    for got, wanted in pairs:
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", EXPECTED)
def test_gradients_are_those_of_finite_differences(name):
    """To 1e-8: central differences of 1e-5 are that exact away from kinks."""
    objective = OBJECTIVES[name]
    real, fake = constants(REAL, FAKE)
    for loss in (
        lambda fake: generator_loss(objective, real, fake),
        lambda fake: objective.discriminator_loss(real, fake),
        lambda real: objective.discriminator_loss(real, fake),
    ):
        start = real if loss.__code__.co_varnames[0] == "real" else fake
        (got,), (wanted,) = tf.test.compute_gradient(loss, [start], delta=1e-5)
        np.testing.assert_allclose(got, wanted, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", EXPECTED)
def test_weights_are_of_the_real_examples(name):
    expected = EXPECTED[name]
    real, fake, weights = constants(REAL, FAKE, [0.0, 0.5, 1.0, 2.0, 3.0])
    got = OBJECTIVES[name].discriminator_loss(real, fake, weights=weights)
    wanted = weights * expected.of_real + expected.of_fake
    np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-14)
    with pytest.raises(ValueError, match=r"logits and weights.*\(5,\) and \(5, 1\)"):
        OBJECTIVES[name].discriminator_loss(real, fake, weights=weights[:, None])


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_at_the_optimum_the_value_of_the_game_is_minus_log_4(name):
    zero = tf.zeros([7])
    value = -OBJECTIVES[name].discriminator_loss(zero, zero)
    np.testing.assert_allclose(value, -math.log(4.0), rtol=1e-6)


def test_a_hopeless_generator_still_learns_only_when_non_saturating():
    logits = tf.Variable([-20.0])
    with tf.GradientTape(persistent=True) as tape:
        saturating = losses.minimax_generator_loss(tf.convert_to_tensor(logits))
        non_saturating = losses.non_saturating_generator_loss(tf.convert_to_tensor(logits))
    assert abs(tape.gradient(saturating, logits).numpy()[0]) < 1e-8
    assert abs(tape.gradient(non_saturating, logits).numpy()[0]) > 0.99


@pytest.mark.parametrize("name", ["relativistic", "relativistic_average"])
def test_a_relativistic_loss_is_blind_to_a_common_shift_and_swaps_its_sides(name):
    objective = OBJECTIVES[name]
    real, fake = constants(REAL, FAKE)
    loss = objective.discriminator_loss(real, fake)
    np.testing.assert_allclose(loss, objective.discriminator_loss(real + 7.0, fake + 7.0))
    np.testing.assert_allclose(loss, objective.generator_loss(fake, real))
    better = [objective.discriminator_loss(real + up, fake - up) for up in (0.1, 0.0)]
    assert (better[0] < better[1]).numpy().all()  # it wants real ones above
    better = [objective.generator_loss(real, fake + up) for up in (0.1, 0.0)]
    assert (better[0] < better[1]).numpy().all()


# One-sided label smoothing.


def test_what_is_smoothed_is_known_before_tensorflow_is():
    able = [name for name, objective in OBJECTIVES.items() if objective.has_target]
    assert sorted(able) == sorted(contradictions.SMOOTHED)


@pytest.mark.parametrize("name", contradictions.SMOOTHED)
def test_smoothing_lowers_the_target_of_real_examples_alone(name):
    plain, smoothed = OBJECTIVES[name], OBJECTIVES[name].smoothed(0.25)
    real, fake = constants(REAL, FAKE)
    p = sigmoid(REAL)
    of_real = -0.75 * np.log(p) - 0.25 * np.log(1 - p)
    of_real = (REAL - 0.75) ** 2 / 2 if name == "least_squares" else of_real
    got = smoothed.discriminator_loss(real, fake)
    np.testing.assert_allclose(got, of_real + EXPECTED[name].of_fake, rtol=1e-13)
    with tf.GradientTape() as tape:
        tape.watch(fake)
        loss = smoothed.discriminator_loss(real, fake)
    np.testing.assert_allclose(tape.gradient(loss, fake), EXPECTED[name].fake_slope, rtol=1e-13)
    assert smoothed.generator_loss is plain.generator_loss
    assert plain.smoothed(0.0) is plain
    got = smoothed.discriminator_loss(real, fake, weights=tf.zeros_like(real))
    np.testing.assert_allclose(got, EXPECTED[name].of_fake, rtol=1e-13)


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - contradictions.SMOOTHED))
def test_smoothing_is_refused_where_there_is_no_target(name):
    with pytest.raises(InputError, match="which this objective does not have: .* minimax, non_s"):
        OBJECTIVES[name].smoothed(0.1)
    assert OBJECTIVES[name].smoothed(0.0) is OBJECTIVES[name]


# Sizes, shapes and dtypes.


def extremes(name, dtype):
    if name not in RANGES:
        return (-1e4, 1e4), (-1e4, 1e4)
    smallest_real, largest_fake = RANGES[name][dtype == tf.float64]
    return (smallest_real, 1e4), (-1e4, largest_fake)


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.name)
def test_no_logit_is_too_large(name, dtype):
    """Values and gradients, each logit's own: not those of a mean, which would hide an infinity."""
    reals, fakes = extremes(name, dtype)
    real, fake = constants(np.repeat(reals, 2), np.tile(fakes, 2), dtype=dtype)
    objective = OBJECTIVES[name]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        g_loss = generator_loss(objective, real, fake)
        d_loss = objective.discriminator_loss(real, fake)
    found = [g_loss, tape.gradient(g_loss, fake)]
    found += [d_loss, *tape.gradient(d_loss, [real, fake])]
    for tensor in found:
        assert tensor.dtype == dtype
        assert np.isfinite(tf.cast(tensor, tf.float64)).all(), found


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.name)
def test_a_stated_range_is_no_smaller_than_it_has_to_be(name, dtype):
    reals, fakes = extremes(name, dtype)
    beyond = [(value, value * 1.03) for value in (reals[0], fakes[1]) if abs(value) < 1e3]
    assert beyond
    for within, outside in beyond:
        for logit, finite in ((within, True), (outside, False)):
            real, fake = constants(*((logit, 0.0) if logit < 0 else (0.0, logit)), dtype=dtype)
            loss = OBJECTIVES[name].discriminator_loss(real, fake)
            assert np.isfinite(float(loss)) == finite


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("shape", [(), (3,), (3, 1), (2, 2, 2)])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.name)
def test_one_value_per_logit(name, shape, dtype):
    logits = tf.zeros(shape, dtype)
    objective = OBJECTIVES[name]
    for loss in (
        generator_loss(objective, logits, logits),
        objective.discriminator_loss(logits, logits),
    ):
        assert loss.shape == shape
        assert loss.dtype == dtype


@pytest.mark.parametrize("name", EXPECTED)
def test_logits_never_broadcast(name):
    # [B, 1] against [B] would silently make B x B losses.
    objective = OBJECTIVES[name]
    several = [objective.discriminator_loss]
    several += [objective.generator_loss] if objective.generator_sees_real else []
    for loss in several:
        with pytest.raises(ValueError, match=r"real_logits and fake_logits.*\(4, 1\) and \(4,\)"):
            loss(tf.zeros([4, 1]), tf.zeros([4]))


@pytest.mark.parametrize("name", EXPECTED)
def test_integers_are_refused_by_name(name):
    integers, floats = tf.zeros([2], tf.int32), tf.zeros([2])
    objective = OBJECTIVES[name]
    with pytest.raises(TypeError, match="fake_logits must be floating point, got int32"):
        generator_loss(objective, floats, integers)
    with pytest.raises(TypeError, match="real_logits"):
        objective.discriminator_loss(integers, floats)
