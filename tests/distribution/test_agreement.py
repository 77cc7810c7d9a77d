"""Two and four replicas take the path of one: the same mathematics, rounded otherwise."""

from pathlib import Path

import pytest
import tensorflow as tf

from tfgan.core import replicas
from tfgan.losses import OBJECTIVES
from tfgan.penalties import PENALTIES
from tools.make_results.agreement import ENTRIES, config_of, distances, trained
from tools.make_results.record import Record

RESULTS = Path(__file__).parents[2] / "tools" / "results"
TOLERANCE = {"resnet": 1e-3}
"""Its small biases have three digits in float32; in float64, twelve: the other file."""


def test_every_objective_and_penalty_is_there():
    assert {f"objective {name}" for name in OBJECTIVES} <= ENTRIES.keys()
    assert {f"penalty {name}" for name in PENALTIES} <= ENTRIES.keys()


def test_the_table_agrees_to_1e_5():
    outcomes = Record(RESULTS / "agreement.json").outcomes
    assert outcomes
    for key, found in outcomes.items():
        most = TOLERANCE.get(key.split("/")[1], 1e-5)
        assert max(found["losses"], found["state"]) < most, key


@pytest.mark.parametrize("entry", ENTRIES)
def test_two_replicas_take_the_path_of_one(entry):
    found = distances(entry, 2, 10)
    most = TOLERANCE.get(entry, 1e-5)
    assert max(found.values()) < most, sorted(found.items(), key=lambda pair: -pair[1])[:3]


OF_WORKERS = ["objective relativistic_average", "dcgan, batch", "resnet", "vae"]


@pytest.mark.parametrize(
    "entry",
    [pytest.param(e, marks=() if e == "dcgan, batch" else pytest.mark.slow) for e in OF_WORKERS],
)
def test_two_processes_take_the_path_of_one(entry):
    found = distances(entry, 2, 10, "multi_worker")
    assert max(found.values()) < TOLERANCE.get(entry, 1e-5)


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


@pytest.mark.parametrize("entry", ["objective non_saturating", "dcgan, batch", "vae"])
def test_one_replica_has_the_bits_of_none(entry):
    found = []
    for config in (config_of(entry), config_of(entry, 2, replicas=1, sync_batch_norm=False)):
        losses, (state, *_) = trained(config, 8)
        found.append({name: x.tobytes() for name, x in (losses | state).items()})
    assert found[0] == found[1]


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
