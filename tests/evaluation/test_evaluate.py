"""The command, and what it stands on: samples and real examples, extractors, metrics, records."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

import tfgan
from tfgan import build, evaluate, train
from tfgan.config import Config
from tfgan.core.checks import InputError, StorageError
from tfgan.data.arrays import Arrays
from tfgan.evaluation import (
    examples,
    extractors,
    measuring,
    records,
    subjects,
)
from tfgan.metrics.parzen import parzen_log_likelihood

IMAGES = (np.random.default_rng(0).uniform(-1, 1, [130, 8, 8, 1])).astype(np.float32)
OPTIONS = dict(step=None, model="", metrics="", extractors="", inception="", held_out="")
OPTIONS |= dict(num_samples=0, seed=0, out="", data="", split="", data_dir="", image_dir="")
OPTIONS |= dict(image_size=0, run_dir="", export="", images="", response_steps=500)
OPTIONS |= dict(num_weights=5000, binarise="", neighbours="")

SHORT = Config(
    **dict(data="digits", network="mlp", hidden_size=8, latent_size=4, num_steps=2),
    num_threads=os.cpu_count() or 1,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The directory of a short run on digits."""
    path = tmp_path_factory.mktemp("evaluated") / "run"
    train.main(SHORT, str(path), "", False, False)
    return path


def test_real_examples_stand_in_the_row_once(subtests):
    rows = np.arange(130, dtype=np.float32)[:, None] / 130
    for batch_size in (1, 7, 100, 130):
        with subtests.test(batch_size=batch_size):
            real = examples.Real(Arrays({"real": rows}, batch_size=batch_size))
            whole = np.concatenate(list(real.chunks(0, 130)))
            assert sorted(whole[:, 0]) == sorted(rows[:, 0])
            assert np.concatenate(list(real.chunks(33, 90))).tobytes() == whole[33:123].tobytes()
            with pytest.raises(ValueError, match="there are 130"):
                list(real.chunks(60, 71))


def test_samples_do_not_depend_on_how_they_are_asked_for():
    model, _ = build.build(Config(data="ring", network="mlp", hidden_size=8))
    made = examples.Generated(model, seed=3)
    whole = np.concatenate(list(made.chunks(0, 600)))
    assert len(whole) == 600
    assert np.concatenate(list(made.chunks(240, 20))).tobytes() == whole[240:260].tobytes()
    other = np.concatenate(list(examples.Generated(model, seed=4).chunks(0, 600)))
    assert not (whole == other).all(1).any()


def test_no_sample_comes_twice():
    model, _ = build.build(Config(data="ring", network="mlp", hidden_size=8))
    whole = np.concatenate(list(examples.Generated(model).chunks(0, 3 * examples.CHUNK)))
    # A unit that is off may make two of them alike.
    assert len(np.unique(whole, axis=0)) > 0.9 * len(whole)


def test_pixels_are_those_of_people_who_publish_numbers():
    source = Arrays({"real": IMAGES}, batch_size=10)
    made = extractors.Pixels(source)
    features, _ = made(np.array([[[[-1.0]], [[1.0]]], [[[0.0]], [[0.5]]]], np.float32))
    np.testing.assert_array_equal(features, [[0.0, 1.0], [0.5, 0.75]])
    points = extractors.Pixels(Arrays({"real": IMAGES.reshape(130, 64)}, batch_size=10))
    np.testing.assert_array_equal(points(np.array([[-1.0, 0.5]], np.float32))[0], [[-1.0, 0.5]])


def test_samples_that_are_not_finite_are_told():
    model, _ = build.build(Config(data="ring", network="mlp", hidden_size=8))
    for variable in model.state().values():
        variable.assign(variable * np.nan if variable.dtype.is_floating else variable)
    with pytest.raises(InputError, match="250 of 250 samples are not finite"):
        list(examples.Generated(model).chunks(0, 250))


