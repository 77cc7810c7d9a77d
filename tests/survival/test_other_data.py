"""A run resumes on its own data and on no other, however they are read and whoever recorded it."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import tfgan
from tests.survival.rig import Rig
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.data import fingerprints
from tfgan.runs.trained import TrainedRun
from tools import zygote

COUNT = 80


def draw(folder):
    """Writes noise as files of one size; returns them in their order."""
    folder.mkdir()
    noise = np.random.RandomState(0).randint(0, 256, size=(COUNT, 8, 8)).astype(np.uint8)
    for i, pixels in enumerate(noise):
        PIL.Image.fromarray(pixels).save(folder / f"{i:02d}.png", compress_level=0)
    paths = sorted(folder.iterdir())
    assert len({path.stat().st_size for path in paths}) == 1
    return paths


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "pictures"
    draw(folder)
    return folder


def rig(folder, memory_mb, former=False):
    """A rig that trains on a folder, or one that records what former versions did."""
    config = Config(
        **dict(image_dir=str(folder), data_memory_mb=memory_mb, network="mlp", hidden_size=8),
        **dict(batch_size=8, num_steps=20, checkpoint_every_steps=10, log_every_steps=10),
    )
    made = Rig(config)
    if former:
        made.run.source.fingerprint = made.run.source.former_fingerprint()
    return made


def recorded(run):
    return TrainedRun(str(run)).checkpoint.record["data"]["fingerprint"]


@pytest.mark.parametrize("memory_mb", [0, 64])
def test_swapped_pictures_are_refused_and_the_difference_named(memory_mb, tmp_path):
    paths = draw(tmp_path / "pictures")
    rig(tmp_path / "pictures", memory_mb).train(tmp_path / "run")
    before = recorded(tmp_path / "run")
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)
    swapped = rig(tmp_path / "pictures", memory_mb)
    now = swapped.run.source.fingerprint
    assert now != before
    with pytest.raises(InputError, match=f"data: fingerprint was {before} and is now {now}, so"):
        swapped.train(tmp_path / "run", num_steps=30)
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    rig(tmp_path / "pictures", memory_mb).train(tmp_path / "run", num_steps=30)


def test_a_run_resumes_with_another_share_of_memory(pictures, tmp_path):
    for name, first, second in (("a", 0, 64), ("b", 64, 0), ("c", 64, 64)):
        rig(pictures, first).train(tmp_path / name)
        rig(pictures, second).train(tmp_path / name, num_steps=40)
    a, b, c = ((tmp_path / name / "losses.csv").read_bytes() for name in "abc")
    assert a == b == c
    assert a.count(b"\n") == 41


def _of_pixels(folder):
    """What 0.1.0 recorded of a set in memory."""
    return hashlib.sha256(
        b"".join(np.asarray(PIL.Image.open(path)).tobytes() for path in sorted(folder.iterdir()))
    ).hexdigest()


def _of_sizes(folder):
    """What 0.1.0 recorded of a set on the disk."""
    listing = [f"{path.name} {path.stat().st_size}\n" for path in sorted(folder.iterdir())]
    return hashlib.sha256("".join(listing).encode()).hexdigest()


@pytest.mark.parametrize(("memory_mb", "former"), [(64, _of_pixels), (0, _of_sizes)])
def test_an_older_record_is_known_and_kept(memory_mb, former, pictures, tmp_path, capsys):
    run = tmp_path / "run"
    rig(pictures, memory_mb, former=True).train(run)
    assert recorded(run) == former(pictures)
    assert not recorded(run).startswith(fingerprints.CONTENT)
    rig(pictures, memory_mb).train(run, num_steps=40)
    assert recorded(run) == former(pictures)
    assert "differ" not in capsys.readouterr().err
    rig(pictures, memory_mb).train(tmp_path / "whole", num_steps=40)
    assert recorded(tmp_path / "whole").startswith(fingerprints.CONTENT)
    assert (run / "losses.csv").read_bytes() == (tmp_path / "whole/losses.csv").read_bytes()


def test_the_command_knows_the_record_of_a_run_of_0_1_0(tmp_path):
    run = tmp_path / "run"
    shutil.copytree(Path(__file__).parent / "data/run_0_1_0", run)
    before = recorded(run)
    flags = [f"--flagfile={run}/flags.txt", f"--run_dir={run}", "--num_steps=21"]
    allowed = ["--allow_changed_flags", "--allow_different_bits"]  # this may be another machine
    status, child = zygote.train([*flags, *allowed], tmp_path / "resumed")
    assert status == 0, child.stderr
    assert "data: " not in child.stderr
    assert TrainedRun(str(run)).checkpoint.step == 21
    assert recorded(run) == before


def test_a_program_s_older_record_is_known_too(pictures, tmp_path):
    for former, num_steps in ((True, 10), (False, 20)):
        model, source = rig(pictures, 64, former).run
        tfgan.Run(model, source, tmp_path / "run").train(num_steps, shows_progress=False)
    assert recorded(tmp_path / "run") == _of_pixels(pictures)


def test_an_older_record_of_other_data_is_refused(pictures, tmp_path):
    rig(pictures, 64, former=True).train(tmp_path / "run")
    shutil.copytree(pictures, tmp_path / "other")
    PIL.Image.new("L", (8, 8)).save(tmp_path / "other" / "00.png")
    with pytest.raises(InputError, match="data: fingerprint was [0-9a-f]{64} and is now content:"):
        rig(tmp_path / "other", 64).train(tmp_path / "run", num_steps=30)


def test_a_former_way_is_not_asked_for_a_record_of_today(pictures, tmp_path):
    rig(pictures, 64).train(tmp_path / "run")
    again = rig(pictures, 64)
    again.run.source.former_fingerprint = None  # cannot be called
    again.train(tmp_path / "run", num_steps=30)
    again.run.source.fingerprint = fingerprints.CONTENT + 64 * "0"
    with pytest.raises(InputError, match="data: fingerprint was content:"):
        again.train(tmp_path / "run", num_steps=40)


def test_a_source_needs_no_former_way(pictures, tmp_path):
    rig(pictures, 64, former=True).train(tmp_path / "run")
    again = rig(pictures, 64)
    again.run = again.run._replace(source=Plain(again.run.source))
    with pytest.raises(InputError, match="data: fingerprint was"):
        again.train(tmp_path / "run", num_steps=30)


class Plain:
    """A source as a user's may be: with what the protocol asks for and no more."""

    def __init__(self, source):
        names = ("name", "kind", "specs", "num_examples", "batch_size", "fingerprint", "batch")
        for name in names:
            setattr(self, name, getattr(source, name))


def test_another_seed_is_the_same_data(pictures):
    for memory_mb in (0, 64):
        source = rig(pictures, memory_mb).run.source
        other = source.with_seed(7)
        assert other.fingerprint == source.fingerprint
        assert other.former_fingerprint() == source.former_fingerprint()
