"""Modes covered, good share, reverse KL, spread: hand-computed numbers and the perfect sampler."""

import math

import numpy as np
import pytest
import scipy.spatial
import scipy.stats

from tfgan.core.checks import InputError
from tfgan.data import synthetic
from tfgan.metrics import modes

LINE = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [30.0, 0.0]])  # with stddev 1: reach 3


def line(*places):
    return modes.sort_by_mode(np.array([[x, 0.0] for x in places]), LINE, 1.0)


def test_a_sample_is_good_up_to_three_standard_deviations():
    seen = line(0.0, 3.0, 3.1, -3.0, 12.9, 16.0)
    np.testing.assert_array_equal(seen.nearest, [0, 0, 0, 0, 1, 2])
    np.testing.assert_array_equal(seen.is_good, [True, True, False, True, True, False])
    np.testing.assert_array_equal(seen.counts(), [3, 1, 0, 0])
    np.testing.assert_array_equal(seen.counts(only_good=False), [4, 1, 1, 0])
    assert modes.modes_covered(seen) == 2
    assert modes.good_share(seen) == 4 / 6


def test_the_distance_is_round():
    corner = 3.0 / math.sqrt(2.0)
    places = np.array([[corner - 1e-9, corner], [2.9, 2.9]])
    np.testing.assert_array_equal(modes.sort_by_mode(places, LINE, 1.0).is_good, [True, False])


def test_the_reverse_kl_of_a_few_samples():
    seen = line(0.0, 0.0, 0.0, 10.0, 14.0)  # good: 3/4, 1/4; all: 3/5, 2/5
    expected = 0.75 * math.log(4 * 0.75) + 0.25 * math.log(4 * 0.25)
    assert modes.reverse_kl(seen) == pytest.approx(expected, rel=1e-14)
    expected = 0.6 * math.log(4 * 0.6) + 0.4 * math.log(4 * 0.4)
    assert modes.reverse_kl(seen, only_good=False) == pytest.approx(expected, rel=1e-14)


def test_by_the_nearest_neighbours_and_the_relative_entropy_of_scipy():
    mixture = synthetic.grid(batch_size=1, seed=0)
    centres, stddev = mixture.centres, mixture.stddev
    draw = np.random.default_rng(0)
    chosen = centres[draw.integers(0, 18, 2000)]  # seven modes are missing
    samples = chosen + draw.normal(0, 1.5 * stddev, [2000, 2])
    seen = modes.sort_by_mode(samples, centres, stddev)
    distances, nearest = scipy.spatial.KDTree(centres).query(samples)
    is_good = distances <= 3.0 * stddev
    for only_good, counted in ((True, nearest[is_good]), (False, nearest)):
        shares = np.bincount(counted, minlength=25) / len(counted)
        expected = scipy.stats.entropy(shares, np.full(25, 1 / 25))
        assert modes.reverse_kl(seen, only_good=only_good) == pytest.approx(expected, rel=1e-12)
    assert modes.modes_covered(seen) == len(set(nearest[is_good])) == 18
    assert modes.good_share(seen) == is_good.mean()


@pytest.mark.parametrize("only_good", [True, False])
def test_the_ends_of_the_reverse_kl(only_good):
    assert modes.reverse_kl(line(0.0, 10.0, 20.0, 30.0), only_good=only_good) == 0.0
    assert modes.reverse_kl(line(20.0), only_good=only_good) == pytest.approx(math.log(4))
    assert modes.reverse_kl(line(5.1, 5.2)) == pytest.approx(math.log(4))  # none is good


def test_the_spread_is_around_the_own_mean_of_the_good_samples():
    place = np.array([[10.5, 1.0], [10.5, -1.0], [14.0, 0.0], [0.0, 0.0]])  # good: 2, 0, and 1
    of_gaussian = 1.0 - 4.5 * math.exp(-4.5) / (1.0 - math.exp(-4.5))
    found = modes.relative_spread(place, LINE, 1.0)
    assert found[1] == pytest.approx(math.sqrt(0.5 * (0.0 + 2.0) / of_gaussian), rel=1e-14)
    assert np.isnan(found[[0, 2, 3]]).all()


@pytest.mark.parametrize(("make", "kl"), [(synthetic.ring, 0.0014), (synthetic.grid, 0.0048)])
def test_a_perfect_sampler(make, kl):
    mixture = make(batch_size=1, seed=0)
    draw, centres = np.random.default_rng(0), mixture.centres.astype(np.float64)
    shape = (200, 2500)
    real = centres[draw.integers(len(centres), size=shape)]
    real = real + mixture.stddev * draw.normal(size=(*shape, 2))
    seen = [modes.sort_by_mode(samples, centres, mixture.stddev) for samples in real]
    assert {modes.modes_covered(each) for each in seen} == {len(centres)}
    shares = [modes.good_share(each) for each in seen]
    assert np.mean(shares) == pytest.approx(modes.PERFECT_GOOD_SHARE, abs=5 * 0.0021 / 200**0.5)
    assert round(modes.PERFECT_GOOD_SHARE, 4) == 0.9889
    for only_good in (True, False):
        mean = np.mean([modes.reverse_kl(each, only_good=only_good) for each in seen])
        assert mean == pytest.approx(kl, rel=0.1)  # (K - 1) / (2 N)
    spread = modes.relative_spread(real.reshape(-1, 2), centres, mixture.stddev)
    np.testing.assert_allclose(spread, 1.0, atol=0.02)


def test_the_mixtures_are_those_of_the_papers_at_another_scale():
    ring, grid = synthetic.ring(1, 0), synthetic.grid(1, 0)
    radius = np.linalg.norm(ring.centres, axis=1)
    np.testing.assert_allclose(radius, radius[0], rtol=1e-6)
    assert ring.stddev / radius[0] == pytest.approx(0.01, rel=1e-6)  # radius 1, stddev 0.01
    step = np.diff(np.unique(grid.centres))
    np.testing.assert_allclose(step, step[0], rtol=1e-6)
    assert grid.stddev / step[0] == pytest.approx(0.05 / 2, rel=1e-6)
    for mixture, count in ((ring, 8), (grid, 25)):
        assert len(np.unique(mixture.centres.round(4), axis=0)) == count


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros([0, 2]), r"samples \[0, 2\] do not fit"),
        (np.zeros([5, 3]), r"samples \[5, 3\] do not fit centres \[4, 2\]"),
        (np.zeros([5]), "do not fit"),
        (np.array([[0.0, np.nan], [1.0, 1.0], [np.inf, 0.0]]), "2 of 3 samples are not finite"),
    ],
)
def test_what_cannot_be_measured_is_refused(samples, message):
    with pytest.raises(InputError, match=message):
        modes.sort_by_mode(samples, LINE, 1.0)
