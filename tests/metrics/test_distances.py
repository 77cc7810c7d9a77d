"""Distances and coverage: exact numbers."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.metrics import distances


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_the_mean_distance_of_a_triangle(dtype):
    corners = tf.constant([[0, 0], [3, 0], [0, 4]], dtype) + 100  # sides 3, 4, 5
    np.testing.assert_allclose(distances.mean_distance(corners), 4.0, rtol=1e-5)
    assert distances.mean_distance(corners[:1]).numpy() == 0.0


def test_equal_rows_have_no_distance():
    for value in (0.1, -0.7):
        assert distances.mean_distance(tf.fill([256, 784], value)).numpy() < 1e-5


def test_the_fifth_neighbour_on_a_line():
    line = tf.constant(np.arange(10.0)[:, None])
    expected = [5, 4, 3, 3, 3, 3, 3, 3, 4, 5]
    np.testing.assert_allclose(distances.neighbour_distances(line), expected)
    np.testing.assert_allclose(distances.neighbour_distances(line[:3]), [2, 1, 2])


def test_coverage_counts_the_balls_that_hold_a_sample():
    real = tf.constant([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [9.0, 0.0]], tf.float64)
    radii = tf.constant([0.6, 0.6, 0.6, 2.0], tf.float64)
    fake = tf.constant([[0.5, 0.0], [7.5, 0.0], [7.5, 0.0], [5.0, 0.7]], tf.float64)
    assert distances.coverage(real, radii, fake).numpy() == 0.75  # 5 has none near; 7.5 is in 9's
    both = distances.precision_and_coverage(real, radii, fake)
    assert [x.numpy() for x in both] == [0.75, 0.75]  # (5, 0.7) lies in none
    assert [x.numpy() for x in distances.precision_and_coverage(real, radii, fake[:1])] == [1, 0.5]


def test_the_nearest_other_row():
    line = tf.constant([[0.0], [1.0], [3.0], [3.0], [9.0]], tf.float64)
    np.testing.assert_allclose(distances.nearest_distances(line), [1, 1, 0, 0, 6])
