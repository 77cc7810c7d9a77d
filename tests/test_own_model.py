"""Models of a user's own through all commands: one that is no GAN, and a GAN of own networks."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import rig
from tests.survival.rig import digest, forget
from tools import zygote

ROOT = Path(__file__).parents[1]
MODELS = {"no gan": "tests.models.autoencoder:make", "own networks": "tests.models.networks:make"}
SMALL = ["--data=digits", "--batch_size=16", "--num_steps=40", "--log_every_steps=10"]
SMALL += ["--sample_every_steps=20", "--checkpoint_every_steps=20", "--num_samples=4"]


def command(name, *arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", f"tfgan.{name}", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(
    scope="module",
    params=["no gan", pytest.param("own networks", marks=pytest.mark.slow)],
)
def trained(request, tmp_path_factory):
    """A run by the command: (module:factory, its directory, what the command said)."""
    run = tmp_path_factory.mktemp("own") / "run"
    model = MODELS[request.param]
    done = command("train", *SMALL, f"--model={model}", f"--run_dir={run}")
    assert done.returncode == 0, done.stderr
    return model, run, done.stdout


def test_it_trains_and_says_so_in_its_own_words(trained):
    model, run, said = trained
    own = "error" if "autoencoder" in model else "g_loss"
    assert (run / "losses.csv").read_text().startswith(f"step,{own}")
    assert f" {own} " in said
    assert ("encoder" if own == "error" else "generator") in said
    assert ("spread of codes" in said) == (own == "error")
    header = (run / "health.csv").read_text().splitlines()[0]
    assert header.endswith(",diversity,coverage,precision,spacing,verdict")


def test_it_resumes_to_the_same_bytes(trained, tmp_path):
    model, run, _ = trained
    expected = digest(run)
    again = tmp_path / "run"
    arguments = [*SMALL, f"--model={model}", f"--run_dir={again}"]
    child = zygote.Child(arguments, tmp_path / "first", hold="logging")
    child.wait_for("logging")
    child.send(signal.SIGTERM)
    while "SIGTERM: stopping after the current call" not in child.stderr:
        assert child.is_alive()
    child.release()
    assert child.wait() == 75, child.stderr
    status, child = zygote.train(arguments, tmp_path / "second")
    assert status == 0, child.stderr
    forget(again, 40)
    kept = {int(path.name) for path in (again / "checkpoints").iterdir()}
    assert 40 in kept
    assert digest(again) == expected


def test_it_is_sampled_exported_and_served(trained, tmp_path, loader_program):
    model, run, _ = trained
    seeds, pictures = "--seeds=0-3", [tmp_path / "a.png", tmp_path / "b.png"]
    done = command("sample", f"--run_dir={run}", f"--model={model}", seeds, f"--out={pictures[0]}")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    done = command("export", f"--run_dir={run}", f"--model={model}", f"--export_dir={out}")
    assert done.returncode == 0, done.stderr
    own = "encode" if "autoencoder" in model else "discriminate"
    assert done.stdout == f"{out}/40: {own}, sample, serving_default\n"
    done = command("sample", f"--export={out}", f"--model={model}", seeds, f"--out={pictures[1]}")
    assert done.returncode == 0, done.stderr
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    loader = rig.Loader(loader_program, out / "40", tmp_path)
    loader.ask("sample", np.arange(4))
    loader.ask(own, np.zeros([2, 8, 8, 1], np.float32))
    served, answer = loader.answers()
    assert served["images"].shape == (4, 8, 8, 1)
    assert len(next(iter(answer.values()))) == 2
    encoded = tf.io.decode_png(served["png_bytes"][0]).numpy()
    assert (encoded == served["images"][0]).all()


def test_nothing_is_imported_because_a_run_says_so(trained, tmp_path):
    """The record names the code; only the user's own command line runs it."""
    model, run, _ = trained
    for name, *more in (
        ("sample", f"--out={tmp_path}/a.png"),
        ("export", f"--export_dir={tmp_path}/out"),
    ):
        done = command(name, f"--run_dir={run}", *more)
        assert done.returncode == 2
        assert done.stderr == (
            f"error: its model was made by {model}: add --model={model} to run that code.\n"
        )
    done = command("train", *SMALL, f"--run_dir={run}")
    assert done.returncode == 2
    assert f"its model was made by {model}, got config" in done.stderr
    (tmp_path / "x.flags").write_text(f"--model={model}\n")
    done = command("train", f"--flagfile={tmp_path}/x.flags", f"--run_dir={tmp_path}/new")
    assert done.returncode == 2
    assert "x.flags:1: --model runs code, so it belongs on the command line alone" in done.stderr
    assert not (tmp_path / "new").exists()
    assert "--model=" not in (run / "flags.txt").read_text()


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        ("nowhere:make", "cannot be imported: No module named 'nowhere'"),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (
                ("tests.models.networks:nothing", "cannot be imported: module"),
                ("tests.models.networks", "write module:factory, such as networks:make"),
                ("tests.models.autoencoder:math", "is no function, but module"),
            )
        ),
    ],
)
def test_a_model_that_cannot_be_had_is_refused(model, cause, tmp_path):
    done = command("train", *SMALL, f"--model={model}", f"--run_dir={tmp_path / 'run'}")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert cause in line
    assert not (tmp_path / "run").exists()


def test_the_working_directory_is_searched(tmp_path):
    (tmp_path / "mine.py").write_text("from tests.models.networks import make\n")
    few = [*SMALL, "--num_steps=2", "--model=mine:make", "--run_dir=run"]
    done = command("train", *few, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
