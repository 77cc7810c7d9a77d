"""`tfgan prepare --image_dir=...`: what it says, what it leaves, and what may happen meanwhile."""

import contextlib
import errno
import io
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.hostile.environments import an_ordinary_user
from tfgan import prepare
from tfgan.cli import flags, stopping
from tfgan.core import files
from tfgan.core.checks import InputError, Stopped, StorageError
from tfgan.data import decoding, folder, folder_preparation, pixels

ROOT = Path(__file__).parents[2]
NUMBER = 12
forks = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def cache(own_cache, monkeypatch):
    """More than one chunk of pictures."""
    monkeypatch.setattr(decoding, "FIRST", 2)
    monkeypatch.setattr(decoding, "CHUNK", 4)
    return own_cache / "resized"


@pytest.fixture
def photos(tmp_path):
    return make(tmp_path / "photos")


def make(photos, number=NUMBER):
    photos.mkdir()
    for i in range(number):
        noise = np.random.default_rng(i).integers(0, 256, [9, 11, 3], np.uint8)
        Image.fromarray(noise).save(photos / f"{i:04}.png")
    return photos


def command(capfd, *argv):
    """Runs the command here; returns its status and what it printed."""
    status = 0
    try:
        flags.run(prepare.main, prepare.__doc__, prepare.EXTRA, argv, with_config=False)
    except SystemExit as ended:
        status = ended.code
    return status, *capfd.readouterr()


def left(cache):
    """Returns what lies in the cache."""
    return sorted(os.listdir(cache)) if cache.exists() else []


def test_the_command_says_what_it_made_where_and_how_long_that_took(photos, cache, capfd):
    argv = f"--image_dir={photos}", "--image_size=8"
    status, out, err = command(capfd, *argv)
    (entry,) = cache.iterdir()
    what = f"{photos}: 12 pictures of 8x8x3 (0.0 MB) in {entry}"
    assert (status, err) == (0, "")
    assert re.fullmatch(re.escape(what) + r", \d+\.\d s\n", out)
    assert command(capfd, *argv) == (0, f"{what}, already\n", "")
    (entry / "pixels.npy").unlink()
    status, out, err = command(capfd, *argv)
    assert (status, err, out.count("\n")) == (0, "", 2)
    assert re.match(rf"{entry} is damaged and not used: .*: made again\n", out)


BAD = {
    "": "name the set: --data=mnist; or your own pictures: --image_dir=photos",
    "--image_dir={photos} --data=mnist": "give --data or --image_dir, not both.",
    "--image_dir={photos} --data_dir=x": "--data_dir goes with --data, not with --image_dir.",
    "--image_dir={photos} --from_files=x": "--from_files goes with --data, not with --image_dir.",
    "--data=mnist --image_size=8": "--image_size goes with --image_dir: a set is prepared as is.",
    "--image_dir={photos} --image_size=-1": "image_size must be at least 0, got -1.",
    "--image_dir={photos} --background=x": "--background=x is no colour: give a name such as white,"
    " or #rrggbb.",
    "--image_dir={photos}/none": "image_dir '{photos}/none' is not there.",
}


@pytest.mark.parametrize("argv", BAD)
def test_a_bad_flag_is_answered_in_one_line(photos, cache, capfd, argv):
    answer = f"error: {BAD[argv].format(photos=photos)}\n"
    assert command(capfd, *argv.format(photos=photos).split()) == (2, "", answer)
    assert not cache.exists()


def prepared(photos):
    return folder_preparation.prepare(str(photos), 8).path


def load(photos, memory_mb=100):
    return folder.load(str(photos), image_size=8, batch_size=4, seed=0, memory_mb=memory_mb)


def test_a_damaged_picture_is_named_and_nothing_is_left(photos, cache):
    path = photos / "0009.png"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"0009\.png cannot be read as a picture"):
        prepared(photos)
    assert left(cache) == []


def test_a_file_that_changes_meanwhile_is_noticed(photos, cache, monkeypatch):
    """Its pixels would be of other content than the entry is named after."""
    decode = pixels.decode

    def changing(content, name, *args, **settings):
        Image.new("RGB", (9, 9)).save(photos / "0011.png")
        return decode(content, name, *args, **settings)

    monkeypatch.setattr(pixels, "decode", changing)
    with pytest.raises(InputError, match=r"a file in .*photos changed meanwhile: run the same"):
        prepared(photos)
    assert left(cache) == []


