"""The command with replicas: it resumes to the bit, and what cannot be shared is refused."""

import shutil
import subprocess
import sys

import pytest

from tfgan.config import Config
from tfgan.core import contradictions
from tfgan.core.checks import InputError
from tfgan.distribution import Distribution, start

FLAGS = ["--data=digits", "--network=dcgan", "--base_channels=4", "--generator_norm=batch"]
FLAGS += ["--latent_size=8", "--batch_size=16", "--log_every_steps=5", "--sample_every_steps=10"]
FLAGS += ["--checkpoint_every_steps=10", "--average_decay=0.9", "--strategy=mirrored"]


def train(run, *more, flags=FLAGS, status=0):
    command = [sys.executable, "-m", "tfgan.train", *flags, f"--run_dir={run}", *more]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def content(run):
    files = [*run.glob("checkpoints/*/*"), run / "losses.csv", run / "health.csv"]
    return {str(f.relative_to(run)): f.read_bytes() for f in files if f.suffix != ".json"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("whole") / "run"
    train(run, "--replicas=2", "--num_steps=20")
    return run


def test_a_run_with_replicas_resumes_to_the_bit(whole, tmp_path):
    train(tmp_path / "run", "--replicas=2", "--num_steps=10")
    said = train(tmp_path / "run", "--replicas=2", "--num_steps=20")
    assert "at step 10" in said
    assert "replicas       2 of 8 examples on CPU:0, CPU:1" in said
    assert content(tmp_path / "run") == content(whole)


def test_another_number_of_replicas_is_refused_or_allowed(whole, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    before = content(run)
    said = train(run, "--replicas=4", "--num_steps=30", status=2)
    assert "has --replicas=2, got 4: set it back, or add --allow_changed_flags" in said
    others = ["--replicas=4", "--num_steps=30", "--allow_changed_flags"]
    said = train(run, *others, status=2)
    assert "fingerprint: replicas was 2 and is now 4, so the bits would not be those" in said
    assert content(run) == before
    said = train(run, *others, "--allow_different_bits")
    assert "the bits may differ from here on: fingerprint: replicas was 2 and is now 4" in said
    assert "at step 20" in said


def test_a_run_without_replicas_is_one_of_one(tmp_path):
    one = [flag for flag in FLAGS if "strategy" not in flag]
    train(tmp_path, "--num_steps=5", flags=one)
    said = train(tmp_path, "--replicas=2", "--num_steps=10", "--allow_changed_flags", status=2)
    assert "fingerprint: replicas was 1 and is now 2" in said


def test_samples_of_a_run_with_replicas_need_none(whole, tmp_path):
    command = [sys.executable, "-m", "tfgan.sample", f"--run_dir={whole}"]
    command += ["--seeds=0-3", f"--out={tmp_path / 'x.png'}"]
    subprocess.run(command, check=True)
    assert (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (dict(replicas=2), "replicas=2 is of several replicas, and strategy=one trains by one"),
        (dict(sync_batch_norm=True), "sync_batch_norm=true is of several replicas"),
        (dict(strategy="mirrored", replicas=3, batch_size=16), "replicas x pack = 3 does not div"),
        (dict(strategy="mirrored", replicas=4, batch_size=6, pack=3), "pack = 12 does not divide"),
    ],
)
def test_contradictions_are_refused(fields, message):
    with pytest.raises(InputError, match=message):
        contradictions.check(Config(**fields))


def test_a_model_that_says_nothing_of_replicas_is_refused():
    class Own:
        pass

    config = Config(strategy="mirrored", replicas=2)
    with pytest.raises(InputError, match="Own does not say that it does: set `takes_means = True`"):
        Distribution(config, start(config), Own(), Own)
