"""A model with classes, from its run to its server: pictures, `sample --label`, requests."""

import io
import json
import os

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

from tests.models import networks
from tests.serving import rig
from tfgan import export, sample
from tfgan.core.checks import InputError
from tfgan.core.interfaces import LabelSpec
from tfgan.data import drawing
from tfgan.data.arrays import Arrays
from tfgan.models.gan import GAN
from tfgan.run import Run
from tfgan.runs import identity
from tfgan.runs.trained import TrainedRun
from tfgan.serving import model as served_models
from tfgan.serving import publish

NAMES = ("cat", "dog", "a, b")
MODEL = "tests.models.networks:make_labelled"
QUIET = dict(shows_progress=False)


def make(path, num_samples=13):
    """A run on images whose grey level tells their class."""
    labels = np.repeat([0, 1, 2], [20, 19, 1])
    images = np.stack([np.full([8, 8, 1], 100 * k, np.uint8) for k in labels])
    source = Arrays({"real": images, "labels": labels}, batch_size=8, class_names=NAMES)
    players = networks.LabelledGenerator([8, 8, 1], 3), networks.LabelledDiscriminator(3)
    model = GAN(*players, latent_size=4, num_classes=3)
    return Run(model, source, path, num_samples=num_samples, log_every_steps=2)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """A directory with a run, "run", of a model of one's own, and its export, "export"."""
    folder = tmp_path_factory.mktemp("labelled")
    make(folder / "run").train(2, **QUIET)
    export.main(str(folder / "run"), str(folder / "export"), MODEL)
    return folder


@pytest.fixture(params=["run", "export"])
def drawn(request, labelled, tmp_path, capsys):
    """A function that draws from either, and returns what is said; the pictures are in tmp_path."""
    where = {"run_dir": "", "export": ""}
    where["run_dir" if request.param == "run" else "export"] = str(labelled / request.param)

    def draw(out, label="", seeds="", interpolate=0, scale=1):
        settings = dict(model=MODEL, seeds=seeds, interpolate=interpolate, label=label, scale=scale)
        sample.main(**where, out=str(tmp_path / out) + "/" * (out[-1] == "/"), **settings)
        return capsys.readouterr().out

    return draw


def opened(path):
    with PIL.Image.open(path) as picture:
        return np.asarray(picture)


def expected(run, seeds, labels):
    """The examples of seeds of each class, [classes, seeds, 8, 8, 1]: latents and label by hand."""
    model = make(None).model
    for name, value in TrainedRun(str(run)).checkpoint.read().items():
        model.state()[name].assign(value)
    found = [
        model.sample(
            {"latents": model.inputs(1, "export", seed)["latents"], "labels": tf.constant([label])}
        )[0]
        for label in labels
        for seed in seeds
    ]
    return np.stack(found).reshape(len(labels), len(seeds), 8, 8, 1)


def test_by_default_each_class_has_a_row(drawn, labelled, tmp_path):
    assert drawn("all.png") == f"{tmp_path}/all.png: 30 examples\n"
    images = expected(labelled / "run", range(10), (0, 1, 2))
    rows = np.asarray(drawing.grid(images.reshape(30, 8, 8, 1), columns=10, scale=1))
    np.testing.assert_array_equal(opened(tmp_path / "all.png"), rows)
    assert (images[0] != images[1]).any()


@pytest.mark.parametrize(
    ("label", "numbers"), [("dog", [1]), ("1", [1]), ("2,cat", [2, 0]), ("a, b", [2]), ("0,0", [0])]
)
def test_classes_are_asked_for_by_name_or_number(label, numbers, drawn, labelled, tmp_path):
    drawn("some.png", label, seeds="3,5")
    images = expected(labelled / "run", [3, 5], numbers).reshape(-1, 8, 8, 1)
    rows = np.asarray(drawing.grid(images, columns=2, scale=1))
    np.testing.assert_array_equal(opened(tmp_path / "some.png"), rows)


def test_one_class_alone_has_a_grid_of_the_usual_seeds(drawn, tmp_path):
    assert drawn("dogs.png", "dog").endswith("64 examples\n")
    assert opened(tmp_path / "dogs.png").shape == (8 * 9 - 1, 8 * 9 - 1)


def test_the_way_from_seed_to_seed_keeps_the_class(drawn, tmp_path):
    drawn("way.png", "dog,cat", seeds="1,2,3", interpolate=2)
    rows = opened(tmp_path / "way.png")
    assert rows.shape == (4 * 9 - 1, 4 * 9 - 1)  # two pairs of each class
    drawn("ends.png", "dog,cat", seeds="1,2,3")
    ends = opened(tmp_path / "ends.png")
    for row, (of_class, seed) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        for column, at in ((0, seed), (3, seed + 1)):
            cell = rows[9 * row : 9 * row + 8, 9 * column : 9 * column + 8]
            own = ends[9 * of_class : 9 * of_class + 8, 9 * at : 9 * at + 8]
            np.testing.assert_array_equal(cell, own)


