"""Every recipe runs a few steps through the command, where its data is prepared."""

import os
from pathlib import Path

import pytest

from tfgan import build, train
from tfgan.cli import flags
from tfgan.core.checks import InputError, NotPreparedError

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


def run_a_few_steps(path, run_dir):
    """Runs a recipe, or skips where its data set is known but not prepared on this machine."""
    config, _ = flags.parse([f"--flagfile={path}"])
    try:
        build.build_source(config)
    except NotPreparedError as error:
        pytest.skip(str(error))
    few = ["--num_steps=2", "--batch_size=16", "--num_samples=16", f"--run_dir={run_dir}"]
    few.append(f"--num_threads={os.cpu_count()}")  # what this process has started with
    flags.run(train.main, "", train.EXTRA, [f"--flagfile={path}", *few])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs(path, tmp_path, capsys):
    run_a_few_steps(path, tmp_path)
    assert "step 2/2" in capsys.readouterr().out
    assert (tmp_path / "samples" / "00000002.png").exists()


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("--data=mnits", InputError),
        ("--data=digits --split=trian", InputError),
        ("--image_dir=/nowhere/at/all", InputError),
        ("--data=mnist", pytest.skip.Exception),
    ],
)
def test_only_a_set_that_is_not_prepared_is_skipped(line, outcome, tmp_path):
    recipe = tmp_path / "planted.flags"
    recipe.write_text("\n".join([*line.split(), f"--data_dir={tmp_path}"]))
    with pytest.raises((InputError, pytest.skip.Exception)) as raised:
        run_a_few_steps(recipe, tmp_path / "run")
    assert raised.type is outcome
