"""Sweeps: they see a fault, go on from their record, and the READMEs say what the records say."""

import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tfgan.cli import flag_files, flags
from tfgan.config import FIELDS
from tfgan.core.checks import InputError
from tfgan.runs import checkpoints
from tfgan.runs.checkpoints import Checkpoint
from tools import zygote
from tools.sweep import kills, nonfinite, record, soak
from tools.sweep import signals as signalling
from tools.sweep.damages import Damages
from tools.sweep.flag_files import FlagFiles
from tools.sweep.names import SWEEPS
from tools.sweep.record import Record, go_on, opened
from tools.sweep.trials import Broken, Sweep, need

ROOT = Path(__file__).parents[2]
RESULTS = sorted((ROOT / "tools" / "sweep" / "results").glob("*.json"))


def swept(make, path, count, seconds=600.0, first=0, name="test"):
    """Sweeps up to a count; returns the record, read from the disk."""
    seen = opened(path, name, 0, first, count)
    go_on(seen, make, path, seconds)
    return Record.read(path)


# Each sweep sees a fault that is planted.


@pytest.mark.parametrize("make", [Damages, FlagFiles])
def test_a_sweep_of_what_is_sound_fails_nowhere(make, tmp_path):
    seen = swept(make, tmp_path / "x.json", 150)
    assert (seen.done, seen.failures) == (150, [])


def believe(path, step):
    content = json.loads((path / "manifest.json").read_bytes())["content"]
    return Checkpoint(path, content["step"], content["record"])


def test_a_damage_that_is_accepted_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "_verified", believe)
    seen = swept(Damages, tmp_path / "x.json", 100)
    assert len(seen.failures) == record.MOST_FAILURES
    assert seen.done < 100
    failure = seen.failures[0]
    assert failure["repeat"].endswith(f"--seed=0 --first={failure['trial']} --count=1")
    assert Path(failure["left"], "checkpoints").is_dir()
    assert any("was accepted" in failure["what"] for failure in seen.failures)
    again = swept(Damages, tmp_path / "y.json", 1, first=failure["trial"])
    assert again.failures[0]["what"] == failure["what"]


def test_a_flag_file_that_is_read_as_something_else_is_a_failure(tmp_path, monkeypatch):
    real = flag_files._Reader._resolve

    def inattentive(self, name, value, origin):
        name, value = real(self, name, value, origin)
        return name, "7" if name == "seed" else value

    monkeypatch.setattr(flag_files._Reader, "_resolve", inattentive)
    assert swept(FlagFiles, tmp_path / "x.json", 300).failures


def test_a_malformed_flag_file_that_is_read_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(flag_files, "_QUOTES", "")
    failures = swept(FlagFiles, tmp_path / "x.json", 400).failures
    assert failures
    assert all("is malformed" in failure["what"] for failure in failures)


def test_another_exception_than_an_error_of_the_command_is_a_failure(tmp_path, monkeypatch):
    def parse(argv):
        raise KeyError("seed")

    monkeypatch.setattr(flags, "parse", parse)
    assert "KeyError" in swept(FlagFiles, tmp_path / "x.json", 1).failures[0]["what"]


def tear(train):
    """Returns a way to train after which the newest checkpoint has one bit less."""

    def torn(arguments, output, seconds=120.0):
        result = train(arguments, output, seconds)
        run = Path(arguments[-1].removeprefix("--run_dir="))
        if output.name == "last":
            data = bytearray((run / "losses.csv").read_bytes())
            data[-2] ^= 1
            (run / "losses.csv").write_bytes(data)
        return result

    return torn


@pytest.mark.slow
@pytest.mark.parametrize("make", [kills.Kills, signalling.Signals])
def test_a_run_that_ends_with_other_bytes_is_a_failure(make, tmp_path, monkeypatch):
    monkeypatch.setattr(zygote, "train", tear(zygote.train))
    seen = swept(lambda folder: make(folder, num_steps=40), tmp_path / "x.json", 1)
    assert "these files differ: losses.csv" in seen.failures[-1]["what"]


@pytest.mark.slow
def test_a_checkpoint_that_is_torn_is_a_failure(tmp_path):
    sweep = kills.Kills(tmp_path, num_steps=40)
    newest = max((tmp_path / "uninterrupted" / "checkpoints").iterdir())
    (newest / "state.index").write_bytes(b"")
    with pytest.raises(Broken, match="is damaged"):
        kills.saved_step(tmp_path / "uninterrupted")
    assert isinstance(sweep, Sweep)


