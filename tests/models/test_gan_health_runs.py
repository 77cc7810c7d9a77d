"""Healthy runs and sick ones, looked at while they train: what the criteria were set by."""

import math
from pathlib import Path

import pytest
import tensorflow as tf

from tfgan import build, training
from tfgan.cli import flags
from tfgan.losses import OBJECTIVES
from tfgan.models import gan_health
from tfgan.runs import health

RECIPES = Path(__file__).parents[2] / "tfgan/recipes"
FAILURES = {"generator collapsed", "discriminator won", "discriminator dead", "diverging"}


def frozen(model, source):
    """The generator no longer reads its latents; it trains on."""
    inner = model.generator.network
    model.generator._called = lambda z, mode: inner(tf.zeros_like(z), mode)
    model.average = None


def one_mode(model, source):
    """All samples are one real example with a little noise; the generator gets no gradient."""
    one = source.batch(tf.constant(0, tf.int64))["real"][:1]
    shape = one.shape[1:]
    inner = model.generator.network

    def output(latents, mode):  # [B, Z]
        wide = tf.tile(latents, [1, math.ceil(math.prod(shape) / latents.shape[1])])
        noise = tf.reshape(wide[:, : math.prod(shape)], [-1, *shape])
        return one + 0.01 * noise + 0.0 * inner(latents, mode)

    model.generator._called, model.average = output, None


def few_modes(model, source):
    """All samples are one of five real examples with a little noise, as in `one_mode`."""
    five = source.batch(tf.constant(0, tf.int64))["real"][:5]
    shape = five.shape[1:]
    inner = model.generator.network
    stddev = 0.003 if len(shape) == 1 else 0.02

    def output(latents, mode):  # [B, Z]
        wide = tf.tile(latents, [1, math.ceil(math.prod(shape) / latents.shape[1])])
        noise = tf.reshape(wide[:, : math.prod(shape)], [-1, *shape])
        chosen = tf.gather(five, tf.range(latents.shape[0]) % 5)
        return chosen + stddev * noise + 0.0 * inner(latents, mode)

    model.generator._called, model.average = output, None


def few_outputs(model, source):
    """The generator reads but the signs of two latents; it trains on."""
    inner = model.generator.network

    def output(latents, mode):
        signs = tf.sign(latents[:, :2])
        wide = tf.tile(signs, [1, math.ceil(latents.shape[1] / 2)])[:, : latents.shape[1]]
        return inner(wide + 0.001 * latents, mode)

    model.generator._called, model.average = output, None


def dead_discriminator(model, source):
    """The discriminator's units are all off, and stay so."""
    for variable in model.discriminator.by_place.values():
        variable.assign(tf.zeros_like(variable))
    model.discriminator_optimizer.learning_rate = 0.0


def idle_generator(model, source):
    """The generator does not learn, so that the discriminator wins."""
    model.generator_optimizer.learning_rate = 0.0


def wild(model, source):
    """Both players take steps a hundred times too long, without Adam's bound on them."""
    for optimizer in (model.generator_optimizer, model.discriminator_optimizer):
        optimizer.learning_rate *= 100.0


def rows_of(config, num_steps, every, sicken=None, at=0):
    """Trains and measures every `every` steps; `sicken` acts on the model after step `at`."""
    model, source = build.build(config)
    run_steps = training.make_loop(model, source)
    measured = health.Health(model, source)
    rows, step = [], 0
    while step < num_steps:
        if sicken and step == at:
            sicken(model, source)  # and trace again: the graphs hold what they saw
            run_steps = training.make_loop(model, source)
            measured = health.Health(model, source)
        losses = run_steps(step, every)
        step += every
        rows.append(
            {"step": step, **measured.measure(step)}
            | {name: float(values[-1]) for name, values in losses.items()}
        )
    return rows


def verdicts(rows, objective, every=1):
    """The verdict after each row, where only every so many rows are taken."""
    rows, has_probabilities = rows[every - 1 :: every], OBJECTIVES[objective].is_probabilistic
    return [gan_health.verdict(rows[: i + 1], has_probabilities) for i in range(len(rows))]


