"""Readers that leave, terminals that are closed, and locales that cannot write a name."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tfgan.cli import flags
from tfgan.core import paths
from tools import zygote
from tools.sweep.runs import LONG, finish, result, saved_step, uninterrupted

ROOT = Path(__file__).parents[2]
SHORT = [*LONG, "--num_steps=100", "--sample_every_steps=20", "--checkpoint_every_steps=20"]


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return result(uninterrupted(SHORT, tmp_path_factory.mktemp("short")))


def command(arguments, run):
    return [sys.executable, "-m", "tfgan.train", *arguments, f"--run_dir={run}"]


def test_a_reader_that_leaves_does_not_end_a_run(tmp_path, short):
    child = subprocess.Popen(
        command(SHORT, tmp_path / "run"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout.readline().startswith(b"data")
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait() == 0
    assert result(finish(SHORT, tmp_path / "run")) == short


@pytest.mark.slow
def test_readers_of_both_streams_may_leave_even_before_the_first_line(tmp_path):
    for arguments, status in ((SHORT[:4], 0), (["--nonsense=1"], 2), (["--help"], 0)):
        out, err = os.pipe(), os.pipe()
        child = subprocess.Popen(
            command([*arguments, "--num_steps=1"], tmp_path / "run"),
            cwd=ROOT,
            stdout=out[1],
            stderr=err[1],
        )
        for descriptor in (*out, *err):
            os.close(descriptor)
        assert child.wait() == status


def test_a_terminal_that_is_closed_leaves_a_checkpoint(tmp_path, short):
    """The run is a terminal's session leader: closing it is SIGHUP, then EIO on every write."""
    arguments = [*LONG, "--num_steps=100000000"]
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execv(sys.executable, command(arguments, tmp_path / "run"))
    losses = tmp_path / "run" / "losses.csv"
    while not losses.exists() or losses.stat().st_size < 1000:
        os.set_blocking(terminal, False)
        try:
            os.read(terminal, 1 << 16)
        except BlockingIOError:
            time.sleep(0.01)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 75
    step = saved_step(tmp_path / "run")
    assert step > 0
    assert len(losses.read_text().splitlines()) == step + 1


def test_hangup_is_answered_as_other_signals_are(tmp_path, short):
    child = zygote.Child([*SHORT, f"--run_dir={tmp_path / 'run'}"], tmp_path / "child", "tracing")
    child.wait_for("tracing")
    child.send(signal.SIGHUP)
    while child.is_alive() and not child.stderr:
        time.sleep(0.001)
    child.release()
    assert child.wait() == 75
    assert child.stderr.splitlines()[1].startswith("SIGHUP: stopped after step 10, which is saved")
    assert result(finish(SHORT, tmp_path / "run")) == short


@pytest.mark.slow
def test_nohup_is_respected(tmp_path):
    child = subprocess.Popen(
        command(SHORT, tmp_path / "run"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    child.stdout.readline()
    child.send_signal(signal.SIGHUP)
    _, errors = child.communicate()
    assert (child.returncode, errors) == (0, b"")


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run_in(environment, arguments, folder):
    return subprocess.run(
        [os.fsencode(a) for a in (sys.executable, "-m", *arguments)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
    )


def test_a_command_line_is_utf8_whatever_the_locale_makes_of_it():
    """As Python hands it over where the locale is ASCII, and where it is UTF-8."""
    bytes_of_it = "mö2".encode()
    for encoding in ("ascii", "utf-8"):
        argument = b"--image_dir=" + bytes_of_it
        config, _ = flags.parse([argument.decode(encoding, "surrogateescape")])
        assert config.image_dir == "mö2"
    assert os.fsencode(paths.user_path("mö2")) == bytes_of_it


@pytest.mark.slow
def test_a_locale_of_ascii_alone_changes_no_name(tmp_path):
    train = ["tfgan.train", *SHORT[:4], "--num_samples=4", "--run_dir=mö2"]
    done = run_in(ASCII, [*train, "--num_steps=1"], tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"m\\udcc3\\udcb62: samples.gif" in done.stdout
    done = run_in({}, [*train, "--num_steps=2", "--allow_changed_flags"], tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    done = run_in(ASCII, ["tfgan.export", "--run_dir=mö2"], tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(os.listdir(tmp_path)) == ["exports", "mö2"]
    flags = tmp_path / "mö2" / "flags.txt"
    done = run_in(ASCII, ["tfgan.train", f"--flagfile={flags}", "--run_dir=ü"], tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("flag", ["--run_dir", "--image_dir", "--recipe"])
def test_bytes_that_are_not_utf8_are_named(flag, tmp_path):
    done = run_in({}, ["tfgan.train", f"{flag}=" + os.fsdecode(b"a\xff")], tmp_path)
    assert done.returncode == 2
    assert b"holds an invisible U+DCFF; delete it" in done.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_a_working_directory_that_is_not_utf8_is_fine(tmp_path):
    folder = tmp_path / os.fsdecode(b"d\xff")
    folder.mkdir()
    train = ["tfgan.train", *SHORT[:4], "--num_samples=4", "--num_steps=1"]
    for arguments in (train, ["tfgan.export", "--run_dir=runs/ring"], train):
        done = run_in({}, arguments, folder)
        assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(os.listdir(folder)) == ["exports", "runs"]
