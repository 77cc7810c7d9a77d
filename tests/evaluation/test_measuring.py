"""Which numbers there are: metrics that were named, what they need, and what is too few."""

import numpy as np
import pytest

from tfgan.core.checks import InputError
from tfgan.data.arrays import Arrays
from tfgan.evaluation import examples, extractors, measuring, real_features

IMAGES = (np.random.default_rng(0).uniform(-1, 1, [130, 8, 8, 1])).astype(np.float32)


def test_a_metric_that_was_named_is_there_or_says_why():
    source = Arrays({"real": IMAGES}, batch_size=10)
    reference = measuring.Reference(source)

    def evaluation(*names):
        return measuring.Evaluation(reference, [extractors.Pixels(source)], names, 60)

    with pytest.raises(InputError, match="unknown metric 'frechet'; did you mean"):
        evaluation("frechet")
    with pytest.raises(InputError, match="inception_score: it needs a classifier"):
        evaluation("inception_score")
    with pytest.raises(InputError, match="copying: it needs real examples that were not trained"):
        evaluation("copying")
    with pytest.raises(InputError, match="modes_covered: it counts modes"):
        evaluation("modes_covered")
    with pytest.raises(InputError, match="frechet_distance of width 64 needs 65 samples"):
        evaluation("frechet_distance").measure(examples.Real(source))
    every = evaluation()
    names = {row.metric for row in every.measure(examples.Real(source))}
    assert "frechet_distance" not in names
    assert every.notes == ["frechet_distance left out: 64 features need 65 examples, not 60."]


class Narrow(extractors.Pixels):
    """The first four pixels."""

    name = "narrow"

    def __call__(self, images):
        features, probabilities = super().__call__(images)
        return features[:, :4], probabilities


def test_an_extractor_with_too_many_features_leaves_the_others_their_numbers():
    source = Arrays({"real": IMAGES}, batch_size=10)
    wide, narrow = extractors.Pixels(source), Narrow(source)

    def evaluation(chosen):
        names = ["precision", "frechet_distance"]
        return measuring.Evaluation(measuring.Reference(source), chosen, names, 60)

    both = evaluation([wide, narrow])
    both.check()
    rows = [(row.metric, row.extractor) for row in both.measure(examples.Real(source))]
    assert rows == [
        ("precision", "pixels"),
        ("precision", "narrow"),
        ("frechet_distance", "narrow"),
    ]
    assert both.notes == [
        "pixels: frechet_distance of width 64 needs 65 samples or more, and real_features has 60; "
        "take more samples, or leave frechet_distance out."
    ]
    with pytest.raises(InputError, match="pixels: frechet_distance of width 64 needs 65 samples"):
        evaluation([wide]).check()


def test_only_what_the_metrics_need_is_looked_at():
    source, others, samples = (
        Arrays({"real": x}, batch_size=10) for x in (IMAGES, -IMAGES, 0.5 * IMAGES)
    )
    reference = measuring.Reference(source, others)

    def looked_at(names, has_floors):
        seen = []
        made = measuring.Evaluation(
            reference, [extractors.Pixels(source)], names, 60, seen.append, has_floors
        )
        made.measure(examples.Real(samples))
        return sum(seen)

    assert looked_at(["precision"], False) == 60 + 60, "real and samples"
    assert looked_at(["precision", "recall"], True) == 60 + 60 + 60, "and what gives the floor"
    assert looked_at(["copying"], False) == 130 + 60 + 60, "the training set, of which 60 are real"


def test_copies_are_looked_for_in_the_whole_training_set_once():
    rows = np.arange(130, dtype=np.float32)[:, None] / 130
    real = examples.Real(Arrays({"real": rows}, batch_size=7))
    pixels = extractors.Pixels(Arrays({"real": rows}, batch_size=7))
    known = real_features.RealFeatures(pixels, real, real, 50, lambda number: None)
    training = known.arrays(["training_features"], known.real)["training_features"]
    assert sorted(training[:, 0]) == sorted(rows[:, 0])
