"""What lies around a run: other people's files, another start, files that cannot be read."""

import errno
import os
import shutil
import stat

import numpy as np
import PIL.Image
import pytest

from tests.serving import rig as serving_rig
from tests.survival.rig import digest, everything
from tfgan.config import Config
from tfgan.core.checks import InputError, StorageError
from tfgan.data import folder as image_folder
from tfgan.runs import checkpoints, pictures
from tfgan.runs.folder import RunFolder
from tfgan.runs.trained import TrainedRun
from tfgan.serving import publish
from tools import zygote

LONG = ["--data=ring", "--network=mlp", "--hidden_size=8", "--batch_size=8", "--num_steps=30"]
LONG += ["--checkpoint_every_steps=10", "--num_samples=4"]


def test_a_second_start_does_not_touch_a_run_that_the_first_one_finished(tmp_path):
    """B starts before the directory is there, and is held while A makes the whole run."""
    run = tmp_path / "run"
    arguments = [*LONG, f"--run_dir={run}"]
    late = zygote.Child(arguments, tmp_path / "late", hold="making the folder")
    late.wait_for("making the folder")
    status, child = zygote.train(arguments, tmp_path / "first")
    assert status == 0, child.stderr
    before = everything(run)
    late.release()
    assert late.wait() == 2
    assert "another process has used it since this one started; run the same" in late.stderr
    assert everything(run) == before
    status, child = zygote.train(arguments, tmp_path / "again")
    assert status == 0, child.stderr


OWN = {"thesis.tmp/chapter.txt": "years", "results.tmp": "mine", "my-notes.tmp": "mine"}


def plant(folder):
    for name, text in OWN.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)


def kept(folder):
    return all((folder / name).read_text() == text for name, text in OWN.items())


def test_a_resume_keeps_the_files_of_others(run):
    tested, path = run
    for folder in (path, path / "samples", path / "checkpoints"):
        plant(folder)
    (path / "checkpoints" / f"{20:010d}.tmp").mkdir()
    (path / "checkpoints" / f"{20:010d}.tmp" / "state.index").write_bytes(b"half")
    (path / "checkpoints" / f"{40:010d}.tmp").mkdir()
    (path / "checkpoints" / f"{40:010d}.tmp" / "mine.txt").write_text("mine")
    (path / "flags.txt.tmp").write_text("half")
    tested.train(path)
    assert all(kept(folder) for folder in (path, path / "samples", path / "checkpoints"))
    assert not (path / "checkpoints" / f"{20:010d}.tmp").exists()
    assert (path / "checkpoints" / f"{40:010d}.tmp" / "mine.txt").read_text() == "mine"
    assert not (path / "flags.txt.tmp").exists()


def test_an_export_keeps_the_files_of_others(tmp_path):
    plant(tmp_path)
    (tmp_path / "2024.tmp").mkdir()
    (tmp_path / "2024.tmp" / "holiday.jpg").write_text("mine")
    (tmp_path / "7.tmp").mkdir()
    (tmp_path / "7.tmp" / "saved_model.pb").write_bytes(b"half")
    serving_rig.export(tmp_path, Config(network="mlp", hidden_size=8), (8, 8, 1), 9)
    assert kept(tmp_path)
    assert (tmp_path / "2024.tmp" / "holiday.jpg").read_text() == "mine"
    assert not (tmp_path / "7.tmp").exists()
    assert (tmp_path / "9" / "saved_model.pb").is_file()


@pytest.mark.parametrize("error", [5, 13, 24, 116])  # EIO, EACCES, EMFILE, ESTALE
@pytest.mark.parametrize("file", ["manifest.json", "state.index"])
def test_what_cannot_be_read_now_is_no_damage(error, file, run, monkeypatch):
    tested, path = run
    before = everything(path)
    newest = path / "checkpoints" / f"{30:010d}" / file
    read, sha256 = checkpoints.files.read, checkpoints.files.sha256

    def failing(real):
        def called(asked):
            if asked == newest:
                raise OSError(error, os.strerror(error), str(asked))
            return real(asked)

        return called

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.files, "read", failing(read))
        patch.setattr(checkpoints.files, "sha256", failing(sha256))
        with pytest.raises(StorageError, match=f"{os.strerror(error)}; nothing was changed"):
            tested.train(path)
    assert everything(path) == before
    tested.train(path)
    assert digest(path)[0] == f"{30:010d}"


def test_a_manifest_whose_record_is_no_record_is_damage(run, capsys):
    tested, path = run
    manifest = path / "checkpoints" / f"{30:010d}" / "manifest.json"
    content = checkpoints.json.loads(manifest.read_bytes())["content"]
    manifest.write_bytes(checkpoints._encode(content | {"record": ["a list"]}))
    tested.train(path)
    assert "manifest.json holds no record" in capsys.readouterr().err


