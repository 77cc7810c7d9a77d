"""The one list: a new network, objective, penalty or model is one line here.

Each entry makes (model, source) anew, the same every time.
"""

import functools

import numpy as np
import tensorflow as tf

from tests.models import autoencoder, networks
from tfgan import build
from tfgan.config import Config
from tfgan.data.arrays import Arrays
from tfgan.data.synthetic import ring
from tfgan.losses import OBJECTIVES, Objective
from tfgan.models.gan import GAN
from tfgan.penalties import PENALTIES

BATCH_SIZE = 8
SMALL = dict(latent_size=4, hidden_size=8, hidden_layers=1, base_channels=2, batch_size=BATCH_SIZE)


@functools.cache
def _arrays(shape, num_classes=0):
    draw = np.random.RandomState(0)
    arrays = {"real": draw.randint(0, 256, (40, *shape)).astype(np.uint8)}
    if num_classes:
        arrays["labels"] = draw.randint(0, num_classes, 40)
    return arrays


def images(shape, num_classes=0):
    return Arrays(_arrays(shape, num_classes), batch_size=BATCH_SIZE)


def points():
    return ring(BATCH_SIZE, seed=0)


def configured(source=None, **fields):
    """Returns what makes a model that a config names."""

    def make():
        made = source() if source else images((8, 8, 1))
        return build.build_model(Config(**(SMALL | fields)), made.specs), made

    return make


def own(objective="non_saturating", **options):
    """A GAN of a user's own `tf.Module`s."""

    def make():
        players = networks.Generator((8, 8, 1)), networks.Discriminator()
        return GAN(*players, latent_size=4, objective=objective, **options), images((8, 8, 1))

    return make


def rewritable():
    players = networks.Rewritable((8, 8, 1)), networks.Discriminator()
    return GAN(*players, latent_size=4), images((8, 8, 1))


def keras():
    players = networks.keras_players((8, 8, 1))
    return GAN(*players, latent_size=4, average_decay=0.9), images((8, 8, 1))


def labelled():
    players = networks.LabelledGenerator((8, 8, 1), 3), networks.LabelledDiscriminator(3)
    return GAN(*players, latent_size=4, num_classes=3), images((8, 8, 1), num_classes=3)


def coded():
    source = images((8, 8, 1))
    return autoencoder.Autoencoder((8, 8, 1), seed=0), source


def _paired_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    return tf.nn.softplus(real_logits - fake_logits)


# An objective whose generator wants real logits, as the relativistic ones of the literature do.
PAIRED = Objective(
    _paired_loss,
    lambda real, fake: _paired_loss(fake, real),
    is_probabilistic=False,
    generator_sees_real=True,
)

NETWORKS = {
    "mlp": dict(network="mlp"),
    "mlp of points": dict(network="mlp", source=points, latent_distribution="normal"),
    "dcgan": dict(network="dcgan", source=functools.partial(images, (16, 16, 3))),
    "dcgan with batch norm": dict(
        network="dcgan",
        generator_norm="batch",
        discriminator_norm="batch",
        source=functools.partial(images, (16, 16, 1)),
    ),
}
WITH_EVERY_OBJECTIVE = tuple(NETWORKS)
NETWORKS |= {
    "maxout": dict(network="maxout", hidden_size=10),
    "resnet": dict(network="resnet", generator_norm="batch", discriminator_norm="spectral"),
    "r3gan": dict(network="r3gan", base_channels=8),  # one stage has groups
    "dcgan with layer norm": dict(
        network="dcgan", generator_norm="layer", discriminator_norm="layer"
    ),
    "mlp with group norm": dict(
        network="mlp", generator_norm="group", discriminator_norm="group", norm_groups=4
    ),
    "mlp with spectral norm": dict(
        network="mlp", generator_norm="spectral", discriminator_norm="spectral", average_decay=0.9
    ),
    "mlp with minibatch stddev": dict(network="mlp", minibatch_stddev=True),
    "resnet with attention": dict(
        network="resnet", attention_size=8, minibatch_stddev=True, generator_norm="spectral"
    ),
}

ENTRIES = (
    {
        f"{network}, {objective}": configured(**fields, objective=objective)
        for network, fields in NETWORKS.items()
        for objective in (OBJECTIVES if network in WITH_EVERY_OBJECTIVE else ["non_saturating"])
    }
    | {
        "bfloat16": configured(
            network="dcgan",
            compute_dtype="bfloat16",
            generator_norm="batch",
            discriminator_norm="batch",
        ),
        "moving average": configured(
            network="dcgan", generator_norm="batch", discriminator_norm="batch", average_decay=0.9
        ),
        "clipped, rmsprop, discriminator first": configured(
            network="mlp",
            objective="wasserstein",
            weight_clip=0.01,
            optimizer="rmsprop",
            update_order="discriminator_first",
            discriminator_steps=3,
        ),
        "sgd with momentum": configured(network="mlp", optimizer="sgd", momentum=0.9),
        "one's own networks": own(),
        "one's own objective": own(PAIRED, discriminator_steps=2),
        "what a server would rewrite": rewritable,
        "keras": keras,
        "labels": labelled,
        "no gan": coded,
    }
    | {
        f"penalty {name}": own("wasserstein", penalties=((penalty, 10.0),), discriminator_steps=2)
        for name, penalty in PENALTIES.items()
    }
)

REPRESENTATIVE = (
    *(f"{network}, non_saturating" for network in (*WITH_EVERY_OBJECTIVE, "maxout", "r3gan")),
    "resnet, non_saturating",
    *("mlp, wasserstein", "one's own networks", "keras", "labels", "no gan"),
    "what a server would rewrite",
)
"""Exported and loaded by the C program in the default tests; the others in the slow ones."""
