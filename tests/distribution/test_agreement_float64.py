"""In float64 the replicas agree to twelve digits: the mathematics is the same, not only near."""

import numpy as np
import pytest

from tfgan import training
from tfgan.config import Config
from tfgan.data.arrays import Arrays
from tfgan.distribution import Distribution, devices
from tfgan.losses import OBJECTIVES
from tfgan.models.gan import GAN
from tfgan.networks import dcgan, maxout, mlp, r3gan, resnet
from tfgan.penalties import PENALTIES
from tools.make_results.agreement import distance

STATE = np.random.RandomState(0)
IMAGES = STATE.randint(0, 256, (20, 8, 8, 1)).astype(np.uint8)
LARGE = STATE.randint(0, 256, (20, 32, 32, 1)).astype(np.uint8)
MLP = (mlp, dict(hidden_size=8, hidden_layers=1), {}, {})
BATCH = dict(generator_norm="batch")

NETWORKS = {
    "mlp": MLP,
    "maxout": (maxout, dict(hidden_size=10, hidden_layers=1), {}, {}),
    "dcgan": (dcgan, dict(base_channels=2), BATCH, dict(discriminator_norm="batch")),
    "dcgan, spectral": (
        dcgan,
        dict(base_channels=2),
        BATCH,
        dict(discriminator_norm="spectral", minibatch_stddev=True),
    ),
    "resnet": (resnet, dict(base_channels=2), BATCH, dict(discriminator_norm="spectral")),
    "r3gan": (r3gan, dict(base_channels=8), {}, {}),
}
OBJECTIVES_AND_PENALTIES = {
    **{name: dict(objective=name) for name in OBJECTIVES},
    **{name: dict(penalties=[(penalty, 0.1)]) for name, penalty in PENALTIES.items()},
}


def trained(entry, count, num_steps, images=IMAGES, **options):
    """Returns the losses and the weights of the first replica, after some steps of float64."""
    family, sizes, of_generator, of_discriminator = entry
    shape = images.shape[1:]

    def make():
        common = dict(seed=0, compute_dtype="float64", dtype="float64", **sizes)
        return GAN(
            family.Generator(4, shape, **common, **of_generator),
            family.Discriminator(shape, **common, **of_discriminator),
            latent_size=4,
            **(dict(optimizer="sgd", learning_rate=0.01, average_decay=0.5) | options),
        )

    model, distribution = make(), None
    if count > 1:
        config = Config(
            strategy="mirrored", replicas=count, batch_size=12, sync_batch_norm=True, data="none"
        )
        distribution = Distribution(config, devices(config), model, make)
    source = Arrays({"real": images}, batch_size=12)
    losses = training.make_loop(model, source, distribution)(0, num_steps)
    return losses, {name: v.numpy() for name, v in model.state().items()}


def largest_distance(*arguments, **options):
    (alone, state), (losses, other) = (
        trained(arguments[0], count, *arguments[1:], **options) for count in (1, 2)
    )
    assert losses["g_loss"].dtype == np.float64
    found = [distance(alone[name], losses[name]) for name in alone]
    return max(found + [distance(state[name], other[name]) for name in state])


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network(name):
    images = LARGE if name == "resnet" else IMAGES
    assert largest_distance(NETWORKS[name], 5, images=images) < 1e-12


@pytest.mark.parametrize("name", OBJECTIVES_AND_PENALTIES)
def test_every_objective_and_penalty(name):
    assert largest_distance(MLP, 10, **OBJECTIVES_AND_PENALTIES[name]) < 1e-12
