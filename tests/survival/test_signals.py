"""SIGTERM and Ctrl-C, in every phase of a run."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tfgan.cli import stopping
from tfgan.cli.stopping import SECONDS_APART
from tools import zygote
from tools.sweep.runs import LONG, WINDOW, finish, result, rows, saved_step, uninterrupted
from tools.sweep.signals import (
    AT_ONCE,
    STOPPED,
    WAITS,
    Signals,
    rows_at_the_answer,
    wait_for_answer,
)

ROOT = Path(__file__).parents[2]

SHORT = [*LONG, "--num_steps=100", "--sample_every_steps=20", "--checkpoint_every_steps=20"]


def in_calls_of(num_steps):
    return [
        *(argument for argument in LONG if "_step" not in argument),
        *(f"--{name}={num_steps}" for name in ("steps_per_call", "log_every_steps")),
        *(f"--{name}={num_steps}" for name in ("sample_every_steps", "checkpoint_every_steps")),
    ]


CALL = 2_000
MANY_CALLS = [*in_calls_of(CALL), "--num_steps=100000000"]  # of nearly a second each
ENDLESS = [*in_calls_of(100_000_000), "--num_steps=100000000"]  # one call of hours
both = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])


def start(arguments, tmp_path, hold=""):
    """Starts a run; returns it held at the beginning of a phase, or once its loop has begun."""
    command = [*arguments, f"--run_dir={tmp_path / 'run'}"]
    child = zygote.Child(command, tmp_path / "child", hold or "tracing")
    child.wait_for(hold or "tracing")
    if not hold:
        child.release()
    return child


def ended_early(arguments, step):
    """Returns the command line with fewer steps, under which a run of many goes on."""
    return [*arguments, f"--num_steps={step}", "--allow_changed_flags"]


def numbers(files):
    """Leaves out of a result what tells of the config that the run began with."""
    told = ("flags.txt", "manifest.json", "tfevents")
    return {name: data for name, data in result(files).items() if not any(t in name for t in told)}


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return result(uninterrupted(SHORT, tmp_path_factory.mktemp("short")))


@pytest.mark.parametrize(
    ("phase", "number"),
    [
        *((phase, signal.SIGTERM) for phase in ("tracing", "saving", "drawing")),
        ("logging", signal.SIGINT),
    ],
)
def test_in_the_loop_it_stops_behind_a_step_and_a_checkpoint(phase, number, tmp_path, short):
    child = start(SHORT, tmp_path, hold=phase)
    child.send(number)
    wait_for_answer(child)
    child.release()
    assert child.wait() == 75
    step, name = saved_step(tmp_path / "run"), signal.Signals(number).name
    assert child.stderr.splitlines() == [WAITS.format(name), STOPPED.format(name, step)]
    assert step == rows(tmp_path / "run") == WINDOW
    assert (tmp_path / "run" / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "run" / "samples.gif").read_bytes().startswith(b"GIF89a")
    assert result(finish(SHORT, tmp_path / "run")) == short


def test_in_a_call_it_stops_behind_it(tmp_path):
    run = tmp_path / "run"
    child = start(MANY_CALLS, tmp_path)
    child.wait_for("training")
    child.send(signal.SIGTERM)
    before = rows_at_the_answer(child, run)
    assert child.wait() == 75
    step = saved_step(run)
    assert child.stderr.splitlines() == [WAITS.format("SIGTERM"), STOPPED.format("SIGTERM", step)]
    assert step == rows(run)
    assert step > 0  # the call that was running counts
    assert step - before in (0, CALL)
    longer = ended_early(MANY_CALLS, step + CALL)
    files = numbers(finish(longer, run))
    assert {"losses.csv", f"checkpoints/{step + CALL:010d}/state.index"} < files.keys()
    assert files == numbers(uninterrupted(longer, tmp_path))


@pytest.mark.parametrize("phase", ["reading data", "building", "making the folder", "finishing"])
def test_outside_of_the_loop_it_ends_at_once(phase, tmp_path, short):
    child = start(SHORT, tmp_path, hold=phase)
    child.send(signal.SIGTERM)
    assert child.wait() == 128 + signal.SIGTERM
    assert child.stderr.splitlines() == [AT_ONCE.format("SIGTERM")]
    assert result(finish(SHORT, tmp_path / "run")) == short


# In TensorFlow's place: says that its import has begun, then imports it, and says that it is done.
TELLING = """
import pathlib, sys
here = pathlib.Path(__file__).parent
sys.path.remove(str(here))
del sys.modules["tensorflow"]
(here / "begun").touch()
import tensorflow
import tensorflow_datasets
(here / "done").touch()
"""


@both
def test_while_importing_it_ends_at_once(number, tmp_path):
    (tmp_path / "tensorflow.py").write_text(TELLING)
    child = subprocess.Popen(
        [sys.executable, "-m", "tfgan.train", *SHORT, f"--run_dir={tmp_path / 'run'}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while child.poll() is None and not (tmp_path / "begun").exists():
        time.sleep(0.001)
    child.send_signal(number)
    out, err = child.communicate()
    assert child.returncode == 128 + number
    assert (out, err.splitlines()) == ("", [AT_ONCE.format(signal.Signals(number).name)])
    assert not (tmp_path / "done").exists()  # not once the import was over
    assert not (tmp_path / "run").exists()


@both
def test_a_second_one_ends_at_once_and_the_folder_stays_good(number, tmp_path):
    child = start(ENDLESS, tmp_path)
    child.wait_for("training")
    child.send(number)
    wait_for_answer(child)
    time.sleep(SECONDS_APART + 0.2)
    assert child.is_alive()
    child.send(number)
    assert child.wait() == 128 + number
    assert rows(tmp_path / "run") == 0  # the call of hours was not over
    name = signal.Signals(number).name
    assert child.stderr.splitlines() == [WAITS.format(name), AT_ONCE.format(name)]
    assert saved_step(tmp_path / "run") == 0
    fewer = ended_early(ENDLESS, 20)
    finish(fewer, tmp_path / "run")
    (tmp_path / "other").mkdir()
    uninterrupted(fewer, tmp_path / "other")
    for name in ("losses.csv", "checkpoints/0000000020/state.data-00000-of-00001"):
        other = tmp_path / "other" / "uninterrupted" / name
        assert (tmp_path / "run" / name).read_bytes() == other.read_bytes()


def test_two_at_nearly_the_same_time_are_one(tmp_path, short):
    child = start(SHORT, tmp_path, hold="tracing")
    with child.frozen():  # both are there before it can answer either
        child.send(signal.SIGTERM)
        child.send(signal.SIGINT)
    wait_for_answer(child)
    child.release()
    assert child.wait() == 75
    assert len(child.stderr.splitlines()) == 2
    assert result(finish(SHORT, tmp_path / "run")) == short


def test_how_near_to_each_other_two_count_as_one(monkeypatch):
    class Ended(Exception):  # noqa: N818 (not an error)
        pass

    def end(status):
        raise Ended(status)

    now, said = [], []
    monkeypatch.setattr(stopping.time, "monotonic", lambda: now.pop(0))
    monkeypatch.setattr(stopping.os, "_exit", end)
    monkeypatch.setattr(stopping, "_say", said.append)
    watch = stopping._Watch()
    watch.deferred = True
    now += [100.0, 100.0, 100.0 + 0.999 * SECONDS_APART, 100.0 + SECONDS_APART]
    for _ in range(3):
        watch.take(signal.SIGTERM)
    assert said == [WAITS.format("SIGTERM")]
    with pytest.raises(Ended, match=f"^{128 + signal.SIGTERM}$"):
        watch.take(signal.SIGTERM)
    assert said[1:] == [AT_ONCE.format("SIGTERM")]


@pytest.mark.slow
def test_sixty_at_random_times(tmp_path, capsys):
    """None delays the end by more than the running call, and no step is lost."""
    sweep, outcomes = Signals(tmp_path, num_steps=4000), Counter()
    for number in range(60):
        sweep.trial(random.Random(number), outcomes)
    sweep.finish(outcomes)
    with capsys.disabled():
        print(f"\n{dict(outcomes.most_common())}")
    in_the_loop = {seen: count for seen, count in outcomes.items() if "after the answer" in seen}
    assert sum(in_the_loop.values()) > 30
    assert outcomes["runs compared at their end"] >= 1


def test_a_full_disk_behind_stdout_is_one_line_too(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tfgan.train", *SHORT, f"--run_dir={tmp_path / 'run'}"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 74
    assert done.stderr.startswith("error: standard output: No space left on device")
    assert len(done.stderr.splitlines()) == 1
