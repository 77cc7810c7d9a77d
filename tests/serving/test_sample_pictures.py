"""What `sample` writes: sizes that one can see, a row for each pair, a file for each seed."""

import os

import numpy as np
import PIL.Image
import pytest

from tests.survival.rig import everything
from tfgan import sample
from tfgan.cli import flags
from tfgan.core.checks import InputError, StorageError
from tfgan.data import drawing, kinds
from tfgan.serving import interpolation
from tools import zygote

IMAGES, POINTS = kinds.KINDS["images"], kinds.KINDS["points"]


@pytest.fixture
def digits(run_and_export):
    return run_and_export


def draw(digits, out, seeds="0-2", interpolate=0, scale=0):
    sample.main(str(digits / "digits"), "", "", seeds, interpolate, str(out), scale=scale)


def opened(path):
    with PIL.Image.open(path) as picture:
        return np.asarray(picture)


def cells(whole, rows, columns, scale):
    """Cuts a grid of 8 x 8 pixels, enlarged, into [rows, columns, 8, 8]; checks its lines."""
    assert whole.shape == (scale * (9 * rows - 1), scale * (9 * columns - 1))
    small = whole[::scale, ::scale]
    assert (small.repeat(scale, 0).repeat(scale, 1) == whole).all()
    padded = np.pad(small, [(0, 1), (0, 1)], constant_values=96)
    found = padded.reshape(rows, 9, columns, 9).transpose(0, 2, 1, 3)
    assert (found[:, :, 8] == 96).all()
    assert (found[..., 8] == 96).all()
    return found[:, :, :8, :8]


@pytest.mark.parametrize(
    ("shape", "count", "side"), [((8, 8, 1), 1, 512), ((8, 8, 1), 64, 497), ((64, 64, 3), 1, 512)]
)
def test_what_is_drawn_can_be_seen_and_no_pixel_is_smeared(shape, count, side):
    images = np.random.RandomState(0).uniform(-1, 1, [count, *shape]).astype(np.float32)
    whole = np.asarray(IMAGES.draw(images))
    assert whole.shape[:2] == (side, side)
    small = np.asarray(IMAGES.draw(images, scale=1))
    factor = side // len(small)
    assert factor > 1
    assert (whole == small.repeat(factor, 0).repeat(factor, 1)).all()


