"""Looks at a model, and what they mean: exact numbers and hand-made rows."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build, losses
from tfgan.runs import health


class Points:
    """A source with the given examples [N, *shape]; batch k holds the next ones, around the end."""

    def __init__(self, examples, batch_size=4):
        self.examples = tf.constant(examples, tf.float32)
        self.shape = tuple(self.examples.shape[1:])
        self.num_examples, self.batch_size = len(examples), batch_size

    def batch(self, step):
        indices = (step * self.batch_size + tf.range(self.batch_size, dtype=tf.int64)) % len(
            self.examples
        )
        return tf.gather(self.examples, indices)


class Samples:
    """A model whose samples are the given ones, whatever the latents."""

    def __init__(self, samples):
        self.samples = tf.constant(samples, tf.float32)

    def sample(self, latents):
        assert len(latents) == len(self.samples)
        return self.samples

    def diagnostics(self, step, source):
        return {"step_seen": tf.cast(step, tf.float32)}


@pytest.fixture
def looked_at(small_config):
    """Diversity and coverage of samples among real examples."""

    def look(real, fake):
        config = small_config(batch_size=4)
        values = health.Health(config, Samples(fake), Points(real)).look(7)
        assert values["step_seen"] == 7.0
        return values["diversity"], values["coverage"]

    return look


def cloud(shape, seed=0, scale=0.5):
    return np.random.RandomState(seed).uniform(-scale, scale, shape).astype(np.float32)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_the_mean_distance_of_a_triangle(dtype):
    corners = tf.constant([[0, 0], [3, 0], [0, 4]], dtype) + 100  # sides 3, 4, 5
    np.testing.assert_allclose(health.mean_distance(corners), 4.0, rtol=1e-5)
    assert health.mean_distance(corners[:1]).numpy() == 0.0


def test_equal_rows_have_no_distance():
    for value in (0.1, -0.7):
        assert health.mean_distance(tf.fill([256, 784], value)).numpy() < 1e-5


def test_the_fifth_neighbour_on_a_line():
    line = tf.constant(np.arange(10.0)[:, None])
    expected = [5, 4, 3, 3, 3, 3, 3, 3, 4, 5]
    np.testing.assert_allclose(health.neighbour_distances(line), expected)
    np.testing.assert_allclose(health.neighbour_distances(line[:3]), [2, 1, 2])


def test_coverage_counts_the_balls_that_hold_a_sample():
    real = tf.constant([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [9.0, 0.0]], tf.float64)
    radii = tf.constant([0.6, 0.6, 0.6, 2.0], tf.float64)
    fake = tf.constant([[0.5, 0.0], [7.5, 0.0], [7.5, 0.0], [5.0, 0.7]], tf.float64)
    assert health.coverage(real, radii, fake).numpy() == 0.75  # 5 has none near; 7.5 is in 9's


@pytest.mark.parametrize("shape", [(300, 2), (300, 8, 8, 1), (40, 8, 8, 3), (3, 2), (1, 2)])
def test_samples_equal_to_the_data(looked_at, shape):
    real = cloud(shape)
    assert looked_at(real, real[: health.NUM_EXAMPLES]) == (1.0, 1.0)


def test_samples_twice_as_far_apart(looked_at):
    real = cloud((100, 2))
    diversity, coverage = looked_at(real, 2.0 * real)
    assert diversity == pytest.approx(2.0, rel=1e-5)
    assert 0.2 < coverage < 1.0


@pytest.mark.parametrize("shape", [(256, 2), (256, 28, 28, 1)])
def test_a_frozen_generator_has_no_diversity(looked_at, shape):
    real = cloud(shape)
    diversity, _ = looked_at(real, np.full_like(real, 0.3))
    assert diversity < 1e-4


def test_one_mode_of_the_ring_covers_an_eighth(looked_at, small_config):
    source = build.build_source(small_config(data="ring", batch_size=256))
    real, other = (source.batch(tf.constant(k, tf.int64)).numpy() for k in (0, 1))
    diversity, coverage = looked_at(real, other)
    assert diversity == pytest.approx(1.0, abs=0.05)
    assert coverage > 0.93  # 0.97 is expected
    mode = other[np.linalg.norm(other - [0.8, 0.0], axis=1) < 0.1]
    diversity, coverage = looked_at(real, np.resize(mode, real.shape))
    assert diversity < 0.03
    assert coverage == pytest.approx(1 / 8, abs=0.05)


def test_data_of_equal_examples_divide_by_no_zero(looked_at):
    real = np.full((20, 8, 8, 1), 0.3, np.float32)
    assert looked_at(real, real) == (1.0, 1.0)
    diversity, coverage = looked_at(real, cloud(real.shape))
    assert math.isfinite(diversity)
    assert diversity > 1000
    assert coverage == 0.0


def test_copies_in_the_data_can_be_covered(looked_at):
    """Ten copies of each of four images: every ball has radius 0 but for rounding."""
    real = np.repeat(cloud((4, 8, 8, 1)), 10, axis=0)
    shifted = real + np.float32(1e-6)
    assert looked_at(real, shifted)[1] == 1.0


@pytest.mark.parametrize(("shape", "dtype"), [((9, 2), tf.float64), ((9, 8, 8, 1), tf.float32)])
def test_points_are_compared_in_double_precision(looked_at, monkeypatch, shape, dtype):
    seen, original = set(), health.squared_distances
    monkeypatch.setattr(
        health, "squared_distances", lambda a, b: seen.add(a.dtype) or original(a, b)
    )
    looked_at(cloud(shape), cloud(shape))
    assert seen == {dtype}


SICKLY = dict(network="dcgan", batch_norm=True, average_decay=0.9, batch_size=40)


def test_a_look_moves_nothing_and_is_traced_once(small_config):
    model, source = build.build(small_config(**SICKLY))
    before = {name: v.numpy().tobytes() for name, v in model.state().items()}
    looks = health.Health(small_config(**SICKLY), model, source)
    first = looks.look(0)
    for step in (1, 50, 10**6):
        assert looks.look(step) != first  # the diagnostics are those of the step
    assert looks.look(0) == first
    assert looks.num_traces == 1
    assert {name: v.numpy().tobytes() for name, v in model.state().items()} == before
    names = ["coverage", "d_fake", "d_gradient_norm", "d_real", "diversity", "g_gradient_norm"]
    assert sorted(first) == names
    assert all(type(value) is float for value in first.values())


def test_two_looks_at_one_model_agree(small_config):
    """Whatever else was drawn or trained in between, in TensorFlow's own generators too."""
    config = small_config(**SICKLY)
    model, source = build.build(config)
    first = health.Health(config, model, source).look(3)
    tf.random.set_seed(1)
    source.batch(tf.constant(10**4, tf.int64))
    again, source = build.build(config)
    assert health.Health(config, again, source).look(3) == first
    model.generator_step(model.latents("latents", tf.constant(0, tf.int64)))
    assert health.Health(config, model, source).look(3) != first
    assert health.Health(config, again, source).look(3) == first


