"""Which folders a run takes, goes on with, or refuses: each in one line, and nothing is lost."""

import dataclasses
import json
import os
import shutil
import subprocess

import numpy as np
import PIL.Image
import pytest

from tests.survival.rig import Rig, digest, forget
from tfgan.config import FIELDS, Config
from tfgan.core.checks import InputError, StorageError
from tfgan.runs import folder as run_folder
from tfgan.runs import identity, provenance
from tfgan.runs.folder import RunFolder
from tools import zygote


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A rig and the folder of its finished run."""
    config = Config(
        **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=30),
        **dict(checkpoint_every_steps=10, log_every_steps=5, sample_every_steps=10),
    )
    tested = Rig(config)
    path = tmp_path_factory.mktemp("finished") / "run"
    tested.train(path)
    return tested, path


@pytest.fixture
def run(finished, tmp_path):
    """A rig and a copy of its run."""
    tested, path = finished
    shutil.copytree(path, tmp_path / "run")
    return tested, tmp_path / "run"


def everything(path):
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


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
    (path / run_folder.STARTING).write_bytes(b"")
    tested.train(path)
    assert digest(path) == expected
    assert not (path / run_folder.STARTING).exists()


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


def never_changes_numbers(name):
    """Says whether a run may go on with another value of a field."""
    return not FIELDS[name].metadata["changes_numbers"]


OTHER = dict(
    **dict(data="grid", image_dir="/images", data_dir="/data", split="test", image_size=16),
    **dict(data_memory_mb=1, batch_size=9, network="dcgan", latent_size=3, hidden_size=9),
    **dict(latent_distribution="normal", hidden_layers=3, base_channels=8, batch_norm=True),
    **dict(compute_dtype="bfloat16", objective="minimax", weight_clip=0.01),
    **dict(update_order="discriminator_first", discriminator_steps=2, optimizer="sgd"),
    **dict(generator_learning_rate=0.1, discriminator_learning_rate=0.1, beta1=0.6, beta2=0.9),
    **dict(epsilon=1e-7, rho=0.8, momentum=0.1, average_decay=0.5, num_steps=40, seed=1),
    **dict(num_threads=1, steps_per_call=3, log_every_steps=7, sample_every_steps=9),
    **dict(checkpoint_every_steps=7, keep_checkpoints=1, keep_every_steps=10),
    **dict(on_nonfinite="rollback", max_rollbacks=0, stop_when="converged", num_samples=5),
)
"""Of every field, a value that the run does not have."""

FREE = [name for name in OTHER if never_changes_numbers(name)]
FIXED = [name for name in OTHER if not never_changes_numbers(name)]


def test_every_field_has_another_value(finished):
    config = finished[0].config.to_dict()
    assert OTHER.keys() == FIELDS.keys() == {*FREE, *FIXED}
    assert not [name for name in OTHER if OTHER[name] == config[name]]


@pytest.mark.parametrize("name", FIXED)
def test_what_changes_numbers_is_refused_whatever_is_allowed(name, run):
    tested, path = run
    changed = dataclasses.replace(tested.config, **{name: OTHER[name]})
    before = everything(path)
    for allowed in (False, True):
        with pytest.raises(InputError, match=f"--{name}=.*, got {OTHER[name]}: this is another"):
            RunFolder(str(path), changed, allowed)
    assert everything(path) == before


@pytest.mark.parametrize("name", FREE)
def test_what_never_changes_numbers_is_allowed_if_asked_for(name, run):
    tested, path = run
    changed = dataclasses.replace(tested.config, **{name: OTHER[name]})
    match = f"--{name}=.*, got {OTHER[name]}: set it back, or add --allow_changed_flags to resume"
    with pytest.raises(InputError, match=match):
        RunFolder(str(path), changed)
    RunFolder(str(path), changed, allow_changed_flags=True).close()


def numbers(path):
    """Returns the first 30 rows of losses.csv, and the bytes of the state at step 30."""
    rows = (path / "losses.csv").read_bytes().splitlines()
    assert len(rows) > 30
    state = sorted((path / "checkpoints" / f"{30:010d}").glob("state.*"))
    assert state
    return rows[:31], {file.name: file.read_bytes() for file in state}


OF_IMAGES = ("image_dir", "data_dir", "data_memory_mb")  # without a meaning for points
OF_THE_PROCESS = ("num_threads",)


@pytest.mark.parametrize("name", [name for name in FREE if name not in OF_IMAGES + OF_THE_PROCESS])
def test_what_is_allowed_leaves_every_bit_as_it_was(name, run):
    """A model built, traced and run under the changed field goes on from step 10."""
    tested, path = run
    expected = numbers(path)
    forget(path, 10)
    changed = dataclasses.replace(tested.config, **{name: OTHER[name]})
    Rig(changed).train(path)
    assert numbers(path) == expected


@pytest.fixture(scope="module")
def finished_on_images(tmp_path_factory):
    """The config and the folder of a finished run on images, and two directories alike."""
    folder = tmp_path_factory.mktemp("images")
    (folder / "images").mkdir()
    draw = np.random.RandomState(0)
    for i in range(16):
        pixels = draw.randint(0, 256, size=(8, 8, 1)).astype(np.uint8)
        PIL.Image.fromarray(pixels[..., 0]).save(folder / "images" / f"{i:02d}.png")
    shutil.copytree(folder / "images", folder / "moved")
    config = Config(
        **dict(image_dir=str(folder / "images"), network="mlp", hidden_size=8, batch_size=8),
        **dict(num_steps=30, checkpoint_every_steps=10, log_every_steps=5, sample_every_steps=10),
    )
    Rig(config).train(folder / "run")
    return config, folder


@pytest.mark.parametrize("change", ["image_dir", "data_dir"])
def test_data_may_move(change, finished_on_images, tmp_path):
    config, folder = finished_on_images
    shutil.copytree(folder / "run", tmp_path / "run")
    forget(tmp_path / "run", 10)
    moved = {"image_dir": str(folder / "moved"), "data_dir": str(tmp_path)}[change]
    Rig(dataclasses.replace(config, **{change: moved})).train(tmp_path / "run")
    assert numbers(tmp_path / "run") == numbers(folder / "run")


@pytest.mark.parametrize(
    "change", [dict(data_memory_mb=0), dict(image_dir="moved")], ids=["on disk", "other images"]
)
def test_data_that_is_not_known_to_be_the_same_is_refused(change, finished_on_images, tmp_path):
    config, folder = finished_on_images
    shutil.copytree(folder / "run", tmp_path / "run")
    shutil.copytree(folder / "moved", tmp_path / "moved")
    PIL.Image.new("L", (8, 8)).save(tmp_path / "moved" / "00.png")
    if "image_dir" in change:
        change = dict(image_dir=str(tmp_path / "moved"))
    changed = Rig(dataclasses.replace(config, **change))
    with pytest.raises(InputError, match="data: fingerprint was .*, so the bits would not be"):
        changed.train(tmp_path / "run")
    assert numbers(tmp_path / "run") == numbers(folder / "run")


def test_another_number_of_threads_is_refused_unless_it_comes_to_the_same(tmp_path):
    run = tmp_path / "run"
    arguments = ["--data=ring", "--network=mlp", "--hidden_size=8", f"--run_dir={run}"]
    arguments += ["--checkpoint_every_steps=10", "--num_threads=1"]
    status, child = zygote.train([*arguments, "--num_steps=30"], tmp_path / "first")
    assert status == 0, child.stderr
    expected = numbers(run)
    forget(run, 10)
    more = [*arguments, "--num_steps=30", "--allow_changed_flags"]
    status, child = zygote.train([*more, "--num_threads=2"], tmp_path / "second")
    assert status == 2
    assert "fingerprint: num_threads was 1 and is now 2, so the bits would not" in child.stderr
    status, child = zygote.train([*more, "--num_threads=0"], tmp_path / "third")  # 1 for the mlp
    assert status == 0, child.stderr
    assert numbers(run) == expected


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
    logged = [event.step for event in events.Scalars("losses/g_loss")]
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
