"""Two short runs for the tests of the report."""

import shutil

import pytest

from tests.pages.rig import RUN
from tools import zygote


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, changed in (("a", []), ("b", ["--seed=7", "--generator_learning_rate=0.001"])):
        status, child = zygote.train([*RUN, *changed, f"--run_dir={folder / name}"], folder / name)
        assert status == 0, child.stderr
    for name in ("a.out", "a.err", "b.out", "b.err"):
        (folder / name).unlink(missing_ok=True)
    return folder


@pytest.fixture
def copy(runs, tmp_path):
    """A directory with copies of both runs, which a test may spoil."""
    for name in ("a", "b"):
        shutil.copytree(runs / name, tmp_path / "runs" / name)
    return tmp_path / "runs"
