"""Parzen log-likelihood: scikit-learn's density, a Gaussian in closed form, who chooses sigma."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.neighbors import KernelDensity

from tfgan.core.checks import InputError
from tfgan.metrics import neighbours, parzen

DRAW = np.random.RandomState(0)


@pytest.mark.parametrize("block", [100, 2**22])
def test_against_the_density_of_scikit_learn(block, monkeypatch):
    monkeypatch.setattr(neighbours, "_BLOCK", block)
    samples, examples = DRAW.uniform(size=[60, 30]), DRAW.uniform(size=[40, 30])
    sigmas = (0.05, 0.3, 1.0)
    found = parzen.log_likelihoods(examples, samples, sigmas)
    for i, sigma in enumerate(sigmas):
        density = KernelDensity(bandwidth=sigma).fit(samples)
        np.testing.assert_allclose(found[i], density.score_samples(examples), rtol=1e-9)


def test_one_sample_is_a_gaussian():
    sample, examples = DRAW.uniform(size=[1, 90]), DRAW.uniform(size=[5, 90])
    expected = multivariate_normal(sample[0], 0.2**2).logpdf(examples)
    found = parzen.log_likelihoods(examples, sample, (0.2,))[0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    frozen = parzen.log_likelihoods(examples, sample.repeat(50, 0), (0.2,))[0]
    np.testing.assert_allclose(frozen, expected, rtol=1e-12)


def test_examples_very_far_from_all_samples_have_a_finite_score():
    found = parzen.log_likelihoods(np.full([1, 784], 1e3), np.zeros([3, 784]), (0.1,))
    np.testing.assert_allclose(found, -0.5 * 784e6 / 0.01, rtol=1e-6)


def test_the_validation_examples_choose_sigma():
    """The best sigma for one sample is the root of the mean square of a pixel's difference."""
    sample = np.zeros([1, 50])
    for sigma in parzen.SIGMAS:
        validation = DRAW.choice([-sigma, sigma], size=[20, 50])
        test = DRAW.choice([-0.3, 0.4], size=[30, 50])
        values = parzen.log_likelihoods(test, sample, (sigma,))[0]
        found = parzen.parzen_log_likelihood(validation, test, sample)
        assert found.value == pytest.approx(values.mean(), rel=1e-12)
        assert found.spread == pytest.approx(values.std(ddof=1) / 30**0.5, rel=1e-12)


def test_sigma_is_one_of_the_papers():
    expected = [0.1, 0.1291549665, 0.1668100537, 0.2154434690, 0.2782559402]
    expected += [0.3593813664, 0.4641588834, 0.5994842503, 0.7742636827, 1.0]
    np.testing.assert_allclose(parzen.SIGMAS, expected, rtol=1e-9)


def test_one_test_example_has_no_error():
    with pytest.raises(InputError, match="test must have 2 rows or more, got 1"):
        parzen.parzen_log_likelihood(np.ones([3, 2]), np.ones([1, 2]), np.ones([3, 2]))
