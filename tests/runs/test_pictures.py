"""What is made of a run's pictures and logs."""

import io

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

from tfgan.data import drawing
from tfgan.runs import pictures


@pytest.mark.parametrize("number", [0, 1, 1000, 2800, 2801, 2803, 100_003])
def test_a_thinned_line_keeps_every_peak_and_its_order(number):
    steps = np.arange(1.0, number + 1)
    values = np.random.RandomState(number).normal(size=number)
    thin_steps, thin_values = pictures.thinned(steps, values)
    assert len(thin_steps) <= min(number, 4 * pictures.PLOT_WIDTH)
    assert (np.diff(thin_steps) > 0).all()
    assert (values[thin_steps.astype(int) - 1] == thin_values).all()
    wide = max(1, number // pictures.PLOT_WIDTH)
    for first in range(0, number - wide, wide):  # in a column of pixels, or next to it
        column = slice(first, first + wide)
        near = (thin_steps > first - wide) & (thin_steps <= first + 2 * wide)
        assert thin_values[near].min() <= values[column].min()
        assert thin_values[near].max() >= values[column].max()


def test_a_line_of_few_points_stays_as_it_is():
    steps, values = np.arange(2800.0), np.ones(2800)
    kept = pictures.thinned(steps, values)
    assert kept[0] is steps
    assert kept[1] is values


def test_a_peak_of_one_step_in_a_million_is_in_the_plot():
    values = np.zeros(10**6)
    flat = pictures.plot({"step": np.arange(1e6), "loss": values}, title="", unit="nats")
    values[123_456] = 9.0
    values[-1] = -9.0
    steps, kept = pictures.thinned(np.arange(1e6), values)
    assert {123_456, 10**6 - 1} <= set(steps)
    assert (kept.min(), kept.max()) == (-9.0, 9.0)
    peaked = pictures.plot({"step": np.arange(1e6), "loss": values}, title="", unit="nats")
    sizes = [PIL.Image.open(io.BytesIO(png)).size for png in (flat, peaked)]
    assert sizes == [(800, 300)] * 2
    assert flat != peaked


def test_scatter_plots_are_animated_whatever_version_drew_them(tmp_path):
    """Those of version 0.2.0 and before were RGB, from matplotlib."""
    old = PIL.Image.new("RGB", (400, 400), "green")
    frames = [old, drawing.scatter(np.zeros([1, 2])), drawing.scatter(np.ones([1, 2]))]
    for number, frame in enumerate(frames):
        frame.save(tmp_path / f"{number}.png")
    animation = pictures.animation([tmp_path / f"{number}.png" for number in range(3)])
    shown = PIL.Image.open(io.BytesIO(animation))
    assert shown.n_frames == 3
    for number, frame in enumerate(frames):
        shown.seek(number)
        drawn, expected = (np.asarray(each.convert("RGB"), np.int64) for each in (shown, frame))
        assert np.abs(drawn - expected).max() <= 3


@pytest.mark.parametrize(
    ("num_classes", "number", "labels", "columns"),
    [
        (0, 64, (), 0),
        (10, 64, tuple(range(10)), 6),
        (25, 64, tuple(range(25)), 2),
        (2, 64, (0, 1), 16),  # no ribbon of 32
        (32, 64, tuple(range(32)), 2),
        (33, 64, tuple(i * 33 // 8 for i in range(8)), 8),
        (1000, 64, tuple(range(0, 1000, 125)), 8),
        (10, 4, (0, 5), 2),
        (3, 1, (0,), 1),
        (3, 2, (0,), 2),
    ],
)
def test_each_class_has_a_row(num_classes, number, labels, columns):
    rows = pictures.rows(num_classes, number)
    assert (rows.labels, rows.columns) == (labels, columns)
    assert not labels or len(labels) * columns <= number


class Classed:
    num_classes = 3

    def inputs(self, count, stream):
        numbers = tf.range(count)
        return {"latents": tf.stack([numbers, numbers], 1), "labels": numbers % 2}


def test_from_row_to_row_the_class_alone_differs():
    inputs, columns = pictures.inputs(Classed(), 6)
    assert columns == 2
    assert inputs["labels"].numpy().tolist() == [0, 0, 1, 1, 2, 2]
    assert inputs["latents"].numpy().tolist() == [[0, 0], [1, 1]] * 3
    unlabelled = Classed()
    unlabelled.num_classes = 0
    inputs, columns = pictures.inputs(unlabelled, 6)
    assert (len(inputs["latents"]), columns) == (6, 0)