def test_half_of_the_examples_is_compared_and_half_gives_the_floor():
    reference = measuring.Reference(Arrays({"real": IMAGES}, batch_size=10))
    made = examples.Real(Arrays({"real": IMAGES}, batch_size=10))
    assert measuring.num_samples(0, reference, made) == 65
    with pytest.raises(InputError, match="66 are more than the 65 real examples that there are in"):
        measuring.num_samples(66, reference, made)
    with pytest.raises(InputError, match="must be at least 50"):
        measuring.num_samples(49, reference, made)
    held_out = measuring.Reference(reference.source, Arrays({"real": IMAGES[:60]}, batch_size=10))
    with pytest.raises(InputError, match=r"61 are more than the 60 .* others for .*trained on\.$"):
        measuring.num_samples(61, held_out, made)
    few = measuring.Reference(Arrays({"real": IMAGES[:98]}, batch_size=10))
    with pytest.raises(InputError, match="has 98 examples: at least 50"):
        measuring.num_samples(0, few, made)


def test_the_real_examples_in_the_place_of_samples_have_the_floor():
    """The second half, measured as samples, gets the floor itself, number by number."""
    source = Arrays({"real": IMAGES}, batch_size=10)
    reference = measuring.Reference(source)

    class Other(examples.Real):
        def chunks(self, first, count):
            return super().chunks(65, count)

    found = measuring.Evaluation(reference, [extractors.Pixels(source)], (), 65).measure(
        Other(source)
    )
    assert {"frechet_distance", "precision", "coverage"} < {row.metric for row in found}
    for row in found:
        if row.metric != "parzen_log_likelihood":  # whose test examples are that half
            assert row.value == row.floor, row


@pytest.mark.parametrize("is_held_out", [True, False])
def test_the_floor_of_a_density_is_not_made_of_what_it_explains(is_held_out):
    """Test images as their own samples had 674 nats on MNIST, where training images have 234."""
    source, other = (Arrays({"real": x}, batch_size=10) for x in (IMAGES[:80], IMAGES[80:]))
    reference = measuring.Reference(source, other if is_held_out else None)
    names, chosen = ("parzen_log_likelihood",), [extractors.Pixels(source)]
    count = 50 if is_held_out else 40
    (row,) = measuring.Evaluation(reference, chosen, names, count).measure(examples.Real(source))
    assert row.value == row.floor

    def pixels(of, first, number):
        chunks = np.concatenate(list(examples.Real(of).chunks(first, number)))
        return (chunks.reshape(number, -1) + 1) / 2

    validation = pixels(source, 50, 12) if is_held_out else pixels(source, 40, 10)
    test = pixels(other, 0, 50) if is_held_out else pixels(source, 50, 30)
    assert row.floor == pytest.approx(
        parzen_log_likelihood(validation, test, pixels(source, 0, count)).value, rel=1e-6
    )


