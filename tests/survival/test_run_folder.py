"""Which folders a run takes, goes on with, or refuses: each in one line, and nothing is lost."""

import dataclasses
import json
import os
import shutil
import subprocess

import pytest

from tests.survival.rig import digest, everything
from tfgan.core.checks import InputError, StorageError
from tfgan.runs import identity, layout, provenance
from tfgan.runs.folder import RunFolder


def test_a_finished_run_stays_as_it_is(run):
    tested, path = run
    before = everything(path)
    tested.train(path)
    after = everything(path)
    assert [name for name in before if before[name] != after[name]] == ["run.json"]
    assert [start["step"] for start in json.loads(after["run.json"])["starts"]] == [0, 30]


def test_it_goes_on_from_the_newest_good_checkpoint_and_names_the_damaged_one(run, capsys):
    tested, path = run
    expected = digest(path)
    manifest = path / "checkpoints" / f"{30:010d}" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-1])
    tested.train(path)
    assert f"damaged, not used: {manifest.parent}: manifest.json" in capsys.readouterr().err
    assert (path / "checkpoints" / f"{30:010d}.damaged").is_dir()
    (path / "checkpoints" / f"{30:010d}.damaged").rename(path / "aside")
    assert digest(path) == expected


def test_without_a_good_checkpoint_it_is_refused(run):
    tested, path = run
    for manifest in path.glob("checkpoints/*/manifest.json"):
        manifest.unlink()
    before = everything(path)
    with pytest.raises(InputError, match="is not empty and has no good checkpoint; choose another"):
        tested.train(path)
    assert everything(path) == before


def test_a_folder_of_other_things_is_refused(tmp_path, finished):
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(InputError, match="is not empty and has no good checkpoint; choose another"):
        finished[0].train(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_file_is_no_folder(tmp_path, finished):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="is not a directory; choose another --run_dir"):
        finished[0].train(tmp_path / "file")


def test_a_start_that_was_interrupted_starts_again(run):
    tested, path = run
    expected = digest(path)
    shutil.rmtree(path / "checkpoints")
    (path / layout.STARTING).write_bytes(b"")
    tested.train(path)
    assert digest(path) == expected
    assert not (path / layout.STARTING).exists()


def test_what_a_stop_kept_from_being_removed_is_removed_at_the_next_start(run):
    tested, path = run
    (path / "checkpoints" / f"{5:010d}").mkdir()  # older than the three that stay
    (path / "checkpoints" / f"{20:010d}.tmp").mkdir()
    (path / "samples" / f"{40:08d}.png").write_bytes(b"of a step that does not count")
    tested.train(path)
    found = sorted(entry.name for entry in (path / "checkpoints").iterdir())
    assert found == [f"{step:010d}" for step in (10, 20, 30)]
    assert not (path / "samples" / f"{40:08d}.png").exists()


def test_two_processes_do_not_share_a_folder(run):
    tested, path = run
    with (
        RunFolder(str(path), tested.config),
        pytest.raises(InputError, match="another process trains here"),
    ):
        RunFolder(str(path), tested.config)
    RunFolder(str(path), tested.config).close()


def test_fewer_steps_than_there_are_is_refused(run):
    tested, path = run
    fewer = dataclasses.replace(tested.config, num_steps=20)
    with pytest.raises(InputError, match="is at step 30; --num_steps=20 is less"):
        RunFolder(str(path), fewer, allow_changed_flags=True)


def test_more_steps_are_those_of_a_longer_run(run, tmp_path):
    tested, path = run
    tested.train(path, num_steps=50)
    tested.train(tmp_path / "longer", num_steps=50)
    assert (path / "losses.csv").read_bytes() == (tmp_path / "longer/losses.csv").read_bytes()
    assert digest(path) == digest(tmp_path / "longer")


@pytest.mark.parametrize("what", ["fingerprint", "data"])
def test_another_machine_or_other_data_are_refused_and_named(what, run, capsys):
    tested, path = run
    changed = identity.identify(tested.config, *tested.run, identity.FROM_CONFIG)
    name = {"fingerprint": "processor", "data": "fingerprint"}[what]
    changed[what][name] = "another"
    start = tested.run.model, tested.run.source.kind, changed, ""
    with RunFolder(str(path), tested.config) as folder:
        with pytest.raises(
            InputError, match=f"{what}: {name} was .* and is now another, so the bi"
        ):
            folder.start(*start)
        folder.start(*start, allow_different_bits=True)
    assert "the bits may differ from here on" in capsys.readouterr().err


