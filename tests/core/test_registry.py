"""Names read from source are those of the imported dict; a registry that cannot be read says so."""

import importlib
import subprocess
import sys

import pytest

from tfgan.config import FIELDS
from tfgan.core import registry

TABLES = [field.metadata["registry"] for field in FIELDS.values() if field.metadata["registry"]]


def test_some_fields_name_a_registry():
    assert {"NETWORKS", "NORMALISATIONS", "OBJECTIVES", "OPTIMIZERS"} <= {
        name for _, name in TABLES
    }


@pytest.mark.parametrize(("module", "table"), TABLES)
def test_the_names_are_those_of_the_dict(module, table):
    assert registry.names(module, table) == tuple(getattr(importlib.import_module(module), table))


def test_nothing_is_imported_for_it():
    code = (
        "import sys; from tfgan.core import registry\n"
        f"for table in {TABLES!r}: registry.names(*table)\n"
        "assert not {'tensorflow', 'tfgan.losses', 'tfgan.networks.mlp'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "broken has no dict TABLE at its top level"),
        ("if True:\n    TABLE = {'a': 1}", "broken has no dict TABLE at its top level"),
        ("TABLE = dict(a=1)", "broken.TABLE must be a dict whose keys are string literals"),
        ("NAME = 'a'\nTABLE = {NAME: 1}", "must be a dict whose keys are string literals"),
        ("TABLE = {'a': 1, **{'b': 2}}", "must be a dict whose keys are string literals"),
    ],
)
def test_a_registry_that_cannot_be_read(source, message, tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    registry.names.cache_clear()
    with pytest.raises(LookupError, match=message):
        registry.names("broken", "TABLE")
    with pytest.raises(LookupError, match="the source of tfgan.gone is missing"):
        registry.names("tfgan.gone", "TABLE")


def test_a_type_may_stand_beside_the_name(tmp_path, monkeypatch):
    (tmp_path / "typed.py").write_text('"""Says it.\n\nMore."""\nTABLE: dict[str, int] = {"a": 1}')
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.names("typed", "TABLE") == ("a",)
    assert registry.summary("typed") == "Says it."
