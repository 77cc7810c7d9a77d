"""float64 from end to end, for proofs: layers, networks, optimizers, the loop."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import training
from tfgan.data.arrays import Arrays
from tfgan.models.gan import GAN
from tfgan.networks import dcgan, maxout, mlp, r3gan, resnet

IMAGES = np.random.RandomState(0).randint(0, 256, (20, 8, 8, 1)).astype(np.uint8)
OBJECTIVES = ("minimax", "non_saturating", "wasserstein")
STEP = tf.constant(0, tf.int64)


def make(family, objective="non_saturating", g=None, d=None, **options):
    options |= dict(seed=0, compute_dtype="float64", dtype=tf.float64)
    generator = family.Generator(4, (8, 8, 1), **options, **(g or {}))
    discriminator = family.Discriminator((8, 8, 1), **options, **(d or {}))
    model = GAN(generator, discriminator, latent_size=4, objective=objective, average_decay=0.5)
    return model, Arrays({"real": IMAGES}, batch_size=4)


FAMILIES = {
    "mlp": (mlp, dict(hidden_size=8, hidden_layers=1)),
    "dcgan": (dcgan, dict(base_channels=2)),
    "dcgan with batch norm": (
        dcgan,
        dict(base_channels=2, g=dict(generator_norm="batch"), d=dict(discriminator_norm="batch")),
    ),
}
NEWER = {
    "maxout": (maxout, dict(hidden_size=10, hidden_layers=1)),
    "resnet": (
        resnet,
        dict(
            base_channels=2,
            g=dict(generator_norm="layer", attention_size=8),
            d=dict(discriminator_norm="spectral", minibatch_stddev=True),
        ),
    ),
    "r3gan": (r3gan, dict(base_channels=8)),  # one stage has groups
}
CASES = [(name, objective) for name in FAMILIES for objective in OBJECTIVES]
CASES += [(name, "non_saturating") for name in NEWER]
FAMILIES |= NEWER


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_falls_back_to_float32(name):
    family, options = FAMILIES[name]
    model, source = make(family, **options)
    assert {v.dtype for v in model.state().values()} - {tf.int64} == {tf.float64}
    losses = training.make_loop(model, source)(0, 5)
    assert {values.dtype for values in losses.values()} == {np.dtype(np.float64)}
    assert model.sample(model.inputs(2, "x")).dtype == tf.float64
    assert all(value.dtype == tf.float64 for value in model.diagnostics(STEP, source).values())
    float32, _ = make(family, **options)
    assert np.abs(losses["d_loss"] - np.float32(losses["d_loss"])).max() > 0
    assert float32.dtype == tf.float64


@pytest.mark.parametrize(("name", "objective"), CASES)
def test_gradients_are_those_of_finite_differences(name, objective):
    """To 1e-7 of themselves: float32 could not show more than 1e-3."""
    family, options = FAMILIES[name]
    model, source = make(family, objective, **options)
    draw = np.random.RandomState(1)
    for player in (model.generator, model.discriminator):  # away from the kinks of the units
        for weight in player.weights.values():
            weight.assign_add(0.1 * draw.normal(size=weight.shape))
        player.before_step()
        player.steppers = []  # the loss is to be a function of the weights alone
    inputs, batch = model.inputs(4, "latents"), source.batch(STEP)
    _, gradients = model.generator_gradients(inputs, batch)
    _, d_gradients = model.discriminator_gradients(batch, inputs, STEP)
    players = (
        (model.generator, gradients, lambda: model.generator_gradients(inputs, batch)[0]),
        (
            model.discriminator,
            d_gradients,
            lambda: model.discriminator_gradients(batch, inputs, STEP)[0],
        ),
    )
    for player, found, loss in players:
        # One direction through all weights: the derivative along it is the gradient's share of it.
        direction = [draw.normal(size=w.shape) for w in player.weights.values()]
        starts = [w.numpy() for w in player.weights.values()]
        at = []
        for sign in (1.0, -1.0):
            for w, start, d in zip(player.weights.values(), starts, direction, strict=True):
                w.assign(start + sign * 1e-7 * d)
            at.append(float(loss()))
        expected = (at[0] - at[1]) / 2e-7
        got = sum(float(tf.reduce_sum(g * d)) for g, d in zip(found, direction, strict=True))
        assert abs(got - expected) < 1e-7 * abs(expected), (got, expected)
        for w, start in zip(player.weights.values(), starts, strict=True):
            w.assign(start)
