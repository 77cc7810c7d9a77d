"""The loader, and one export of each family, made once."""

import pytest

from tests.serving import rig
from tests.survival.rig import Rig
from tfgan import export
from tfgan.config import Config


@pytest.fixture(scope="session")
def run_and_export(tmp_path_factory):
    """A directory with a run on digits of 8 x 8, "digits", and its export, "export"."""
    folder = tmp_path_factory.mktemp("runs")
    config = Config(base_channels=4, latent_size=8, num_steps=2, batch_size=8, num_samples=1)
    Rig(config).train(folder / "digits")
    export.main(str(folder / "digits"), str(folder / "export"), "")
    return folder


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Exports a family, at its first use: (version's folder, what was exported)."""
    made = {}

    def export(name):
        if name not in made:
            fields, shape = rig.FAMILIES[name]
            made[name] = rig.export(tmp_path_factory.mktemp(name), Config(**fields), shape)
        return made[name]

    return export
