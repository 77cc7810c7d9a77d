"""Learning-rate schedules: their values, and that a run resumes inside a fall to the bit."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance import checks, entries
from tfgan import build
from tfgan.core.checks import InputError
from tfgan.runs.checkpoints import snapshot
from tfgan.schedules import CONSTANT, SCHEDULES, Schedule

FALLS = {
    "constant": lambda share: 1.0,
    "linear": lambda share: 1.0 - share,
    "cosine": lambda share: (1.0 + math.cos(math.pi * share)) / 2.0,
}


def expected(name, warmup, decay, step):
    rise = (step + 1) / warmup if step < warmup else 1.0
    share = min(max(step - warmup, 0) / decay, 1.0) if decay else 0.0
    return rise * FALLS[name](share)


def test_every_schedule_is_tested():
    assert SCHEDULES.keys() == FALLS.keys()


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("warmup", [0, 1, 4])
def test_values(name, warmup):
    decay = 0 if name == "constant" else 5
    schedule = Schedule(name, warmup, decay)
    got = [float(schedule(tf.constant(step, tf.int64))) for step in range(12)]
    wanted = [expected(name, warmup, decay, step) for step in range(12)]
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-7)
    assert max(got) == 1.0
    if decay:
        assert got[warmup] == 1.0
        assert got[warmup + decay :] == pytest.approx([0.0] * (12 - warmup - decay), abs=1e-7)
    if warmup:
        assert got[0] == pytest.approx(1.0 / warmup)


def test_a_constant_one_leaves_no_trace():
    assert CONSTANT.is_constant
    assert not Schedule(warmup_steps=1).is_constant
    assert not Schedule("linear", 0, 5).is_constant


def test_a_run_resumes_inside_the_fall_to_the_bit():
    """And the players stand still once it is over: of 6 steps the last 2 change no weight."""
    make = entries.configured(
        network="mlp",
        learning_rate_schedule="cosine",
        warmup_steps=1,
        decay_steps=3,
        discriminator_steps=2,
        optimizer="sgd",
    )
    checks.check_state_is_all(make)
    model, source = make()
    weights = []
    for step in range(6):
        weights.append(snapshot(model.state()))
        model.iteration(tf.constant(step, tf.int64), source)
    moved = [
        any(a[name].tobytes() != b[name].tobytes() for name in a)
        for a, b in zip(weights, [*weights[1:], snapshot(model.state())], strict=True)
    ]
    assert moved == [True] * 4 + [False] * 2


def test_both_players_follow_the_iteration_and_not_the_discriminator_s_steps():
    """The first iteration is half of a warm-up of 2, with all of its discriminator steps."""
    fields = dict(network="mlp", optimizer="sgd", discriminator_steps=3)
    fields |= dict(generator_learning_rate=0.1, discriminator_learning_rate=0.1)

    def moves(warmup_steps):
        model, source = entries.configured(**fields, warmup_steps=warmup_steps)()
        batch, inputs = source.batch(checks.STEP), model.inputs(source.batch_size, "x")
        start = snapshot(model.state())
        for update in range(4):
            model.discriminator_step(batch, inputs, tf.constant(update, tf.int64))
            if update == 3:  # of the second iteration
                model.generator_step(inputs, batch, tf.constant(0, tf.int64))
            end = snapshot(model.state())
            for name, variable in model.state().items():
                variable.assign(start[name])
            yield {name: end[name] - start[name] for name in end}

    shares = (0.5, 0.5, 0.5, 1.0)
    for whole, part, share in zip(moves(0), moves(2), shares, strict=True):
        for name in whole:
            of_generator = name.startswith("generator")
            wanted = whole[name] * (0.5 if of_generator else share)
            np.testing.assert_allclose(part[name], wanted, rtol=1e-3, atol=1e-7)
        assert any(np.abs(move).max() > 1e-3 for move in whole.values())


def test_the_discriminator_s_rate_stays_where_it_is_asked_to():
    """Once the fall is over the generator stands still, and the discriminator goes on."""
    fields = dict(network="mlp", optimizer="sgd", warmup_steps=2, decay_steps=1)
    make = entries.configured(
        learning_rate_schedule="linear", discriminator_decay=False, num_steps=5, **fields
    )
    checks.check_state_is_all(make)
    model, source = make()
    assert model.discriminator_schedule == Schedule(warmup_steps=2)
    moves = []
    for step in range(5):
        before = snapshot(model.state())
        model.iteration(tf.constant(step, tf.int64), source)
        moves.append(
            {
                name.partition("/")[0]
                for name, value in snapshot(model.state()).items()
                if value.tobytes() != before[name].tobytes()
            }
        )
    assert moves == [{"generator", "discriminator"}] * 3 + [{"discriminator"}] * 2


def test_an_unknown_schedule_is_refused_though_no_flag_was_read(small_config):
    config = small_config(learning_rate_schedule="stairs", decay_steps=5)
    with pytest.raises(InputError, match="unknown learning_rate_schedule 'stairs'. Known: con"):
        build.check_names(config)


class Plain:
    """An optimizer of a user's own, which is called with gradients alone where nothing is asked."""

    def __init__(self):
        self.calls = []

    def apply(self, gradients, **options):
        self.calls.append((gradients, options))


def test_an_optimizer_is_told_what_is_asked_for_and_no_more():
    optimizer, falling = Plain(), Schedule("linear", decay_steps=4)
    CONSTANT.apply(optimizer, [1], 3)
    CONSTANT.apply(optimizer, [2], 3, 0.5)
    falling.apply(optimizer, [3], 1)
    falling.apply(optimizer, [4], 2, 0.25)
    found = [(g, {name: float(x) for name, x in o.items()}) for g, o in optimizer.calls]
    assert found == [
        ([1], {}),
        ([2], {"clip_norm": 0.5}),
        ([3], {"rate_factor": 0.75}),
        ([4], {"rate_factor": 0.5, "clip_norm": 0.25}),
    ]


@pytest.mark.parametrize("model_type", ["gan", "vae"])
def test_every_model_clips_its_gradients(model_type, small_config):
    """One step of plain descent at rate 1 is as long as the clip allows."""
    fields = dict(optimizer="sgd", generator_learning_rate=1.0, gradient_clip_norm=1e-3)
    if model_type == "vae":
        fields |= dict(model_type="vae", latent_distribution="normal")
    else:
        fields |= dict(discriminator_learning_rate=1.0)
    model, source = build.build(small_config(**fields))
    start = snapshot(model.state())
    model.iteration(tf.constant(0, tf.int64), source)
    end = snapshot(model.state())
    parts = ("generator/", "discriminator/") if model_type == "gan" else ("encoder/", "decoder/")
    lengths = [
        sum(np.sum((end[n] - start[n]) ** 2) for n in end if n.startswith(part)) for part in parts
    ]
    squares = lengths if model_type == "gan" else [sum(lengths)]
    np.testing.assert_allclose(np.sqrt(squares), 1e-3, rtol=1e-2)