@pytest.mark.parametrize("held_out", ["train", "./train"])
def test_the_examples_that_are_compared_with_are_not_held_out(held_out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config(data="digits")
    if held_out != "train":
        (tmp_path / "train").mkdir()
        PIL.Image.fromarray(np.zeros([8, 8, 3], np.uint8)).save(tmp_path / "train" / "a.png")
        config = Config(image_dir=str(tmp_path / "train"))
    with pytest.raises(InputError, match=f"--held_out={held_out} are the examples that are comp"):
        subjects.reference(config, held_out)


def test_modes_are_counted_where_centres_are_known():
    reference = subjects.reference(Config(data="ring"))
    source = reference.source
    chosen = extractors.make(extractors.by_default(source), source, "")
    rows = measuring.Evaluation(reference, chosen, (), 500).measure(examples.Real(source))
    found = {row.metric: row for row in rows}
    assert found["modes_covered"].value == found["modes_covered"].floor == 8
    assert found["modes_covered"].extractor == "modes"
    assert found["frechet_distance"].extractor == "points"


def test_a_run_is_measured_and_its_numbers_are_added(run, capsys):
    evaluate.main(
        **OPTIONS | dict(run_dir=str(run), metrics="precision,recall", extractors="pixels")
    )
    evaluate.main(**OPTIONS | dict(run_dir=str(run), metrics="precision", extractors="pixels"))
    shown = capsys.readouterr().out
    assert "898 samples of" in shown
    found = records.read(run / "evaluations.jsonl")
    assert [record["metric"] for record in found] == ["precision", "recall", "precision"]
    first, _, again = found
    assert first == again, "the same samples have the same numbers"
    assert first["step"] == 2
    assert first["num_samples"] == 898
    assert first["extractor"] == "pixels"
    assert first["floor"] > 0.7 > first["value"]
    train.main(SHORT, str(run), "", False, False)
    assert len(records.read(run / "evaluations.jsonl")) == 3, "a resumed run keeps them"


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    path = tmp_path / "evaluations.jsonl"
    whole = json.dumps({"metric": "precision", "value": 0.5})
    path.write_text(f"{whole}\n{whole[:20]}")
    assert len(records.read(path)) == 1
    records.append(path, [{"metric": "recall", "value": 0.25}])
    assert [record["metric"] for record in records.read(path)] == ["precision", "recall"]
    path.write_text(f"{whole}\nhello\n{whole}\n")
    with pytest.raises(Exception, match="line 2, 'hello"):
        records.read(path)
    assert records.read(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    "content",
    [
        b"dear diary",
        b"a line\nand another",
        b"{}\n",
        b"\x00\xff",
        b'{"metric": "precision"}\ndear diary',
        b'{"metric": "precision"}\ndear diary\n{"metric": "recall"}\n',
    ],
)
def test_a_file_of_something_else_is_neither_cut_nor_added_to(run, content, tmp_path):
    path = tmp_path / "mine"
    path.write_bytes(content)
    options = dict(run_dir=str(run), metrics="precision", extractors="pixels", out=str(path))
    with pytest.raises(InputError, match="no file of numbers: .* Nothing is added to it"):
        evaluate.main(**OPTIONS | options)
    assert path.read_bytes() == content
    if not content.endswith(b"\n"):
        with pytest.raises(StorageError, match="is not as it was written: its last line is"):
            records.append(path, [{"metric": "recall", "value": 0.25}])
        assert path.read_bytes() == content


def test_samples_of_another_shape_are_refused(run, tmp_path):
    for i in range(100):
        noise = np.random.default_rng(i).integers(0, 256, [12, 12], np.uint8)
        PIL.Image.fromarray(noise).save(tmp_path / f"{i}.png")
    options = dict(run_dir=str(run), image_dir=str(tmp_path))
    with pytest.raises(InputError, match=r"are 8 x 8 x 1, .* are 12 x 12 x 1: .*image_size=8"):
        evaluate.main(**OPTIONS | options)
    with pytest.raises(InputError, match="samples are 8 x 8 x 1, and the examples of ring are 2"):
        evaluate.main(**OPTIONS | dict(run_dir=str(run), data="ring"))


def test_all_runs_are_compared_with_the_same_examples():
    batches = [
        subjects.reference(dataclasses.replace(SHORT, seed=seed)).source.batch(0)["real"].numpy()
        for seed in (0, 1)
    ]
    assert batches[0].tobytes() == batches[1].tobytes()


def test_real_examples_that_lack_a_class_of_the_run_are_refused(tmp_path):
    def folder(name, classes):
        for i in range(len(classes) * 60):
            noise = np.random.default_rng(i).integers(0, 256, [8, 8], np.uint8)
            path = tmp_path / name / classes[i % len(classes)] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            PIL.Image.fromarray(noise).save(path)
        return str(tmp_path / name)

    config = dataclasses.replace(
        SHORT, image_dir=folder("three", "abc"), condition="concatenation", batch_size=8
    )
    train.main(config, str(tmp_path / "run"), "", False, False)
    options = dict(run_dir=str(tmp_path / "run"), extractors="pixels", metrics="precision")
    with pytest.raises(InputError, match="the run makes the class 'c', and .*two has no example"):
        evaluate.main(**OPTIONS | options | dict(image_dir=folder("two", "ab")))
    evaluate.main(**OPTIONS | options | dict(image_dir=folder("three", "abc")))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "name one of --run_dir"),
        ({"images": "fakes"}, "name them by --data or --image_dir"),
        ({"run_dir": "a", "export": "b"}, "name one of --run_dir"),
        ({"images": "f", "data": "digits", "image_dir": "g"}, "not by both"),
    ],
)
def test_what_cannot_be_measured_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        evaluate.main(**OPTIONS | options)


