"""Two and four replicas take the path of one: the same mathematics, rounded otherwise."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build, training
from tfgan.config import Config
from tfgan.core import replicas
from tfgan.distribution import Distribution
from tfgan.losses import OBJECTIVES
from tfgan.penalties import PENALTIES

SMALL = dict(
    **dict(data="digits", network="mlp", latent_size=8, hidden_size=16, base_channels=4),
    # Adam divides gradients that are zero but for rounding by themselves.
    **dict(optimizer="sgd", generator_learning_rate=0.005, discriminator_learning_rate=0.005),
    **dict(batch_size=16, gradient_clip_norm=1.0),
)
CONVOLUTIONAL = dict(network="dcgan", generator_norm="batch", sync_batch_norm=True)
RESIDUAL = dict(image_size=32, generator_norm="layer", discriminator_norm="spectral")
ENTRIES = {
    **{f"objective {name}": dict(objective=name) for name in OBJECTIVES},
    **{f"penalty {name}": dict(penalties=f"{name}:0.1") for name in PENALTIES},
    "penalties every second step": dict(penalties="r1:1,r2:1", penalty_every_steps=2),
    "labels concatenated": dict(condition="concatenation"),
    "projection": dict(condition="projection"),
    "auxiliary": dict(condition="auxiliary", condition_weight=0.5),
    "information": dict(condition="information", num_categories=10, num_codes=2),
    "labels as in the data": dict(condition="projection", label_distribution="data"),
    "pack": dict(pack=2),
    "augmentation": dict(network="dcgan", augment="color,translation,cutout"),
    "maxout": dict(network="maxout", hidden_size=20),
    "dcgan, batch": CONVOLUTIONAL | dict(discriminator_norm="batch"),
    "dcgan, layer": dict(network="dcgan", generator_norm="layer", discriminator_norm="group"),
    "dcgan, spectral": CONVOLUTIONAL | dict(discriminator_norm="spectral", minibatch_stddev=True),
    "resnet": dict(network="resnet", condition="projection", **RESIDUAL),
    "r3gan": dict(network="r3gan", image_size=16, objective="relativistic"),
    "update order": dict(update_order="discriminator_first", discriminator_steps=2),
    "training aids": dict(weight_clip=0.1, average_decay=0.9, label_smoothing=0.1),
    "schedule": dict(learning_rate_schedule="cosine", decay_steps=100, warmup_steps=5),
    "points": dict(data="ring"),
    "mirrored": dict(mirror=True),
    "vae": dict(model_type="vae", latent_distribution="normal", discriminator_learning_rate=None),
    "vae of binarised digits": dict(
        model_type="vae",
        latent_distribution="normal",
        binarise="dynamic",
        discriminator_learning_rate=None,
    ),
}
SMALLEST_NORM = 1e-3
"""Biases begin at 0, and where a constant cancels (before a normalisation, between scores) their
gradient is rounding alone: below this norm nothing is there that could be compared."""

TOLERANCE = {"resnet": 1e-3}
"""Its small biases have three digits in float32; in float64, twelve: the other file."""


def places(count):
    return [device.name for device in tf.config.list_logical_devices("CPU")][:count]


def config_of(entry, count=1, **more):
    fields = {name: x for name, x in (SMALL | ENTRIES[entry] | more).items() if x is not None}
    if count == 1:
        return Config(**fields | dict(sync_batch_norm=False))
    return Config(**fields, strategy="mirrored", replicas=count)


def trained(config, num_steps, windows=1):
    """Returns the losses and the states of all replicas."""
    model, source = build.build(config)
    distribution = None
    if config.strategy != "one":
        make = functools.partial(build.build_model, config, source.specs)
        distribution = Distribution(config, places(config.replicas), model, make)
    run_steps = training.make_loop(model, source, distribution)
    each = num_steps // windows
    parts = [run_steps(i * each, each) for i in range(windows)]
    losses = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    models = distribution.models if distribution else [model]
    return losses, [{n: v.numpy() for n, v in each.state().items()} for each in models]


def distance(a, b):
    a, b = (np.asarray(x, np.float64) for x in (a, b))
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), SMALLEST_NORM)


def distances(entry, count, num_steps, **more):
    """Returns the relative distances from one replica, by norm: of each loss, of each weight."""
    alone, (state, *_) = trained(config_of(entry, **more), num_steps)
    losses, states = trained(config_of(entry, count, **more), num_steps)
    for other in states[1:]:
        assert {n: v.tobytes() for n, v in other.items()} == {
            n: v.tobytes() for n, v in states[0].items()
        }
    found = {name: distance(alone[name], losses[name]) for name in alone}
    return found | {name: distance(state[name], states[0][name]) for name in state}


@pytest.mark.parametrize("entry", ENTRIES)
def test_two_replicas_take_the_path_of_one(entry):
    found = distances(entry, 2, 10)
    most = TOLERANCE.get(entry, 1e-5)
    assert max(found.values()) < most, sorted(found.items(), key=lambda pair: -pair[1])[:3]


def test_per_replica_statistics_are_others():
    """What sync_batch_norm is for."""
    found = distances("dcgan, batch", 2, 10, sync_batch_norm=False)
    assert max(found.values()) > 1e-3


@pytest.mark.parametrize("entry", ["objective non_saturating", "dcgan, batch"])
def test_the_same_run_twice_and_in_other_windows_has_the_same_bytes(entry):
    config = config_of(entry, 2)
    first, states = trained(config, 12)
    again, others = trained(config, 12, windows=3)
    assert {n: x.tobytes() for n, x in first.items()} == {n: x.tobytes() for n, x in again.items()}
    for state, other in zip(states, others, strict=True):
        assert {n: v.tobytes() for n, v in state.items()} == {
            n: v.tobytes() for n, v in other.items()
        }


# Controls: each of these mistakes is seen.


def control(entry="objective non_saturating", **more):
    return max(distances(entry, 2, 5, **more).values())


def test_a_gradient_that_is_summed_is_seen(monkeypatch):
    def doubled(values):
        replica = replicas.current()
        return [2.0 * x for x in replica.mean(list(values))] if replica else list(values)

    monkeypatch.setattr(replicas, "means", doubled)
    assert control(gradient_clip_norm=0.0) > 1e-4


def test_a_latent_drawn_alike_on_all_replicas_is_seen(monkeypatch):
    whole = replicas.share

    def first(values, axis=0):
        replica = replicas.current()
        return whole(values, axis) if replica is None else tf.split(values, replica.count, axis)[0]

    monkeypatch.setattr(replicas, "share", first)
    assert control() > 1e-4


@pytest.mark.parametrize(
    ("entry", "name"),
    [("objective relativistic_average", "mean"), ("dcgan, batch", "mean")],
)
def test_a_statistic_of_one_replica_alone_is_seen(entry, name, monkeypatch):
    monkeypatch.setattr(replicas, name, lambda value: value)
    assert control(entry) > 1e-5


def test_a_random_number_of_the_local_batch_is_seen(monkeypatch):
    monkeypatch.setattr(replicas, "drawn", lambda draw, shape, axis=0: draw(shape))
    assert control("penalty gradient_penalty", penalties="gradient_penalty:10") > 1e-5
