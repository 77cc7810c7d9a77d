"""Optimisers against TensorFlow's own version 1, bit by bit, and under a strategy."""

import functools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.compat.v1 as tf1

from tfgan import optimizers

V1 = {
    "adam": (
        lambda: tf1.train.AdamOptimizer(0.01, 0.5, 0.9, 1e-8),
        lambda v: optimizers.Adam(v, 0.01, 0.5, 0.9, 1e-8),
    ),
    "rmsprop": (
        lambda: tf1.train.RMSPropOptimizer(0.01, 0.9, 0.5, 1e-10),
        lambda v: optimizers.RMSProp(v, 0.01, 0.9, 0.5, 1e-10),
    ),
    "centered rmsprop": (
        lambda: tf1.train.RMSPropOptimizer(0.01, 0.8, 0.5, 1e-3, centered=True),
        lambda v: optimizers.RMSProp(v, 0.01, 0.8, 0.5, 1e-3, centered=True),
    ),
    "sgd": (
        lambda: tf1.train.GradientDescentOptimizer(0.01),
        lambda v: optimizers.SGD(v, 0.01),
    ),
    "sgd with momentum": (
        lambda: tf1.train.MomentumOptimizer(0.01, 0.9),
        lambda v: optimizers.SGD(v, 0.01, 0.9),
    ),
    "sgd with nesterov's momentum": (
        lambda: tf1.train.MomentumOptimizer(0.01, 0.9, use_nesterov=True),
        lambda v: optimizers.SGD(v, 0.01, 0.9, nesterov=True),
    ),
    "adagrad": (
        lambda: tf1.train.AdagradOptimizer(0.01, 0.3),
        lambda v: optimizers.Adagrad(v, 0.01, 0.3),
    ),
}
SHAPES = [(3, 4), (4,), ()]


def random_arrays(number):
    draw = np.random.RandomState(0)
    return [[draw.normal(size=s).astype(np.float32) for s in SHAPES] for _ in range(number)]


def run_v1(make, starts, gradients):
    with tf1.Graph().as_default():
        variables = [
            tf1.get_variable(f"v{i}", initializer=s, use_resource=True)
            for i, s in enumerate(starts)
        ]
        feeds = [tf1.placeholder(tf.float32, s) for s in SHAPES]
        step = make().apply_gradients(zip(feeds, variables, strict=True))
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            for values in gradients:
                session.run(step, dict(zip(feeds, values, strict=True)))
            return session.run({v.op.name: v for v in tf1.global_variables()})


@pytest.mark.parametrize("name", V1)
def test_bits_equal_version_1(name):
    """Weights, slots and powers, all under the names that version 1 gives them."""
    make_v1, make = V1[name]
    starts, *gradients = random_arrays(51)
    variables = {f"v{i}": tf.Variable(s, name=f"v{i}") for i, s in enumerate(starts)}
    optimizer = make(list(variables.values()))
    step = tf.function(lambda *values: optimizer.apply(values))
    for values in gradients:
        step(*(tf.constant(v) for v in values))
    found = {n: v.numpy() for n, v in (variables | optimizer.state(list(variables))).items()}
    expected = run_v1(make_v1, starts, gradients)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key].tobytes() == np.asarray(value).tobytes(), key
    for variable, start in zip(variables.values(), starts, strict=True):
        assert variable.numpy().tobytes() != start.tobytes()


def test_a_variant_is_another_path_and_a_setting_only_where_it_is_on():
    """So the records of runs that began before there were variants still fit."""
    starts, *gradients = random_arrays(4)
    of_rmsprop = dict(name="RMSProp", rho=0.9, momentum=0.0, epsilon=1e-10)
    for make, variant, settings in (
        (
            functools.partial(optimizers.SGD, momentum=0.9),
            "nesterov",
            dict(name="SGD", momentum=0.9),
        ),
        (optimizers.RMSProp, "centered", of_rmsprop),
    ):
        ends = []
        for options in ({}, {variant: True}):
            variables = [tf.Variable(s) for s in starts]
            optimizer = make(variables, 0.01, **options)
            for values in gradients:
                optimizer.apply([tf.constant(v) for v in values])
            ends.append([v.numpy().tobytes() for v in variables])
            assert optimizer.settings() == dict(learning_rate=0.01) | settings | options
        assert not set(ends[0]) & set(ends[1])


