"""kill -9 and errors of the disk, at chosen system calls and at random moments."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tools import crash_points, syscalls, zygote
from tools.sweep import kills

ROOT = Path(__file__).parents[2]

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


def sweep(folder, num_steps, num_kills):
    """Kills runs at random moments; returns how often was seen what."""
    killing, outcomes = kills.Kills(folder, num_steps), Counter()
    for number in range(num_kills):
        killing.trial(random.Random(number), outcomes)
    killing.finish(outcomes)
    return outcomes


def test_a_few_random_kills(tmp_path):
    assert sweep(tmp_path, 80, 3).total() >= 4


@pytest.mark.slow
def test_two_hundred_random_kills(tmp_path, capsys):
    outcomes = sweep(tmp_path, 4000, 200)
    with capsys.disabled():
        print(f"\n{dict(outcomes.most_common())}")
    assert outcomes.total() == 200 + outcomes["runs compared at their end"]
    assert {f"killed while {aim}" for aim in kills.AIMS} <= set(outcomes)
