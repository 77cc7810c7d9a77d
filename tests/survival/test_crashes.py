"""kill -9 and errors of the disk, at chosen system calls and at random moments."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.survival.runs import LONG, ROOT, finish, saved_step, uninterrupted
from tools import crash_points, syscalls, zygote

needs_strace = pytest.mark.skipif(
    not syscalls.is_there(), reason="strace is not installed (apt-get install strace)"
)


def test_a_child_of_the_zygote_does_what_the_command_does(tmp_path):
    command, forked = tmp_path / "command", tmp_path / "forked"
    done = subprocess.run(
        [sys.executable, "-m", "tfgan.train", *crash_points.RUN, f"--run_dir={command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    status, child = zygote.train([*crash_points.RUN, f"--run_dir={forked}"], forked)
    assert status == done.returncode == 0, done.stderr + child.stderr
    assert child.stderr == done.stderr == ""
    assert child.stdout.splitlines()[:5] == done.stdout.splitlines()[:5]
    assert crash_points.read(forked) == crash_points.read(command)


def check(points, folder, capsys):
    trial = crash_points.Trial(folder)
    chosen = points(trial.points())
    assert crash_points.unflushed(trial.calls) == []
    results = crash_points.try_all(trial, chosen)
    with capsys.disabled():
        print(f"\n{crash_points.table(chosen, results)}")
    assert set(results) <= {"old", "new", "done"}, capsys.readouterr().out
    return chosen, results


@needs_strace
def test_the_call_that_publishes_a_checkpoint_and_the_one_behind_it(tmp_path, capsys):
    def publishing(points):
        renames = [p for p in points if p.call.text.endswith('"RUN/checkpoints/0000000002"')]
        starting = [p for p in points if p.call.text.startswith('unlink("RUN/STARTING')]
        return [renames[0], renames[1], starting[0]]

    chosen, results = check(publishing, tmp_path, capsys)
    assert [point.step for point in chosen] == [0, 0, 0]
    assert results == ["old", "old", "new"]


@needs_strace
@pytest.mark.slow
def test_a_sample_of_all_points(tmp_path, capsys):
    _, results = check(lambda points: crash_points.choose(points, 80), tmp_path, capsys)
    assert {"old", "new"} <= set(results)


AIMS = ("starting", "building", "making the folder", "tracing", "training", "drawing", "saving")


def soak(folder, arguments, num_kills):
    """Kills one run at random moments; returns how often in which phase."""
    run, draw, phases = folder / "run", random.Random(0), Counter()
    for i in range(2 * num_kills):
        # Held at the beginning of a phase, so that each one is met however fast the machine is; and
        # killed there, or at a random moment from there on.
        aim = draw.choice(AIMS)
        child = zygote.Child([*arguments, f"--run_dir={run}"], folder / "child", hold=aim)
        child.wait_for(aim, "finishing", "done")
        if draw.random() < 0.75:
            child.release()
            time.sleep(draw.choice([0.01, 0.1, 0.5]) * draw.random())
        with child.frozen():
            phase = child.phase
            child.send(signal.SIGKILL)
        status = child.wait()
        assert status in (-signal.SIGKILL, 0), (i, status, child.stderr)
        assert child.stderr == ""
        saved_step(run)
        phases[phase] += status == -signal.SIGKILL
        if phases.total() == num_kills:
            break
    return phases


def test_a_few_random_kills(tmp_path):
    arguments = [*LONG, "--num_steps=80"]
    assert soak(tmp_path, arguments, 3).total() == 3
    assert finish(arguments, tmp_path / "run") == uninterrupted(arguments, tmp_path)


@pytest.mark.slow
def test_two_hundred_random_kills_in_one_run(tmp_path, capsys):
    arguments = [*LONG, "--num_steps=4000"]
    phases = soak(tmp_path, arguments, 200)
    with capsys.disabled():
        print(f"\n{phases.total()} x kill -9: {dict(phases.most_common())}")
    assert phases.total() == 200
    assert finish(arguments, tmp_path / "run") == uninterrupted(arguments, tmp_path)
    assert set(AIMS) <= set(phases)
