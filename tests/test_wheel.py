"""The wheel, in an environment and a working directory that know nothing of this repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.recipes.test_recipes import RECIPES
from tfgan import __version__, build
from tfgan.__main__ import COMMANDS
from tfgan.cli import flags
from tfgan.core.checks import NotPreparedError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TOP_LEVEL = ("tfgan", "legacy", "tests", "tools")
FEW = ("--num_steps=2", "--batch_size=16", "--num_samples=16")


def run(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=300, **options
    )
    assert done.returncode == 0, f"{done.args}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Builds the wheel from a copy: `pip wheel` leaves a build folder, and packs an older one."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in (*TOP_LEVEL, "README.md", "LICENSE", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (folder / "source").mkdir(exist_ok=True)
        copy(ROOT / name, folder / "source" / name)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, folder / "source")
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def user(wheel, tmp_path_factory):
    """A user's environment and working directory; returns what runs a command there.

    tfgan is from the wheel; all that it needs is borrowed from the environment of the tests.
    """
    folder = tmp_path_factory.mktemp("user")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel)
    site_packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    Path(site_packages.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    work = folder / "work"
    for name in TOP_LEVEL[1:]:  # names that a user may well have
        (work / name).mkdir(parents=True)
        (work / name / "__init__.py").write_text(f"raise ImportError('the user\\'s {name}')\n")
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment["PATH"] = f"{python.parent}{os.pathsep}{environment['PATH']}"

    def command(*words):
        return run(*words, cwd=work, env=environment)

    origin = command("python", "-c", "import tfgan; print(tfgan.__file__)").strip()
    assert Path(origin).is_relative_to(folder / "venv")
    return command


@pytest.fixture(scope="module")
def trained(user):
    """A run of two steps by the console script."""
    user("tfgan", "train", "--recipe=digits", *FEW, "--run_dir=runs/digits")
    return "runs/digits"


def test_the_wheel_holds_tfgan_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "tfgan",
        f"tfgan-{__version__}.dist-info",
    }
    assert {"tfgan/py.typed", "tfgan/pages/style.css"} <= set(names)
    here = {str(path.relative_to(ROOT)) for path in (ROOT / "tfgan").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == here
    recipes = {name for name in names if name.endswith(".flags")}
    assert recipes == {f"tfgan/recipes/{recipe}.flags" for recipe in RECIPES}


def test_the_console_script_and_python_m_are_one(user):
    assert user("tfgan", "--version") == f"tfgan {__version__}\n"
    assert user("tfgan") == user("python", "-m", "tfgan")
    for name in COMMANDS:
        text = user("tfgan", name, "--help")
        assert text == user("python", "-m", f"tfgan.{name}", "--help")
        assert f"python -m tfgan.{name} --" in text


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES if recipe != "digits"])
def test_a_recipe_runs(recipe, user):
    config, _ = flags.parse([f"--recipe={recipe}"])
    try:
        build.build_source(config)
    except NotPreparedError as error:
        pytest.skip(str(error))
    run_dir = f"--run_dir=runs/{recipe}"
    said = user("python", "-m", "tfgan.train", f"--recipe={recipe}", *FEW, run_dir)
    assert "step 2/2" in said


def test_a_run_is_sampled_exported_and_its_export_sampled(user, trained):
    assert "a.png: 4 examples" in user(
        "tfgan", "sample", f"--run_dir={trained}", "--seeds=0-3", "--out=a.png"
    )
    assert "exports/digits/2: " in user("tfgan", "export", f"--run_dir={trained}")
    assert "b.png: 4 examples" in user(
        "tfgan", "sample", "--export=exports/digits", "--seeds=0-3", "--out=b.png"
    )


def test_a_set_is_prepared(user):
    said = user("tfgan", "prepare", "--data=digits", "--data_dir=sets")
    assert said.splitlines()[-1].startswith("digits: 1797 train examples as tfrecord in ")
