"""How well a VAE explains examples, as the command measures it: against the estimator itself."""

import os

import numpy as np
import pytest
import tensorflow as tf

import tfgan
from tests.distribution.test_data import Reader
from tests.evaluation.test_evaluate import OPTIONS
from tests.models.test_vae import X, components, exact_log_likelihood
from tfgan import build, evaluate, train
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.data import Arrays, Binarised, Mirrored, pixels
from tfgan.evaluation import evidence, passes, records, while_training
from tfgan.evaluation.examples import Real, UnmeasurableError
from tfgan.evaluation.measuring import Reference
from tfgan.models.evidence import Estimator
from tools.make_results import running

SMALL = dict(network="mlp", latent_size=3, hidden_size=8, hidden_layers=1, batch_size=16)
SMALL |= dict(data="digits", split="train[:300]", num_steps=3)
SMALL |= dict(num_threads=os.cpu_count() or 1)  # what this process has started with
VAE = dict(model_type="vae", latent_distribution="normal")
BOTH = "elbo,log_likelihood"
IMAGES = np.random.RandomState(0).randint(0, 256, [20, 8, 8, 1]).astype(np.uint8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Returns what trains a short run of some fields, once, and says where it is."""
    known = {}

    def run(**fields):
        key = str(fields)
        if key not in known:
            known[key] = tmp_path_factory.mktemp("evidence") / "run"
            train.main(Config(**(SMALL | fields)), str(known[key]), "", False, False)
        return known[key]

    return run


def measure(run, **options):
    """Returns what the command adds to the file of a run."""
    path = run / "evaluations.jsonl"
    before = len(records.read(path))
    evaluate.main(**OPTIONS | dict(run_dir=str(run)) | options)
    return records.read(path)[before:]


def opened(run):
    found = tfgan.runs.trained.TrainedRun(str(run))
    return found, found.model(build.factory(found.made_by, ""))


def images(split, binarise):
    config = Config(**SMALL | dict(split=split, binarise=binarise))
    return pixels.to_float(build.build_source(config).arrays["real"]).numpy()


@pytest.mark.parametrize(
    ("binarise", "draw"), [("none", "none"), ("static", "static"), ("dynamic", "static")]
)
def test_a_run_is_measured_by_what_was_held_out_and_on_the_static_draw(binarise, draw, trained):
    run = trained(binarise=binarise, **VAE)
    held_out = dict(held_out="train[300:397]", num_weights=9, seed=5)
    rows = measure(run, metrics=BOTH, **held_out)
    x = images("train[300:397]", draw)
    assert (set(np.unique(x)) == {-1, 1}) == (draw == "static")
    expected = Estimator(opened(run)[1], 9, 5)(x)
    assert [row["metric"] for row in rows] == BOTH.split(",")
    for row, values in zip(rows, expected, strict=True):
        assert row["value"] == pytest.approx(values.mean(), rel=1e-6)
        assert row["spread"] == pytest.approx(values.std(ddof=1) / 97**0.5, rel=1e-5)
        assert (row["num_samples"], row["num_weights"], row["seed"]) == (97, 9, 5)
        assert (row["extractor"], row["unit"]) == ("encoder, 9 weights", "nats")
        assert row["held_out_fingerprint"].endswith(" binarised 0") == (draw == "static")
    assert measure(run, metrics=BOTH, **held_out) == rows


def test_without_held_out_examples_it_is_measured_by_its_own(trained):
    run = trained(binarise="static", **VAE)
    (row,) = measure(run, metrics="log_likelihood", num_weights=2)
    x = images("train[:300]", "static")
    expected = Estimator(opened(run)[1], 2)(x).log_likelihood
    assert row["value"] == pytest.approx(expected.mean(), rel=1e-6)
    assert row["num_samples"] == 300
    (few,) = measure(run, metrics="elbo", num_weights=2, num_samples=20)
    spread = Estimator(opened(run)[1], 2)(x[np.arange(20) * 15]).elbo
    assert few["value"] == pytest.approx(spread.mean(), rel=1e-6)
    assert running.explained(opened(run)[0], "train[:300]", 2)["log_likelihood"] == row["value"]


def test_the_command_says_what_its_numbers_are_of(trained, capsys):
    def said(run, **options):
        capsys.readouterr()
        measure(run, **dict(num_weights=2, extractors="pixels") | options)
        return capsys.readouterr()

    drawn, grey = (trained(binarise=draw, **VAE) for draw in ("dynamic", "none"))
    both = said(drawn, metrics="elbo,precision")
    (note,) = both.err.splitlines()
    assert note.startswith("note: the samples are means, in grey, and the real images black and")
    assert "(--binarise=dynamic): compare with grey ones (--binarise=none), or ask" in note
    assert "150 samples of" in both.out
    alone = said(drawn, metrics="elbo", held_out="train[300:397]")
    assert not alone.err
    assert "samples of" not in alone.out
    assert "of 97 real examples that were held out; 2 importance weights for each" in alone.out
    assert not said(drawn, metrics="precision", binarise="none").err
    assert not said(grey, metrics="precision").err
    (note,) = said(grey, metrics="elbo").err.splitlines()
    assert note.startswith("note: digits is grey, of which likelihood=bernoulli has no likelihood")


def test_grey_images_are_compared_with_where_they_are_asked_for(trained):
    rows = [
        measure(trained(binarise="static", **VAE), metrics="precision", binarise=draw, **options)[0]
        for options in [dict(extractors="pixels", num_samples=100)]
        for draw in ("", "static", "none")
    ]
    assert rows[0] == rows[1]
    assert rows[0]["data_fingerprint"] == f"{rows[2]['data_fingerprint']} binarised 0"


def test_what_has_no_likelihood_is_refused(trained):
    gan = trained()
    for options in (dict(run_dir=str(gan)), dict(images="x", data="digits")):
        with pytest.raises(InputError, match="--metrics=elbo needs the encoder of a VAE: measure"):
            evaluate.main(**OPTIONS | dict(metrics="elbo") | options)
    with pytest.raises(InputError, match="needs the encoder of a VAE"):
        passes.Asked(["log_likelihood"]).check(None)  # of an export
    run = trained(binarise="static", **VAE)
    with pytest.raises(InputError, match="--num_weights=0 must be at least 1"):
        measure(run, metrics="elbo", num_weights=0)
    with pytest.raises(InputError, match="at least 1, and at most the 97 of digits"):
        measure(run, metrics="elbo", held_out="train[300:397]", num_samples=98)
    with pytest.raises(InputError, match="are 8 x 8 x 1, and the examples of ring are 2: comp"):
        measure(run, metrics="elbo", data="ring", binarise="none")
    with pytest.raises(InputError, match="unknown metric 'elba'; did you mean 'elbo'"):
        measure(run, metrics="elba")
    config = Config(evaluate_metrics="precision,elbo")
    with pytest.raises(InputError, match="elbo is not measured while training: ask tfgan"):
        while_training.metrics_of(config, ())


def test_with_the_exact_posterior_a_run_in_python_gets_log_p(tmp_path):
    x = np.clip(X / 8, -1, 1).astype(np.float32)
    seen, others = (Arrays({"real": part}, batch_size=10) for part in (x[:20], x[20:]))
    run = tfgan.Run(components(), seen, tmp_path / "run")
    rows = run.evaluate(others, metrics=["log_likelihood", "elbo"], num_weights=7)
    exact = exact_log_likelihood(x[20:].astype(np.float64))
    assert rows[0].value == pytest.approx(exact.mean(), rel=1e-6)
    assert rows[0].spread == pytest.approx(exact.std(ddof=1) / 20**0.5, rel=1e-6)
    assert rows[1].value != rows[0].value
    one = evidence.Explained(components(), Reference(seen), 1)
    assert evidence.measure(["elbo"], one)[0].spread is None


def test_points_without_an_end_and_pictures_on_disk_are_explained():
    fields = dict(data="ring", likelihood="gaussian", split="train") | VAE
    model, source = build.build(Config(**SMALL | fields))
    found = evidence.Explained(model, Reference(source), 40, 3)
    x = np.concatenate(list(Real(source).chunks(0, 40)))
    assert found.evidence.elbo.tobytes() == Estimator(model, 3)(x).elbo.tobytes()
    assert evidence.Explained(model, Reference(source)).record["num_samples"] == 2500

    disk = Reader().source()
    shape = disk.specs["real"].shape
    model = build.build_model(Config(**SMALL | VAE), {"real": tf.TensorSpec(shape)})
    found = evidence.Explained(model, Reference(disk), 20, 3).evidence.elbo
    x = np.concatenate(list(Real(disk).chunks(0, 20)))
    assert found.tobytes() == Estimator(model, 3)(x).elbo.tobytes()
    with pytest.raises(InputError, match="x does not fit into memory, where black and white is"):
        evidence.Explained(model, Reference(Binarised(disk)))


def test_neither_mirrored_nor_drawn_anew():
    plain = Arrays({"real": IMAGES}, batch_size=5)
    model = build.build_model(Config(**SMALL | VAE), plain.specs)
    static = tfgan.data.binarised.static(plain)
    for source in (Mirrored(Binarised(plain)), Binarised(Mirrored(plain)), Mirrored(static)):
        found = evidence.Explained(model, Reference(source), num_weights=2).evidence
        expected = evidence.Explained(model, Reference(static), num_weights=2).evidence
        np.testing.assert_array_equal(found, expected)


def test_a_likelihood_that_is_not_finite_is_told():
    source = Arrays({"real": IMAGES}, batch_size=5)
    model = build.build_model(Config(**SMALL | VAE), source.specs)
    for weight in model.weights.values():
        weight.assign(np.nan * weight)
    with pytest.raises(UnmeasurableError, match="of 20 of 20 examples is not finite"):
        evidence.measure(["elbo"], evidence.Explained(model, Reference(source), num_weights=2))
