"""Four generators of digits, from a frozen to a perfect one, are told apart as they should be."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from tfgan.metrics import METRICS, expected_coverage, measure

COUNT = 449  # a quarter of the digits
NAMES = [name for name in METRICS if "fake_points" not in METRICS[name].needs]


@pytest.fixture(scope="module")
def measured():
    """{generator: {metric: estimate}}, against a quarter that is held out."""
    draw = np.random.RandomState(0)
    pixels, labels = load_digits(return_X_y=True)
    order = draw.permutation(len(pixels))
    pixels, labels = pixels[order] / 16.0, labels[order]
    training, real, validation, other = (pixels[i * COUNT : (i + 1) * COUNT] for i in range(4))
    classifier = LogisticRegression(max_iter=2000).fit(training, labels[:COUNT])
    other_labels = labels[3 * COUNT : 4 * COUNT]
    generators = {
        "perfect": other,
        "half of the classes": np.resize(other[other_labels < 5], other.shape),
        "copier": training[draw.randint(0, 100, COUNT)],
        "frozen": np.tile(training[:1], [COUNT, 1]),
    }
    return {
        generator: measure(
            NAMES,
            real_features=real,
            fake_features=fake,
            training_features=training,
            held_out_features=real,
            fake_probabilities=classifier.predict_proba(fake),
            validation_pixels=validation,
            test_pixels=real,
            fake_pixels=fake,
        )
        for generator, fake in generators.items()
    }


def test_every_number_is_finite(measured):
    for found in measured.values():
        assert np.isfinite([estimate.value for estimate in found.values()]).all()


def test_the_perfect_one(measured):
    found = {name: estimate.value for name, estimate in measured["perfect"].items()}
    assert found["coverage"] == pytest.approx(expected_coverage(COUNT, COUNT), abs=0.03)
    assert found["density"] == pytest.approx(1.0, abs=0.1)
    assert found["precision"] > 0.85
    assert found["recall"] > 0.85
    assert abs(found["copying"]) < 3.0
    assert found["near_copies"] < 0.05
    assert found["inception_score"] > 5.0  # of ten: the classifier is not so sure
    distance = measured["perfect"]["kernel_distance"]
    assert abs(distance.value) < 4 * distance.spread


@pytest.mark.parametrize("generator", ["half of the classes", "copier", "frozen"])
@pytest.mark.parametrize(
    "name",
    ["frechet_distance", "kernel_distance", "sliced_wasserstein_distance", "recall", "coverage"],
)
def test_no_other_is_as_good(measured, generator, name):
    badness = METRICS[name].badness
    assert badness(measured[generator][name].value) > badness(measured["perfect"][name].value)


def test_the_one_that_drops_half_of_the_classes(measured):
    found = {name: estimate.value for name, estimate in measured["half of the classes"].items()}
    assert found["precision"] > 0.85  # what it draws is good
    assert found["recall"] < 0.7
    assert found["coverage"] == pytest.approx(0.5, abs=0.1)
    assert 3.0 < found["inception_score"] < 4.5
    assert abs(found["copying"]) < 3.0  # and nothing is copied


def test_the_copier(measured):
    found = {name: estimate.value for name, estimate in measured["copier"].items()}
    assert found["copying"] < -20.0
    assert found["near_copies"] == 1.0
    assert found["precision"] > 0.85  # which is why precision alone does not see it
    assert 0.2 < found["coverage"] < 0.85
    assert found["inception_score"] > 5.0


def test_the_frozen_one(measured):
    found = {name: estimate.value for name, estimate in measured["frozen"].items()}
    assert found["recall"] == 0.0
    assert found["coverage"] < 0.05
    assert found["inception_score"] == pytest.approx(1.0, rel=1e-9)
    assert found["near_copies"] == 1.0
    worst = max(measured, key=lambda each: measured[each]["frechet_distance"].value)
    assert worst == "frozen"
    lowest = min(measured, key=lambda each: measured[each]["parzen_log_likelihood"].value)
    assert lowest == "frozen"
