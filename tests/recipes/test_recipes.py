"""Every recipe runs a few steps through the command, where its data is prepared."""

import os
from pathlib import Path

import pytest

from tfgan import build, train
from tfgan.cli import flags
from tfgan.core.checks import InputError

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "tfgan/recipes").glob("*.flags"))


def test_the_recipes_are_there():
    names = {path.stem for path in RECIPES}
    assert names >= {"document", "digits", "ring", "grid", "mnist", "cifar10"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_says_how_it_is_run(path):
    head = path.read_text().splitlines()
    command = f"python -m tfgan.train --flagfile=tfgan/recipes/{path.name}"
    assert any(line.startswith("# command: " + command) for line in head)
    assert any(line.startswith(("# measured:", "# not measured:")) for line in head)
    flags.parse([f"--flagfile={path}"])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs(path, tmp_path, capsys):
    config, _ = flags.parse([f"--flagfile={path}"])
    try:
        build.build_source(config)
    except InputError as error:
        pytest.skip(f"{config.data} is not prepared here: {error}")
    few = ["--num_steps=2", "--batch_size=16", "--num_samples=16", f"--run_dir={tmp_path}"]
    few.append(f"--num_threads={os.cpu_count()}")  # what this process has started with
    flags.run(train.main, "", train.EXTRA, [f"--flagfile={path}", *few])
    assert "step 2/2" in capsys.readouterr().out
    assert (tmp_path / "samples" / "00000002.png").exists()
