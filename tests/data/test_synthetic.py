import functools

import numpy as np
import pytest
import tensorflow as tf
from source_checks import check_pure, in_a_loop

from tfgan.data import synthetic
from tfgan.data.synthetic import MIXTURES

NUM_MODES = {"ring": 8, "grid": 25}
STDDEV = {"ring": 0.008, "grid": 0.01}

each_mixture = pytest.mark.parametrize("name", MIXTURES)


@each_mixture
def test_a_batch_is_a_function_of_seed_and_step(name):
    check_pure(functools.partial(MIXTURES[name], 16))


@each_mixture
def test_what_it_says_of_itself(name):
    source = MIXTURES[name](16, 0)
    assert source.name == name
    assert source.specs["real"].shape == (2,)
    assert source.num_examples is None
    assert source.centres.dtype == np.float32
    assert source.centres.shape == (NUM_MODES[name], 2)
    assert source.stddev == pytest.approx(STDDEV[name])


def test_ring_lies_evenly_on_its_circle():
    around = synthetic.ring(1, 0).centres @ [1, 1j]
    np.testing.assert_allclose(np.abs(around), 0.8, rtol=1e-6)
    np.testing.assert_allclose(around[1:] / around[:-1], np.exp(2j * np.pi / 8), rtol=1e-6)


def test_grid_is_every_pair_of_five_values():
    values = [-0.8, -0.4, 0.0, 0.4, 0.8]
    found = sorted(map(tuple, synthetic.grid(1, 0).centres))
    np.testing.assert_allclose(found, [(x, y) for x in values for y in values], atol=1e-7)


@each_mixture
def test_points_are_equally_likely_normal_around_their_centres(name):
    num_points, num_modes, stddev = 200_000, NUM_MODES[name], STDDEV[name]
    source = MIXTURES[name](num_points, 1)
    points = source.batch(tf.constant(0, tf.int64))["real"].numpy()
    mode = np.argmin(np.linalg.norm(points[:, None] - source.centres, axis=-1), 1)

    # Six standard errors each: a right sampler fails once in a hundred million runs.
    share = 1 / num_modes
    count_error = np.sqrt(num_points * share * (1 - share))
    assert (
        np.abs(np.bincount(mode, minlength=num_modes) - num_points * share).max() < 6 * count_error
    )

    offset = (points - source.centres[mode]) / stddev
    assert abs(offset.std() - 1) < 6 / np.sqrt(2 * offset.size)
    assert abs(np.mean(offset**4) - 3) < 6 * np.sqrt(96 / offset.size)
    assert abs(np.mean(offset[:, 0] * offset[:, 1])) < 6 / np.sqrt(num_points)
    for k in range(num_modes):
        assert np.abs(offset[mode == k].mean(0)).max() < 6 / np.sqrt(num_points * share * 0.9)


def test_neighbouring_steps_are_independent():
    source = synthetic.ring(500, 0)
    points = in_a_loop(source, 0, 20)  # [20, 500, 2]
    nearest = np.argmin(np.linalg.norm(points[:, :, None] - source.centres, axis=-1), -1)
    centres = source.centres[nearest]
    for values in (centres, points - centres):
        for lag in (1, 2):
            product = values[lag:] * values[:-lag]
            assert abs(product.mean()) < 6 * values.var() / np.sqrt(product.size)
