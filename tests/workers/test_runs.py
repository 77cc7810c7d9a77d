"""Real workers over loopback: the same bits again, whoever is killed, and what cannot be."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tfgan.workers.launching import loopback
from tools.make_results import kills
from tools.workers import FLAGS, Workers, content, trained

STEPS = f"--num_steps={kills.NUM_STEPS}"
LONG = "--num_steps=1000000"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("whole") / "run"
    said = trained(run, STEPS)
    assert "replicas       2 of 8 examples on worker 0 at 127.0.0.1:" in said[0]
    assert "worker 1 follows worker 0 at 127.0.0.1:" in said[1]
    return run


def test_the_same_run_again_has_the_same_bytes(whole, tmp_path):
    trained(tmp_path / "run", STEPS)
    assert content(tmp_path / "run") == content(whole)


@pytest.mark.parametrize(
    ("number", "index"),
    [
        (signal.SIGTERM, 1),
        pytest.param(signal.SIGTERM, 0, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 0, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 1, marks=pytest.mark.slow),
    ],
)
def test_a_signal_to_one_ends_all_behind_a_checkpoint(index, number, whole, tmp_path):
    run = tmp_path / "run"
    with Workers(run, LONG) as workers:
        workers.wait_for("step 50/")
        workers.processes[index].send_signal(number)
        found = workers.ends()
    assert [status for status, _ in found.values()] == [75, 75], found
    name = number.name + (" of worker 1 at" if index else ": stopped after step")
    assert name in found[0][1]
    assert "worker 0 at" in found[1][1]
    assert ": stopped after step" in found[1][1]
    (newest,) = sorted(run.glob("checkpoints/*"))[-1:]
    assert f"stopped after step {int(newest.name)}, which is saved" in found[0][1]
    if int(newest.name) < kills.NUM_STEPS:  # else it is no part of the run to compare with
        trained(run, STEPS, "--allow_changed_flags")
        assert (run / "losses.csv").read_bytes() == (whole / "losses.csv").read_bytes()


@pytest.mark.parametrize("index", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_whoever_is_killed_the_others_end_with_its_name(index, tmp_path):
    with Workers(tmp_path / "run", LONG) as workers:
        workers.wait_for("step 50/")
        workers.processes[index].kill()
        status, said = workers.ends()[1 - index]
    assert status == 69
    assert f"worker {index} at {workers.addresses[index]} is gone. What was saved is whole" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_killed_at_random_moments_it_resumes_to_the_same_bytes(whole, tmp_path):
    for seed in range(6):
        found = kills.killed_and_resumed(random.Random(seed), tmp_path / str(seed), whole)
        assert found["status"] == 69, found
        assert found["named"], found
        assert found["same_bytes"], found


@pytest.mark.slow
def test_one_that_stops_answering_is_waited_for(whole, tmp_path):
    """A process that is stopped is not gone: its machine answers."""
    run = tmp_path / "run"
    with Workers(run, STEPS) as workers:
        workers.wait_for("step 50/")
        workers.processes[1].send_signal(signal.SIGSTOP)
        time.sleep(5)
        workers.processes[1].send_signal(signal.SIGCONT)
        assert [status for status, _ in workers.ends().values()] == [0, 0]
    assert content(run) == content(whole)


def refused(tmp_path, *more, statuses=(2, 2), **options):
    """Starts workers that have to refuse before the first step; returns what each said."""
    run = tmp_path / "run"
    with Workers(run, STEPS, *more, **options) as workers:
        found = workers.ends()
    assert [status for status, _ in found.values()] == list(statuses), found
    assert not (run / "checkpoints").exists()
    return [said for _, said in found.values()]


def test_different_flags_are_named_by_worker(tmp_path):
    for said in refused(tmp_path, each={1: ["--seed=3"]}):
        assert "--seed is 3 on worker 1 at 127.0.0.1" in said


@pytest.mark.slow
def test_different_data_are_named_by_worker(tmp_path):
    shades = {0: tmp_path / "a", 1: tmp_path / "b"}
    for index, folder in shades.items():
        folder.mkdir()
        for i in range(40):
            Image.new("L", (8, 8), i * (index + 1)).save(folder / f"{i}.png")
    each = {index: [f"--image_dir={folder}"] for index, folder in shades.items()}
    for said in refused(tmp_path, each=each):
        assert "data: fingerprint is " in said
        assert " on worker 1 at 127.0.0.1" in said


@pytest.mark.slow
def test_a_batch_that_two_cannot_share_is_refused(tmp_path):
    for said in refused(tmp_path, "--batch_size=15"):
        assert (
            "batch_size=15 is that of all replicas, and replicas x pack = 2 does not divi" in said
        )


@pytest.mark.slow
def test_a_fault_of_one_worker_alone_is_told_by_all(tmp_path):
    for i in range(40):
        Image.new("L", (8, 8), i).save(tmp_path / f"{i}.png")
    gone = tmp_path / "gone"
    each = {0: [f"--image_dir={tmp_path}"], 1: [f"--image_dir={gone}"]}
    first, second = refused(tmp_path, each=each)
    assert f"error: image_dir '{gone}' is not there" in second
    assert "error: worker 1 at 127.0.0.1" in first
    assert f": image_dir '{gone}' is not there" in first


def test_a_worker_that_never_comes_is_named(tmp_path):
    (said,) = refused(tmp_path, "--wait_for_workers_s=2", started=[0], statuses=[2])
    assert "worker 1 at 127.0.0.1" in said
    assert "did not come within 2 s" in said


@pytest.mark.slow
def test_two_jobs_in_one_folder(tmp_path):
    """The second job's workers hear from their chief that the folder is in use."""
    run = tmp_path / "run"
    with Workers(run, LONG) as first:
        first.wait_for("step 50/")
        with Workers(run, LONG) as second:
            found = second.ends()
        assert [status for status, _ in found.values()] == [2, 2], found
        assert "another process trains here" in found[0][1]
        assert "worker 0 at" in found[1][1]
        with Workers(tmp_path / "other", LONG, addresses=first.addresses) as third:
            for status, said in third.ends().values():
                assert status == 2
                assert "its port is not to be had" in said
        assert all(process.poll() is None for process in first.processes.values())


