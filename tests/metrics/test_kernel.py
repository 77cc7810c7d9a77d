"""Kernel distance: scikit-learn's kernel, closed forms, no bias, an error that tells the truth."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from tfgan.core.checks import InputError
from tfgan.metrics import kernel


def test_against_the_kernel_of_scikit_learn():
    draw = np.random.RandomState(0)
    x, y = draw.standard_normal([40, 12]), draw.standard_normal([30, 12]) + 0.5
    k = [
        polynomial_kernel(a, b, degree=3, gamma=1 / 12, coef0=1)
        for a, b in ((x, x), (y, y), (x, y))
    ]
    expected = (
        (k[0].sum() - np.trace(k[0])) / (40 * 39)
        + (k[1].sum() - np.trace(k[1])) / (30 * 29)
        - 2 * k[2].mean()
    )
    assert kernel.mmd_squared(x, y) == pytest.approx(expected, rel=1e-12)


def test_two_points_against_two():
    """k(0, 0) = 1, k(1, 1) = 8, k(0, 1) = 1, k(-1, 1) = 0, k(2, 1) = 27 on the line."""
    assert kernel.mmd_squared([[0.0], [1.0]], [[1.0], [2.0]]) == 1 + 27 - 2 * (1 + 1 + 8 + 27) / 4
    assert kernel.mmd_squared([[1.0], [1.0]], [[-1.0], [-1.0]]) == 8 + 8 - 0
    assert kernel.mmd_squared([[3.0, 4.0]] * 2, [[3.0, 4.0]] * 9) == pytest.approx(0, abs=1e-11)


def test_it_is_the_mean_over_blocks_that_share_nothing():
    draw = np.random.RandomState(1)
    real, fake = draw.standard_normal([2100, 3]), draw.standard_normal([2999, 3]) * 1.2
    order = np.random.RandomState(kernel.SEED)
    a, b = order.permutation(2100), order.permutation(2999)
    blocks = [slice(i * 210, (i + 1) * 210) for i in range(10)]
    values = [kernel.mmd_squared(real[a[block]], fake[b[block]]) for block in blocks]
    found = kernel.kernel_distance(real, fake)
    assert found.value == pytest.approx(np.mean(values), rel=1e-12)
    assert found.spread == pytest.approx(np.std(values, ddof=1) / 10**0.5, rel=1e-12)


def test_blocks_have_a_thousand_examples_at_most(monkeypatch):
    sizes = []
    monkeypatch.setattr(
        kernel, "mmd_squared", lambda real, fake: sizes.append((len(real), len(fake))) or 0.0
    )
    kernel.kernel_distance(np.zeros([12_345, 1]), np.zeros([20_000, 1]))
    assert sizes == [(1000, 1000)] * 12


def test_it_has_no_bias_and_its_error_is_right():
    """Of normals of scales s and t: E k = 1 + 3 s^2 t^2 / F."""
    draw, width, scale = np.random.RandomState(2), 4, 1.5
    truth = 3 / width * (1 + scale**4 - 2 * scale**2)
    for factor, expected in ((1.0, 0.0), (scale, truth)):
        found = [
            kernel.kernel_distance(
                draw.standard_normal([60, width]), draw.standard_normal([60, width]) * factor
            )
            for _ in range(400)
        ]
        values = [each.value for each in found]
        assert np.mean(values) == pytest.approx(expected, abs=4 * np.std(values) / 20)
        # About the standard deviation over repeats, which the blocks know nothing of.
        assert np.mean([e.spread**2 for e in found]) == pytest.approx(np.var(values), rel=0.4)


def test_sorted_examples_are_shuffled():
    steps = np.repeat([0.0, 5.0], 500)[:, None]
    found = kernel.kernel_distance(steps, steps[::-1])
    assert abs(found.value) < 5 * found.spread
    assert kernel.mmd_squared(steps[:100], steps[-100:]) > 1000


def test_too_few():
    with pytest.raises(InputError, match="fake must have 20 rows or more, got 19"):
        kernel.kernel_distance(np.ones([20, 2]), np.ones([19, 2]))
