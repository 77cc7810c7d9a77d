"""Pictures from a run and from its export are the same pictures."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tests.serving import rig
from tfgan import export, sample
from tfgan.core.checks import InputError
from tfgan.data import drawing
from tfgan.serving import interpolation


@pytest.fixture
def both(run_and_export):
    """The flags for a run, and for its export."""
    folder = run_and_export
    return (str(folder / "digits"), "", ""), ("", str(folder / "export"), "")


@pytest.mark.parametrize(("name", "interpolate"), [("a.png", 0), ("a.png", 3), ("a.gif", 3)])
def test_a_run_and_its_export_draw_the_same(name, interpolate, both, tmp_path):
    seen = []
    for source in both:
        sample.main(*source, "0-2,-7", interpolate, str(tmp_path / name))
        seen.append((tmp_path / name).read_bytes())
    assert seen[0] == seen[1]
    picture = PIL.Image.open(tmp_path / name)
    assert getattr(picture, "n_frames", 1) == (13 if name == "a.gif" else 1)


def test_home_folders_are_understood(both, tmp_path, monkeypatch):
    (run_dir, *_), (_, export_dir, _) = both
    monkeypatch.setenv("HOME", os.path.dirname(run_dir))
    sample.main("~/digits", "", "", "0", 0, "~/home.png")
    sample.main("", "~/export", "", "0", 0, str(tmp_path / "here.png"))
    with open(os.path.join(os.path.dirname(run_dir), "home.png"), "rb") as picture:
        assert picture.read() == (tmp_path / "here.png").read_bytes()
    export.main("~/digits", "~/again", "")
    assert os.listdir(os.path.join(os.path.dirname(run_dir), "again")) == os.listdir(export_dir)


def test_a_seed_gives_what_the_server_gives(both, loader_program, tmp_path):
    seeds = np.array([4, -4])
    (run_dir, *_), (_, folder, _) = both
    sample.main(run_dir, "", "", "4,-4", 0, str(tmp_path / "grid.png"))
    loader = rig.Loader(loader_program, next(Path(folder).iterdir()), tmp_path)
    loader.ask("sample", seeds)
    images = loader.answers()[0]["images"].astype(np.float32) * np.float32(2 / 255) - 1
    drawn = np.asarray(PIL.Image.open(tmp_path / "grid.png"))
    assert (drawn == np.asarray(drawing.grid(images))).all()


def test_the_command(both, tmp_path):
    command = [sys.executable, "-m", "tfgan.sample", f"--export={both[1][1]}", "--seeds=1-3"]
    done = subprocess.run([*command, f"--out={tmp_path}/a.png"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/a.png: 3 examples\n"), done.stderr
    assert done.stderr == ""


def test_seeds_are_read():
    assert sample.parse_seeds("0-3,7,-5") == [0, 1, 2, 3, 7, -5]
    assert sample.parse_seeds("-3--1") == [-3, -2, -1]
    assert sample.parse_seeds(f"{-(2**63)},{2**63 - 1}") == [-(2**63), 2**63 - 1]
    for bad in ("", "a", "1,", "1.5", "3-1", "0-99999", str(2**63), "1-2-3", "٣"):
        with pytest.raises(InputError, match="--seeds="):
            sample.parse_seeds(bad)


def test_interpolation():
    ends = np.array([[1, 0], [0, 1], [0, -1]], np.float32)
    line = interpolation.between(ends, 1, spherical=False)
    assert line.tolist() == [[1, 0], [0.5, 0.5], [0, 1], [0, 0], [0, -1]]
    circle = interpolation.between(ends[:2], 3, spherical=True)
    assert circle.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(circle, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(circle[2], [0.5**0.5] * 2, atol=1e-6)
    same = interpolation.between(ends[[0, 0]], 2, spherical=True)  # no angle between them
    assert same.tolist() == [[1, 0]] * 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run_dir": ""}, "name either a run"),
        ({"export": "x"}, "name either a run"),
        ({"out": "a.jpg"}, "must end in .png or .gif"),
        ({"out": "/nowhere/a.png"}, "/nowhere is not a directory"),
        ({"interpolate": -1}, "must be 0 or more"),
        ({"interpolate": 5000}, "must be 0 or more, 4096 examples in all"),
        ({"run_dir": "/nowhere"}, "/nowhere has no good checkpoint"),
        ({"run_dir": "", "export": "/nowhere"}, "/nowhere holds no export"),
    ],
)
def test_bad_input_is_one_line(change, message, both, tmp_path):
    good = dict(run_dir=both[0][0], export="", model="", seeds="0", interpolate=0)
    good["out"] = f"{tmp_path}/a.png"
    with pytest.raises(InputError, match=message) as error:
        sample.main(**(good | change))
    assert "\n" not in str(error.value)
