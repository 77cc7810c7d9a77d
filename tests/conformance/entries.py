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
from tfgan.models.conditions import CONDITIONS
from tfgan.models.gan import GAN
from tfgan.networks import NETWORKS as FAMILIES
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


def points(with_labels=False):
    return ring(BATCH_SIZE, seed=0, with_labels=with_labels)


def configured(source=None, **fields):
    """Returns what makes a model that a config names; a GAN with several discriminator steps."""
    several = {} if "model_type" in fields else {"discriminator_steps": 2}

    def make():
        made = source() if source else images((8, 8, 1))
        return build.build_model(Config(**(SMALL | several | fields)), made.specs), made

    return make


def vae(source=None, **fields):
    """Returns what makes a VAE that a config names."""
    return configured(source, model_type="vae", latent_distribution="normal", **fields)


def own(objective="non_saturating", **options):
    """A GAN of a user's own `tf.Module`s."""
    options = dict(discriminator_steps=2) | options

    def make():
        players = networks.Generator((8, 8, 1)), networks.Discriminator()
        return GAN(*players, latent_size=4, objective=objective, **options), images((8, 8, 1))

    return make


def rewritable():
    players = networks.Rewritable((8, 8, 1)), networks.Discriminator()
    return GAN(*players, latent_size=4, discriminator_steps=2), images((8, 8, 1))


def keras():
    players = networks.keras_players((8, 8, 1))
    options = dict(average_decay=0.9, discriminator_steps=2)
    return GAN(*players, latent_size=4, **options), images((8, 8, 1))


def labelled():
    players = networks.LabelledGenerator((8, 8, 1), 3), networks.LabelledDiscriminator(3)
    options = dict(num_classes=3, discriminator_steps=2)
    return GAN(*players, latent_size=4, **options), images((8, 8, 1), num_classes=3)


def judging(condition, **options):
    """A GAN of a user's own discriminator that says the class, and codes where it is InfoGAN's."""

    def make():
        num_codes = 2 if condition == "information" else 0
        players = networks.LabelledGenerator((8, 8, 1), 3), networks.Judge(3, num_codes)
        common = dict(latent_size=4, num_classes=3, condition=condition, discriminator_steps=2)
        num_classes = 3 if condition == "auxiliary" else 0  # InfoGAN's data have none
        return GAN(*players, **common, **options), images((8, 8, 1), num_classes)

    return make


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

CONDITIONED = {
    f"{network} by {condition}": configured(
        functools.partial(images, (8, 8, 1), 0 if condition == "information" else 3),
        network=network,
        condition=condition,
        hidden_size=10,
        **(dict(num_categories=3, num_codes=2) if condition == "information" else {}),
    )
    for network in FAMILIES
    for condition in CONDITIONS
    if condition != "none"
}
"""Every network family with every condition."""

CODERS = {
    f"vae of {network}": vae(network=network, hidden_size=10)
    for network in FAMILIES
    if network not in ("mlp", "dcgan")  # which have entries of their own
}
"""Every other network family as encoder and decoder."""

ENTRIES = (
    {
        f"mlp, {objective}": configured(network="mlp", objective=objective)
        for objective in OBJECTIVES
    }
    | {network: configured(**fields) for network, fields in NETWORKS.items()}
    | CONDITIONED
    | CODERS
    | {
        f"penalty {name}": own("wasserstein", penalties=((penalty, 10.0),))
        for name, penalty in PENALTIES.items()
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
        "adagrad, simultaneous": configured(
            network="mlp", optimizer="adagrad", update_order="simultaneous"
        ),
        "sgd with momentum": configured(network="mlp", optimizer="sgd", momentum=0.9),
        "smoothed labels": configured(network="mlp", label_smoothing=0.1),
        "two penalties in each third step": configured(
            network="mlp",
            objective="relativistic",
            penalties="r1:5,r2:5",
            penalty_every_steps=3,
        ),
        "lecam's averages": configured(network="mlp", objective="hinge", penalties="lecam:0.3"),
        "packs": configured(network="dcgan", pack=2, objective="relativistic_average"),
        "augmented": configured(
            functools.partial(images, (8, 8, 3)),
            network="dcgan",
            augment="color,translation,cutout",
        ),
        "schedule and clipped gradients": configured(
            network="mlp",
            learning_rate_schedule="linear",
            warmup_steps=2,
            decay_steps=9,
            discriminator_decay=False,
            gradient_clip_norm=0.1,
        ),
        "conditional batch norm": configured(
            functools.partial(images, (8, 8, 1), 3),
            network="resnet",
            condition="projection",
            generator_norm="conditional_batch",
            discriminator_norm="spectral",
            objective="hinge",
        ),
        "points by projection": configured(
            functools.partial(points, True), network="mlp", condition="projection"
        ),
        "one discriminator step": own(discriminator_steps=1),
        "one's own networks": own(),
        "one's own objective": own(PAIRED),
        "one's own judge of classes": judging("auxiliary"),
        "one's own judge of codes": judging("information"),
        "what a server would rewrite": rewritable,
        "keras": keras,
        "labels": labelled,
        "no gan": coded,
        "vae": vae(network="mlp"),
        "vae of convolutions": vae(functools.partial(images, (16, 16, 1)), network="dcgan"),
        "vae of colours, with normalisation": vae(
            functools.partial(images, (8, 8, 3)),
            network="dcgan",
            generator_norm="batch",
            discriminator_norm="spectral",
            likelihood="gaussian",
        ),
        "vae of points": vae(
            points,
            network="mlp",
            generator_norm="group",
            norm_groups=4,
            likelihood="gaussian",
            likelihood_stddev=0.1,
            learning_rate_schedule="cosine",
            decay_steps=9,
            gradient_clip_norm=0.5,
        ),
    }
)

REPRESENTATIVE = (
    *("mlp", "mlp of points", "dcgan with batch norm", "resnet by auxiliary"),
    *("one's own networks", "keras", "labels", "no gan", "what a server would rewrite"),
    *("vae", "vae of convolutions"),
)
"""Resumed, exported and loaded by the C program in the default tests; the others in the slow
ones."""

IN_WINDOWS = (*REPRESENTATIVE, "dcgan", "maxout", "r3gan", "lecam's averages")
"""Traced as a loop in the default tests; the others in the slow ones."""

SAMPLED = (
    *ENTRIES.keys() - CONDITIONED.keys(),
    *(f"mlp by {condition}" for condition in CONDITIONS if condition != "none"),
    *("dcgan by auxiliary", "resnet by projection", "r3gan by information"),
    *("maxout by concatenation", "resnet by auxiliary"),
)
"""Whose steps are tried in the default tests; the others' in the slow ones."""
