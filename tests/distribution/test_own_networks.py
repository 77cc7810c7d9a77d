"""A user's own networks, whose weights no seed of ours draws, train in step on all replicas."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models import networks
from tfgan import distribution, training
from tfgan.config import Config
from tfgan.data.arrays import Arrays
from tfgan.models.gan import GAN

IMAGES = np.random.RandomState(0).randint(0, 256, (20, 6, 6, 1)).astype(np.uint8)
CONFIG = Config(strategy="mirrored", replicas=2, batch_size=8)


def keras_players():
    layers = tf.keras.layers
    generator = tf.keras.Sequential(
        [layers.Input([4]), layers.Dense(36, activation="tanh"), layers.Reshape((6, 6, 1))]
    )
    discriminator = tf.keras.Sequential(
        [layers.Input([6, 6, 1]), layers.Flatten(), layers.Dense(1), layers.Reshape(())]
    )
    return generator, discriminator


def modules():
    seed = np.random.randint(2**30)  # as a user's own draws are: others for each model
    return networks.Generator((6, 6, 1), seed=seed), networks.Discriminator(seed=seed + 1)


@pytest.mark.parametrize("players", [keras_players, modules])
def test_they_begin_alike_and_stay_alike(players):
    def make():
        return GAN(*players(), latent_size=4, average_decay=0.9)

    model = make()
    replicated = distribution.Distribution(CONFIG, distribution.start(CONFIG), model, make)
    first, second = (each.state() for each in replicated.models)
    weights = [name for name, v in first.items() if v.trainable and "bias" not in name]
    assert any(first[n].numpy().tobytes() != second[n].numpy().tobytes() for n in weights)

    run_steps = training.make_loop(model, Arrays({"real": IMAGES}, batch_size=8), replicated)
    before = {name: v.numpy().tobytes() for name, v in first.items()}
    run_steps(0, 5)
    assert {n: v.numpy().tobytes() for n, v in first.items()} == {
        n: v.numpy().tobytes() for n, v in second.items()
    }
    assert {n: v.numpy().tobytes() for n, v in first.items()} != before
