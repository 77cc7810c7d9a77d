"""The samples that may be copies, beside the training examples that they may be copies of."""

import os

import numpy as np
import PIL.Image
import pytest
import scipy.spatial

from tfgan import evaluate, train
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.data.arrays import Arrays
from tfgan.evaluation import examples, extractors, measuring, neighbours


def images(number, seed):
    return np.random.default_rng(seed).uniform(-1, 1, [number, 6, 7, 1]).astype(np.float32)


def shown(training, samples, count):
    """What the picture is made of, [rows, 1 + neighbours, 6, 7, 1]."""
    source = Arrays({"real": training}, batch_size=10)
    fake = examples.Real(Arrays({"real": samples}, batch_size=10))
    chosen = extractors.make(["pixels"], source, "")
    reference = measuring.Reference(source, source)
    evaluation = measuring.Evaluation(reference, chosen, ["precision"], count)
    found, columns = evaluation.neighbours(fake)
    return found.reshape(-1, columns, *training.shape[1:])


def test_the_nearest_samples_come_first_each_before_its_nearest_examples():
    training, samples = images(300, 0), images(60, 1)
    samples[30] = training[250]
    samples[7] = training[123] * np.float32(0.99)
    found = shown(training, samples, 60)
    assert found.shape == (neighbours.ROWS, 1 + neighbours.NEIGHBOURS, 6, 7, 1)
    assert found[0, 0].tobytes() == found[0, 1].tobytes() == training[250].tobytes()
    assert found[1, 0].tobytes() == samples[7].tobytes()
    assert found[1, 1].tobytes() == training[123].tobytes()
    distances = scipy.spatial.distance.cdist(samples.reshape(60, -1), training.reshape(300, -1))
    order = distances.min(1).argsort()[: neighbours.ROWS]
    assert found[:, 0].tobytes() == samples[order].tobytes()
    beside = distances[order].argsort(1)[:, : neighbours.NEIGHBOURS]
    assert found[:, 1:].tobytes() == training[beside].tobytes()


def test_of_few_there_are_fewer():
    assert shown(images(100, 0), images(50, 1), 50).shape[:2] == (10, 6)
    source = Arrays({"real": images(4, 0)}, batch_size=2)
    known = measuring.RealFeatures(
        extractors.Pixels(source), examples.Real(source), None, 3, lambda number: None
    )
    few = examples.Real(Arrays({"real": images(3, 1)}, batch_size=1))
    found, columns = neighbours.nearest(known, few, examples.Real(source), 3)
    assert (len(found), columns) == (3 * 5, 5)


def test_the_command_writes_the_picture(tmp_path):
    run, picture = tmp_path / "run", tmp_path / "nearest.png"
    small = dict(
        network="mlp", hidden_size=8, latent_size=4, num_steps=2, num_threads=os.cpu_count() or 1
    )
    train.main(Config(data="digits", **small), str(run), "", False, False)
    options = {name: flag.default for name, flag in evaluate.EXTRA.items()}
    options |= dict(run_dir=str(run), extractors="pixels", num_samples=60)
    evaluate.main(**options | dict(metrics="precision", neighbours=str(picture)))
    with PIL.Image.open(picture) as opened:
        width, height = opened.size
    assert 0.55 < width / height < 0.65, "six columns, ten rows"
    for refused, said in (
        (dict(neighbours=str(tmp_path / "nearest.jpg")), r"must end in \.png"),
        (dict(neighbours=str(picture), metrics="value"), "--metrics=value measures none"),
        (dict(neighbours=str(tmp_path / "x/nearest.png")), "is not a directory"),
    ):
        with pytest.raises(InputError, match=said):
            evaluate.main(**options | refused)
