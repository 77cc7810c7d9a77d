"""What is measured of a model while it trains: exact numbers."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build
from tfgan.data import kinds
from tfgan.metrics import distances
from tfgan.runs import health


class Points:
    """A source with the given examples [N, *shape]; batch k holds the next ones, around the end."""

    def __init__(self, examples, batch_size=4):
        self.examples = tf.constant(examples, tf.float32)
        self.kind = kinds.of_shape(self.examples.shape[1:])
        self.num_examples, self.batch_size = len(examples), batch_size

    def batch(self, step):
        indices = (step * self.batch_size + tf.range(self.batch_size, dtype=tf.int64)) % len(
            self.examples
        )
        return {"real": tf.gather(self.examples, indices)}


class Samples:
    """A model whose samples are the given ones, whatever the inputs."""

    diagnostic_names = ("step_seen",)

    def __init__(self, samples):
        self.samples = tf.constant(samples, tf.float32)

    def inputs(self, count, stream):
        assert count == len(self.samples)
        return {"latents": tf.zeros([count, 1])}

    def sample(self, inputs):
        return self.samples

    def diagnostics(self, step, source):
        return {"step_seen": tf.cast(step, tf.float32)}


@pytest.fixture
def looked_at():
    """Diversity and coverage of samples among real examples."""

    def look(real, fake):
        values = health.Health(Samples(fake), Points(real)).measure(7)
        assert values["step_seen"] == 7.0
        return values["diversity"], values["coverage"]

    return look


def cloud(shape, seed=0, scale=0.5):
    return np.random.RandomState(seed).uniform(-scale, scale, shape).astype(np.float32)


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
    real, other = (source.batch(tf.constant(k, tf.int64))["real"].numpy() for k in (0, 1))
    diversity, coverage = looked_at(real, other)
    assert diversity == pytest.approx(1.0, abs=0.05)
    assert coverage > 0.93  # 0.97 is expected
    mode = other[np.linalg.norm(other - [0.8, 0.0], axis=1) < 0.1]
    diversity, coverage = looked_at(real, np.resize(mode, real.shape))
    assert diversity < 0.03
    assert coverage == pytest.approx(1 / 8, abs=0.05)


@pytest.mark.parametrize("shape", [(256, 2), (256, 8, 8, 1), (64, 28, 28, 1)])
def test_precision_and_spacing(shape):
    """Of samples like the data, of copies of three real ones, and of three heaps far from them."""
    real, other = cloud(shape), cloud(shape, 1)
    noise = cloud(shape, 2, 1e-4)

    def look(fake):
        values = health.Health(Samples(fake), Points(real)).measure(7)
        return values["precision"], values["spacing"]

    precision, spacing = look(other)
    assert precision > (0.9 if len(shape) == 2 else 0.3)  # in many dimensions balls are narrow
    assert spacing == pytest.approx(1.0, abs=0.2)
    precision, spacing = look(np.resize(real[:3], shape) + noise)
    assert precision == 1.0
    assert spacing < 0.05
    heaps = np.resize(np.array([3.0, 4.0, 5.0]), len(real)).reshape(-1, *[1] * (len(shape) - 1))
    precision, spacing = look((heaps + noise).astype(np.float32))
    assert precision == 0.0
    assert spacing < 0.05
    assert look(real[:1].repeat(len(real), 0))[1] < 1e-4


def test_the_spacing_of_equal_real_examples_and_of_one():
    for real in (np.full((20, 2), 0.3, np.float32), cloud((1, 2))):
        values = health.Health(Samples(real), Points(real)).measure(7)
        assert values["spacing"] == pytest.approx(1.0)


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


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((9, 2), tf.float64), ((9, 8, 8, 1), tf.float32), ((9, 24, 24, 3), tf.float32)],
)
def test_points_are_compared_in_double_precision(looked_at, monkeypatch, shape, dtype):
    seen, original = set(), distances.squared_distances
    monkeypatch.setattr(
        distances, "squared_distances", lambda a, b: seen.add(a.dtype) or original(a, b)
    )
    looked_at(cloud(shape), cloud(shape))
    assert seen == {dtype}


SICKLY = dict(
    network="dcgan",
    generator_norm="batch",
    discriminator_norm="batch",
    average_decay=0.9,
    batch_size=40,
)


def test_a_measurement_moves_nothing_and_is_traced_once(small_config):
    model, source = build.build(small_config(**SICKLY))
    before = {name: v.numpy().tobytes() for name, v in model.state().items()}
    measured = health.Health(model, source)
    first = measured.measure(0)
    for step in (1, 50, 10**6):
        assert measured.measure(step) != first  # the diagnostics are those of the step
    assert measured.measure(0) == first
    assert measured.num_traces == 1
    assert {name: v.numpy().tobytes() for name, v in model.state().items()} == before
    own = ["d_fake", "d_gradient_norm", "d_real", "g_gradient_norm"]
    assert sorted(first) == sorted([*own, *health.DISTANCES])
    assert all(type(value) is float for value in first.values())


def test_two_measurements_of_one_model_agree(small_config):
    """Whatever else was drawn or trained in between, in TensorFlow's own generators too."""
    config = small_config(**SICKLY)
    model, source = build.build(config)
    first = health.Health(model, source).measure(3)
    tf.random.set_seed(1)
    source.batch(tf.constant(10**4, tf.int64))
    again, source = build.build(config)
    assert health.Health(again, source).measure(3) == first
    model.generator_step(model.inputs(40, "latents"), {})
    assert health.Health(model, source).measure(3) != first
    assert health.Health(again, source).measure(3) == first


def test_the_reference_does_not_depend_on_the_step(small_config):
    config = small_config()
    measured = health.Health(*build.build(config))
    for name in health.DISTANCES:
        assert measured.measure(0)[name] == measured.measure(1000)[name]


def test_the_samples_are_those_of_the_average(small_config):
    config = small_config(**SICKLY)
    model, source = build.build(config)
    measured = health.Health(model, source)
    before = measured.measure(0)["diversity"]
    for weight in model.average.twin.weights.values():
        weight.assign(tf.zeros_like(weight))
    assert measured.measure(0)["diversity"] < 1e-4 < before


def test_a_measurement_costs_little_beside_a_hundred_steps(small_config):
    """Counts operations, not seconds: no loop in the graph, so nothing that grows with pairs."""
    config = small_config()
    measured = health.Health(*build.build(config))
    graph = measured._measure.get_concrete_function().graph
    assert not [op.type for op in graph.get_operations() if "While" in op.type]
