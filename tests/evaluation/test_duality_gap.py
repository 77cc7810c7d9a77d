"""The duality gap of Dirac-GANs in closed form, and what holds of every run."""

import os

import numpy as np
import pytest
import tensorflow as tf

import tfgan
from tests.evaluation.test_evaluate import OPTIONS
from tests.models import networks
from tfgan import build, evaluate, optimizers, train
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.evaluation import game, records, subjects, while_training
from tfgan.losses import OBJECTIVES
from tfgan.metrics.game import jensen_shannon
from tfgan.models.gan import GAN
from tfgan.penalties import PENALTIES
from tfgan.schedules import Schedule
from tools.make_results.dirac import Point, Slope

THETA, PSI, RATE = 0.7, 0.4, 0.3
THREADS = os.cpu_count() or 1


class Points:
    """Batches of which each is one number; those that judge lie on the other side."""

    name, batch_size = "points", 4
    places = np.array([0.2, 0.3, 0.4, -0.1, -0.2, -0.3, 9.0])

    def __init__(self, num_examples=27, places=places):
        self.num_examples, self.places = num_examples, tf.constant(places)

    def batch(self, step):
        return {"real": tf.fill([4, 1], self.places[step])}


def dirac(objective, theta=THETA, psi=PSI, **options):
    common = dict(latent_size=1, optimizer=optimizers.SGD, learning_rate=RATE)
    return GAN(Point(theta), Slope(psi), objective=objective, **common, **options)


def gap(model, num_steps=5, source=None, count=1000, seed=0):
    parts = game.split(source or Points(), num_steps, count)
    return game.Contest(model, parts, seed, num_steps).duality_gap()


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def log_sigmoid(x):
    return -np.logaddexp(0.0, -x)


def test_it_is_what_both_players_gain_by_steps_of_their_own_on_the_other_half():
    """Five steps each, written out; R1 is a part of the steps and not of the value."""
    model = dirac("minimax", penalties=[(PENALTIES["r1"], 0.5)])
    psi, theta = PSI, THETA
    for x in (0.2, 0.3, 0.4, 0.2, 0.3):
        slope = (sigmoid(psi * x) - 1) * x + sigmoid(psi * THETA) * THETA + 0.5 * psi
        psi -= RATE * slope
        theta += RATE * sigmoid(PSI * theta) * PSI

    def value(theta, psi):
        return log_sigmoid(psi * Points.places[3:6]) + log_sigmoid(-psi * theta)

    gains = value(THETA, psi) - value(theta, PSI)
    found = gap(model)
    assert found.value == pytest.approx(gains.mean(), rel=1e-6)
    assert found.spread == pytest.approx(gains.std(ddof=1) / 3**0.5, rel=1e-5)


def test_the_best_responses_of_a_clipped_discriminator_are_clipped():
    found = gap(dirac("wasserstein", weight_clip=0.5), num_steps=3)
    psi = PSI
    for x in (0.2, 0.3, 0.4):
        psi = np.clip(psi - RATE * (THETA - x), -0.5, 0.5)
    of_discriminator = psi * (-0.2 - THETA)
    of_generator = PSI * (-0.2 - (THETA + 3 * RATE * PSI))
    assert found.value == pytest.approx(of_discriminator - of_generator, rel=1e-6)


@pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name != "least_squares"])
def test_it_is_0_at_the_equilibrium_and_positive_elsewhere(objective):
    data = Points(places=np.zeros(7))
    assert gap(dirac(objective, 0.0, 0.0), source=data).value == pytest.approx(0.0, abs=1e-12)
    assert gap(dirac(objective, 0.0, PSI), source=data).value > 0.01
    assert gap(dirac(objective, THETA, 0.0), source=data).value > 0.01


def test_a_schedule_that_has_ended_does_not_hide_the_gap():
    expected = gap(dirac("minimax")).value
    model = dirac("minimax", schedule=Schedule("linear", 3, 1))
    assert gap(model, num_steps=5).value == expected
    assert model.schedule == Schedule("linear", 3, 1)


EVERYTHING = dict(
    network="dcgan",
    base_channels=2,
    generator_norm="batch",
    discriminator_norm="spectral",
    penalties="lecam:0.1,gradient_penalty:1",
    penalty_every_steps=2,
    condition="projection",
    augment="color,translation",
    average_decay=0.9,
    learning_rate_schedule="cosine",
    decay_steps=3,
    discriminator_steps=2,
)


@pytest.mark.parametrize(
    "fields", [EVERYTHING, dict(network="maxout", pack=2, hidden_size=10)], ids=["all", "pack"]
)
def test_it_moves_nothing_and_comes_out_the_same_again(fields):
    config = Config(data="digits", latent_size=4, batch_size=8, **fields)
    model, source = build.build(config)
    model.iteration(tf.constant(0, tf.int64), source)
    before = {name: variable.numpy().tobytes() for name, variable in model.state().items()}
    parts = game.split(source, 3, 16)
    found = [game.Contest(model, parts, seed, 3).duality_gap() for seed in (0, 0)]
    after = {name: variable.numpy().tobytes() for name, variable in model.state().items()}
    assert before == after
    assert found[0] == found[1]
    assert np.isfinite(found[0].value)


def test_what_is_lost_on_the_way_is_told_and_put_back():
    model = dirac("kullback_leibler", psi=-5.0)
    with pytest.raises(InputError, match="not finite, after 40 steps"):
        gap(model, num_steps=40, source=Points(places=np.full(7, -1e300)))
    assert model.discriminator.network.weight.numpy() == -5.0


