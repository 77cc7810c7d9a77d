import hashlib
import os
import re
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from source_checks import check_pure, eager, in_a_loop

from tfgan.core import files
from tfgan.core.checks import InputError
from tfgan.data import fingerprints, folder
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

DEFAULTS = dict(image_size=0, batch_size=2, seed=0, memory_mb=100)
NAMES = ["z.png", "B.PNG", "a.jpg", "deep/er/a.jpeg", "deep/b.png", "deep.png"]
IN_ORDER = ["B.PNG", "a.jpg", "deep.png", "deep/b.png", "deep/er/a.jpeg", "z.png"]

each_road = pytest.mark.parametrize("memory_mb", [100, 0], ids=["memory", "disk"])


def write(path, level, size=(6, 8), mode="RGB"):
    """Writes an image of one grey level; `size` is height and width."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size[::-1], level).convert(mode).save(path)


@pytest.fixture
def images(tmp_path):
    for i, name in enumerate(NAMES):
        write(tmp_path / name, 40 * i)
    return tmp_path


def levels_of(source):
    """The grey level of each image, in the order of the files."""
    order = np.concatenate(
        [source._order.indices(step) for step in range(source.num_examples // 2)]
    )
    pixels = eager(source, range(source.num_examples // 2)).reshape(-1, *source.specs["real"].shape)
    levels = np.rint(pixels.mean((1, 2, 3)) * 127.5 + 127.5).astype(int)
    return [levels[np.flatnonzero(order == i)[0]] for i in range(source.num_examples)]


@each_road
def test_every_image_below_the_folder_in_the_order_of_its_path(images, memory_mb):
    (images / "notes.txt").write_text("not an image")
    (images / "._a.jpg").write_text("what macOS leaves behind")
    write(images / ".hidden" / "c.png", 255)
    (images / "folder.png").mkdir()
    source = folder.load(str(images), **DEFAULTS | dict(memory_mb=memory_mb))
    assert isinstance(source, Arrays if memory_mb else RandomAccessImages)
    assert (source.name, source.num_examples) == (str(images), 6)
    assert source.specs["real"].shape == (6, 8, 3)
    expected = [40 * NAMES.index(name) for name in IN_ORDER]
    np.testing.assert_allclose(levels_of(source), expected, atol=1)  # JPEG may be one off


@each_road
def test_a_batch_is_a_function_of_seed_and_step(images, memory_mb):
    def make(seed):
        settings = DEFAULTS | dict(seed=seed, memory_mb=memory_mb, image_size=4)
        return folder.load(str(images), **settings)

    check_pure(make)


def test_memory_and_disk_give_the_same_bytes(images):
    rng = np.random.default_rng(0)
    for i in range(5):
        noise = rng.integers(0, 256, [30 + i, 40 - 3 * i, 3], np.uint8)
        Image.fromarray(noise).save(images / f"noise{i}.jpg")
    memory, disk = (
        folder.load(str(images), **DEFAULTS | dict(image_size=16, memory_mb=memory_mb))
        for memory_mb in (100, 0)
    )
    np.testing.assert_array_equal(eager(disk, range(11)), eager(memory, range(11)))


def fingerprint(folder_of_images, **settings):
    return folder.load(str(folder_of_images), **DEFAULTS | settings).fingerprint


def test_the_fingerprint_is_of_names_and_content(images, tmp_path_factory):
    expected = hashlib.sha256()
    for name in IN_ORDER:
        for part in (name.encode(), hashlib.sha256((images / name).read_bytes()).digest()):
            expected.update(len(part).to_bytes(8, "little") + part)
    expected = f"content:{expected.hexdigest()}"
    assert fingerprint(images, memory_mb=100) == expected
    assert fingerprint(images, memory_mb=0) == expected
    assert fingerprint(images, image_size=4, batch_size=3) == expected
    moved = tmp_path_factory.mktemp("moved") / "here"
    shutil.copytree(images, moved)
    assert fingerprint(moved) == expected
    (moved / "z.png").rename(moved / "zz.png")
    assert fingerprint(moved) != expected


def test_the_memo_is_of_this_folder(images, monkeypatch, tmp_path):
    """The same files, but with other names as they are seen from one floor higher."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fingerprints, "SETTLED_SECONDS", 0)
    whole = tmp_path / "whole"
    whole.mkdir()
    images = shutil.copytree(images / "deep", whole / "deep")
    assert fingerprint(whole) != fingerprint(images)
    monkeypatch.setattr(files, "sha256", lambda path: pytest.fail("read again"))
    assert fingerprint(whole) != fingerprint(images)
    assert fingerprint(whole, memory_mb=0) == fingerprint(whole)


