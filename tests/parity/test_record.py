"""Recording: scripts that behave oddly come to a clear end, and nothing of the user's is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.parity import rig
from tests.parity.rig import SCRIPTS, parity

ODD = SCRIPTS / "odd"
SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("raises", 1, "6 calls in rec; the script raised IndexError"),
        pytest.param("ends_early", 0, "8 calls in rec; the script came to its end.", marks=SLOW),
        pytest.param(
            "sys_exit", 1, "5 calls in rec; the script left with exit status 3", marks=SLOW
        ),
        (
            "two_sessions",
            0,
            "20 calls in rec; the script was ended after the calls",
        ),
        pytest.param("forks", 0, "20 calls in rec; the script was ended", marks=SLOW),
        pytest.param("spawns", 0, "20 calls in rec; the script was ended", marks=SLOW),
        pytest.param("catches_everything", 0, "20 calls in rec; the script was ended", marks=SLOW),
    ],
)
def test_the_end_of_a_script_is_told(script, status, said, tmp_path):
    path = ODD / f"{script}.py"
    found = parity("record", path, "--calls=20", "--out=rec", "--scratch", cwd=tmp_path)
    assert found[0] == status, found
    assert said in found[1]
    assert [p.name for p in tmp_path.iterdir()] == ["rec"]  # it wrote into its scratch folder


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("never_runs", "never called Session.run: it came to its end."),
        ("uses_contrib", "tf.contrib is gone since TensorFlow 2"),
    ],
)
def test_without_a_call_there_is_no_recording(script, message, tmp_path):
    status, _, error = parity("record", ODD / f"{script}.py", "--out=rec", cwd=tmp_path)
    assert status == 2
    assert error.splitlines()[-1].startswith("error: ")
    assert message in error.splitlines()[-1]
    assert not list(tmp_path.iterdir())


@SLOW
def test_a_script_that_never_ends_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_TEST_MARK", mark := f"mark {tmp_path}")
    begin = time.monotonic()
    status, said, _ = parity(
        *("record", ODD / "never_ends.py", "--out=rec", "--timeout_s=20"), cwd=tmp_path
    )
    assert status == 1
    assert "2 calls in rec; the script was stuck (no Session.run in 20 s)." in said
    assert time.monotonic() - begin < 200
    assert not [p for p in _running(mark) if f"/{os.getpid()}/" not in str(p)]


def test_a_scripts_files_go_where_they_go_and_with_scratch_nowhere(tmp_path):
    mine = tmp_path / "results.txt"
    mine.write_text("a year of work")
    arguments = ("record", ODD / "writes_files.py", "--calls=5")
    assert parity(*arguments, "--out=rec", "--scratch", cwd=tmp_path)[0] == 0
    assert mine.read_text() == "a year of work"
    assert parity("check", "rec", cwd=tmp_path)[0] == 0  # which runs it twice more
    assert mine.read_text() == "a year of work"
    assert parity(*arguments, "--out=rec", cwd=tmp_path)[0] == 2  # is there already
    assert mine.read_text() == "a year of work"
    assert parity(*arguments, "--out=in_place", cwd=tmp_path)[0] == 0
    assert mine.read_text() != "a year of work"  # as the script does without us


def test_the_scripts_arguments(tmp_path):
    arguments = ("record", ODD / "reads_arguments.py", "--calls=3", "--out=rec", "--")
    status, said, error = parity(*arguments, "--batch_size=5", cwd=tmp_path)
    assert status == 0, said + error
    assert "3 calls" in said
    assert '"--batch_size=5"' in (tmp_path / "rec" / "recording.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("record", "nobody.py", "--out=rec"), "nobody.py: no such file"),
        (("record", ODD / "raises.py", "--out=rec", "--calls=0"), "must be positive"),
        (("record", ODD / "raises.py", "--out=no/rec"), "no: no such directory"),
        (("record", ODD / "raises.py", "--out=rec", "--stub=tensorflow.x"), "must be MODULE:FILE"),
        (("check", "nothing"), "nothing is no recording"),
    ],
)
def test_bad_arguments(arguments, message, tmp_path):
    status, _, error = parity(*arguments, cwd=tmp_path)
    assert status == 2
    assert message in error.splitlines()[-1]
    assert len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_script_that_has_changed_or_gone(tmp_path):
    script = tmp_path / "mine.py"
    script.write_bytes((ODD / "sys_exit.py").read_bytes())
    assert parity("record", script, "--out=rec", "--calls=3", cwd=tmp_path)[0] == 0
    script.write_text(script.read_text() + "\n# another line\n")
    assert "has changed since it was recorded" in parity("check", "rec", cwd=tmp_path)[2]
    script.unlink()
    assert "is gone" in parity("check", "rec", cwd=tmp_path)[2]
    (tmp_path / "rec" / "calls.jsonl").write_text("{")
    script.write_bytes((ODD / "sys_exit.py").read_bytes())
    assert "rec is damaged" in parity("check", "rec", cwd=tmp_path)[2]


@SLOW
def test_an_interrupted_recording_leaves_no_process(tmp_path):
    mark = f"mark {tmp_path}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tfgan.parity", "record", ODD / "never_ends.py", "--out=rec"],
        cwd=tmp_path,
        env={**rig.environment(), "TFGAN_TEST_MARK": mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while len(_running(mark)) < 2:
        assert process.poll() is None
        time.sleep(0.2)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.splitlines()[-1] == "interrupted"
    assert not _running(mark)
    assert not list(tmp_path.iterdir())


def _running(mark):
    """Returns the processes in whose environment a mark is."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in environment.read_bytes():
                found.append(environment)
        except OSError:
            continue
    return found
