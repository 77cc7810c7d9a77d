"""What a GAN of one's own parts refuses, in one line, before anything is written."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tests.models import networks
from tfgan import penalties
from tfgan.core.checks import InputError
from tfgan.data.arrays import Arrays
from tfgan.models.gan import GAN
from tfgan.networks import mlp
from tfgan.nn.normalisation import BatchNorm
from tfgan.run import Run

SHAPE = (8, 8, 1)


def gan(discriminator=None, **options):
    players = networks.Generator(SHAPE), discriminator or networks.Discriminator()
    return GAN(*players, latent_size=4, **options)


def arrays(batch_size=8, **others):
    return Arrays({"real": np.zeros((24, *SHAPE), np.uint8), **others}, batch_size=batch_size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(label_smoothing=1.5), "label_smoothing must be less than 1.0, got 1.5"),
        (dict(weight_clip=-0.5), "weight_clip must be at least 0.0, got -0.5"),
        (dict(average_decay=1.5), "average_decay must be less than 1.0, got 1.5"),
        (dict(discriminator_steps=0), "discriminator_steps must be at least 1, got 0"),
        (dict(penalty_every_steps=0), "penalty_every_steps must be at least 1, got 0"),
        (dict(update_order="both"), "update_order must be one of generator_first"),
        (dict(condition_weight=float("nan")), "condition_weight must be a finite number"),
        (dict(penalties="r1:10"), r'got \'r1:10\': give penalties=\[\("r1", 10.0\)\]'),
        (dict(penalties=[("r3", 10.0)]), "unknown penalty 'r3'"),
        (dict(penalties=[("r1", -10.0)]), "penalty r1 needs a weight above 0, got -10.0"),
        (dict(penalties=[(penalties.r2, float("nan"))]), "penalty r2 needs a weight above 0"),
        (dict(augment="color"), r"augment must be a list of names: give augment=\['color'\]"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        gan(**options)


def test_a_penalty_has_a_name_as_an_objective_has():
    [(by_name, weight)] = gan(penalties=[("r1", 10)]).game.penalties
    assert (by_name, weight) == (penalties.r1, 10)


class WithBatchNorm(tf.Module):
    """A discriminator of one's own, with a batch normalisation of ours two levels down."""

    def __init__(self):
        super().__init__()
        self.layers = {"first": networks.Discriminator(), "deep": [BatchNorm(1, name="norm")]}

    def __call__(self, x, mode):
        logits = self.layers["first"](x)
        return self.layers["deep"][0](tf.reshape(logits, [-1, 1]), mode)[:, 0]


def with_keras():
    import keras

    layers = keras.layers
    inner = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])
    return keras.Sequential([layers.Flatten(), inner, layers.Dense(1)])


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (WithBatchNorm, "discriminator/layers_deep_0"),
        (with_keras, "discriminator/1/1"),
        (
            lambda: mlp.Discriminator(
                SHAPE, hidden_size=4, hidden_layers=1, discriminator_norm="batch", seed=0
            ),
            "disc",
        ),
    ],
)
@pytest.mark.parametrize(
    "penalty", [penalties.r1, functools.partial(penalties.gradient_penalty, target=0.0)]
)
def test_a_gradient_of_each_example_and_batch_normalisation_are_refused(make, place, penalty):
    with pytest.raises(InputError, match=rf"batch normalisation \({place}.*: take layer or"):
        gan(make(), penalties=[(penalty, 10.0)])


def test_batch_normalisation_goes_with_a_penalty_on_logits_and_with_none():
    gan(WithBatchNorm(), penalties=[("lecam", 0.3)])
    gan(WithBatchNorm())


@pytest.mark.parametrize(
    ("pack", "source", "message"),
    [
        (3, lambda: arrays(), "pack=3 does not divide the batch_size=8 of .*: take batch_size=6"),
        (2, lambda: arrays(weights=np.ones(24, np.float32)), "leave the weights out, or take pack"),
        (1, lambda: arrays(weights=np.ones([24, 1], np.float32)), r"\[None, 1\]: squeeze them"),
    ],
)
def test_a_source_that_cannot_be_trained_on_is_refused_before_anything_is_written(
    pack, source, message, tmp_path
):
    discriminator = networks.Discriminator()
    with pytest.raises(InputError, match=message):
        Run(gan(discriminator, pack=pack), source(), tmp_path / "run")
    assert not [*tmp_path.iterdir()]