def test_an_animation_of_more_pictures_than_a_process_may_open(tmp_path):
    import resource

    frames = []
    for i in range(60):
        frames.append(tmp_path / f"{i:08d}.png")
        PIL.Image.fromarray(np.full([4, 4], 4 * i, np.uint8)).save(frames[-1])
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, limits[1]))
    try:
        (tmp_path / "samples.gif").write_bytes(pictures.animation(frames))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    with PIL.Image.open(tmp_path / "samples.gif") as animation:
        assert animation.n_frames == 60


def load(folder):
    return image_folder.load(str(folder), image_size=8, batch_size=1, seed=0, memory_mb=64)


def test_a_pipe_among_the_pictures_is_named(tmp_path):
    PIL.Image.new("L", (8, 8)).save(tmp_path / "a.png")
    os.mkfifo(tmp_path / "b.png")
    assert stat.S_ISFIFO((tmp_path / "b.png").stat().st_mode)
    with pytest.raises(InputError, match="b.png cannot be read: it is no regular file; remove it"):
        load(tmp_path)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    PIL.Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    assert (tmp_path / "bomb.png").stat().st_size < 100_000
    with pytest.raises(InputError, match="bomb.png has 9000 x 9000 pixels, more than 64,000,000"):
        load(tmp_path)


def test_a_folder_in_which_a_start_was_killed_is_still_started(tmp_path, finished):
    (tmp_path / "STARTING").touch()
    (tmp_path / "samples").mkdir()
    tested, path = finished
    tested.train(tmp_path)
    assert digest(tmp_path) == digest(path)
    RunFolder(str(tmp_path), tested.config).close()


# Links, and what else is no file of a run's.


@pytest.fixture
def victim(tmp_path):
    """Files of the user's outside of the run, and a check that they are what they were."""
    place = tmp_path / "user"
    (place / "pictures").mkdir(parents=True)
    (place / "thesis.txt").write_text("years of work\n" * 1000)
    for i in range(3):
        (place / "pictures" / f"{i:08d}.png").write_bytes(b"a holiday")
    before = everything(place)
    yield place
    assert everything(place) == before


LINKS = {
    "losses.csv": "thesis.txt",
    "events.out.tfevents.0.tfgan": "thesis.txt",
    "flags.txt": "thesis.txt",
    "samples.gif": "thesis.txt",
    "samples": "pictures",
    "checkpoints": "pictures",
    f"samples/{10:08d}.png": "thesis.txt",
    f"checkpoints/{30:010d}": "pictures",
    f"checkpoints/{30:010d}/manifest.json": "thesis.txt",
}


@pytest.mark.parametrize("name", LINKS)
def test_nothing_is_reached_through_a_link(name, run, victim):
    tested, path = run
    target = path / name
    target.rename(path / "was") if target.is_dir() else target.unlink()
    target.symlink_to(victim / LINKS[name])
    before = everything(path)
    with pytest.raises(InputError, match=f"{target} is a link; nothing is read or written through"):
        tested.train(path, num_steps=40)
    with pytest.raises(InputError, match=f"{target} is a link; nothing is read or written through"):
        TrainedRun(str(path))
    assert everything(path) == before


@pytest.mark.parametrize("name", ["flags.txt.tmp", "run.json.tmp", "link.tmp", "samples/1.tmp"])
def test_a_link_under_a_temporary_name_blocks_nothing(name, run, victim):
    tested, path = run
    (path / name).symlink_to(victim / ("thesis.txt" if "." in name[:-4] else "pictures"))
    tested.train(path, num_steps=40)
    assert (path / name).is_symlink() == (name in ("link.tmp", "samples/1.tmp"))


@pytest.mark.parametrize("name", ["losses.csv", "flags.txt", f"checkpoints/{30:010d}/state.index"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_or_a_directory_where_a_file_belongs_is_named(make, name, run):
    tested, path = run
    (path / name).unlink()
    make(path / name)
    with pytest.raises(InputError, match=f"{path / name} is no regular file"):
        tested.train(path, num_steps=40)


def test_a_backup_by_hard_links_stays_what_it_is(run, tmp_path):
    tested, path = run
    shutil.copytree(path, tmp_path / "backup", copy_function=os.link)
    before = everything(tmp_path / "backup")
    tested.train(path, num_steps=40)
    assert everything(tmp_path / "backup") == before


def test_an_export_is_not_read_through_a_link(tmp_path, victim):
    serving_rig.export(tmp_path / "exports", Config(network="mlp", hidden_size=8), (8, 8, 1), 9)
    version = tmp_path / "exports" / "9"
    (version / "saved_model.pb").unlink()
    (version / "saved_model.pb").symlink_to(victim / "thesis.txt")
    with pytest.raises(InputError, match="saved_model.pb is a link; nothing is read"):
        publish.Export(version)


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", flock)
    match = r"its file system has no locks \(No locks available\).*choose a --run_dir on another"
    with pytest.raises(InputError, match=match):
        RunFolder(str(tmp_path), Config())
