"""Memorisation: scipy's Mann-Whitney test, and the share of near copies."""

import numpy as np
import pytest
import scipy.stats

from tfgan.core.checks import InputError
from tfgan.metrics import copying

DRAW = np.random.RandomState(0)


def z_of_scipy(held_out, fake):
    """U from scipy, z from its own p-value's definition, with ties and without continuity."""
    test = scipy.stats.mannwhitneyu(
        fake, held_out, alternative="less", method="asymptotic", use_continuity=False
    )
    return scipy.stats.norm.ppf(test.pvalue)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("shift", [-0.3, 0.0, 0.4])
def test_against_the_test_of_scipy(ties, shift):
    held_out, fake = DRAW.exponential(size=80), DRAW.exponential(size=50) + shift
    if ties:
        held_out, fake = held_out.round(1), fake.round(1)
    found = copying.copying(copying.TrainingDistances(held_out, fake))
    assert found == pytest.approx(z_of_scipy(held_out, fake), rel=1e-9)


def test_the_sign():
    near, far = np.arange(30.0), np.arange(30.0) + 100
    lowest = copying.copying(copying.TrainingDistances(held_out=far, fake=near))
    assert lowest == pytest.approx(-450 / np.sqrt(900 * 61 / 12), rel=1e-12)
    assert copying.copying(copying.TrainingDistances(held_out=near, fake=far)) == -lowest


def test_a_perfect_sampler_is_standard_normal():
    found = []
    for _ in range(300):
        training, held_out, fake = np.split(DRAW.standard_normal([150, 3]), 3)
        distances = copying.training_distances(training, held_out, fake)
        found.append(copying.copying(distances))
    assert np.mean(found) == pytest.approx(0.0, abs=4 / 300**0.5)
    # A little above 1: both sets are measured against the same training examples.
    assert np.std(found) == pytest.approx(1.0, abs=0.15)


def test_distances_to_the_nearest_training_example():
    training = np.array([[0.0, 0.0], [3.0, 4.0]])
    found = copying.training_distances(
        training, held_out=np.array([[0.0, 1.0], [3.0, 9.0]]), fake=np.array([[3.0, 4.0]])
    )
    np.testing.assert_array_equal(found.held_out, [1.0, 5.0])
    np.testing.assert_array_equal(found.fake, [0.0])


def test_near_copies():
    held_out = np.arange(101.0)  # all but 1 % are above 1
    fake = np.array([0.0, 0.5, 1.0, 1.5, 30.0, 200.0, 0.0, 7.0])
    assert copying.near_copies(copying.TrainingDistances(held_out, fake)) == 0.5
    shares = [
        copying.near_copies(copying.TrainingDistances(*DRAW.exponential(size=[2, 1000])))
        for _ in range(100)
    ]
    assert np.mean(shares) == pytest.approx(0.011, abs=0.002)  # 11 of 1,000 are up to the quantile


def test_held_out_examples_that_were_trained_on():
    zeros = copying.TrainingDistances(np.zeros(30), np.zeros(30))
    with pytest.raises(InputError, match="all distances to the training examples are equal"):
        copying.copying(zeros)
