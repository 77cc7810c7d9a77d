"""Every recipe runs a few steps through the command, where its data is prepared."""

import os

import pytest

from tfgan import build, train
from tfgan.cli import flags, implied
from tfgan.core.checks import InputError, NotPreparedError

RECIPES = sorted(path.stem for path in flags.RECIPES.glob("*.flags"))


def test_the_recipes_are_there():
    methods = {"wgan", "wgan_gp", "lsgan", "sngan", "cgan", "acgan", "infogan", "r3gan", "pacgan"}
    methods |= {"small_images", "pictures", "vae", "vae_mnist"}
    assert {*RECIPES} >= methods | {"document", "digits", "ring", "grid", "mnist", "cifar10"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_says_how_it_is_run(recipe):
    path = flags.RECIPES / f"{recipe}.flags"
    head = path.read_text().splitlines()
    given = {
        implied.PICTURES: "--image_dir=DIR",
        "small_images": "--recipe=small_images --image_dir=DIR",
    }.get(recipe, f"--recipe={recipe} --run_dir=runs/{recipe}")
    assert f"# command: python -m tfgan.train {given}" in head
    assert any(line.startswith(("# measured:", "# not measured:")) for line in head)
    assert flags.parse([f"--flagfile={path}"]) == flags.parse([f"--recipe={recipe}"])


def run_a_few_steps(flag, run_dir):
    """Runs a recipe, or skips where its data set is known but not prepared on this machine."""
    config, _ = flags.parse([flag])
    try:
        build.build_source(config)
    except NotPreparedError as error:
        pytest.skip(str(error))
    few = ["--num_steps=2", "--batch_size=16", "--num_samples=16", f"--run_dir={run_dir}"]
    few += ["--discriminator_steps=1"]
    few.append(f"--num_threads={os.cpu_count()}")  # what this process has started with
    flags.run(train.main, "", train.EXTRA, [flag, *few])


SLOW = ("sngan",)


@pytest.mark.parametrize(
    "recipe",
    [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in RECIPES],
)
def test_a_recipe_runs(recipe, tmp_path, capsys):
    run_a_few_steps(f"--recipe={recipe}", tmp_path)
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
        run_a_few_steps(f"--flagfile={recipe}", tmp_path / "run")
    assert raised.type is outcome
