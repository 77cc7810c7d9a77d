"""How a command starts, answers and ends: `flags.run` in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tfgan
from tfgan.cli import flags
from tfgan.config import FIELDS, Config

EXTRA = {"run_dir": flags.Flag(str, "", "Where."), "step": flags.Flag(int, None, "Which step.")}

ROOT = Path(__file__).parents[2]
# In TensorFlow's place, a module that loads at once and is as talkative.
TENSORFLOW = """
import os
os.write(2, b"WARNING: All log messages before absl::InitializeLog() are written to STDERR\\n")
os.write(2, b"I0000 00:00:1 port.cc:153] oneDNN custom operations are on.\\n")
if os.environ.get("TROUBLE"):
    os.write(2, b"E0000 00:00:1 loader.cc:1] libcuda is another version\\n")
    raise ImportError("no libcuda")
class config:
    def list_physical_devices():
        os.write(2, b"E0000 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)\\n")
"""
COMMAND = """
import os, signal, sys, time
from tfgan.cli import flags
from tfgan.core.checks import InputError
def main(config, run_dir):
    if run_dir == "bad":
        raise InputError("bad\\nrun_dir")
    if run_dir == "large":
        raise MemoryError
    if run_dir == "interrupt":
        signal.raise_signal(signal.SIGINT)
        time.sleep(60)
    print(config.seed, run_dir)
    return int(run_dir or 0)
assert os.environ["TF_CPP_MIN_LOG_LEVEL"]
flags.run(main, "Trains.", {"run_dir": flags.Flag(str, "", "Where.")})
"""


def _command(folder, argv, command=COMMAND, **environment):
    (folder / "tensorflow.py").write_text(TENSORFLOW)
    inherited = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-c", command, *argv],
        env=inherited | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"} | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("argv", "status", "stdout", "stderr"),
    [
        (["--seed=3"], 0, "3 \n", ""),
        (["--run_dir=4"], 4, "0 4\n", ""),
        (["--run_dir=bad"], 2, "", "error: bad run_dir\n"),
        (["--run_dir=large"], 2, "", "error: there is not enough memory for this; make batches"),
        (["--run_dir=interrupt"], 130, "", "stopped immediately by SIGINT; "),
        (["--num_steps=0"], 2, "", "error: command line: num_steps must be at least 1, got 0.\n"),
        (["--seed="], 2, "", "error: command line: flag --seed=: must be a whole number of dec"),
        (["--sed=3"], 2, "", "error: command line: unknown flag --sed; did you mean --seed? "),
        (["--version"], 0, f"tfgan {tfgan.__version__}\n", ""),
        (["--recipe=ring", "--seed=3"], 0, "3 \n", ""),
        (
            ["--recipe=rung"],
            2,
            "",
            "error: command line: unknown recipe 'rung'; did you mean 'ring'",
        ),
        (
            ["--objective=logistic"],
            2,
            "",
            "error: command line: unknown objective 'logistic'; did you mean 'relativistic'?",
        ),
    ],
)
def test_a_command_ends_with_a_status_and_one_line(argv, status, stdout, stderr, tmp_path):
    done = _command(tmp_path, argv)
    assert (done.returncode, done.stdout) == (status, stdout)
    assert done.stderr.startswith(stderr)
    assert done.stderr.count("\n") == (1 if stderr else 0)


def test_trouble_of_tensorflow_is_shown_but_not_beside_a_flag_error(tmp_path):
    done = _command(tmp_path, ["--sed=3"], TROUBLE="1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    done = _command(tmp_path, ["--seed=3"], TROUBLE="1")
    assert done.returncode == 1
    assert done.stderr.startswith("E0000 00:00:1 loader.cc:1] libcuda is another version\n")
    assert done.stderr.endswith("ImportError: no libcuda\n")


@pytest.mark.parametrize("flag", ["network", "objective", "optimizer"])
def test_an_unknown_name_is_refused_before_tensorflow_is_imported(flag, tmp_path):
    code = "import runpy; runpy.run_module('tfgan.train', run_name='__main__', alter_sys=True)"
    done = _command(tmp_path, [f"--{flag}=nonsense"], code, TROUBLE="1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"error: command line: unknown {flag} 'nonsense'. Known: ")
    done = _command(tmp_path, [f"--{flag}={getattr(Config(), flag)}"], code, TROUBLE="1")
    assert done.stderr.endswith("ImportError: no libcuda\n")


def test_who_asks_for_tensorflows_notes_gets_them(tmp_path):
    command = COMMAND.replace("    print(", "    import tensorflow\n    print(")
    for level, notes in [("0", 2), ("1", 0)]:
        done = _command(tmp_path, ["--seed=3"], command, TF_CPP_MIN_LOG_LEVEL=level)
        assert done.stderr.count("\n") == notes


@pytest.mark.slow
def test_the_real_tensorflow_is_quiet():
    code = COMMAND.replace(
        "    if run_dir", "    import tensorflow as tf; tf.ones(3) + 1\n    if run_dir", 1
    )
    command = [sys.executable, "-c", code, "--run_dir=bad"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "error: bad run_dir\n")


def test_help_lists_every_flag_with_its_default(capsys):
    def main(config):
        raise AssertionError

    for argv in (["--help"], ["-h"], ["--sed=3", "--help"]):
        flags.run(main, "Trains.", argv=argv)
        text = capsys.readouterr().out
        assert text.startswith("Trains.\n")
        for name, flag in flags.CONFIG_FLAGS.items():
            default = str(flag.default).lower() if flag.type is bool else flag.default
            assert f"\n  --{name}={default}\n" in text
    assert "\n  --step=\n      Which step." in flags.usage("", EXTRA)
    assert "Optimizer of both players. One of: adam, rmsprop, sgd, adagrad.\n" in flags.usage()


def test_help_shows_each_group_once_and_the_recipes():
    lines = flags.usage().splitlines()
    for group in {field.metadata["group"] for field in FIELDS.values()}:
        assert lines.count(f"{group}:") == 1
    recipes = [line for line in lines if line.startswith("--recipe=NAME")]
    assert recipes == [
        "--recipe=NAME reads a flag file that comes with tfgan: acgan, cgan, cifar10, digits, "
        "document, grid, infogan, lsgan, mnist, pacgan, pictures, r3gan, ring, small_images, "
        "sngan, vae, vae_mnist, wgan, wgan_gp."
    ]
    assert "--recipe" not in flags.usage("", EXTRA, with_config=False)


def test_a_command_without_tensorflow_is_interrupted_as_any_python(tmp_path):
    command = COMMAND.replace('"Where.")})', '"Where.")}, with_tensorflow=False)')
    done = _command(tmp_path, ["--run_dir=interrupt"], command, TROUBLE="1")
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