def test_the_command_says_what_it_has_no_examples_for(run):
    done = subprocess.run(
        [sys.executable, "-m", "tfgan.evaluate", f"--run_dir={run}", "--held_out=test"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "test" in done.stderr


def test_a_run_from_python_is_measured_on_its_users_own_arrays(tmp_path):
    def source(seed):
        images = np.random.default_rng(seed).uniform(-1, 1, [300, 4]).astype(np.float32)
        return Arrays({"real": images}, batch_size=20, name=f"mine_{seed}")

    tf.keras.utils.set_random_seed(0)
    generator = tf.keras.Sequential([tf.keras.Input([3]), tf.keras.layers.Dense(4, "tanh")])
    discriminator = tf.keras.Sequential([tf.keras.Input([4]), tf.keras.layers.Dense(1)])
    model = tfgan.GAN(generator, discriminator, latent_size=3)
    run = tfgan.Run(model, source(0), tmp_path / "run")
    assert {row.metric for row in run.evaluate(metrics=["recall"])} == {"recall"}
    assert not (tmp_path / "run").exists(), "nothing is trained, nothing is written"
    run.train(2, shows_progress=False)
    rows = run.evaluate(source(1), num_samples=200, neighbours=tmp_path / "nearest.png")
    with PIL.Image.open(tmp_path / "nearest.png") as picture:
        assert picture.height > picture.width, "ten rows of six"
    found = {row.metric: row for row in rows}
    assert found["copying"].value > -5, "far from copies"
    assert {row.extractor for row in rows} == {"points"}
    kept = records.read(tmp_path / "run" / "evaluations.jsonl")
    assert [record["metric"] for record in kept] == [row.metric for row in rows]
    assert kept[0]["held_out"] == "mine_1"
    assert kept[0]["step"] == 2


def test_what_is_odd_in_a_users_pictures_and_what_has_changed_is_told(tmp_path, capsys):
    generator = np.random.default_rng(0)
    pictures, run = tmp_path / "pictures", tmp_path / "run"
    pictures.mkdir()
    for i in range(110):
        pixels = generator.integers(0, 255, [8, 8, 4], np.uint8)
        PIL.Image.fromarray(pixels, "RGBA").save(pictures / f"{i}.png")
    (pictures / "notes.txt").write_text("no picture")
    config = Config(
        **dict(image_dir=str(pictures), network="mlp", hidden_size=4, latent_size=2),
        **dict(num_steps=1, num_threads=os.cpu_count() or 1),
    )
    train.main(config, str(run), "", False, False)

    def told(**options):
        capsys.readouterr()
        evaluate.main(**OPTIONS | dict(metrics="recall") | options)
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == len(set(lines))
        return "\n".join(lines)

    of_run = told(run_dir=str(run))
    assert "note: 110 images have transparency, laid on white" in of_run
    assert "note: skipped 1 .txt" in of_run
    assert "has changed" not in of_run
    of_folder = told(images=str(pictures), image_dir=str(pictures), num_samples=50)
    assert "note: 110 images have transparency, laid on white" in of_folder
    PIL.Image.fromarray(np.zeros([8, 8, 4], np.uint8), "RGBA").save(pictures / "0.png")
    assert "has changed since the run was trained" in told(run_dir=str(run))
    other = told(run_dir=str(run), image_dir=str(pictures))
    assert "has changed" not in other, "it was named, as any other would be"