SMALL_RING = dict(
    data="ring", latent_size=2, latent_distribution="normal", hidden_size=64, batch_size=64
)
UNCLIPPED = dict(  # rates that `wild` brings to 0.001
    objective="wasserstein",
    optimizer="rmsprop",
    data="digits",
    hidden_size=256,
    generator_learning_rate=0.00001,
    discriminator_learning_rate=0.00001,
)
SICK = {
    "frozen": (frozen, {}, "generator collapsed"),
    "one mode": (one_mode, {}, "generator collapsed"),
    "few modes": (few_modes, dict(data="digits", network="mlp"), "generator collapsed"),
    "few outputs": (few_outputs, {}, "generator collapsed"),
    "dead": (dead_discriminator, {}, "discriminator dead"),
    "idle": (idle_generator, dict(discriminator_learning_rate=0.001), "discriminator won"),
    "wild": (wild, UNCLIPPED, "diverging"),
}


@pytest.mark.parametrize("kind", SICK)
def test_a_sick_run_is_found(kind, small_config):
    sicken, fields, expected = SICK[kind]
    config = small_config(**SMALL_RING | fields)
    found = verdicts(rows_of(config, 500, 100, sicken), config.objective)
    assert set(found) == {"training", expected}


def test_the_same_small_run_is_healthy(small_config):
    config = small_config(**SMALL_RING)
    rows = rows_of(config, 600, 20)
    for every in (1, 2, 5):
        assert set(verdicts(rows, config.objective, every)) == {"training"}


def recipe(name, **fields):
    """The config of a recipe, with other values for the given fields."""
    return flags.parse(
        [f"--flagfile={RECIPES / name}.flags", *(f"--{key}={v}" for key, v in fields.items())]
    )[0]


PLAIN = dict(generator_norm="none", discriminator_norm="none")
CLIPPED = dict(objective="wasserstein", weight_clip=0.01, optimizer="rmsprop")
LARGE_DIGITS = dict(data="digits", image_size=32, base_channels=8, average_decay=0.99)
QUICK_AVERAGE = dict(average_decay=0.9)
HEALTHY = {
    "digits": (recipe("digits"), 1500),
    "ring": (recipe("ring"), 3000),
    "grid": (recipe("grid", seed=1), 3000),
    "document": (recipe("document"), 2500),  # its discriminator is far ahead for 2,000 steps
    "digits, no batch norm": (
        recipe("digits", **PLAIN),
        400,
    ),
    "digits, mlp": (recipe("digits", network="mlp", **PLAIN), 1000),
    "wasserstein": (recipe("digits", network="mlp", **PLAIN, **CLIPPED), 1000),
    "pictures": (recipe("pictures", **LARGE_DIGITS), 600),  # measured by their features
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_is_never_called_sick(name):
    config, num_steps = HEALTHY[name]
    rows = rows_of(config, num_steps, 20)
    for every in (1, 3, 5):
        assert not set(verdicts(rows, config.objective, every)) & FAILURES
    assert rows[-1]["diversity"] > 0.4


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 300])
@pytest.mark.parametrize("kind", ["frozen", "one mode", "few modes", "dead", "idle"])
@pytest.mark.parametrize("name", ["digits", "ring", "pictures"])
def test_a_run_is_found_within_500_steps_of_falling_sick(name, kind, at):
    sicken, _, expected = SICK[kind]
    # A slow average would go on moving for hundreds of steps, whatever befell the generator.
    config = recipe(name, **(LARGE_DIGITS | QUICK_AVERAGE if name == "pictures" else {}))
    rows = rows_of(config, at + 500, 20, sicken, at)
    for every in (1, 5):
        found = verdicts(rows, config.objective, every)
        assert set(found) == {"training", expected}
        assert found[-1] == expected


@pytest.mark.slow
def test_convergence_is_reached():
    averaged = dict(average_decay=0.999)
    fast = dict(generator_learning_rate=0.001, discriminator_learning_rate=0.001)
    config = recipe("ring", **averaged, **fast)
    found = verdicts(rows_of(config, 7500, 100), config.objective)
    assert set(found) == {"training", "converged"}


@pytest.mark.slow
def test_the_mush_of_a_young_run_covers_nothing():
    """Fault 5 of issue 11: by their pixels, a mush covered the data like pictures.

    How a long run is ranked is recorded: `tests/tools/test_rank_checkpoints.py`.
    """
    rows = rows_of(recipe("pictures", **LARGE_DIGITS, seed=2), 900, 100)
    covered = [row["coverage"] for row in rows]
    assert max(covered[:4]) < 0.05 < min(covered[5:]), covered
