"""Penalties against closed forms: a linear discriminator has one gradient everywhere."""

import inspect

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core import contradictions
from tfgan.penalties import PENALTIES, Logits, gradient_penalty, lecam

SHARES = np.array([0.0, 0.25, 0.5, 0.9])
NORMS = np.array([0.5, 1.0, 2.0, 5.0])
SHAPES = pytest.mark.parametrize("shape", [(2,), (1, 2, 1)])
OF_GRADIENTS = sorted(PENALTIES.keys() - {"lecam"})
FLOORED = 1e-11
"""The root's floor of 1e-12 below a norm of 1 or so shows in the twelfth digit."""


class Draw:
    """Gives out known numbers on [0, 1), and writes down who wanted which shape."""

    def __init__(self):
        self.asked = {}

    def __call__(self, shape, stream):
        self.asked[stream] = shape = tuple(int(size) for size in shape)
        if len(shape) == 1:
            return tf.constant(SHARES, tf.float32)
        return tf.constant(np.random.RandomState(9).uniform(size=shape), tf.float32)


def examples(shape=(2,)):
    draw = np.random.RandomState(1)
    return [tf.constant(draw.normal(size=(4, *shape)) + shift) for shift in (1.0, -1.0)]


def linear_of_each(norms=NORMS):
    """D(x) = w.x with another w for each example, of the given norm."""
    weights = np.stack([[0.6, 0.8], [-0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]]) * norms[:, None]
    return lambda x: tf.reduce_sum(tf.reshape(x, [4, 2]) * weights, 1)


def half_square(x):
    """D(x) = |x|^2 / 2 has the gradient x: a penalty shows where it was taken."""
    return tf.reduce_sum(tf.reshape(x, [4, 2]) ** 2, 1) / 2


def apply(name, discriminator, real, fake, draw=None, **options):
    if name == "lecam":
        averages = Logits(tf.constant(0.7, tf.float64), tf.constant(-0.4, tf.float64))
        logits = Logits(discriminator(real), discriminator(fake))
        options |= dict(logits=logits, averages=averages)
    return PENALTIES[name](discriminator, real, fake, draw or Draw(), **options)


def above(excess):
    return np.maximum(excess, 0.0)


EXPECTED = {
    "gradient_penalty": lambda norms, target: (norms - target) ** 2,
    "one_sided_gradient_penalty": lambda norms, target: above(norms - target) ** 2,
    "dragan": lambda norms, target: (norms - target) ** 2,
    "r1": lambda norms, target: norms**2 / 2,
    "r2": lambda norms, target: norms**2 / 2,
}


def test_every_penalty_is_tested_and_listed_by_its_name():
    assert all(name == penalty.__name__ for name, penalty in PENALTIES.items())
    assert PENALTIES.keys() == EXPECTED.keys() | {"lecam"}
    assert sorted(contradictions.PER_EXAMPLE) == OF_GRADIENTS


@pytest.mark.parametrize("name", EXPECTED)
@SHAPES
def test_of_a_linear_discriminator_it_is_exact(name, shape):
    """Each example has its own norm, below the target, at it and above it."""
    real, fake = examples(shape)
    has_target = "target" in inspect.signature(PENALTIES[name]).parameters
    for target in (1.0, 2.0, 0.0) if has_target else (1.0,):
        options = {"target": target} if has_target and target != 1.0 else {}
        got = apply(name, linear_of_each(), real, fake, **options)
        np.testing.assert_allclose(got, EXPECTED[name](NORMS, target), rtol=1e-11, atol=FLOORED)


@pytest.mark.parametrize("one_sided", [False, True])
def test_the_one_sided_form_is_a_switch_of_the_two_sided_one(one_sided):
    got = gradient_penalty(linear_of_each(), *examples(), Draw(), one_sided=one_sided)
    name = "one_sided_gradient_penalty" if one_sided else "gradient_penalty"
    np.testing.assert_allclose(got, EXPECTED[name](NORMS, 1.0), atol=FLOORED)


