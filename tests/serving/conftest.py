"""The loader, and one export of each family, made once."""

import pytest

from tests.serving import rig
from tfgan.config import Config


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