def test_half_of_the_batches_judge_and_no_more_than_are_asked_for():
    assert game.split(Points(27), 500, 1000)[1:] == (3, 3)
    assert game.split(Points(28), 500, 5)[1:] == (5, 2)
    assert game.split(Points(28), 2, 5)[1:] == (2, 2)
    assert game.split(Points(None), 500, 5)[1:] == (500, 2)
    with pytest.raises(InputError, match="points has 7 examples that were held out, and one batch"):
        game.split(Points(7), 500, 5)


# The command.


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The directory of a short run on the ring."""
    path = tmp_path_factory.mktemp("game") / "run"
    config = Config(data="ring", network="mlp", hidden_size=8, num_steps=2, num_threads=THREADS)
    train.main(config, str(path), "", False, False)
    return path


def measure(run, **options):
    shown = dict(run_dir=str(run), num_samples=200, response_steps=20)
    evaluate.main(**OPTIONS | shown | options)


def test_a_run_is_measured_and_nothing_but_numbers_is_added(run, capsys):
    def content():
        files = (path for path in run.rglob("*") if path.is_file())
        return {p: p.read_bytes() for p in files if p.name != "evaluations.jsonl"}

    before = content()
    measure(run, metrics="duality_gap,value,precision,jensen_shannon")
    measure(run, metrics="duality_gap")
    assert content() == before
    rows = records.read(run / "evaluations.jsonl")
    precision, first, value, divergence, again = rows
    assert first == again, "the same run, seed and steps give the same number"
    assert {row["extractor"] for row in (first, value, divergence)} == {"discriminator"}
    assert (first["num_samples"], first["response_steps"], first["step"]) == (256, 20, 2)
    assert precision["num_samples"] == 200
    assert "response_steps" not in precision
    assert divergence["value"] == pytest.approx(jensen_shannon(value["value"]))
    assert first["value"] > 0
    shown = capsys.readouterr().out
    assert "judged by 256 real examples that were held out; best responses of 20 steps" in shown
    measure(run, metrics="duality_gap", seed=1)
    assert records.read(run / "evaluations.jsonl")[-1]["value"] != first["value"]


def opponents(config, held_out=""):
    reference = subjects.reference(config, held_out)
    return game.opponents(subjects.as_trained(config, held_out, reference), seed=0)


def test_examples_that_judge_are_none_that_were_trained_on():
    config = Config(data="ring", network="mlp", condition="projection", batch_size=32)
    step = tf.constant(0, tf.int64)
    trained, others = build.build_source(config).batch(step), opponents(config).batch(step)
    assert not (others["real"].numpy() == trained["real"].numpy()).any()
    assert others.keys() == trained.keys() == {"real", "labels"}
    digits = Config(data="digits", network="mlp", split="train[:1000]")
    assert opponents(digits, "train[1000:]").num_examples == 797
    with pytest.raises(InputError, match="that were not trained on: name them"):
        opponents(digits)


def test_a_run_in_python_is_measured_too(tmp_path):
    examples = np.random.default_rng(0).uniform(-1, 1, [220, 3]).astype(np.float32)
    seen, others = (tfgan.data.Arrays({"real": x}, batch_size=10) for x in np.split(examples, 2))
    players = networks.Generator((3,)), networks.Discriminator()
    made = tfgan.Run(tfgan.GAN(*players, latent_size=4), seen, run_dir=str(tmp_path / "run"))
    made.train(num_steps=3)
    options = dict(metrics=("duality_gap", "recall"), response_steps=30)
    recall, found = made.evaluate(others, **options)
    assert found.metric == "duality_gap"
    assert found.extractor == "discriminator"
    assert found.value > 0
    rows = records.read(tmp_path / "run" / "evaluations.jsonl")
    assert [row["metric"] for row in rows] == ["recall", "duality_gap"]
    assert [row["num_samples"] for row in rows] == [110, 50]
    assert made.evaluate(others, **options) == [recall, found]
    with pytest.raises(InputError, match="that were not trained on"):
        made.evaluate(**options)


@pytest.mark.parametrize(
    ("fields", "metric", "said"),
    [
        ({"objective": "wasserstein"}, "value", "the objective wasserstein has scores: ask for"),
        ({"objective": "hinge"}, "jensen_shannon", "takes D for a probability"),
        ({"objective": "least_squares"}, "duality_gap", "do not play for one value"),
        (
            {"model_type": "vae", "likelihood": "gaussian", "latent_distribution": "normal"},
            "value",
            "of a GAN",
        ),
    ],
)
def test_what_has_no_such_number_is_refused(fields, metric, said):
    model, _ = build.build(Config(data="ring", network="mlp", hidden_size=8, **fields))
    with pytest.raises(InputError, match=said):
        game.check([metric], model, 1)


def test_what_cannot_be_asked_for_is_refused(run):
    config = Config(data="ring", evaluate_metrics="precision,duality_gap")
    with pytest.raises(InputError, match="duality_gap is not measured while training: ask tfgan"):
        while_training.metrics_of(config, ())
    with pytest.raises(InputError, match="unknown metric 'dualitygap'; did you mean 'duality_gap'"):
        measure(run, metrics="dualitygap")
    with pytest.raises(InputError, match="--response_steps=0 must be at least 1"):
        measure(run, metrics="duality_gap", response_steps=0)
    with pytest.raises(InputError, match="needs the discriminator of a GAN: measure a run of one"):
        evaluate.main(**OPTIONS | dict(images="x", data="ring", metrics="value", response_steps=1))