def test_a_signal_leaves_nothing_half_made(photos, cache, monkeypatch):
    monkeypatch.setattr(stopping, "requested", lambda: "SIGINT")
    with pytest.raises(Stopped, match="SIGINT: stopped, and nothing is kept of it"):
        prepared(photos)
    assert left(cache) == []
    monkeypatch.undo()


@pytest.mark.parametrize("place", ["write", "fsync", "rename"])
def test_a_full_disk_is_one_line_and_leaves_nothing(photos, cache, monkeypatch, place):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        if place == "write":
            real = files.open_plain

            def full(path, mode):
                file = real(path, mode)
                if path.name == "pixels.npy" and mode == "xb":
                    file.close()
                    file = io.BufferedWriter(io.FileIO("/dev/full", "w"), 100)
                return file

            patch.setattr(files, "open_plain", full)
        else:
            patch.setattr(os, place, refuse)
        with pytest.raises(StorageError, match="No space left on device; nothing was made. See to"):
            prepared(photos)
    assert left(cache) == []


def _unprivileged(photos, answers):
    an_ordinary_user()
    try:
        prepared(photos)
    except StorageError as error:
        answers.put((error.line(), load(photos).num_examples, load(photos, 0).num_examples))


def test_a_read_only_cache_is_one_line_and_a_run_does_without(photos, cache):
    cache.mkdir(parents=True)
    cache.chmod(0o500)
    answers = forks.Queue()
    child = forks.Process(target=_unprivileged, args=(photos, answers))
    child.start()
    line, *loaded = answers.get(timeout=120)
    child.join(120)
    assert line.startswith(f"{cache}/")
    assert ".tmp: Permission denied; nothing was made. See to the disk, or let XDG_CAC" in line
    assert loaded == [NUMBER, NUMBER]


@contextlib.contextmanager
def held(photos, monkeypatch):
    """Another process that has begun to prepare, and goes on when the `with` ends."""
    ours, theirs = forks.Pipe()  # not an Event: one that is waited for does not survive a kill

    def run():
        chunks = decoding.in_chunks

        def holding(*args):
            for i, chunk in enumerate(chunks(*args)):
                if i == 2:
                    theirs.send("begun")
                    theirs.poll(120)
                yield chunk

        monkeypatch.setattr(decoding, "in_chunks", holding)
        prepared(photos)

    child = forks.Process(target=run)
    child.start()
    assert ours.poll(120)
    try:
        yield child
    finally:
        ours.send("go on")
        child.join(120)


def test_a_kill_leaves_nothing_that_counts_and_the_next_one_cleans_up(
    photos, cache, tmp_path, monkeypatch
):
    with held(photos, monkeypatch) as child:
        os.kill(child.pid, signal.SIGKILL)
        child.join(120)
    (name,) = left(cache)
    assert name.endswith(".tmp")
    assert os.listdir(cache / name) == ["pixels.npy"]
    decoded = []
    with monkeypatch.context() as patch:
        patch.setattr(pixels, "decode", lambda *_, **__: decoded.append(1) or np.zeros((8, 8, 3)))
        load(photos)
    assert len(decoded) == NUMBER
    other = prepared(make(tmp_path / "other", 3))  # of other pictures
    assert left(cache) == [other.name]
    with held(photos, monkeypatch) as child:
        os.kill(child.pid, signal.SIGKILL)
        child.join(120)
    assert left(cache) == sorted([other.name, name])
    assert prepared(photos).name + ".tmp" == name
    assert left(cache) == sorted([other.name, name.removesuffix(".tmp")])


def test_two_at_once(photos, cache, tmp_path, monkeypatch):
    with held(photos, monkeypatch):
        with pytest.raises(InputError, match="another process prepares these pictures here; wait"):
            prepared(photos)
        assert prepared(make(tmp_path / "other", 3)).exists()  # which leaves the first one's alone
        assert load(photos).num_examples == NUMBER
    assert len(left(cache)) == 2
    assert not [name for name in left(cache) if name.endswith(".tmp")]
    monkeypatch.setattr(pixels, "decode", lambda *_, **__: pytest.fail("decoded"))
    load(photos)
    prepared(photos)


