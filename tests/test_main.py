"""`tfgan` and `python -m tfgan`: the list of commands, and the way to each."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tfgan
from tfgan import __main__ as command_line

ROOT = Path(tfgan.__file__).parents[1]


def tfgan_command(*argv):
    # A module that cannot be imported in TensorFlow's place: none of this needs it.
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from tfgan.__main__ import main; sys.exit(main())"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_the_commands_are_listed_with_a_line_each(argv, capsys):
    assert command_line.main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = dict(re.match(r"  (\w+) +(.*)", line).groups() for line in lines if line[:1] == " ")
    assert tuple(listed) == command_line.COMMANDS
    assert listed["train"] == "Trains a GAN, or a variational autoencoder."


def test_every_module_that_runs_a_command_is_listed():
    modules = {
        path.stem
        for path in (ROOT / "tfgan").glob("*.py")
        if re.search(r"^    flags\.run\(", path.read_text(), re.MULTILINE)
    }
    assert modules == set(command_line.COMMANDS)


@pytest.mark.parametrize(
    ("argv", "status", "stdout", "stderr"),
    [
        (["--version"], 0, f"tfgan {tfgan.__version__}\n", ""),
        (["train", "--version"], 0, f"tfgan {tfgan.__version__}\n", ""),
        (
            ["trian"],
            2,
            "",
            "error: unknown command 'trian'; did you mean 'train'? Known: evaluate, ",
        ),
        (["train", "--sed=3"], 2, "", "error: command line: unknown flag --sed; did you mean "),
        (["sample", "train"], 2, "", "error: command line: 'train' is not a flag; "),
    ],
)
def test_a_command_line_ends_with_a_status_and_one_line(argv, status, stdout, stderr):
    done = tfgan_command(*argv)
    assert done.returncode == status, done.stderr
    assert done.stdout.startswith(stdout)
    assert done.stderr.startswith(stderr)
    assert done.stderr.count("\n") == (1 if stderr else 0)


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_help_shows_examples(name):
    done = tfgan_command(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"\n    python -m tfgan.{name} --" in done.stdout