@pytest.mark.parametrize("name", V1)
def test_in_float64_no_constant_is_of_float32(name):
    """In a graph too, where no number takes the dtype of what it meets."""
    variable, eager = (tf.Variable(1.0, dtype=tf.float64) for _ in range(2))
    gradient = [tf.constant(1.0, tf.float64)]
    tf.function(V1[name][1]([variable]).apply, autograph=False)(gradient)
    V1[name][1]([eager]).apply(gradient)
    assert variable.numpy() == eager.numpy()
    assert abs(variable.numpy() - np.float32(variable.numpy())) > 0.0


def test_adam_is_the_formula():
    draw = np.random.RandomState(1)
    variable = tf.Variable(draw.normal(size=5).astype(np.float32))
    w, m, v = variable.numpy().astype(np.float64), np.zeros(5), np.zeros(5)
    optimizer = optimizers.Adam([variable], 0.01, 0.9, 0.99, 1e-3)
    for t in range(1, 30):
        g = draw.normal(size=5).astype(np.float32)
        optimizer.apply([tf.constant(g)])
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
        w -= 0.01 * np.sqrt(1 - 0.99**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-3)
    np.testing.assert_allclose(variable.numpy(), w, rtol=1e-5)


def test_gradients_that_do_not_fit_are_refused():
    variables = [tf.Variable(1.0, name="first"), tf.Variable(1.0, name="second")]
    optimizer = optimizers.SGD(variables, 0.1)
    with pytest.raises(ValueError, match="1 gradients for 2 variables"):
        optimizer.apply([tf.constant(1.0)])
    with pytest.raises(ValueError, match="second:0 does not reach the loss"):
        optimizer.apply([tf.constant(1.0), None])


GRADIENTS = [np.float32([[3.0, -1.0], [2.0, 0.5]]), np.float32([-4.0, 1.0, 2.0])]
NORM = np.sqrt(sum(np.sum(np.float64(g) ** 2) for g in GRADIENTS))


def moved(**options):
    """Returns how gradient descent of rate 1/4 moves two weights."""
    variables = [tf.Variable(tf.zeros_like(g)) for g in GRADIENTS]
    optimizers.SGD(variables, 0.25).apply([tf.constant(g) for g in GRADIENTS], **options)
    return [variable.numpy() for variable in variables]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_gradient_is_clipped_to_the_norm_of_all_weights_together(share):
    """One factor for all weights: the step keeps its direction."""
    for step, gradient in zip(moved(clip_norm=share * NORM), GRADIENTS, strict=True):
        np.testing.assert_allclose(step, -0.25 * share * gradient, rtol=1e-6)


@pytest.mark.parametrize("clip_norm", [0.0, 1.01 * NORM, 8.0, 1e6])
def test_a_gradient_that_is_short_enough_is_left_as_it_is(clip_norm):
    for step, plain in zip(moved(clip_norm=clip_norm), moved(), strict=True):
        np.testing.assert_allclose(step, plain, rtol=3e-7)


def test_a_gradient_that_is_not_finite_is_not_clipped_to_something_finite():
    variable = tf.Variable([1.0, 2.0])
    optimizers.SGD([variable], 0.1).apply([tf.constant([np.inf, 1.0])], clip_norm=1.0)
    assert not np.isfinite(variable.numpy()).all()


@pytest.mark.parametrize("name", V1)
def test_a_factor_of_the_rate_is_another_rate(name):
    starts, *gradients = random_arrays(4)
    plain, scaled = ([tf.Variable(s) for s in starts] for _ in range(2))
    one, other = (V1[name][1](variables) for variables in (plain, scaled))
    one.learning_rate = 0.0025
    for values in gradients:
        values = [tf.constant(v) for v in values]
        one.apply(values)
        other.apply(values, rate_factor=tf.constant(0.25))
    for a, b in zip(plain, scaled, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
