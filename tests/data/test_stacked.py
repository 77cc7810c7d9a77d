"""Stacked MNIST: triples of digits from (seed, step), their 1,000 classes, and a run on them."""

import functools
import io

import numpy as np
import pytest
import tensorflow as tf
from source_checks import check_pure, eager

from tfgan import build
from tfgan.core.checks import InputError, NotPreparedError
from tfgan.core.interfaces import LabelSpec
from tfgan.data import Arrays, Mirrored, catalog, preparation, stacked
from tfgan.models.gan import GAN
from tfgan.networks import mlp
from tfgan.run import Run

COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)


def digits(with_labels=True, batch_size=32, value=lambda i: i):
    """Images of one grey each, its number; of digit k there are k + 1."""
    labels = np.repeat(np.arange(10), COUNTS)
    greys = np.array([value(i) for i in range(len(labels))], np.uint8)
    images = np.tile(greys[:, None, None, None], [1, 4, 6, 1])
    arrays = {"real": images} | ({"labels": labels} if with_labels else {})
    return Arrays(arrays, batch_size=batch_size, name="mnist")


def batches(source, number):
    for step in map(functools.partial(tf.constant, dtype=tf.int64), range(number)):
        yield {name: tensor.numpy() for name, tensor in source.batch(step).items()}


def test_a_batch_is_a_function_of_seed_and_step():
    check_pure(lambda seed: stacked.Stacked(digits(), seed=seed))
    one = stacked.Stacked(digits(), seed=1)
    assert (
        eager(one.with_seed(4), [3]).tobytes()
        == eager(stacked.Stacked(digits(), seed=4), [3]).tobytes()
    )


def test_each_channel_is_a_digit_and_the_label_is_their_number():
    of_image = np.repeat(np.arange(10), COUNTS)
    for batch in batches(stacked.Stacked(digits()), 5):
        shown = np.rint((batch["real"] + 1) * 127.5).astype(int)  # [B, 4, 6, 3]
        assert (shown == shown[:, :1, :1]).all()
        red, green, blue = of_image[shown[:, 0, 0]].T
        np.testing.assert_array_equal(batch["labels"], 100 * red + 10 * green + blue)
        assert batch["labels"].dtype == np.int32


def test_the_channels_are_drawn_apart_and_as_often_as_there_are_digits():
    drawn = np.concatenate([b["labels"] for b in batches(stacked.Stacked(digits()), 300)])
    shares = np.array(COUNTS) / sum(COUNTS)
    places = [drawn // 100, drawn // 10 % 10, drawn % 10]
    spread = 4 * np.sqrt(shares * (1 - shares) / len(drawn))
    for place in places:
        assert (np.abs(np.bincount(place, minlength=10) / len(drawn) - shares) < spread).all()
    assert abs(np.corrcoef(places)[np.triu_indices(3, 1)]).max() < 4 / np.sqrt(len(drawn))


def test_there_are_a_thousand_classes_with_their_shares():
    spec = stacked.Stacked(digits()).specs["labels"]
    assert isinstance(spec, LabelSpec)
    assert (spec.num_classes, spec.class_names[704]) == (1000, "704")
    assert spec.frequencies[704] == pytest.approx(8 * 1 * 5 / 55**3)
    assert sum(spec.frequencies) == pytest.approx(1, abs=1e-12)
    plain = stacked.Stacked(digits(with_labels=False))
    assert plain.specs.keys() == {"real"}
    [batch] = batches(plain, 1)
    [labelled] = batches(stacked.Stacked(digits()), 1)
    assert batch.keys() == {"real"}
    np.testing.assert_array_equal(batch["real"], labelled["real"])  # labels change no bit


def test_its_fingerprint_is_that_of_its_digits_and_another_one():
    one, again = (stacked.Stacked(digits()).fingerprint for _ in range(2))
    other = stacked.Stacked(digits(value=lambda i: i + 1)).fingerprint
    assert one == again != other
    assert one != digits().fingerprint


def test_colours_do_not_stack():
    images = np.zeros([8, 4, 4, 3], np.uint8)
    with pytest.raises(InputError, match="arrays has images of 3 channels; grey ones stack"):
        stacked.Stacked(Arrays({"real": images}, batch_size=2))


def test_a_run_on_it_resumes_and_is_measured(tmp_path):
    def run(name, mirrored=True):
        source = stacked.Stacked(digits())
        source = Mirrored(source) if mirrored else source
        common = dict(hidden_size=8, hidden_layers=1, seed=0)
        players = mlp.Generator(4, (4, 6, 3), **common), mlp.Discriminator((4, 6, 3), **common)
        model = GAN(*players, latent_size=4)
        return Run(model, source, tmp_path / name, log_every_steps=2, num_samples=4)

    run("whole").train(6, shows_progress=False)
    run("parts").train(2, shows_progress=False)
    run("parts").train(6, shows_progress=False)
    for name in ("losses.csv", "health.csv", "samples/00000006.png", "samples/real.png"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    assert (tmp_path / "whole" / "health.csv").read_text().splitlines()[-1].startswith("6,")


def test_digits_that_are_not_prepared_are_named_with_the_command(small_config, tmp_path):
    config = small_config(data="stacked_mnist", data_dir=str(tmp_path))
    with pytest.raises(NotPreparedError, match="^mnist is not prepared in .*prepare --data=mnist "):
        build.build_source(config)
    with pytest.raises(InputError, match="stacked_mnist is made of mnist: prepare that"):
        preparation.prepare("stacked_mnist", str(tmp_path))
    with pytest.raises(InputError, match="unknown data 'stacked_mnits'; did you mean stacked_mni"):
        catalog.find("stacked_mnits", str(tmp_path))


def test_the_real_digits_stack(small_config):
    config = small_config(data="stacked_mnist", condition="projection", data_memory_mb=1)
    try:
        source = build.build_source(config)
    except NotPreparedError as error:
        pytest.skip(str(error))
    assert tuple(source.specs["real"].shape) == (28, 28, 3)
    assert source.num_examples is None
    [batch] = batches(source, 1)
    assert batch["real"].shape == (16, 28, 28, 3)
    encoded = io.BytesIO()
    source.kind.draw(batch["real"]).save(encoded, format="PNG")
    spec = source.specs["labels"]
    assert (spec.num_classes, spec.class_names[42]) == (1000, "042")
    # PacGAN's KL counts against 1,000 modes alike, from which the data themselves differ: with
    # 999 / 52,000 of chance this is the 0.0235 of 26,000 perfect samples.
    shares = np.array(spec.frequencies)
    assert np.sum(shares * np.log(1000 * shares)) == pytest.approx(0.00428, abs=1e-5)