def test_the_reference_does_not_depend_on_the_step(small_config):
    config = small_config()
    looks = health.Health(config, *build.build(config))
    for name in ("diversity", "coverage"):
        assert looks.look(0)[name] == looks.look(1000)[name]


def test_the_samples_are_those_of_the_average(small_config):
    config = small_config(**SICKLY)
    model, source = build.build(config)
    looks = health.Health(config, model, source)
    before = looks.look(0)["diversity"]
    for weight in model.average.twin.trainable_variables:
        weight.assign(tf.zeros_like(weight))
    assert looks.look(0)["diversity"] < 1e-4 < before


def test_a_look_costs_little_beside_a_hundred_steps(small_config):
    """Counts operations, not seconds: no loop in the graph, so nothing that grows with pairs."""
    config = small_config()
    looks = health.Health(config, *build.build(config))
    graph = looks._measure.get_concrete_function().graph
    assert not [op.type for op in graph.get_operations() if "While" in op.type]


HEALTHY = dict(d_real=0.6, d_fake=0.4, g_gradient_norm=1.0, d_gradient_norm=1.0) | dict(
    diversity=0.9, coverage=0.5, g_loss=1.0, d_loss=1.2
)


def table(count=6, every=100, **columns):
    """Rows of a healthy run but for the given columns: a value, or one for each row."""
    return [
        HEALTHY
        | {"step": (i + 1) * every}
        | {name: v[i] if isinstance(v, list) else v for name, v in columns.items()}
        for i in range(count)
    ]


