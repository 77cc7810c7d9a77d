"""Likelihoods, the KL and the bounds against closed forms and numeric integration, in float64."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan import likelihoods

GRID = np.linspace(-12.0, 12.0, 20_001)
"""Of latents: a Riemann sum over it is exact to rounding for the densities here."""

MEAN = np.array([[0.0, 0.5, -1.2], [1.7, -0.3, 0.0]])
LOG_VARIANCE = np.array([[0.0, -1.0, 0.6], [0.4, -2.5, 1.1]])
LOGITS = np.array([[2.5, -0.7], [0.3, -1.6], [0.0, 40.0]])
VALUES = np.array([[1.0, 0.0], [0.25, 0.5], [1.0, 0.0]])


def normal(x, mean, variance):
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


def integrated_kl(mean, variance):
    log_quotient = (GRID**2 - (GRID - mean) ** 2 / variance - np.log(variance)) / 2
    return np.sum(normal(GRID, mean, variance) * log_quotient) * (GRID[1] - GRID[0])


def test_the_kl_is_the_integral_summed_over_latents_and_not_over_the_batch():
    expected = np.vectorize(integrated_kl)(MEAN, np.exp(LOG_VARIANCE)).sum(1)
    found = likelihoods.standard_normal_kl(tf.constant(MEAN), tf.constant(LOG_VARIANCE))
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert likelihoods.standard_normal_kl(tf.zeros([3, 5]), tf.zeros([3, 5])).numpy().any() == 0


def test_the_kl_of_a_posterior_near_the_prior_does_not_cancel():
    """In float32, exp(x) - 1 of a small x would be noise of 1e-7."""
    found = likelihoods.standard_normal_kl(tf.zeros([1, 1]), tf.fill([1, 1], 1e-3))
    np.testing.assert_allclose(found, [1e-6 / 4], rtol=1e-3)


def test_bernoulli_is_the_logarithm_of_the_product_of_probabilities():
    p = 1.0 / (1.0 + np.exp(-LOGITS[:2]))
    expected = np.log(p ** VALUES[:2] * (1 - p) ** (1 - VALUES[:2])).sum(1)
    found = likelihoods.bernoulli_log_likelihood(tf.constant(LOGITS), tf.constant(VALUES))
    np.testing.assert_allclose(found[:2], expected, rtol=1e-12)
    np.testing.assert_allclose(found[2], -math.log(2) - 40.0, rtol=1e-12)  # of a sure mistake


def test_the_probabilities_of_all_pictures_sum_to_one():
    logits = tf.constant([[0.3, -1.2, 2.0]] * 8, tf.float64)
    pictures = np.array([[i & 1, i >> 1 & 1, i >> 2] for i in range(8)], np.float64)
    found = likelihoods.Bernoulli().log_likelihood(logits, tf.constant(2 * pictures - 1))
    np.testing.assert_allclose(np.exp(found).sum(), 1.0, rtol=1e-12)


def test_the_mean_of_a_bernoulli_pixel_is_its_probability_in_the_house_s_units():
    mean = likelihoods.Bernoulli().mean(tf.constant(LOGITS))
    np.testing.assert_allclose(0.5 * (mean + 1), 1 / (1 + np.exp(-LOGITS)), rtol=1e-12)


@pytest.mark.parametrize("stddev", [0.25, 1.0, 3.0])
def test_a_gaussian_is_a_density(stddev):
    x = tf.constant(GRID[:, None])
    gaussian = likelihoods.Gaussian(stddev, tf.float64)
    density = np.exp(gaussian.log_likelihood(tf.fill([len(GRID), 1], tf.constant(0.3, x.dtype)), x))
    np.testing.assert_allclose(density, normal(GRID, 0.3, stddev**2), rtol=1e-10, atol=1e-300)
    two = gaussian.log_likelihood(tf.constant(MEAN), tf.constant(LOG_VARIANCE))
    expected = np.log(normal(LOG_VARIANCE, MEAN, stddev**2)).sum(1)
    np.testing.assert_allclose(two, expected, rtol=1e-12)


def test_a_learned_deviation_begins_at_one_and_is_a_variable():
    learned, fixed = likelihoods.Gaussian(), likelihoods.Gaussian(0.5)
    assert [v.numpy() for v in learned.variables] == [0.0]
    assert not fixed.variables


def test_a_weight_is_the_quotient_of_the_densities():
    noise = np.array([[0.2, -1.0, 0.4], [1.1, 0.3, -0.8]])
    variance = np.exp(LOG_VARIANCE)
    latents = MEAN + np.sqrt(variance) * noise
    log_q = np.log(normal(latents, MEAN, variance)).sum(1)
    log_p = np.log(normal(latents, 0.0, 1.0)).sum(1)
    fits = np.array([-3.0, 0.7])
    found = likelihoods.log_weight(*map(tf.constant, (fits, noise, MEAN, LOG_VARIANCE)))
    np.testing.assert_allclose(found, fits + log_p - log_q, rtol=1e-12)


def test_the_bound_is_the_logarithm_of_the_mean_weight():
    weights = np.array([0.5, 2.0, 0.1, 7.0])
    found = likelihoods.importance_weighted_bound(tf.constant(np.log(weights) - 2000.0))
    np.testing.assert_allclose(found, np.log(weights.mean()) - 2000.0, rtol=1e-12)
    one = likelihoods.importance_weighted_bound(tf.constant([-1.5], tf.float64))
    np.testing.assert_allclose(one, -1.5, rtol=1e-12)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (likelihoods.bernoulli_log_likelihood, (LOGITS[:2], VALUES[:2])),
        (
            lambda mean, log_stddev, values: likelihoods.gaussian_log_likelihood(
                mean, log_stddev, values
            ),
            (MEAN, np.array(-0.4), LOG_VARIANCE),
        ),
        (likelihoods.standard_normal_kl, (MEAN, LOG_VARIANCE)),
        (likelihoods.log_weight, (np.array([-3.0, 0.7]), MEAN + 0.3, MEAN, LOG_VARIANCE)),
        (likelihoods.importance_weighted_bound, (np.array([0.5, -2.0, 0.1]),)),
    ],
    ids=["bernoulli", "gaussian", "kl", "weight", "bound"],
)
def test_gradients_are_the_derivatives(function, arguments):
    found, expected = tf.test.compute_gradient(function, list(map(tf.constant, arguments)), 1e-5)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "function", [likelihoods.bernoulli_log_likelihood, likelihoods.standard_normal_kl]
)
def test_what_does_not_fit_is_named(function):
    with pytest.raises(ValueError, match=r"must have one shape, got \(2, 3\) and \(2, 1\)"):
        function(tf.zeros([2, 3]), tf.zeros([2, 1]))
    with pytest.raises(TypeError, match="must be floating point, got int32"):
        function(tf.zeros([2, 3], tf.int32), tf.zeros([2, 3]))
