"""What the logs hold, beside what `tests/survival` shows of their ends."""

import numpy as np
import pytest

from tfgan.runs import events


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_a_histogram_counts_as_numpy_does(scale):
    # In the middle of their buckets, so that rounding puts none into the next one.
    drawn = np.random.RandomState(0).randint(0, 30, [50, 40])
    values = ((drawn + 0.5) * scale).astype(np.float32)
    values[0, :2] = 0, 30 * scale
    counts, edges = np.histogram(values.astype(np.float64), bins=30)
    histogram = events._histogram(values)
    assert list(histogram.bucket) == list(counts)
    np.testing.assert_allclose(histogram.bucket_limit, edges[1:], rtol=1e-6)
    assert (histogram.num, histogram.min, histogram.max) == (2000, 0, np.float32(30 * scale))
    assert histogram.sum == pytest.approx(values.sum(dtype=np.float64))
    assert histogram.sum_squares == pytest.approx((values.astype(np.float64) ** 2).sum())


def test_a_histogram_of_equal_values_and_of_one():
    for values in (np.full([3, 4], 2.5, np.float32), np.float32(2.5)):
        histogram = events._histogram(values)
        assert sum(histogram.bucket) == histogram.num == values.size
        assert histogram.min == histogram.max == 2.5


@pytest.mark.parametrize("extreme", [1.4e-45, 3e38])
def test_a_histogram_of_the_smallest_and_of_the_largest_numbers(extreme):
    histogram = events._histogram(np.float32([-extreme, 0, extreme]))
    assert (sum(histogram.bucket), histogram.max) == (3, np.float32(extreme))
    assert np.isfinite(histogram.sum_squares)
