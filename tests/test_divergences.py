"""f-divergences of two Gaussians: each bound is tight at its best discriminator, and at no other.

Integrals are sums over a fine grid, which for such smooth functions are exact to all digits.
"""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan import divergences
from tfgan.losses import OBJECTIVES

MEAN, SIGMA = 1.0, 1.3  # of the generator's Gaussian Q; the data's P is standard normal
STEP = 24.0 / 48_000
X = np.linspace(-11.0, 13.0, 48_001)
VARIANCE = SIGMA**2


def density(mean, sigma):
    return np.exp(-0.5 * ((X - mean) / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))


P, Q = density(0.0, 1.0), density(MEAN, SIGMA)
RATIO = P / Q


def total_variation():
    """P is above Q between the two places where they cross."""
    roots = np.roots(
        [1 - 1 / VARIANCE, 2 * MEAN / VARIANCE, -(MEAN**2) / VARIANCE - 2 * math.log(SIGMA)]
    )
    low, high = sorted(roots)

    def mass(mean, sigma):
        ends = (math.erf((end - mean) / (sigma * math.sqrt(2.0))) for end in (low, high))
        below, above = ends
        return 0.5 * (above - below)

    return mass(0.0, 1.0) - mass(MEAN, SIGMA)


EXACT = {
    "kullback_leibler": math.log(SIGMA) + (1 + MEAN**2) / (2 * VARIANCE) - 0.5,
    "reverse_kullback_leibler": -math.log(SIGMA) + (VARIANCE + MEAN**2) / 2 - 0.5,
    "pearson": VARIANCE / math.sqrt(2 * VARIANCE - 1) * math.exp(MEAN**2 / (2 * VARIANCE - 1)) - 1,
    "squared_hellinger": 2
    - 2 * math.sqrt(2 * SIGMA / (1 + VARIANCE)) * math.exp(-(MEAN**2) / (4 * (1 + VARIANCE))),
    "total_variation": total_variation(),
}
TABLE = {name: getattr(divergences, name.upper()) for name in EXACT}


def bound(name, logits):
    """E_P[T] - E_Q[f*(T)], which the discriminator maximises: P is Q weighted by the ratio."""
    logits = tf.convert_to_tensor(logits, tf.float64)
    loss = OBJECTIVES[name].discriminator_loss(logits, logits, weights=tf.constant(RATIO))
    return -tf.reduce_sum(loss * Q) * STEP


def best(name):
    return TABLE[name].best_logit(tf.constant(RATIO)).numpy()


def test_every_divergence_is_tested():
    table = {
        n for n, value in vars(divergences).items() if isinstance(value, divergences.FDivergence)
    }
    assert table == {name.upper() for name in EXACT}
    assert EXACT.keys() <= OBJECTIVES.keys()


@pytest.mark.parametrize("name", EXACT)
def test_the_bound_is_tight_at_the_best_discriminator(name):
    # Where the densities cross, the one step of the grid has a jump in it.
    error = 1e-7 if name == "total_variation" else 1e-13
    np.testing.assert_allclose(bound(name, best(name)), EXACT[name], rtol=error)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("change", ["up", "waves", "steeper", "nothing known", "swapped"])
def test_any_other_discriminator_is_below(name, change):
    logits = np.clip(best(name), -3.0, 3.0)
    others = {
        "up": logits + 0.1,
        "waves": logits + 0.2 * np.sin(3.0 * X),
        "steeper": 1.3 * logits + 0.05,
        "nothing known": np.zeros_like(X),
        "swapped": -logits,
    }
    assert bound(name, others[change]) < EXACT[name] - 1e-4


@pytest.mark.parametrize("name", sorted(EXACT.keys() - {"total_variation"}))
def test_at_the_best_discriminator_it_has_no_slope_anywhere(name):
    logits = tf.constant(best(name))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = bound(name, logits)
    np.testing.assert_allclose(tape.gradient(value, logits), np.zeros_like(X), atol=1e-13)


def test_the_total_variation_is_reached_as_logits_saturate():
    sides = np.sign(RATIO - 1.0)
    values = [float(bound("total_variation", size * sides)) for size in (0.5, 1.0, 3.0, 20.0)]
    assert values == sorted(values)
    np.testing.assert_allclose(
        values, EXACT["total_variation"] * np.tanh([0.5, 1.0, 3.0, 20.0]), rtol=1e-7
    )


@pytest.mark.parametrize("name", EXACT)
def test_a_higher_logit_means_more_real(name):
    logits = tf.linspace(tf.constant(-5.0, tf.float64), 5.0, 101)
    for function in (TABLE[name].activation, TABLE[name].best_logit):
        values = function(tf.exp(logits) if function is TABLE[name].best_logit else logits)
        assert (np.diff(values.numpy()[np.isfinite(values)]) >= 0).all()
    assert np.diff(TABLE[name].activation(logits)).min() > 0


@pytest.mark.parametrize("name", EXACT)
def test_of_one_distribution_with_itself_it_is_0(name):
    ratio = tf.constant([1.0], tf.float64)
    logit = TABLE[name].best_logit(ratio)
    logit = tf.where(tf.math.is_nan(logit), tf.zeros_like(logit), logit)  # 0 times infinity
    loss = OBJECTIVES[name].discriminator_loss(logit, logit)
    np.testing.assert_allclose(loss, [0.0], atol=1e-15)