def test_a_log_that_lost_bytes_is_named(run):
    tested, path = run
    losses = path / "losses.csv"
    losses.write_bytes(losses.read_bytes()[:-1])
    with pytest.raises(StorageError, match="losses.csv has .* bytes and had .*: put it back"):
        tested.train(path)


@pytest.mark.parametrize("written", [b"x", b",", b"\n", b"\xff"])
@pytest.mark.parametrize("place", ["header", "number"])
def test_a_log_that_somebody_wrote_in_is_named(place, written, run):
    tested, path = run
    text = (path / "health.csv").read_bytes()
    at = text.index(b"diversity") if place == "header" else text.index(b".")
    (path / "health.csv").write_bytes(text[:at] + written + text[at + 1 :])
    with pytest.raises(
        StorageError, match="health.csv (is not as|has other columns).* put it back"
    ):
        tested.train(path)


def test_pictures_of_others_stay_and_are_no_frames(run):
    tested, path = run
    animation = (path / "samples.gif").read_bytes()
    (path / "samples" / "best.png").write_bytes(b"mine")
    tested.train(path)
    assert (path / "samples" / "best.png").read_bytes() == b"mine"
    assert (path / "samples.gif").read_bytes() == animation


def test_a_finished_run_whose_pictures_were_taken_away_is_still_finished(run):
    tested, path = run
    shutil.rmtree(path / "samples")
    tested.train(path)


def test_each_step_stands_in_the_logs_once_after_any_number_of_stops(run, monkeypatch, capsys):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tested, finished = run
    path = finished.with_name("stopped")
    for step in (3, 10, 11, 25):
        tested.train_to(path, step, monkeypatch)
    tested.train(path)
    rows = (path / "losses.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == list(range(1, 31))
    events = EventAccumulator(str(path))
    events.Reload()
    logged = [event.step for event in events.Tensors("losses/g_loss")]
    assert logged == [5, 10, 15, 20, 25, 30]
    assert [event.step for event in events.Images("samples")] == [0, 10, 20, 30]


def test_a_run_that_converged_ends_if_asked_to_and_stays_ended(run, tmp_path, monkeypatch, capsys):
    tested, _ = run
    monkeypatch.setattr(
        tested.run.model,
        "verdict",
        lambda rows: "converged" if rows[-1]["step"] >= 15 else "training",
    )
    path = tmp_path / "converged"
    tested.train(path, stop_when="converged")
    assert "ended at step 15: converged, as --stop_when asks" in capsys.readouterr().out
    expected = digest(path)
    assert expected[0] == f"{15:010d}"
    tested.train(path, stop_when="converged")
    assert digest(path) == expected
    tested.train(path)  # which does not ask for it
    assert digest(path)[0] == f"{30:010d}"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A directory for the library's code that no repository or setting of the user's reaches."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    path = tmp_path / "repository"
    path.mkdir()
    monkeypatch.setattr(provenance, "__file__", str(path / "code.py"))
    return path


def test_without_git_there_is_no_commit(repository, monkeypatch):
    assert provenance.commit.__wrapped__() is None
    monkeypatch.setenv("PATH", str(repository))
    assert provenance.commit.__wrapped__() is None


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_commit_is_found_and_nothing_is_written_for_it(repository):
    commit = provenance.commit.__wrapped__
    assert commit() is None  # git knows nothing of it

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", *identity, *arguments]
        done = subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init")
    (repository / "code.py").write_text("a = 1\n")
    git("add", ".")
    git("commit", "-m", "one")
    # A git that may take locks would now refresh the index, which is written under a lock.
    os.utime(repository / "code.py", (1, 1))
    index = (repository / ".git" / "index").read_bytes()
    assert commit() == git("rev-parse", "HEAD")
    (repository / "code.py").write_text("a = 2\n")
    assert commit() == git("rev-parse", "HEAD") + "-dirty"
    assert (repository / ".git" / "index").read_bytes() == index


def test_home_folders_are_understood(finished, monkeypatch):
    tested, path = finished
    monkeypatch.setenv("HOME", str(path.parent))
    with RunFolder("~/run", tested.config) as folder:
        assert (folder.path, folder.step) == (path, 30)