@pytest.mark.parametrize("name", EXPECTED)
@SHAPES
def test_where_it_is_taken(name, shape):
    real, fake = examples(shape)
    draw = Draw()
    got = apply(name, half_square, real, fake, draw)
    share = np.float32(SHARES).reshape(4, *[1] * len(shape))
    points = {"r1": real, "r2": fake}.get(name)
    streams = {}
    if name.endswith("gradient_penalty"):
        streams = {"gradient_penalty": (4,)}  # one weight for each example
        points = share * real + (1 - share) * fake
    elif name == "dragan":
        streams = {"dragan/noise": (4, *shape), "dragan/share": (4,)}
        noise = Draw()((4, *shape), "dragan/noise").numpy()
        points = real + share * 0.5 * np.std(real) * noise
    norms = np.linalg.norm(np.reshape(points, [4, 2]), axis=1)
    np.testing.assert_allclose(got, EXPECTED[name](norms, 1.0), rtol=1e-6, atol=FLOORED)
    assert draw.asked == streams


def test_lecam_is_the_distance_from_the_other_side_s_average():
    real, fake = tf.constant([1.0, 2.0, -3.0]), tf.constant([0.5, -1.0, 4.0])
    averages = Logits(tf.Variable(0.7), tf.Variable(-0.4))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        got = lecam(None, None, None, None, logits=Logits(real, fake), averages=averages)
    expected = (np.array(real) + 0.4) ** 2 + (np.array(fake) - 0.7) ** 2
    np.testing.assert_allclose(got, expected, rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(got, real), 2 * (np.array(real) + 0.4), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(got, fake), 2 * (np.array(fake) - 0.7), rtol=1e-6)


@pytest.mark.parametrize("name", PENALTIES)
def test_its_gradient_is_that_of_finite_differences(name):
    """Of second order where the penalty is one of gradients; float32 could not show 1e-6."""
    real, fake = examples()
    draw = np.random.RandomState(3)
    first, last = tf.constant(draw.normal(size=(2, 5))), tf.constant(draw.normal(size=5))

    def loss(first, last):
        def discriminator(x):
            return tf.linalg.matvec(tf.tanh(x @ first), last)

        return tf.reduce_mean(apply(name, discriminator, real, fake))

    got, expected = tf.test.compute_gradient(loss, [first, last], delta=1e-5)
    for theory, measured in zip(got, expected, strict=True):
        assert np.abs(measured).max() > 0.01
        np.testing.assert_allclose(theory, measured, rtol=1e-6, atol=1e-6 * np.abs(measured).max())


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64], ids=lambda dtype: dtype.name)
def test_where_the_gradient_is_0_its_own_gradient_is_finite(name, dtype):
    weight = tf.Variable([0.0, 0.0], dtype=dtype)
    real, fake = (tf.cast(x, dtype) for x in examples())
    with tf.GradientTape() as tape:
        penalty = apply(name, lambda x: tf.linalg.matvec(x, weight), real, fake)
    expected = EXPECTED[name](np.zeros(4), 1.0)
    np.testing.assert_allclose(penalty, expected, rtol=1e-5)
    np.testing.assert_array_equal(tape.gradient(penalty, weight), [0.0, 0.0])


@pytest.mark.parametrize("name", OF_GRADIENTS)
def test_examples_do_not_see_each_other(name):
    """Another example in the last place changes the last penalty alone."""
    real, fake = examples()
    before = apply(name, half_square, real, fake).numpy()
    moved = [tf.concat([x[:3], -4.0 * x[3:]], 0) for x in (real, fake)]
    if name == "dragan":  # the noise is as wide as the batch's values: there it is the same
        moved[0] = tf.concat([real[:3], tf.reverse(real[3:], [1])], 0)
    after = apply(name, half_square, *moved).numpy()
    np.testing.assert_allclose(after[:3], before[:3], rtol=1e-12)
    assert abs(after[3] - before[3]) > 1e-3
