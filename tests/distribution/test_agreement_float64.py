"""In float64 the replicas agree to twelve digits: the mathematics is the same, not only near."""

import numpy as np
import pytest

from tfgan import training
from tfgan.config import Config
from tfgan.core import runtime
from tfgan.data.arrays import Arrays
from tfgan.distribution import Distribution, start
from tfgan.losses import OBJECTIVES
from tfgan.models.gan import GAN
from tfgan.networks import dcgan, maxout, mlp, r3gan, resnet
from tfgan.penalties import PENALTIES
from tools import together
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


def trained(entry, count, num_steps, images=IMAGES, strategy="mirrored", **options):
    """Returns the losses and the weights of the first replica, after some steps of float64."""
    family, sizes, of_generator, of_discriminator = entry
    shape = images.shape[1:]

    def make():
        sizes_and_seed = dict(seed=0, compute_dtype="float64", dtype="float64", **sizes)
        return GAN(
            family.Generator(4, shape, **sizes_and_seed, **of_generator),
            family.Discriminator(shape, **sizes_and_seed, **of_discriminator),
            latent_size=4,
            **(dict(optimizer="sgd", learning_rate=0.01, average_decay=0.5) | options),
        )

    common = dict(batch_size=12, sync_batch_norm=True, data="none")
    replicas = count if strategy == "mirrored" else 0
    config = Config(**common, strategy=strategy, replicas=replicas)
    started = start(config) if count > 1 else None
    model, distribution = make(), None
    if started:
        distribution = Distribution(config, started, model, make)
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


def as_worker(num_steps):
    runtime.configure(1)
    return trained(NETWORKS["dcgan"], 2, num_steps, strategy="multi_worker")


def test_two_processes():
    alone, state = trained(NETWORKS["dcgan"], 1, 5)
    (losses, first), (_, second) = together.call(2, as_worker, 5)
    assert {n: v.tobytes() for n, v in first.items()} == {n: v.tobytes() for n, v in second.items()}
    found = [distance(alone[name], losses[name]) for name in alone]
    assert max(found + [distance(state[name], first[name]) for name in state]) < 1e-12
