"""The command that compares the document's session with its port."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from legacy import gan_session
from tfgan.config import Config
from tfgan.core.checks import InputError
from tools import compare

ROOT = Path(__file__).parents[2]


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.compare", "--flagfile=tfgan/recipes/document.flags"]
        + list(arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_command_answers_0_only_when_equal(threads, tmp_path):
    table, picture = tmp_path / "table.md", tmp_path / "plot.png"
    flags = ["--num_steps=20", f"--num_threads={threads}", "--windows=1,7"]
    done = command(*flags, f"--markdown={table}", f"--plot={picture}")
    assert done.returncode == 0, done.stderr
    assert "EQUAL: 0 differing bits. 20 steps, 42 tensors, windows of 1, 7." in done.stdout
    assert table.read_text() == done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_answers_1_when_a_bit_differs():
    done = command("--num_steps=2", "--inject")
    assert done.returncode == 1, done.stderr
    assert "DIFFERENT: first at step 1" in done.stdout


@pytest.mark.parametrize("flag", ["markdown", "plot"])
def test_the_command_looks_first_where_it_will_write(flag, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "compare", None)  # which would work for hours
    nowhere = ("/nowhere/x.png", "/nowhere is not a directory")
    for path, reason in ((tmp_path, "it is a directory"), nowhere):
        files = {"markdown": "", "plot": ""} | {flag: str(path)}
        with pytest.raises(InputError, match=f"--{flag}={path} cannot be written: {reason}"):
            compare.main(Config(), "1", False, **files)


@pytest.mark.parametrize("name", ["x.foo", "x", "png"])
def test_the_command_first_refuses_what_is_no_picture(name, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "compare", None)
    with pytest.raises(InputError, match=f"{name} is not the name of a picture: it must end in"):
        compare.main(Config(), "1", False, "", str(tmp_path / name))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("windows", ["1,0", "7,7", "", "one"])
def test_the_command_says_which_windows_fit(windows):
    with pytest.raises(InputError, match="--windows must be different positive whole numbers"):
        compare.main(Config(), windows, False, "", "")


def test_a_flag_that_does_not_fit_is_one_line():
    done = command("--num_steps=2", "--plot=x.foo")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: x.foo is not the name of a picture")
    assert len(done.stderr.splitlines()) == 1


def test_a_script_that_ends_early_keeps_nobody_waiting(small_config, monkeypatch):
    script = gan_session.gan_session

    def shorter(options, *arguments, **named):
        return script(dataclasses.replace(options, num_iterations=2), *arguments, **named)

    monkeypatch.setattr(gan_session, "gan_session", shorter)
    rates = dict(generator_learning_rate=0.001, discriminator_learning_rate=0.001)
    with pytest.raises(InputError, match="script ended early: iteration 3 of the session never"):
        compare.compare(small_config(num_steps=5, latent_distribution="uniform", **rates), [1, 2])
