"""SIGTERM and Ctrl-C, in every phase of a run."""

import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.survival.runs import LONG, ROOT, WINDOW, finish, result, rows, saved_step, uninterrupted
from tfgan.cli.stopping import SECONDS_APART
from tools import zygote

SHORT = [*LONG, "--num_steps=100", "--sample_every_steps=20", "--checkpoint_every_steps=20"]


def in_calls_of(num_steps):
    return [
        *(argument for argument in LONG if "_step" not in argument),
        *(f"--{name}={num_steps}" for name in ("steps_per_call", "log_every_steps")),
        *(f"--{name}={num_steps}" for name in ("sample_every_steps", "checkpoint_every_steps")),
    ]


FEW_CALLS = [*in_calls_of(2_000), "--num_steps=6000"]  # of nearly a second
ENDLESS = [*in_calls_of(100_000_000), "--num_steps=100000000"]  # one call of hours
WAITS = "{}: ends behind the running call; once more ends at once"
STOPPED = "{}: stopped behind step {}, which is saved; run the same command to go on."
AT_ONCE = "ended at once by {}; what was saved is whole: run the same command to go on"

both = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])


def start(arguments, tmp_path, hold=""):
    child = zygote.Child([*arguments, f"--run_dir={tmp_path / 'run'}"], tmp_path / "child", hold)
    child.wait_for(hold or "tracing")
    return child


def wait_for_answer(child):
    while child.is_alive() and not child.stderr:
        time.sleep(0.001)


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
    assert result(finish(SHORT, tmp_path / "run")) == short


def test_in_a_call_it_stops_behind_it(tmp_path):
    child = start(FEW_CALLS, tmp_path)
    child.wait_for("training")
    child.send(signal.SIGTERM)
    assert child.wait() == 75
    step = saved_step(tmp_path / "run")
    assert child.stderr.splitlines() == [WAITS.format("SIGTERM"), STOPPED.format("SIGTERM", step)]
    assert step == rows(tmp_path / "run")
    assert step in (2_000, 4_000)
    assert result(finish(FEW_CALLS, tmp_path / "run")) == result(uninterrupted(FEW_CALLS, tmp_path))


@pytest.mark.parametrize("phase", ["reading data", "building", "making the folder", "finishing"])
def test_outside_of_the_loop_it_ends_at_once(phase, tmp_path, short):
    child = start(SHORT, tmp_path, hold=phase)
    child.send(signal.SIGTERM)
    assert child.wait() == 128 + signal.SIGTERM
    assert child.stderr.splitlines() == [AT_ONCE.format("SIGTERM")]
    assert result(finish(SHORT, tmp_path / "run")) == short


@both
def test_while_importing_it_ends_at_once(number, tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-m", "tfgan.train", *SHORT, f"--run_dir={tmp_path / 'run'}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    maps = Path(f"/proc/{child.pid}/maps")
    while "tensorflow" not in maps.read_text():
        time.sleep(0.01)
    sent = time.monotonic()
    child.send_signal(number)
    out, err = child.communicate()
    assert child.returncode == 128 + number
    assert time.monotonic() - sent < 10.0  # a busy machine
    assert (out, err.splitlines()) == ("", [AT_ONCE.format(signal.Signals(number).name)])
    assert not (tmp_path / "run").exists()


@both
def test_a_second_one_ends_at_once_and_the_folder_stays_good(number, tmp_path):
    child = start(ENDLESS, tmp_path)
    child.wait_for("training")
    child.send(number)
    wait_for_answer(child)
    time.sleep(SECONDS_APART + 0.2)
    assert child.is_alive()
    sent = time.monotonic()
    child.send(number)
    assert child.wait() == 128 + number
    assert time.monotonic() - sent < 10.0  # a busy machine
    name = signal.Signals(number).name
    assert child.stderr.splitlines() == [WAITS.format(name), AT_ONCE.format(name)]
    assert saved_step(tmp_path / "run") == 0
    fewer = [*ENDLESS, "--num_steps=20", "--allow_changed_flags"]
    finish(fewer, tmp_path / "run")
    (tmp_path / "other").mkdir()
    uninterrupted(fewer, tmp_path / "other")
    for name in ("losses.csv", "checkpoints/0000000020/state.data-00000-of-00001"):
        other = tmp_path / "other" / "uninterrupted" / name
        assert (tmp_path / "run" / name).read_bytes() == other.read_bytes()


def test_two_at_nearly_the_same_time_are_one(tmp_path, short):
    child = start(SHORT, tmp_path, hold="tracing")
    child.send(signal.SIGTERM)
    wait_for_answer(child)
    time.sleep(SECONDS_APART / 10)
    child.send(signal.SIGTERM)
    child.release()
    assert child.wait() == 75
    assert len(child.stderr.splitlines()) == 2
    assert result(finish(SHORT, tmp_path / "run")) == short


@pytest.mark.slow
def test_a_hundred_at_random_times_in_one_run(tmp_path, capsys):
    """None delays the end by more than one call behind the running one, and no step is lost."""
    arguments, run, draw = [*LONG, "--num_steps=4000"], tmp_path / "run", random.Random(0)
    ends, delays, last = Counter(), Counter(), -1
    while ends.total() < 100:
        child = zygote.Child([*arguments, f"--run_dir={run}"], tmp_path / "child")
        if draw.random() < 0.8:
            child.wait_for("tracing", "finishing", "done")
        time.sleep(draw.uniform(0.0, 1.0))
        with child.frozen():  # the rows stay as they are until the signal is there
            before = rows(run)
            child.send(signal.SIGTERM)
        status, step = child.wait(), saved_step(run)
        if status == 75:
            assert step == rows(run)
            assert child.stderr.splitlines()[1:] == [STOPPED.format("SIGTERM", step)]
            calls = re.fullmatch(r"(\d+)\.0", str((step - before) / WINDOW))
            assert calls, (step, before)
            delays[int(calls[1])] += 1
        elif status == 128 + signal.SIGTERM:
            assert child.stderr.splitlines() == [AT_ONCE.format("SIGTERM")]
        else:
            assert status == 0, child.stderr
        assert step >= last
        last = step
        ends[status] += 1
    with capsys.disabled():
        print(f"\n100 x SIGTERM: ends {dict(ends)}, calls ended after it {dict(delays)}")
    assert set(delays) <= {0, 1, 2}
    assert ends[75] >= 50
    assert result(finish(arguments, run)) == result(uninterrupted(arguments, tmp_path))


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