def test_files_and_frames_name_their_class(drawn, tmp_path):
    drawn("files/", "dog,cat", seeds="7,-5")
    names = [f"label_{k}_seed_{seed}.png" for k in (0, 1) for seed in (-5, 7)]
    assert sorted(os.listdir(tmp_path / "files")) == sorted(names)
    drawn("one.png", "dog", seeds="7")
    np.testing.assert_array_equal(
        opened(tmp_path / "files/label_1_seed_7.png"), opened(tmp_path / "one.png")
    )
    drawn("a.gif", seeds="0-3")
    with PIL.Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(label="3"), "--label=3: '3' is no class; the classes are 0 to 2: cat, dog, a, b"),
        (dict(label="cat,cow"), "--label=cat,cow: 'cow' is no class; the classes are 0 to 2"),
        (dict(label="-1"), "--label=-1: '-1' is no class"),
        (dict(seeds="0-2000"), "2001 seeds of 3 classes are more than 4096 examples: name fewer"),
    ],
)
def test_bad_labels_are_one_line_and_nothing_is_written(change, message, drawn, tmp_path):
    with pytest.raises(InputError, match=message) as caught:
        drawn("x.png", **change)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_model_without_classes_has_no_label(run_and_export, tmp_path):
    with pytest.raises(InputError, match="--label=3: this model has no classes: train one with"):
        sample.main(
            str(run_and_export / "digits"), "", "", "0", 0, str(tmp_path / "x.png"), label="3"
        )


def test_of_many_classes_the_first_are_drawn():
    many = [str(i) for i in range(1000)]
    assert sample.parse_labels("", many) == list(range(sample.MOST_ROWS))
    assert sample.parse_labels("999,40", many) == [999, 40]
    assert sample.parse_labels("", ()) == [None]


def test_a_run_draws_a_class_a_row(labelled):
    """Four columns of 13 samples; of the real ones the rarest class has one example alone."""
    real = opened(labelled / "run/samples/real.png")
    cells = real[:: len(real) // 26][:26:9, ::]  # the first line of each row
    scale = real.shape[0] // 26
    assert real.shape == (26 * scale, 35 * scale)
    for k in range(3):
        row = real[9 * k * scale : (9 * k + 8) * scale]
        levels = {int(row[:, (9 * c + 4) * scale].mean()) for c in range(4)}
        assert levels == {100 * k}, cells.shape
    run = make(labelled / "run")
    run.train(2, **QUIET)  # gives it its weights; nothing is left to do
    inputs = run.model.inputs(4, "samples")["latents"]
    rows = [
        run.model.sample({"latents": inputs, "labels": tf.fill([4], k)}).numpy() for k in range(3)
    ]
    expected = drawing.grid(np.concatenate(rows), columns=4)
    np.testing.assert_array_equal(opened(labelled / "run/samples/00000002.png"), expected)


def test_a_program_asks_for_classes_too(labelled):
    run = make(labelled / "run")
    images = expected(labelled / "run", [4, 9], [2, 1])
    samples = run.sample([4, 9], labels=["a, b", 1])
    np.testing.assert_array_equal(samples.examples, images.reshape(-1, 8, 8, 1))
    encoded = io.BytesIO(samples._repr_png_())
    whole = np.asarray(drawing.grid(images.reshape(-1, 8, 8, 1), columns=2))
    np.testing.assert_array_equal(np.asarray(PIL.Image.open(encoded)), whole)
    with pytest.raises(InputError, match="'cow' is no class; the classes are 0 to 2: cat, dog"):
        run.sample([1], labels=["cow"])
    drawn = run.model.inputs(1, "export", 4)
    np.testing.assert_array_equal(run.sample([4]).examples[0], run.model.sample(drawn)[0])


def test_the_record_and_the_card_name_the_classes(labelled):
    card = json.loads((labelled / "export/2/model_card.json").read_text())
    assert card["data"]["classes"]["names"] == list(NAMES)
    assert card["data"]["classes"]["frequencies"] == [20 / 40, 19 / 40, 1 / 40]
    assert card["signatures"]["sample"]["inputs"] == {
        "label": "int32 [None]",
        "seed": "int64 [None]",
    }
    assert set(card["signatures"]["serving_default"]["inputs"]) == {"label", "latents"}
    assert set(card["signatures"]["discriminate"]["inputs"]) == {"label", "images"}
    for specs in (
        TrainedRun(str(labelled / "run")).specs,
        publish.Export(labelled / "export").specs,
    ):
        assert isinstance(specs["labels"], LabelSpec)
        assert specs["labels"].class_names == NAMES
        assert specs["labels"].frequencies == (0.5, 19 / 40, 1 / 40)


def test_the_server_gives_the_bits_of_each_label_and_refuses_others(
    labelled, loader_program, tmp_path
):
    version = labelled / "export/2"
    loader = rig.Loader(loader_program, version, tmp_path)
    seeds, labels = np.array([4, 9, 4, -1]), np.array([2, 1, 0, 2], np.int32)
    latents = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)
    images = np.zeros([4, 8, 8, 1], np.float32)
    good = {
        "sample": {"seed": seeds, "label": labels},
        "serving_default": {"latents": latents, "label": labels},
        "discriminate": {"images": images, "label": labels},
    }
    bad = (([0, 1, 3, 0], "3"), ([0, -1, 2, 0], "-1"), ([2**31 - 1] * 4, "2147483647"))
    for signature, request in good.items():
        loader.ask(signature, request)
        for numbers, _ in bad:
            loader.ask(signature, request | {"label": np.array(numbers, np.int32)})
        loader.ask(signature, request | {"label": labels[:3]})  # a row has none
        loader.ask(signature, request | {"label": np.repeat(labels, 2)})
        loader.ask(signature, {name: value[:0] for name, value in request.items()})
        loader.ask(signature, request)
    answers = iter(loader.answers())
    made = {}
    for signature in good:
        made[signature] = next(answers)
        for _, seen in bad:
            refused = next(answers)
            assert refused.startswith("error 3 "), refused  # invalid argument
            assert "label must be one of the classes 0 to 2, got from" in refused
            assert f"[{seen}]" in refused
        for count in (3, 8):
            refused = next(answers)
            assert "each row needs one label, got" in refused, refused
            assert f"[{count}] [for] [4]" in refused, refused
        assert all(len(rows) == 0 for rows in next(answers).values())
        again = next(answers)  # the process lives on
        assert all((again[name] == rows).all() for name, rows in made[signature].items())
    model = expected(labelled / "run", [4, 9, -1], [0, 1, 2])
    rows = np.stack([model[2, 0], model[1, 1], model[0, 0], model[2, 2]])
    assert made["sample"]["images"].tobytes() == drawing.to_uint8(rows).tobytes()


