"""Every recipe runs a few steps through the command, where its data is prepared."""

import os

import pytest

from tfgan import train
from tfgan.cli import flags
from tfgan.data import catalog, synthetic

RECIPES = sorted(path.stem for path in flags.RECIPES.glob("*.flags"))


def is_prepared(recipe: str) -> bool:
    """Returns whether the data of a recipe is on this machine; a misspelt set is an InputError."""
    config, _ = flags.parse([f"--recipe={recipe}"])
    if config.data in {*synthetic.MIXTURES, *catalog.EMBEDDED}:
        return True
    return catalog.is_prepared(catalog.find(config.data, config.data_dir))


def test_the_recipes_are_there():
    assert {*RECIPES} >= {"document", "digits", "ring", "grid", "mnist", "cifar10"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_says_how_it_is_run(recipe):
    path = flags.RECIPES / f"{recipe}.flags"
    head = path.read_text().splitlines()
    command = f"# command: python -m tfgan.train --recipe={recipe} --run_dir=runs/{recipe}"
    assert command in head
    assert any(line.startswith(("# measured:", "# not measured:")) for line in head)
    assert flags.parse([f"--flagfile={path}"]) == flags.parse([f"--recipe={recipe}"])


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_runs(recipe, tmp_path, capsys):
    if not is_prepared(recipe):
        pytest.skip("its data is not prepared on this machine")
    few = ["--num_steps=2", "--batch_size=16", "--num_samples=16", f"--run_dir={tmp_path}"]
    few.append(f"--num_threads={os.cpu_count()}")  # what this process has started with
    flags.run(train.main, "", train.EXTRA, [f"--recipe={recipe}", *few])
    assert "step 2/2" in capsys.readouterr().out
    assert (tmp_path / "samples" / "00000002.png").exists()
