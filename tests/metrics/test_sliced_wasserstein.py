"""Sliced Wasserstein distance: scipy's along each direction, closed forms."""

import math

import numpy as np
import pytest
import scipy.stats

from tfgan.metrics import sliced_wasserstein as sliced


@pytest.mark.parametrize(("n", "m"), [(50, 50), (50, 75), (7, 50), (1, 3)])
def test_against_scipy_along_each_direction(n, m):
    draw = np.random.RandomState(n + m)
    real, fake = draw.standard_normal([n, 9]), draw.exponential(size=[m, 9])
    axes = sliced.directions(9, 20, seed=3)
    expected = [scipy.stats.wasserstein_distance(real @ axis, fake @ axis) for axis in axes]
    found = sliced.sliced_wasserstein_distance(real, fake, num_projections=20, seed=3)
    assert found.value == pytest.approx(np.mean(expected), rel=1e-12)
    assert found.spread == pytest.approx(np.std(expected, ddof=1) / 20**0.5, rel=1e-10)


def test_points_on_the_line():
    assert sliced.wasserstein_distance(np.array([3.0, 0, 1]), np.array([5.0, 6, 8])) == 5.0
    assert sliced.wasserstein_distance(np.array([0.0, 1]), np.array([0.0, 0, 1])) == pytest.approx(
        1 / 6
    )


@pytest.mark.parametrize("count", [300, 500])
def test_a_shift(count):
    """Along a unit direction u it is |u . shift|: for F = 3 half the shift's length on average."""
    draw = np.random.RandomState(0)
    real = draw.standard_normal([300, 3])
    fake = np.concatenate([real, real])[: count * 2 // 2] if count == 300 else real.repeat(5, 0)
    shift = np.array([3.0, 0.0, 4.0])
    found = sliced.sliced_wasserstein_distance(real, fake + shift, num_projections=4000)
    assert found.value == pytest.approx(2.5, abs=4 * found.spread)
    # |u . shift| is uniform on [0, 5].
    assert found.spread == pytest.approx(5 / math.sqrt(12) / 4000**0.5, rel=0.05)
    assert sliced.sliced_wasserstein_distance(real, fake).value == pytest.approx(0.0, abs=1e-12)


def test_directions_are_unit_vectors_and_always_the_same():
    axes = sliced.directions(5, 1000, seed=0)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1.0, rtol=1e-14)
    np.testing.assert_allclose(axes.mean(0), 0.0, atol=0.06)
    expected = np.array([1.764052345967664, 0.4001572083672233])  # RandomState(0)'s first
    np.testing.assert_allclose(
        sliced.directions(2, 1, seed=0)[0], expected / np.linalg.norm(expected), rtol=1e-14
    )


def test_many_rows_are_projected_by_parts(monkeypatch):
    draw = np.random.RandomState(0)
    real, fake = draw.standard_normal([100, 4]).astype(np.float32), draw.standard_normal([90, 4])
    whole = sliced.sliced_wasserstein_distance(real, fake)
    monkeypatch.setattr(sliced, "_ROWS", 32)
    assert sliced.sliced_wasserstein_distance(real, fake) == pytest.approx(whole, rel=1e-12)
