"""The classifier that is trained here: it learns, is kept, and is made again if damaged."""

import os

import numpy as np
import pytest

from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.data import preparation
from tfgan.data.arrays import Arrays
from tfgan.evaluation import classifier, examples, extractors, subjects


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """Digits, a cache of its own, and a short training."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(classifier, "MOST_STEPS", 150)
    return subjects.reference(Config(data="digits")).source


def kept(tmp_path):
    return list((tmp_path / "tfgan" / "classifiers").iterdir())


def test_it_learns_is_kept_and_is_made_again_where_it_is_damaged(digits, tmp_path, capsys):
    made = classifier.load(digits)
    assert made.accuracy > 0.9, "of examples that it was not trained on"
    assert "training a classifier of digits" in capsys.readouterr().err
    (file,) = kept(tmp_path)
    images = digits.batch(0)["real"].numpy()
    features, probabilities = made(images)
    assert features.shape == (len(images), classifier.NUM_FEATURES)
    np.testing.assert_allclose(probabilities.sum(1), 1.0, rtol=1e-5)

    again = classifier.load(digits)
    assert capsys.readouterr().err == ""
    assert (again.name, again.accuracy, again.about) == (made.name, made.accuracy, made.about)
    assert again(images)[0].tobytes() == features.tobytes()

    whole = file.read_bytes()
    for damaged in (b"", whole[:-1000], b"[]\n", whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(damaged)
        assert classifier.load(digits).name == made.name
        assert "damaged, made again" in capsys.readouterr().err


def test_what_judges_it_was_never_trained_on(digits, monkeypatch):
    asked = []

    class Watched(classifier.Real):
        def labelled(self, first, count):
            asked.append(range(first, first + count))
            return super().labelled(first, count)

    monkeypatch.setattr(classifier, "Real", Watched)
    monkeypatch.setattr(classifier, "MOST_STEPS", 2)
    made = classifier.load(digits)
    trained, judging = map(set, asked)
    assert not trained & judging
    assert trained | judging == set(range(1797))
    assert f"{len(judging)} examples that it was not trained on" in made.about


def test_its_name_is_that_of_its_weights(digits):
    network = classifier.Network((8, 8, 1), 10)
    before = classifier.Classifier(network, 0.5, 10).name
    assert before.startswith("classifier_")
    network.logits.bias.assign_add([1e-3] + [0.0] * 9)
    assert classifier.Classifier(network, 0.5, 10).name != before


def test_other_examples_have_another_classifier(digits, tmp_path):
    images = np.random.default_rng(0).uniform(-1, 1, [600, 8, 8, 1]).astype(np.float32)
    arrays = {"real": images, "labels": np.arange(600) % 3}
    classifier.load(digits)
    other = classifier.load(Arrays(arrays, batch_size=50))
    assert len(kept(tmp_path)) == 2
    assert other(images[:5])[1].shape == (5, 3)


def test_what_it_suits(digits):
    assert classifier.suits(digits)
    assert extractors.by_default(digits) == ["pixels", "classifier"]
    ring = subjects.reference(Config(data="ring")).source
    assert not classifier.suits(ring)
    assert extractors.by_default(ring) == ["pixels"]
    unlabelled = Arrays({"real": np.zeros([600, 32, 32, 3], np.uint8)}, batch_size=50)
    assert not classifier.suits(unlabelled)
    assert extractors.by_default(unlabelled) == ["random_filters"]
    with pytest.raises(InputError, match="which has none that it knows of: take another"):
        classifier.load(unlabelled)
    with pytest.raises(InputError, match="looks at sets of images, not ring"):
        classifier.load(ring)


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 48, 3), (5, 7, 4), (64, 64, 3)])
def test_maps_of_any_size_end_small(shape):
    network = classifier.Network(shape, 4)
    features, logits = network(np.zeros([2, *shape], np.float32), classifier.Mode.INFERENCE)
    assert features.shape == (2, classifier.NUM_FEATURES)
    assert logits.shape == (2, 4)
    assert network.hidden.in_size <= classifier.SMALLEST_SIDE**2 * 128


@pytest.mark.slow
@pytest.mark.skipif(
    "TFGAN_MNIST_DIR" not in os.environ,
    reason="TFGAN_MNIST_DIR is not set to the directory of the official files of mnist",
)
def test_it_reads_the_test_images_of_mnist(tmp_path, monkeypatch):
    """At 28 px, 99.2 % or more of 10,000 that it has never seen."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    preparation.prepare("mnist", str(tmp_path), from_files=os.environ["TFGAN_MNIST_DIR"])
    common = dict(data="mnist", data_dir=str(tmp_path), image_size=28)
    made = classifier.load(subjects.reference(Config(**common)).source)
    held_out = examples.Real(subjects.reference(Config(**common, split="test")).source)
    right = [made(images)[1].argmax(1) == labels for images, labels in held_out.labelled(0, 10_000)]
    assert np.mean(np.concatenate(right)) >= 0.992
