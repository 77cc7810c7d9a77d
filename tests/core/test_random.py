"""Draws: a function of (seed, stream, step) alone, exact in range, and never overlapping."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfgan.core import random

DRAWS = {
    "uniform": lambda *a: random.uniform([64], *a),
    "normal": lambda *a: random.normal([64], *a),
    "integers": lambda *a: random.integers([64], *a, below=2**31 - 1),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_same_key_gives_the_same_bits_and_another_key_does_not(name):
    def draw(*arguments):
        return DRAWS[name](*arguments).numpy().tobytes()

    first = draw(1, "a", 5)
    assert draw(1, "a", 5) == first
    assert tf.function(lambda step: DRAWS[name](1, "a", step))(5).numpy().tobytes() == first
    assert len({first, draw(2, "a", 5), draw(1, "b", 5), draw(1, "a", 6)}) == 4


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**40))
@settings(max_examples=30, deadline=None)
def test_neighbouring_steps_do_not_overlap(seed, step):
    """With the step in the lower half of the counter, step + 1 would repeat all but four."""
    one = random.integers([256], seed, "a", step, below=2**31 - 1).numpy()
    two = random.integers([256], seed, "a", step + 1, below=2**31 - 1).numpy()
    assert len(np.intersect1d(one, two)) <= 1


def test_philox_is_philox():
    """Philox4x32-10 for key 0 and counter 0, as published: Random123, kat_vectors."""
    draw = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=[4],
        key=tf.constant([0], tf.uint64),
        counter=tf.constant([0, 0], tf.uint64),
        alg=random._PHILOX,
        dtype=tf.uint32,
    )
    assert [f"{n:08x}" for n in draw.numpy()] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]


def test_latents_are_what_their_names_say():
    uniform = random.uniform([100_000], 0, "a").numpy()
    assert uniform.dtype == np.float32
    assert uniform.min() >= -1.0
    assert uniform.max() < 1.0
    np.testing.assert_allclose([uniform.mean(), uniform.std()], [0, 3**-0.5], atol=0.01)
    # Exact multiples of 2^-22: no rounding that another compiler could do otherwise.
    assert (uniform * 2**22 % 1 == 0).all()
    normal = random.normal([100_000], 0, "a", stddev=2.0).numpy()
    np.testing.assert_allclose([normal.mean(), normal.std()], [0, 2], atol=0.03)
    assert abs(np.mean(normal**3)) < 0.3
    assert np.bincount(random.integers([7000], 0, "a", below=7).numpy()).min() > 850