@pytest.mark.slow
def test_another_number_of_workers_is_refused_or_allowed(whole, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    more = f"--num_steps={kills.NUM_STEPS + 10}"
    with Workers(run, more, count=1) as one:
        ((status, said),) = one.ends().values()
    assert status == 2
    assert "fingerprint: replicas was 2 and is now 1, so the bits would not be those" in said
    said = trained(run, more, "--allow_different_bits", count=1)[0]
    assert "the bits may differ from here on: fingerprint: replicas was 2 and is now 1" in said
    shutil.copytree(whole, tmp_path / "two")
    trained(tmp_path / "two", more)
    assert_losses_agree(run, tmp_path / "two", 1e-4)


def assert_losses_agree(run, other, tolerance):
    """Checks each loss of each step of two runs."""
    rows, others = ((path / "losses.csv").read_text().split() for path in (run, other))
    assert rows[0] == others[0]
    assert len(rows) == len(others)
    for row, expected in zip(rows[1:], others[1:], strict=True):
        values, expected_values = (list(map(float, r.split(","))) for r in (row, expected))
        assert values == pytest.approx(expected_values, rel=tolerance)


@pytest.mark.slow
def test_evaluation_samples_and_export_need_no_workers(whole, tmp_path):
    for command in (
        ["sample", f"--run_dir={whole}", "--seeds=0-3", f"--out={tmp_path / 'x.png'}"],
        ["evaluate", f"--run_dir={whole}", "--num_samples=100", "--metrics=coverage"],
        ["export", f"--run_dir={whole}", f"--export_dir={tmp_path / 'export'}"],
    ):
        environment = {k: v for k, v in os.environ.items() if k != "TF_CONFIG"}
        subprocess.run(
            [sys.executable, "-m", "tfgan", *command],
            check=True,
            env=environment,
            capture_output=True,
        )


@pytest.mark.slow
def test_three_workers_agree_with_one_replica(tmp_path):
    """A chief of its own type, and batches of a third."""
    flags = [STEPS, "--batch_size=18", "--optimizer=sgd"]
    trained(tmp_path / "three", *flags, count=3)
    trained(tmp_path / "one", *flags, count=1)
    assert_losses_agree(tmp_path / "three", tmp_path / "one", 1e-4)


def test_launch_shows_names_passes_signals_on_and_ends_all(whole, tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "tfgan.launch", "--workers=2", "--", "train"]
    command += [*FLAGS, f"--run_dir={run}", LONG]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launch:
        said = []
        for line in launch.stdout:
            said.append(line)
            if "step 50/" in line:
                launch.send_signal(signal.SIGTERM)
        assert launch.wait(60) == 75
    assert {line.split(" | ")[0] for line in said} == {"worker 0", "worker 1"}
    newest = max(int(path.name) for path in run.glob("checkpoints/*"))
    assert newest > 0
    rows = (run / "losses.csv").read_bytes().splitlines()
    expected = (whole / "losses.csv").read_bytes().splitlines()
    most = min(len(rows), len(expected))
    assert rows[:most] == expected[:most]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a parent's death")
def test_workers_do_not_outlive_a_launch_that_is_killed(tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "tfgan.launch", "--workers=2", "--", "train"]
    command += [*FLAGS, f"--run_dir={run}", LONG]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launch:
        next(line for line in launch.stdout if "step 50/" in line)
        launch.kill()
    until = time.monotonic() + 30
    while alive := _using(run):
        assert time.monotonic() < until, alive
        time.sleep(0.1)


def _using(run):
    """Returns the processes whose command line names a run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if f"--run_dir={run}".encode() in path.read_bytes():
                found.append(path.parent.name)
    return found


def test_launch_refuses_what_it_cannot_start():
    for argv, message in (
        (["--workers=2"], "say after -- what to start"),
        (["--", "sample"], "say after -- what to start"),
        (["--workers=0", "--", "train"], "workers must be at least 1, got 0"),
    ):
        command = [sys.executable, "-m", "tfgan.launch", *argv]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 2
        assert message in done.stderr


@pytest.mark.slow
def test_launch_ends_all_when_one_refuses(tmp_path):
    command = [sys.executable, "-m", "tfgan.launch", "--workers=3", "--", "train"]
    command += ["--data=digits", "--batch_size=16", f"--run_dir={tmp_path / 'run'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "worker 0 | error: batch_size=16 is that of all" in done.stderr


def test_addresses_are_different():
    assert len(set(loopback(20))) == 20