@pytest.mark.parametrize("scale", [0, 1, 3])
def test_each_picture_grows_by_a_whole_factor(scale, digits, tmp_path):
    draw(digits, tmp_path / "grid.png", scale=scale, seeds="0-8")
    grid = cells(opened(tmp_path / "grid.png"), 3, 3, scale or 512 // 26)
    for seed in (0, 8):
        draw(digits, tmp_path / "one.png", seeds=str(seed), scale=1)
        assert (grid[divmod(seed, 3)] == opened(tmp_path / "one.png")).all()


@pytest.mark.parametrize(("scale", "side"), [(0, 512), (1, 8), (5, 40)])
def test_the_frames_of_a_gif_grow_too(scale, side, digits, tmp_path):
    draw(digits, tmp_path / "a.gif", scale=scale)
    with PIL.Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 3
        for frame in range(3):
            animation.seek(frame)
            assert animation.size == (side, side)


def test_a_scale_that_is_too_large_is_refused_before_memory_is_taken(digits, tmp_path):
    for scale, message in ((-1, "--scale=-1 must be 0 or more"), (10**12, "give a smaller scale")):
        for out in ("a.png", "a.gif", "new/"):
            with pytest.raises(InputError, match=message):
                draw(digits, f"{tmp_path}/{out}", scale=scale)
    with pytest.raises(InputError, match="give a smaller scale than 21"):
        POINTS.draw(np.zeros([3, 2]), scale=21)
    assert POINTS.draw(np.zeros([3, 2]), scale=2).size == (800, 800)
    assert not list(tmp_path.iterdir())


def test_a_large_picture_is_drawn_as_long_as_nobody_enlarges_it(monkeypatch):
    monkeypatch.setattr(drawing, "MOST_PIXELS", 100)
    assert IMAGES.draw(np.zeros([1, 600, 600, 1])).size == (600, 600)


@pytest.mark.parametrize("number", [1, 3])
def test_each_pair_of_neighbours_has_a_row(number, digits, tmp_path):
    draw(digits, tmp_path / "rows.png", "0-2,-7", number, scale=2)
    rows = cells(opened(tmp_path / "rows.png"), 3, number + 2, 2)
    draw(digits, tmp_path / "ends.png", "0-2,-7", scale=1)
    ends = cells(opened(tmp_path / "ends.png"), 2, 2, 1).reshape(4, 8, 8)
    assert (rows[:, 0] == ends[:-1]).all()
    assert (rows[:, -1] == ends[1:]).all()
    for i, seeds in enumerate(("0,1", "1,2", "2,-7")):
        draw(digits, tmp_path / "pair.png", seeds, number, scale=1)
        assert (cells(opened(tmp_path / "pair.png"), 1, number + 2, 1)[0] == rows[i]).all()


def test_the_places_of_pairs():
    assert interpolation.pairs(3, 2).tolist() == [[0, 1, 2, 3], [3, 4, 5, 6]]
    assert interpolation.pairs(2, 1).tolist() == [[0, 1, 2]]
    labels = np.array([5, 6, 7])
    assert interpolation.between(labels, 1, True)[interpolation.pairs(3, 1)].tolist() == [
        [5, 5, 6],
        [6, 6, 7],
    ]
    doubles = interpolation.between(np.eye(2), 1, True)
    np.testing.assert_allclose(doubles[1], [0.5**0.5] * 2, rtol=1e-15)  # of 64 bits, too


def test_a_path_leaves_out_what_is_not_finite():
    odd, there = [[0.5, float("nan")], [float("inf"), 0.0]], [[0.0, 0.0], [0.5, 0.5]]
    drawn = [
        POINTS.draw(np.array(points), len(points), joined=True)
        for points in ([*there, *odd], there)
    ]
    assert drawn[0].tobytes() == drawn[1].tobytes()
    empty = in_colour(POINTS.draw(np.array(odd), 2, joined=True))
    assert {tuple(c) for c in empty.reshape(-1, 3)} == {(255, 255, 255), (176, 176, 176)}


def in_colour(picture):
    return np.asarray(picture.convert("RGB")).astype(int)


def test_other_examples_have_rows_too():
    points = np.array([[-1, 0], [0, 0.5], [1, 0], [1, 0], [0, -0.5], [-1, 0]], np.float32)
    colours = {
        columns: {
            tuple(c) for c in in_colour(POINTS.draw(points, columns, joined=True)).reshape(-1, 3)
        }
        for columns in (0, 6, 3)
    }
    vivid = {
        n: {c.index(max(c)) for c in found if max(c) - min(c) > 120} for n, found in colours.items()
    }
    assert vivid[6] == {2}  # one path, blue
    assert vivid[3] == {0, 2}  # two, blue and orange
    maps = kinds.KINDS["examples"].draw(np.zeros([6, 5, 7]), columns=3, scale=1)
    assert maps.size == (3 * 8 - 1, 2 * 6 - 1)
    folded = POINTS.draw(np.zeros([6, 4]), columns=3, scale=1)
    assert folded.size == (3 * 3 - 1, 2 * 3 - 1)


@pytest.mark.parametrize("name", ["new/", "there"])
def test_a_directory_gets_a_file_for_each_seed(name, digits, tmp_path, capsys):
    (tmp_path / "there").mkdir()
    draw(digits, f"{tmp_path}/{name}", "7,-5,7", scale=3)
    path = tmp_path / name
    assert capsys.readouterr().out.splitlines()[-1] == f"{path}/: 2 examples"
    assert sorted(os.listdir(path)) == ["seed_-5.png", "seed_7.png"]
    for seed in (7, -5):
        draw(digits, tmp_path / "one.png", str(seed), scale=3)
        assert (path / f"seed_{seed}.png").read_bytes() == (tmp_path / "one.png").read_bytes()
        assert opened(path / f"seed_{seed}.png").shape == (24, 24)


def test_a_directory_keeps_all_but_the_names_of_the_seeds(digits, tmp_path):
    users = {"seed_8.png": "mine", "notes.txt": "mine", "seed_7.txt": "mine", "x.tmp": "mine"}
    for name, text in users.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "target").write_text("mine")
    (tmp_path / "seed_7.png").symlink_to(tmp_path / "target")
    before = everything(tmp_path)
    draw(digits, tmp_path, "6,7")
    after = everything(tmp_path)
    assert after.keys() - before.keys() == {"seed_6.png"}
    assert {name for name in before if before[name] != after[name]} == {"seed_7.png"}
    assert not (tmp_path / "seed_7.png").is_symlink()


@pytest.mark.parametrize(
    ("out", "change", "message"),
    [
        ("file/", {}, "is no directory, but a file"),
        ("nowhere/new/", {}, "cannot be made: .*nowhere is not a directory"),
        ("new/", {"interpolate": 2}, "--interpolate=2 goes from seed to seed, in one picture"),
        ("a.png", {"interpolate": 2, "seeds": "3"}, "--interpolate=2 goes from seed to seed"),
        ("a", {}, "must end in .png or .gif, or in / for a file each"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(out, change, message, digits, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=message) as caught:
        draw(digits, f"{tmp_path}/{out}", **change)
    assert "\n" not in str(caught.value)
    assert everything(tmp_path) == {"file": b"mine"}


def test_what_is_in_the_way_of_a_file_is_named(digits, tmp_path):
    (tmp_path / "seed_1.png").mkdir()
    with pytest.raises(StorageError, match="seed_1.png"):
        draw(digits, tmp_path, "0-2")
    assert sorted(os.listdir(tmp_path)) == ["seed_0.png", "seed_1.png"]
    (tmp_path / "seed_0.png.tmp").write_text("mine")
    with pytest.raises(InputError, match="seed_0.png.tmp is in the way"):
        draw(digits, tmp_path, "0")


def test_the_command_and_its_help(digits, tmp_path):
    given = [f"--export={digits / 'export'}", "--seeds=3", f"--out={tmp_path}/new/", "--scale=2"]
    status, child = zygote.run("sample", given, tmp_path / "said")
    assert (status, child.stdout) == (0, f"{tmp_path}/new/: 1 example\n"), child.stderr
    assert opened(tmp_path / "new/seed_3.png").shape == (16, 16)
    text = flags.usage(sample.__doc__, sample.EXTRA, with_config=False)
    for example in ("--out=grid.png", "--interpolate=8 --out=rows.png", "--out=digits/"):
        assert f"{example}" in text
        assert "python -m tfgan.sample --run_dir=runs/digits --seeds=" in text
