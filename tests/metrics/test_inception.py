"""Inception score: its ends, a number by hand, its parts."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats

from tfgan.core.checks import InputError
from tfgan.metrics.inception import inception_score


def test_its_ends():
    sure = np.tile(np.eye(10), [20, 1])
    assert inception_score(sure) == pytest.approx((10.0, 0.0), rel=1e-12, abs=1e-12)
    one_class = np.tile(np.eye(10)[3], [200, 1])
    assert inception_score(one_class) == (1.0, 0.0)
    unsure = np.full([200, 10], 0.1, np.float32)
    assert inception_score(unsure) == pytest.approx((1.0, 0.0), abs=1e-12)
    half = np.tile(np.eye(10)[:5], [40, 1])
    assert inception_score(half).value == pytest.approx(5.0, rel=1e-12)


def test_two_parts_by_hand():
    """Their scores' mean and their standard deviation, as published numbers have them."""
    probabilities = np.array([[0.9, 0.1], [0.3, 0.7], [0.5, 0.5], [1.0, 0.0]])
    scores = []
    for a, b in ((0.9, 0.3), (0.5, 1.0)):
        m, terms = (a + b) / 2, 0.0
        for p in (a, b):
            terms += p * math.log(p / m)
            terms += (1 - p) * math.log((1 - p) / (1 - m)) if p < 1 else 0.0
        scores.append(math.exp(terms / 2))
    found = inception_score(probabilities, num_splits=2)
    assert found.value == pytest.approx(np.mean(scores), rel=1e-12)
    assert found.spread == pytest.approx(np.std(scores), rel=1e-12)


@pytest.mark.parametrize("num_samples", [50, 1003])
def test_by_the_relative_entropy_of_scipy(num_samples):
    draw = np.random.default_rng(0)
    probabilities = scipy.special.softmax(draw.normal(0, 3, [num_samples, 17]), 1)
    scores = [
        math.exp(np.mean(scipy.stats.entropy(part, part.mean(0, keepdims=True), axis=1)))
        for part in np.array_split(probabilities, 10)
    ]
    found = inception_score(probabilities)
    assert found.value == pytest.approx(np.mean(scores), rel=1e-12)
    assert found.spread == pytest.approx(np.std(scores), rel=1e-9)


def test_ten_parts_of_which_some_have_one_more():
    labels = np.repeat(np.arange(10), [3, 3, 3, 2, 2, 2, 2, 2, 2, 2])  # a class to each part
    assert inception_score(np.eye(10)[labels]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        (np.ones([9, 1]), "probabilities must have 10 rows or more, got 9"),
        (np.tile([2.0, -1.0], [10, 1]), "are they logits?"),
        (np.full([10, 4], 0.5), "sum to 1"),
    ],
)
def test_what_is_no_probability(probabilities, message):
    with pytest.raises(InputError, match=message):
        inception_score(probabilities)