def test_a_link_in_the_place_of_the_temporary_name_is_not_followed(photos, cache, tmp_path):
    entry = prepared(photos)
    (entry / "entry.json").unlink()
    (tmp_path / "elsewhere").mkdir()
    entry.with_name(entry.name + ".tmp").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"\.tmp is a link and in the way: remove it"):
        prepared(photos)
    assert os.listdir(tmp_path / "elsewhere") == []


def test_never_more_than_a_chunk_is_in_memory(tmp_path, monkeypatch):
    photos = make(tmp_path / "photos", 60)
    monkeypatch.setattr(decoding, "CHUNK", 16)
    monkeypatch.setattr(decoding, "CHUNK_BYTES", 3.5 * 128 * 128 * 3)  # 3 of 60
    folder_preparation.prepare(str(photos), 8)  # what is imported and remembered once
    tracemalloc.start()
    folder_preparation.prepare(str(photos), 128)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 128 * 128 * 3


def test_chunks_are_all_pictures_in_order(monkeypatch):
    monkeypatch.setattr(decoding, "CHUNK_BYTES", 1)  # less than a picture
    for chunk in (1, 2, 4):
        monkeypatch.setattr(decoding, "CHUNK", chunk)
        for number in range(1, 14):
            chunks = [*decoding.in_chunks(lambda indices: indices, (number, 1, 1, 1))]
            np.testing.assert_array_equal(np.concatenate(chunks), np.arange(number))
            assert {len(each) for each in chunks} == {1}
            monkeypatch.setattr(decoding, "CHUNK_BYTES", 100)
            chunks = [*decoding.in_chunks(lambda indices: indices, (number, 1, 1, 1))]
            np.testing.assert_array_equal(np.concatenate(chunks), np.arange(number))
            assert max(map(len, chunks)) <= chunk
            monkeypatch.setattr(decoding, "CHUNK_BYTES", 1)


def test_off_a_terminal_a_line_says_how_far_it_is(photos, monkeypatch, capfd):
    monkeypatch.setattr(decoding, "SECONDS", 0.0)
    prepared(photos)
    lines = capfd.readouterr().err.splitlines()
    assert [re.sub(r"\d+ s left", "N s left", line) for line in lines] == [
        f"{photos}: {done} of 12 pictures, N s left" for done in (2, 6, 10, 12)
    ]


def test_on_a_terminal_a_bar_says_it(photos, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    prepared(photos)
    assert "photos: 100%" in terminal.getvalue()
    assert "12/12" in terminal.getvalue()


@pytest.mark.parametrize(
    ("memory_mb", "when"), [(100, "at every start"), (0, "in every epoch")], ids=["memory", "disk"]
)
def test_a_run_that_decodes_for_long_names_the_command(photos, memory_mb, when, monkeypatch, capfd):
    load(photos, memory_mb)
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(decoding, "LONG_SECONDS", -1.0)
    monkeypatch.setattr(decoding, "SECONDS", 0.0)
    load(photos, memory_mb)
    line, *progress = capfd.readouterr().err.splitlines()
    assert re.sub(r"\d+ s", "N s", line) == (
        f"{photos}: decoding 12 pictures takes about N s {when}; "
        f"`tfgan prepare --image_dir={photos} --image_size=8` does it once"
    )
    assert len(progress) == (4 if memory_mb else 0)
    prepared(photos)
    capfd.readouterr()
    load(photos, memory_mb)
    assert capfd.readouterr().err == ""


def test_the_command_is_named_as_a_shell_takes_it():
    command = folder.prepare_command("my photos", 0, "#ff0000")
    assert command == "tfgan prepare '--image_dir=my photos' '--background=#ff0000'"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_command_in_a_line_and_leaves_nothing(tmp_path, cache, number):
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(400):
        Image.new("RGB", (2000, 1500), (i % 256, 0, 0)).save(photos / f"{i}.jpg")
    argv = [sys.executable, "-m", "tfgan.prepare", f"--image_dir={photos}", "--image_size=64"]
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while not [*cache.glob("*.tmp/pixels.npy")]:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    name = signal.Signals(number).name
    assert process.returncode == 75
    assert said.splitlines()[-1] == f"{name}: stopped, and nothing is kept of it."
    assert left(cache) == []