def test_padding_and_warm_up_ask_for_a_class_that_is_there(labelled):
    """Zeros: what a client pads with, and what `warm_up` asks."""
    version = labelled / "export/2"
    asked = {signature for signature, _ in rig.warm_up(version)}
    loaded = tf.saved_model.load(str(version)).signatures
    assert asked == set(loaded) == {"sample", "serving_default", "discriminate"}
    for function in loaded.values():
        specs = function.structured_input_signature[1]
        zeros = {name: tf.zeros([1, *spec.shape[1:]], spec.dtype) for name, spec in specs.items()}
        assert "label" in zeros
        assert all(len(rows) == 1 for rows in function(**zeros).values())


def test_inputs_that_name_no_classes_are_served_as_they_are():
    """A model of one's own may call anything "labels" as long as it has no `num_classes`."""
    made = make(None).model
    del made.num_classes
    made.signatures = lambda kind: {}
    assert "labels" in made.inputs(1, "x")
    signatures = served_models.Served(made, make(None).source.kind).signatures
    names = {
        name: {spec.name for spec in tf.nest.flatten(function.structured_input_signature) if spec}
        for name, function in signatures.items()
    }
    assert names["serving_default"] == {"labels", "latents"}
    assert names["sample"] == {"seed"}


@pytest.mark.parametrize(
    "classes",
    [
        7,
        {},
        [],
        {"names": ["a", "b"]},
        {"names": 7, "frequencies": [1.0]},
        {"names": [], "frequencies": []},
        {"names": ["a", "b"], "frequencies": [1.0]},
        {"names": ["a", 7], "frequencies": [0.5, 0.5]},
        {"names": ["a", "b"], "frequencies": [0.5, 0.4]},
        {"names": ["a", "b"], "frequencies": [1.5, -0.5]},
        {"names": ["a", "b"], "frequencies": [float("nan"), 1.0]},
        {"names": ["a", "b"], "frequencies": [10**400, 0]},
    ],
)
def test_a_record_of_strange_classes_is_one_line(classes, labelled):
    record = json.loads((labelled / "export/2/model_card.json").read_text())
    identity.read(record, labelled)
    record["data"]["classes"] = classes
    with pytest.raises(InputError, match="is of another version: "):
        identity.read(record, labelled)


@pytest.mark.parametrize("asked", [2, 4])
def test_a_run_of_other_classes_is_refused_before_anything_is_written(asked, tmp_path):
    made = make(None)
    players = networks.LabelledGenerator([8, 8, 1], asked), networks.LabelledDiscriminator(asked)
    model = GAN(*players, latent_size=4, num_classes=asked)
    with pytest.raises(InputError, match=r"arrays has labels from 0 to 2, and|class 3 of arrays"):
        Run(model, made.source, tmp_path / "run")
    assert not (tmp_path / "run").exists()