WON = dict(d_real=0.99, d_fake=0.01, coverage=0.0)
CONVERGED = dict(coverage=0.8, d_real=0.55, d_fake=0.45)
SCORES = dict(d_real=300.0, d_fake=-300.0)
GROWING = [2.0**i for i in range(4, 10)]
TABLES = [
    ("training", {}),
    ("generator collapsed", dict(diversity=0.03)),
    ("generator collapsed", dict(diversity=0.03, **WON)),
    ("generator collapsed", dict(diversity=[0.9, 0.9, 0.03, 0.03, 0.03, 0.03])),
    ("generator collapsed", dict(diversity=[0, 0, 1e-7, 1e-5, 1e-5, 1e-4])),  # rounding grows
    ("training", dict(diversity=[0.9, 0.9, 0.9, 0.03, 0.03, 0.03])),  # too short
    ("training", dict(diversity=[0.01, 0.012, 0.015, 0.02, 0.03, 0.04])),  # starts slowly
    ("training", dict(diversity=0.06)),
    ("discriminator won", WON),
    ("discriminator won", WON | dict(coverage=[0.3, 0.29, 0.28, 0.27, 0.26, 0.25])),
    ("training", WON | dict(coverage=[0, 0, 0, 0.01, 0.02, 0.04])),  # the generator learns
    ("training", WON | dict(diversity=[0.5, 0.4, 0.5, 0.4, 0.5, 0.4])),  # it moves
    ("training", WON | dict(coverage=0.5)),
    ("training", WON | dict(d_fake=0.6)),
    ("discriminator dead", dict(d_real=0.5, d_fake=0.5, d_gradient_norm=0.0)),
    ("discriminator dead", CONVERGED | dict(d_real=0.5, d_fake=0.5, d_gradient_norm=0.0)),
    ("training", dict(d_real=0.5, d_fake=0.5, d_gradient_norm=0.01)),
    ("training", dict(d_real=0.9, d_fake=0.1, d_gradient_norm=0.0)),
    ("diverging", dict(g_loss=60.0)),
    ("diverging", dict(d_loss=60.0, diversity=0.0)),
    ("diverging", dict(g_loss=[1, 1, 1, 1, 1, math.nan])),
    ("diverging", dict(d_gradient_norm=[1, 1, 1, 1, 1, math.inf])),
    ("training", dict(g_loss=[60, 60, 60, 60, 60, 40])),
    ("training", dict(g_loss=[1, 1, 1, 60, 60, 60])),
    ("converged", CONVERGED),
    ("converged", CONVERGED | dict(coverage=[0.5, 0.8, 0.8, 0.8, 0.8, 0.8])),
    ("training", CONVERGED | dict(coverage=[0.8, 0.5, 0.8, 0.8, 0.8, 0.8][::-1])),
    ("training", CONVERGED | dict(coverage=[0.5, 0.5, 0.8, 0.8, 0.8, 0.8])),  # too short
    ("training", CONVERGED | dict(diversity=0.7)),
    ("training", CONVERGED | dict(diversity=1.3)),
    ("training", CONVERGED | dict(d_real=0.65)),
    ("training", CONVERGED | dict(d_fake=0.35)),
]


@pytest.mark.parametrize(("expected", "columns"), TABLES)
def test_a_verdict_on_hand_made_rows(expected, columns):
    assert expected in health.VERDICTS
    rows = table(**columns)
    assert health.verdict(rows, "non_saturating") == expected
    assert health.verdict(rows[-5:], "minimax") == expected  # earlier rows change nothing
    assert health.is_converged(rows, "minimax") == (expected == "converged")


@pytest.mark.parametrize(
    ("expected", "columns"),
    [
        ("training", SCORES),
        ("training", SCORES | dict(coverage=0.0)),  # a good discriminator is asked for
        ("converged", SCORES | dict(coverage=0.8)),
        ("generator collapsed", SCORES | dict(diversity=0.01)),
        ("discriminator dead", dict(d_real=3.0, d_fake=3.0, d_gradient_norm=0.0)),
        ("diverging", dict(g_loss=[-x for x in GROWING])),
        ("diverging", dict(d_loss=GROWING)),
        ("training", dict(g_loss=600.0)),  # scores have no origin
        ("training", dict(g_loss=[x / 300 for x in GROWING], d_loss=0.0)),
    ],
)
def test_a_verdict_on_scores(expected, columns):
    assert health.verdict(table(**columns), "wasserstein") == expected


def test_the_objectives_with_probabilities_are_those_of_the_losses():
    known = {name for name, objective in losses.OBJECTIVES.items() if objective.is_probabilistic}
    assert set(health.PROBABILISTIC) == known


@pytest.mark.parametrize(("every", "first"), [(10, 20), (50, 4), (70, 3), (150, 3), (1000, 3)])
def test_no_verdict_before_the_window_is_full(every, first):
    """Four looks, and 200 steps between the first and the last of them."""
    rows = table(first + 1, every, diversity=0.0)
    found = [health.verdict(rows[:count], "minimax") for count in range(first + 2)]
    assert found == ["training"] * (first + 1) + ["generator collapsed"]
