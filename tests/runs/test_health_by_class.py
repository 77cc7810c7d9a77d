"""How well each class is done, measured by its own real examples."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models import networks
from tfgan.data import kinds, labels, synthetic
from tfgan.data.arrays import Arrays
from tfgan.models.gan import GAN
from tfgan.run import Run
from tfgan.runs import health, summary

QUIET = dict(shows_progress=False)


class Painter:
    """A model whose sample of a label is what it is told."""

    diagnostic_names = ()
    condition = "projection"

    def __init__(self, num_classes, paint):
        self.num_classes, self._paint = num_classes, paint
        self.counts = []

    def inputs(self, count, stream):
        numbers = np.arange(count, dtype=np.int32)
        return {"number": tf.constant(numbers), "labels": tf.constant(numbers % self.num_classes)}

    def sample(self, inputs):
        self.counts.append(inputs["labels"].shape[0])
        return self._paint(inputs["labels"], inputs["number"])

    def diagnostics(self, step, source):
        return {}


def clouds(num_classes, each=40, shares=None):
    """Points of classes, far from each other: class k lies about k / num_classes, 0."""
    draw = np.random.RandomState(0)
    numbers = np.repeat(np.arange(num_classes), each if shares is None else shares)
    centres = np.stack([numbers / num_classes, np.zeros(len(numbers))], 1)
    real = centres + 0.1 / num_classes * draw.uniform(-1, 1, [len(numbers), 2])
    return real.astype(np.float32), numbers


def source(real, numbers, batch_size=16):
    return Arrays({"real": real, "labels": numbers}, batch_size=batch_size)


def copies(real, numbers):
    """Paints a real example of the class."""
    own = [tf.constant(real[numbers == k]) for k in range(numbers.max() + 1)]
    counts = tf.constant([len(each) for each in own])
    table = tf.ragged.stack(own).to_tensor()  # [classes, most, 2]
    return lambda label, number: tf.gather_nd(
        table, tf.stack([label, number % tf.gather(counts, label)], 1)
    )


def measured(model, made):
    values = health.Health(model, made).measure(0)
    assert tuple(values) == (*health.DISTANCES, *health.BY_CLASS)
    return tuple(values[name] for name in health.BY_CLASS)


def test_samples_like_the_data_cover_every_class():
    real, numbers = clouds(4)
    mean, worst, _ = measured(Painter(4, copies(real, numbers)), source(real, numbers))
    assert mean > 0.9
    assert worst > 0.8


def test_a_class_that_is_not_done_is_the_worst():
    real, numbers = clouds(5)
    paint = copies(real, numbers)
    moved = lambda label, number: paint(tf.where(label == 3, 2, label), number)  # noqa: E731
    mean, worst, which = measured(Painter(5, moved), source(real, numbers))
    assert (worst, which) == (0.0, 3.0)
    assert mean == pytest.approx(0.8, abs=0.1)


def test_a_generator_that_does_not_heed_the_label():
    """All classes together are covered; each by itself is not, by what was asked for."""
    real, numbers = clouds(5)
    paint = copies(real, numbers)
    swapped = Painter(5, lambda label, number: paint((label + 1) % 5, number))
    values = health.Health(swapped, source(real, numbers)).measure(0)
    assert values["coverage"] > 0.7
    assert values["coverage_by_class"] == values["coverage_worst_class"] == 0.0


def test_one_mode_of_a_class_covers_a_part_of_it():
    real, numbers = clouds(2, each=200)
    paint = copies(real, numbers)
    frozen = lambda label, number: paint(label, tf.where(label == 1, 0, number))  # noqa: E731
    mean, worst, which = measured(Painter(2, frozen), source(real, numbers))
    assert which == 1.0
    assert 0.0 < worst < 0.5
    assert mean > 0.5


def test_it_is_the_coverage_of_each_class_by_itself():
    """Computed once more by numpy, pair by pair."""
    real, numbers = clouds(3)
    made = source(real, numbers)
    shift = np.float32([0.01, 0.0])
    paint = copies(real, numbers)
    model = Painter(3, lambda label, number: paint(label, number) + shift)
    count = health.CLASS_EXAMPLES
    found = labels.examples_by_class(made, (0, 1, 2), count, 10**6)
    coverages = []
    for k in range(3):
        mine = found[k].astype(np.float64)
        apart = np.linalg.norm(mine[:, None] - mine, axis=-1)
        radii = np.sort(apart, 1)[:, 5]
        fake = paint(tf.fill([count], k), tf.range(k * count, (k + 1) * count)) + shift
        near = np.linalg.norm(mine[:, None] - fake.numpy().astype(np.float64), axis=-1).min(1)
        coverages.append((near <= radii).mean())
    mean, worst, which = measured(model, made)
    assert (mean, worst) == (pytest.approx(np.mean(coverages)), pytest.approx(min(coverages)))
    assert coverages[int(which)] == min(coverages)
    assert worst > 0


def test_many_classes_are_measured_in_part_and_in_bounded_memory():
    real, numbers = clouds(200, each=40)
    model = Painter(200, copies(real, numbers))
    mean, _, _ = measured(model, source(real, numbers))
    assert mean > 0.9
    assert max(model.counts) <= health.NUM_EXAMPLES
    assert sum(model.counts) <= health.NUM_EXAMPLES + health.MOST_EXAMPLES


def test_rare_classes_are_measured_by_what_is_met_of_them():
    real, numbers = clouds(3, shares=[400, 5, 1])
    mean, worst, which = measured(Painter(3, copies(real, numbers)), source(real, numbers))
    assert mean > 0.5
    assert which in (0.0, 1.0)
    assert np.isfinite(worst)


def test_models_or_data_without_classes_are_measured_as_before():
    real, numbers = clouds(3)
    model = Painter(3, copies(real, numbers))
    others = Arrays({"real": real, "labels": numbers - 1}, batch_size=16)  # -1: no class
    names = health.DISTANCES
    assert tuple(health.Health(model, others).measure(0)) == names
    model.condition = "information"  # its classes are its own
    assert tuple(health.Health(model, source(real, numbers)).measure(0)) == names
    assert health.names(model) == names


def labelled(path):
    made = synthetic.ring(16, 0, with_labels=True)
    players = networks.LabelledGenerator([2], 8), networks.LabelledDiscriminator(8)
    model = GAN(*players, latent_size=4, num_classes=8)
    return Run(model, made, path, log_every_steps=2, sample_every_steps=4, num_samples=24)


def test_a_run_with_labels_says_how_its_classes_are_done(tmp_path, capsys):
    labelled(tmp_path).train(4)
    assert " by class 0." in capsys.readouterr().out
    header, *rows = (tmp_path / "health.csv").read_text().splitlines()
    assert header.endswith(
        ",diversity,coverage,precision,spacing,coverage_by_class,coverage_worst_class,worst_class,verdict"
    )
    assert len(rows) == 2
    read = summary.read(str(tmp_path))
    assert read.classes == tuple("01234567")
    assert read.data.endswith("8 classes")
    assert read.shown("worst_class", 2) in read.classes
    before = (tmp_path / "health.csv").read_bytes()
    labelled(tmp_path).train(4, **QUIET)
    assert (tmp_path / "health.csv").read_bytes() == before


def test_a_run_that_began_without_such_columns_goes_on_without(tmp_path, monkeypatch):
    """As runs from Python did that had labels before classes were known."""
    from tfgan.runs import identity

    with monkeypatch.context() as patch:
        patch.setattr(identity, "_classes", lambda source, recorded: {})
        labelled(tmp_path).train(2, **QUIET)
    labelled(tmp_path).train(4, **QUIET)
    header, *rows = (tmp_path / "health.csv").read_text().splitlines()
    assert header.endswith(",diversity,coverage,precision,spacing,verdict")
    assert len(rows) == 2


def test_the_kinds_of_examples_do_not_matter():
    draw = np.random.RandomState(0)
    images = draw.randint(0, 256, [60, 20, 20, 3]).astype(np.uint8)
    numbers = np.arange(60) % 3
    table = tf.constant(images.astype(np.float32) / 127.5 - 1)
    model = Painter(3, lambda label, number: tf.gather(table, 3 * (number % 20) + label))
    made = source(images, numbers)
    assert made.kind is kinds.KINDS["images"]
    assert measured(model, made)[0] > 0.9


def test_a_run_from_before_precision_and_spacing_goes_on_without(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(health, "DISTANCES", ("diversity", "coverage"))
        labelled(tmp_path / "whole").train(6, **QUIET)
        labelled(tmp_path / "resumed").train(4, **QUIET)
    labelled(tmp_path / "resumed").train(6, **QUIET)
    whole, resumed = ((tmp_path / name / "health.csv") for name in ("whole", "resumed"))
    assert whole.read_bytes() == resumed.read_bytes()
    assert ",diversity,coverage,coverage_by_class," in whole.read_text().splitlines()[0]