def test_names_need_not_be_utf_8(images):
    name = images / os.fsdecode(b"caf\xe9.png")
    write(name, 1)
    for memory_mb in (100, 0):
        source = folder.load(str(images), **DEFAULTS | dict(memory_mb=memory_mb))
        assert source.num_examples == 7
        assert source.former_fingerprint() != source.fingerprint


def test_long_reading_is_announced(images, monkeypatch, capsys):
    monkeypatch.setattr(fingerprints, "ANNOUNCED_BYTES", 1)
    fingerprint(images)
    assert capsys.readouterr().err == (
        f"{images}: reading 0.0 GB once, for the fingerprint of the data\n"
    )


@each_road
def test_one_channel_where_every_file_is_grey(tmp_path, memory_mb):
    settings = DEFAULTS | dict(memory_mb=memory_mb)
    for name, mode in [("a.png", "L"), ("b.jpg", "L"), ("c.png", "1"), ("d.png", "LA")]:
        write(tmp_path / name, 255, mode=mode)
    assert folder.load(str(tmp_path), **settings).specs["real"].shape == (6, 8, 1)
    write(tmp_path / "e.png", 255, mode="RGB")
    source = folder.load(str(tmp_path), **settings)
    assert source.specs["real"].shape == (6, 8, 3)
    np.testing.assert_array_equal(eager(source, [0]), 1)


def test_image_size_brings_all_to_one_size(images):
    write(images / "tall.png", 10, size=(50, 20))
    source = folder.load(str(images), **DEFAULTS | dict(image_size=16))
    assert source.specs["real"].shape == (16, 16, 3)


@pytest.mark.parametrize(("memory_mb", "road"), [(1, RandomAccessImages), (2, Arrays)])
def test_a_folder_of_more_than_its_share_of_memory_stays_on_disk(images, memory_mb, road):
    settings = DEFAULTS | dict(image_size=300, memory_mb=memory_mb)  # 6 * 300 * 300 * 3 = 1.62e6
    assert isinstance(folder.load(str(images), **settings), road)


@pytest.mark.parametrize(
    ("sizes", "chosen", "note"),
    [
        ([(6, 8)] * 2, (6, 8), ""),
        ([(256, 200)] * 2, (256, 200), "256 x 200 pixels: --image_size=64 takes about one"),
        ([(40, 30), (50, 70), (35, 90), (44, 44)], (32, 32), "40 x 30 to 50 x 70 pixels: cut"),
        ([(400, 300), (900, 700)], (64, 64), "400 x 300 to 900 x 700 pixels: cut to squares and"),
        ([(300, 300)] * 2, (64, 64), "images are 300 x 300 pixels: cut to squares and resized to"),
        ([(9, 9), *[(100, 100)] * 3], (64, 64), "1 image is smaller than 64 x 64 and enlarg"),
        ([(3, 3), (4, 5)], (8, 8), "2 images are smaller than 8 x 8 and enlarged"),
    ],
)
def test_the_size_is_chosen_from_the_data_and_said(tmp_path, sizes, chosen, note):
    for i, size in enumerate(sizes):
        write(tmp_path / f"{i}.png", 100 + i, size)
    for memory_mb in (100, 0):
        source = folder.load(str(tmp_path), **DEFAULTS | dict(memory_mb=memory_mb))
        assert source.specs["real"].shape == (*chosen, 3)
        assert any(note in each for each in source.notes)
        assert bool(note) == any("--image_size" in each for each in source.notes)
        assert {*levels_of(source)} <= {100, 101, 102, 103}


def test_a_file_instead_of_a_folder_or_nothing(images):
    for image_dir in (images / "z.png", images / "missing"):
        with pytest.raises(InputError, match=re.escape(f"image_dir '{image_dir}' is ")):
            folder.load(str(image_dir), **DEFAULTS)


def test_no_image(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing else")
    with pytest.raises(InputError, match=r"holds no image: none of \.png, \.jpg, \.jpeg, "):
        folder.load(str(tmp_path), **DEFAULTS)


def test_a_batch_larger_than_the_folder(images):
    with pytest.raises(InputError, match=r"batch_size 7 .* 6 examples of .*--batch_size=6 or less"):
        folder.load(str(images), **DEFAULTS | dict(batch_size=7))


@each_road
@pytest.mark.parametrize("content", [b"", b"no image", b"GIF89a" + bytes(50)])
def test_a_file_that_is_no_image_is_named(images, content, memory_mb):
    (images / "deep" / "x.png").write_bytes(content)
    with pytest.raises(InputError, match=r"deep/x\.png cannot be read as a picture") as caught:
        folder.load(str(images), **DEFAULTS | dict(memory_mb=memory_mb))
    assert "\n" not in str(caught.value)


def test_a_link_to_nowhere_is_named(images):
    (images / "link.png").symlink_to(images / "missing.png")
    with pytest.raises(InputError, match=r"link\.png cannot be read"):
        folder.load(str(images), **DEFAULTS)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-30])