@pytest.mark.slow
def test_a_place_that_is_named_wrongly_is_a_failure(tmp_path, monkeypatch):
    wrong = dict.fromkeys(nonfinite.KINDS, ("generator", "another tensor"))
    sweep = nonfinite.NonFinite(tmp_path)
    sweep.trial(random.Random(0), outcomes := Counter())
    assert outcomes.total() == 1
    monkeypatch.setattr(nonfinite, "KINDS", wrong)
    with pytest.raises(Broken, match="another tensor"):
        sweep.trial(random.Random(0), Counter())


# The soak.


def test_flags_that_the_soak_changes_never_change_numbers():
    for name in soak.CHANGES:
        assert not FIELDS[name].metadata["changes_numbers"]


@pytest.mark.slow
def test_a_soaked_run_ends_with_the_same_bytes_and_one_that_does_not_is_seen(tmp_path):
    sweep, outcomes = soak.Soak(tmp_path), Counter()
    sweep.trial(random.Random("0:0"), outcomes)
    assert sum(count for seen, count in outcomes.items() if seen.startswith("runs compared")) == 1
    for name in sweep._expected:
        sweep._expected[name] += b"more"
    with pytest.raises(Broken, match="these files differ: "):
        sweep.trial(random.Random("0:0"), outcomes)


# The record.


class Odd(Sweep):
    """Counts odd and even random numbers; 13 is a failure."""

    title, promise = "numbers", "none is 13"

    def trial(self, draw, outcomes):
        number = draw.randrange(20)
        need(number != 13, "13")
        outcomes["odd" if number % 2 else "even"] += 1

    def finish(self, outcomes):
        outcomes["ends"] += 1


class TwoAtOnce(Odd):
    workers = 2


@pytest.mark.parametrize("make", [Odd, TwoAtOnce])
def test_a_sweep_goes_on_from_its_record(make, tmp_path):
    whole = swept(make, tmp_path / "whole.json", 100)
    swept(make, tmp_path / "parts.json", 40)
    parts = swept(make, tmp_path / "parts.json", 100)
    for seen in (whole, parts):
        seen.outcomes.pop("ends")
    assert whole.done == parts.done == 100
    assert whole.outcomes == parts.outcomes
    assert whole.outcomes.keys() == {"even", "odd"}
    assert [f["trial"] for f in whole.failures] == [f["trial"] for f in parts.failures] != []
    expected = [i for i in range(100) if random.Random(f"0:{i}").randrange(20) == 13]
    assert [f["trial"] for f in whole.failures] == expected


def test_no_trial_begins_when_time_is_out(tmp_path):
    assert swept(Odd, tmp_path / "x.json", 100, seconds=0.0).done == 0


def test_a_record_of_something_else_is_refused(tmp_path):
    swept(Odd, tmp_path / "x.json", 3)
    with pytest.raises(InputError, match="x.json has name test, not other; choose another --out"):
        opened(tmp_path / "x.json", "other", 0, 0, 3)
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(InputError, match="is not the record of a sweep"):
        opened(tmp_path / "x.json", "test", 0, 0, 3)


@pytest.mark.slow
def test_the_command(tmp_path):
    def run(*words):
        command = [sys.executable, "-m", "tools.sweep", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    path = tmp_path / "made" / "flag_files.json"
    done = run("flag_files", "--count=50", f"--out={path}")
    assert done.returncode == 0, done.stderr
    assert "flag_files: 50 of 50 trials" in done.stdout
    assert Record.read(path).row(FlagFiles) in done.stdout.splitlines()
    wrong = run("flag_file")
    assert wrong.returncode == 2
    last = wrong.stderr.splitlines()[-1]
    assert last.startswith("error: unknown sweep 'flag_file'; did you mean 'flag_files'?")


# What is committed.


def test_each_record_is_whole_and_without_failure():
    for path in RESULTS:
        seen = Record.read(path)
        assert seen.name == path.stem in SWEEPS
        assert seen.failures == [], path
        assert seen.done == seen.asked or not seen.asked, path
        assert seen.done > 0, path
        assert not (seen.commit or "").endswith("-dirty"), path


def test_the_readme_says_what_the_records_say():
    lines = (ROOT / "tfgan" / "runs" / "README.md").read_text().splitlines()
    said = {line for line in lines if re.search(r"`python -m tools\.sweep ", line)}
    records = [Record.read(path) for path in RESULTS]
    assert said == {seen.row(SWEEPS[seen.name]) for seen in records}
