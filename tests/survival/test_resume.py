"""A run that was stopped and goes on leaves the bytes of one that was not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.survival.rig import Rig, digest, forget
from tfgan.runs.folder import RunFolder

OBJECTIVES = {
    "non_saturating": dict(),
    "minimax": dict(update_order="discriminator_first", optimizer="sgd", momentum=0.5),
    "wasserstein": dict(weight_clip=0.01, optimizer="rmsprop", discriminator_steps=2),
}
NETWORKS = {
    "mlp": dict(network="mlp", average_decay=0.9),
    "dcgan": dict(
        network="dcgan",
        base_channels=2,
        generator_norm="batch",
        discriminator_norm="batch",
        average_decay=0.9,
    ),
}
INTERVALS = dict(log_every_steps=50, sample_every_steps=100, checkpoint_every_steps=1000)


@pytest.fixture(autouse=True)
def no_animation(monkeypatch):
    """What `finish` draws is made of what is compared here, and takes longer than a run."""
    monkeypatch.setattr(RunFolder, "finish", lambda self: None)


def rig(small_config, objective, network, **fields):
    fields = INTERVALS | OBJECTIVES[objective] | NETWORKS[network] | fields
    return Rig(small_config(objective=objective, batch_size=8, **fields))


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_from_every_step(objective, network, small_config, tmp_path, capsys):
    tested = rig(small_config, objective, network, num_steps=200, keep_checkpoints=300)
    tested.train(tmp_path, checkpoint_every_steps=1)
    expected = digest(tmp_path)
    assert expected[0] == f"{200:010d}"
    for step in reversed(range(200)):
        forget(tmp_path, step)
        tested.train(tmp_path)
        assert digest(tmp_path) == expected, step


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_from_some_steps(objective, network, small_config, tmp_path, capsys, monkeypatch):
    tested = rig(small_config, objective, network, num_steps=60)
    tested.train(tmp_path / "whole")
    expected = digest(tmp_path / "whole")
    for step in (1, 50, 59):
        path = tmp_path / str(step)
        tested.train_to(path, step, monkeypatch)
        tested.train(path)
        assert digest(path) == expected, step


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A rig, and the digest of its uninterrupted run."""
    from tfgan.config import Config

    config = Config(
        data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=200, **INTERVALS
    )
    path = tmp_path_factory.mktemp("walked")
    tested = Rig(config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "finish", lambda self: None)
        tested.train(path)
    return tested, digest(path)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stops=st.lists(st.integers(1, 199), max_size=12), keep=st.integers(1, 3))
def test_after_any_schedule_of_stops(stops, keep, walked, tmp_path_factory, monkeypatch, capsys):
    tested, expected = walked
    path = tmp_path_factory.mktemp("stops") / "run"
    reached = 0
    for stop in stops:
        if stop > reached:
            tested.train_to(path, stop, monkeypatch, keep_checkpoints=keep)
            reached = stop
        elif path.exists() and stop % 2:  # the power fails, too: back to some checkpoint
            steps = sorted(int(p.name) for p in (path / "checkpoints").iterdir())
            reached = steps[stop % len(steps)]
            forget(path, reached)
    tested.train(path, keep_checkpoints=keep)
    assert digest(path) == expected