@pytest.mark.parametrize("name", ["z.png", "a.jpg"])
def test_a_truncated_file_is_named(images, name):
    truncate(images / name)
    with pytest.raises(InputError, match=rf"{re.escape(name)} cannot be read as a picture"):
        folder.load(str(images), **DEFAULTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (truncate, r"a\.jpg cannot be read as a picture"),
        (lambda path: path.unlink(), r"a\.jpg cannot be read: No such file"),
        (lambda path: write(path, 0, size=(9, 9)), r"a\.jpg is 9x9, not 6x8"),
    ],
    ids=["truncated", "removed", "resized"],
)
def test_a_file_that_changes_while_training_is_named(images, change, message):
    source = folder.load(str(images), **DEFAULTS | dict(memory_mb=0, batch_size=6))
    change(images / "a.jpg")
    with pytest.raises(tf.errors.OpError, match=message):
        in_a_loop(source, 0, 1)


def test_home_folders_are_understood(images, monkeypatch):
    monkeypatch.setenv("HOME", str(images.parent))
    assert folder.load(f"~/{images.name}", **DEFAULTS).num_examples == 6
    with pytest.raises(InputError, match="'~nobody/here' is not there"):
        folder.load("~nobody/here", **DEFAULTS)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(images, tmp_path_factory):
    secret = tmp_path_factory.mktemp("outside") / "secret.png"
    write(secret, 7)
    (images / "inside.png").symlink_to("a.jpg")
    assert folder.load(str(images), **DEFAULTS).num_examples == 7
    (images / "outside.png").symlink_to(secret)
    with pytest.raises(InputError, match=r"outside.png leads to .*secret.png, out of .*: put a co"):
        folder.load(str(images), **DEFAULTS)


def test_what_a_user_may_not_expect_is_noted(tmp_path):
    for i in range(3):
        Image.new("RGBA", (8, 8), (i, 0, 0, 9)).save(tmp_path / f"{i}.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 8)).save(tmp_path / "turned.jpg", exif=exif)
    frames = [Image.new("L", (8, 8), level) for level in (0, 255)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    for name in ("a.svg", "b.svg", "c.SVG", "notes.txt", "LICENSE", ".hidden.png"):
        (tmp_path / name).write_text("no picture")
    source = folder.load(str(tmp_path), **DEFAULTS | dict(background="navy"))
    assert source.num_examples == 5
    assert source.with_seed(1).notes == source.notes
    assert source.notes == (
        "skipped 3 .svg, 1 without a suffix, 1 .txt: not images that can be read",
        "3 images have transparency, laid on navy (--background)",
        "1 image has a camera's orientation mark, which is followed",
        "1 image has several frames, of which the first is taken",
        "5 images are few: samples may copy them; compare them with samples/real.png, add more if "
        "you can, and --mirror where left and right do not matter",
    )


@each_road
def test_the_background_changes_what_is_trained_on(tmp_path, memory_mb):
    for i in range(2):
        Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / f"{i}.png")
    settings = DEFAULTS | dict(memory_mb=memory_mb)
    white = eager(folder.load(str(tmp_path), **settings), range(1))
    black = eager(folder.load(str(tmp_path), **settings, background="black"), range(1))
    assert (white == 1).all()
    assert (black == -1).all()


def test_an_older_run_on_transparent_images_is_not_resumed_on_others(tmp_path):
    """Their colours under the transparency were trained on before: the bits would differ."""
    for i in range(2):
        Image.new("RGB", (8, 8), (i, 0, 0)).save(tmp_path / f"{i}.png")
    settings = DEFAULTS | dict(memory_mb=0)
    opaque = folder.load(str(tmp_path), **settings).former_fingerprint()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "0.png")
    paths = sorted(tmp_path.iterdir())
    listing = "".join(f"{path.name} {path.stat().st_size}\n" for path in paths)
    before = hashlib.sha256(listing.encode()).hexdigest()
    assert opaque != before != folder.load(str(tmp_path), **settings).former_fingerprint()
