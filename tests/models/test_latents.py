"""Latents and labels: how they are distributed, and of what they are functions."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.models.latents import Latents

COUNT = 20_000


def draw(latents, seed=0, stream="x", step=0, count=COUNT):
    drawn = latents.draw(count, seed, stream, step, tf.float32)
    return {name: tensor.numpy() for name, tensor in drawn.items()}


@pytest.mark.parametrize(
    ("frequencies", "expected"),
    [
        (None, [0.25, 0.25, 0.25, 0.25]),
        ((0.5, 0.25, 0.15, 0.1), [0.5, 0.25, 0.15, 0.1]),
        ((0.0, 0.7, 0.0, 0.3), [0.0, 0.7, 0.0, 0.3]),
        ((0.0, 0.0, 0.0, 1.0), [0.0, 0.0, 0.0, 1.0]),
        ((1.0, 0.0, 0.0, 0.0), [1.0, 0.0, 0.0, 0.0]),
        ([0.1] * 3 + [0.7], [0.1, 0.1, 0.1, 0.7]),  # which add up to less than 1 as floats do
    ],
)
def test_each_class_comes_as_often_as_it_should(frequencies, expected):
    labels = draw(Latents(2, "uniform", 4, frequencies).check())["labels"]
    assert labels.dtype == np.int32
    shares = np.bincount(labels, minlength=4) / COUNT
    assert len(shares) == 4
    expected = np.array(expected)
    assert (shares[expected == 0.0] == 0.0).all()
    deviations = np.sqrt(expected * (1 - expected) / COUNT)
    assert (np.abs(shares - expected) <= 4 * deviations).all()


def test_labels_are_a_function_of_seed_stream_and_step_and_of_their_own():
    latents = Latents(2, "normal", 10, None)
    first = draw(latents, count=64)
    again, *others = (
        draw(latents, count=64, **changed)
        for changed in ({}, dict(seed=1), dict(stream="y"), dict(step=1))
    )
    assert all(first[name].tobytes() == again[name].tobytes() for name in first)
    for other in others:
        assert all(first[name].tobytes() != other[name].tobytes() for name in first)
    # Latents are what they would be without labels; and labels are those of any frequencies.
    without = draw(Latents(2, "normal"), count=64)
    assert list(without) == ["latents"]
    assert without["latents"].tobytes() == first["latents"].tobytes()


def test_labels_tell_nothing_of_the_latents():
    drawn = draw(Latents(1, "uniform", 2, (0.5, 0.5)))
    means = [drawn["latents"][drawn["labels"] == label].mean() for label in (0, 1)]
    assert np.abs(means).max() < 4 / np.sqrt(3 * COUNT / 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            dict(distribution="gaussian"),
            "unknown latent_distribution 'gaussian'. Known: normal, un",
        ),
        (dict(label_frequencies=(0.5, 0.5)), "are those of 2 classes, and there are 3"),
        (dict(label_frequencies=(0.5, 0.7, -0.2)), "at least 0 each and 1 in all"),
        (dict(label_frequencies=(1.0, 1.0, 1.0)), "at least 0 each and 1 in all"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        Latents(2, num_classes=3)._replace(**options).check()
