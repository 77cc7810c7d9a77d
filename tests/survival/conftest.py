"""A finished run, made once for each file of tests, and copies of it."""

import shutil

import pytest

from tests.survival.rig import Rig
from tfgan.config import Config


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A rig and the folder of its finished run."""
    config = Config(
        **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=30),
        **dict(checkpoint_every_steps=10, log_every_steps=5, sample_every_steps=10),
    )
    tested = Rig(config)
    path = tmp_path_factory.mktemp("finished") / "run"
    tested.train(path)
    return tested, path


@pytest.fixture
def run(finished, tmp_path):
    """A rig and a copy of its run."""
    tested, path = finished
    shutil.copytree(path, tmp_path / "run")
    return tested, tmp_path / "run"
