"""Fréchet distance: Gaussians whose distance is known, of any rank; an independent root."""

import numpy as np
import pytest
import scipy.linalg

from tfgan.core.checks import InputError
from tfgan.metrics import frechet

DRAW = np.random.RandomState(0)


def moments(mean, covariance, count=1001):
    scatter = np.asarray(covariance, np.float64) * (count - 1)
    return frechet.Moments(count, np.asarray(mean, np.float64), scatter)


def distance(mean_a, covariance_a, mean_b, covariance_b):
    a, b = moments(mean_a, covariance_a), moments(mean_b, covariance_b)
    found = frechet.frechet_distance_of_moments(a, b)
    assert found == pytest.approx(frechet.frechet_distance_of_moments(b, a), rel=1e-9, abs=1e-9)
    return found


def rotation(width):
    return np.linalg.qr(np.random.RandomState(width).standard_normal([width, width]))[0]


def test_gaussians_on_the_line():
    assert distance([1], [[4]], [3], [[0.25]]) == pytest.approx(2**2 + (2 - 0.5) ** 2, rel=1e-14)


def test_gaussians_of_one_covariance_are_as_far_as_their_means():
    covariance = np.cov(DRAW.standard_normal([9, 500]))
    found = distance(np.zeros(9), covariance, np.arange(9.0), covariance)
    assert found == pytest.approx(np.sum(np.arange(9.0) ** 2), rel=1e-12)


def test_gaussians_whose_covariances_commute():
    turn, a, b = rotation(6), np.arange(6) / 3, np.array([2.0, 0.0, 1.0, 5.0, 0.1, 0.3])
    found = distance(np.zeros(6), (turn * a) @ turn.T, np.zeros(6), (turn * b) @ turn.T)
    assert found == pytest.approx(np.sum((a**0.5 - b**0.5) ** 2), rel=1e-12)


def test_subspaces_that_have_nothing_in_common():
    """The covariances' product is 0, and has no unique root."""
    turn = rotation(8)
    a, b = np.array([3.0, 2, 1, 0, 0, 0, 0, 0]), np.array([0.0, 0, 0, 0, 4, 5, 0, 0])
    found = distance(np.zeros(8), (turn * a) @ turn.T, np.ones(8), (turn * b) @ turn.T)
    assert found == pytest.approx(8 + 6 + 9, rel=1e-12)


def test_lines_at_an_angle():
    """Rank 1 each: tr (S1 S2)^1/2 = |cos|."""
    a, b = np.array([1.0, 0.0]), np.array([np.cos(1.0), np.sin(1.0)])
    found = distance(np.zeros(2), np.outer(a, a), np.zeros(2), np.outer(b, b))
    assert found == pytest.approx(2 - 2 * np.cos(1.0), rel=1e-9)


def test_points():
    turn = rotation(5)
    cloud = (turn * np.arange(1.0, 6.0)) @ turn.T
    zero = np.zeros([5, 5])
    assert distance(np.zeros(5), zero, np.full(5, 2.0), zero) == 20.0
    assert distance(np.zeros(5), zero, np.full(5, 2.0), cloud) == pytest.approx(20 + 15, rel=1e-12)


@pytest.mark.parametrize("width", [2, 30, 100])
def test_full_rank_against_an_independent_root(width):
    a = DRAW.standard_normal([4 * width, width]) @ DRAW.standard_normal([width, width]) + 3
    b = DRAW.exponential(size=[3 * width, width]) * np.arange(1, width + 1)
    s, t = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(s @ t).real
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s + t - 2 * root)
    assert frechet.frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_fewer_samples_than_features():
    """A set against itself, moved: the root must not find anything in the directions of none."""
    few = DRAW.standard_normal([20, 300]).astype(np.float32)
    assert frechet.frechet_distance(few, few) == pytest.approx(0.0, abs=1e-9)
    assert frechet.frechet_distance(few, few + 1.0) == pytest.approx(300.0, rel=1e-6)
    one = frechet.frechet_distance(few, few[:1])  # a single sample has no spread
    x = few.astype(np.float64)
    expected = np.sum((x.mean(0) - x[0]) ** 2) + np.trace(np.cov(x, rowvar=False))
    assert one == pytest.approx(expected, rel=1e-12)


def test_a_collapsed_generator():
    real = DRAW.standard_normal([500, 40]) + 7
    frozen = np.tile(real[3], [500, 1])
    expected = np.sum((real.mean(0) - real[3]) ** 2) + np.trace(np.cov(real, rowvar=False))
    assert frechet.frechet_distance(real, frozen) == pytest.approx(expected, rel=1e-12)


def test_moments_by_parts_are_those_of_all(monkeypatch):
    features = DRAW.standard_normal([1000, 7]).astype(np.float32) + 1000
    monkeypatch.setattr(frechet, "_ROWS", 64)
    parts = frechet.Moments.of(features[:1]).with_more(features[1:300]).with_more(features[300:])
    assert parts.num_samples == 1000
    np.testing.assert_allclose(parts.mean, features.astype(np.float64).mean(0), rtol=1e-14)
    expected = np.cov(features.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(parts.covariance, expected, rtol=1e-10, atol=1e-12)


def test_the_bias_of_few_samples():
    width, count = 30, 400
    found = [frechet.frechet_distance(*DRAW.standard_normal([2, count, width])) for _ in range(20)]
    assert np.mean(found) == pytest.approx(width * (width + 5) / (2 * count), rel=0.05)


def test_features_that_cannot_be_compared():
    with pytest.raises(InputError, match="one width, got 3 and 4"):
        frechet.frechet_distance(np.ones([9, 3]), np.ones([9, 4]))
    with pytest.raises(InputError, match="width 4 do not go with those of width 3"):
        frechet.Moments.of(np.ones([9, 3])).with_more(np.ones([9, 4]))
