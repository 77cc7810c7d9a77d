"""The cache of decoded pictures: it saves time, changes no bit, and is not trusted."""

import json
import os
import shutil
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from source_checks import check_pure, eager, in_a_loop

from tfgan.core.checks import InputError
from tfgan.data import folder, folder_preparation, pixels, resized
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

SIZE = 12
ROADS = {"memory": 100, "disk": 0}
each_road = pytest.mark.parametrize("memory_mb", ROADS.values(), ids=ROADS)


@pytest.fixture(autouse=True)
def cache(own_cache):
    return own_cache / "resized"


@pytest.fixture
def photos(tmp_path):
    """Noise of many sizes and kinds: every step of the decoder has something to do."""
    photos, rng = tmp_path / "photos", np.random.default_rng(0)
    (photos / "deep").mkdir(parents=True)
    for i, name in enumerate(["a.jpg", "b.png", "c.webp", "deep/d.png", "e.jpg", "f.gif", "g.png"]):
        mode = {1: "RGBA", 3: "L"}.get(i, "RGB")
        noise = rng.integers(0, 256, [20 + 3 * i, 31 - i, len(mode)], np.uint8)
        Image.fromarray(noise.squeeze(), mode).save(photos / name)
    return photos


def load(photos, memory_mb=100, **settings):
    settings = dict(image_size=SIZE, batch_size=3, seed=0, memory_mb=memory_mb) | settings
    return folder.load(str(photos), **settings)


def prepare(photos, image_size=SIZE, **settings):
    return folder_preparation.prepare(str(photos), image_size, **settings).path


@pytest.fixture
def undecoded(monkeypatch):
    """Fails where a picture is decoded."""
    return lambda: monkeypatch.setattr(pixels, "decode", lambda *_, **__: pytest.fail("decoded"))


@each_road
def test_a_run_has_the_same_bits_with_an_entry_and_without(photos, memory_mb, undecoded):
    without = load(photos, memory_mb)
    expected = eager(without, range(9))
    prepare(photos)
    undecoded()
    source = load(photos, memory_mb)
    assert isinstance(source, Arrays if memory_mb else RandomAccessImages)
    np.testing.assert_array_equal(eager(source, range(9)), expected)
    np.testing.assert_array_equal(in_a_loop(source, 2, 7), expected[2:])
    assert source.fingerprint == without.fingerprint
    assert source.former_fingerprint() == without.former_fingerprint()
    assert source.notes == without.notes
    check_pure(lambda seed: load(photos, memory_mb, seed=seed))


@each_road
def test_pictures_of_one_size_need_none(tmp_path, memory_mb, undecoded):
    for i in range(4):
        noise = np.random.default_rng(i).integers(0, 256, [6, 9], np.uint8)
        (tmp_path / "grey").mkdir(exist_ok=True)
        Image.fromarray(noise).save(tmp_path / "grey" / f"{i}.png")
    expected = eager(load(tmp_path / "grey", memory_mb, image_size=0), range(5))
    assert expected.shape[2:] == (6, 9, 1)
    prepare(tmp_path / "grey", 0)
    undecoded()
    source = load(tmp_path / "grey", memory_mb, image_size=0)
    np.testing.assert_array_equal(eager(source, range(5)), expected)


def test_the_entry_is_an_array_of_numpy_s_and_a_record(photos, cache):
    path = prepare(photos)
    assert [*cache.iterdir()] == [path]
    assert sorted(os.listdir(path)) == ["entry.json", "pixels.npy"]
    images = np.load(path / "pixels.npy", mmap_mode="r", allow_pickle=False)
    assert (images.dtype, images.shape) == (np.uint8, (7, SIZE, SIZE, 3))
    content = (photos / "a.jpg").read_bytes()
    expected = pixels.decode(content, "a", images.shape[1:], resize=True)
    np.testing.assert_array_equal(images[0], expected)
    record = json.loads((path / "entry.json").read_text())
    assert record["folder"] == str(photos)
    assert record["shape"] == [7, SIZE, SIZE, 3]
    assert record["fingerprint"] == load(photos).fingerprint


def test_an_entry_is_of_the_content_wherever_it_lies(photos, tmp_path, undecoded):
    prepare(photos)
    shutil.move(photos, tmp_path / "moved")
    undecoded()
    load(tmp_path / "moved")


def _rewrite(photos):
    """Changes a pixel, and hides it behind the old size and time of modification."""
    path = photos / "g.png"
    before, content = path.stat(), path.read_bytes()
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # until the clock has ticked
        path.write_bytes(content[:-30] + b"X" + content[-29:])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        time.sleep(0.001)
    assert path.stat().st_size == before.st_size
    assert path.stat().st_mtime_ns == before.st_mtime_ns


CHANGES = {
    "changed": lambda photos: Image.new("RGB", (9, 9)).save(photos / "g.png"),
    "added": lambda photos: Image.new("RGB", (9, 9)).save(photos / "h.png"),
    "removed": lambda photos: (photos / "g.png").unlink(),
    "renamed": lambda photos: (photos / "g.png").rename(photos / "gg.png"),
    "hidden": _rewrite,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_folder_is_another_entry(photos, cache, change):
    Image.new("RGB", (16, 16)).save(photos / "g.png", "BMP")  # whose last bytes may be any
    prepare(photos)
    change(photos)
    expected = _decoded(photos)
    source = load(photos)
    np.testing.assert_array_equal(source.arrays["real"].numpy(), expected)
    prepare(photos)
    assert len([*cache.iterdir()]) == 2
    np.testing.assert_array_equal(load(photos).arrays["real"].numpy(), expected)


def _decoded(photos, **settings):
    """Returns what is trained on, decoded here."""
    paths = folder.look(str(photos), SIZE).paths
    shape = SIZE, SIZE, 3
    return np.stack(
        [pixels.decode(p.read_bytes(), "", shape, resize=True, **settings) for p in paths]
    )


def test_other_settings_or_another_decoder_are_another_entry(photos, cache, monkeypatch):
    paths = {prepare(photos), prepare(photos, 7), prepare(photos, background="navy")}
    monkeypatch.setattr(resized, "DECODER", (2, *resized.DECODER[1:]))
    paths.add(prepare(photos))
    assert len(paths) == 4
    assert {*cache.iterdir()} == paths
    navy = load(photos, background="navy").arrays["real"].numpy()
    np.testing.assert_array_equal(navy, _decoded(photos, background=(0, 0, 128)))


def _edit(name, edit):
    return lambda entry: (entry / name).write_bytes(edit((entry / name).read_bytes()))


def _record(**changes):
    return _edit("entry.json", lambda text: json.dumps(json.loads(text) | changes).encode())


def _link(entry):
    (entry / "pixels.npy").rename(entry.parents[1] / "elsewhere")
    (entry / "pixels.npy").symlink_to(entry.parents[1] / "elsewhere")


def _linked_entry(entry):
    entry.rename(entry.parents[1] / "elsewhere")
    entry.symlink_to(entry.parents[1] / "elsewhere")


def _file(entry):
    shutil.rmtree(entry)
    entry.touch()


def _pipe(entry):
    (entry / "entry.json").unlink()
    os.mkfifo(entry / "entry.json")


def _other_shape(entry):
    images = np.load(entry / "pixels.npy")
    np.save(entry / "pixels.npy", images.reshape(7, 3, SIZE, SIZE))


DAMAGES = {
    "cut": (_edit("pixels.npy", lambda data: data[:-1]), "its pixels.npy has another size"),
    "empty": (_edit("pixels.npy", lambda data: b""), "its pixels.npy has another size"),
    "longer": (_edit("pixels.npy", lambda data: data + b"\0"), "its pixels.npy has another size"),
    "bit": (
        _edit("pixels.npy", lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]),
        "its pixels have another digest than its record says",
    ),
    "shape": (_other_shape, "its pixels.npy has another shape"),
    "link": (_link, "pixels.npy is a link"),
    "linked": (_linked_entry, "it is no directory"),
    "file": (_file, "it is no directory"),
    "pipe": (_pipe, "entry.json is no regular file"),
    "missing": (lambda entry: (entry / "entry.json").unlink(), "No such file"),
    "half": (lambda entry: (entry / "pixels.npy").unlink(), "No such file"),
    "junk": (_edit("entry.json", lambda _: b"\xff{"), "its entry.json cannot be read"),
    "deep": (_edit("entry.json", lambda _: b"[" * 60_000), "its entry.json cannot be read"),
    "huge": (_edit("entry.json", lambda text: text + b" " * 70_000 + b"{"), ""),
    "list": (_edit("entry.json", lambda _: b"[]"), "its record is of something else"),
    "other": (_record(shape=[7, 3, SIZE, SIZE]), "its record is of something else"),
    "older": (_record(decoder=[0]), "its record is of something else"),
    "digest": (_record(sha256="?" * 64), "its record has no digest"),
}
MERELY_ODD = {"huge"}  # what it says is at its beginning


@each_road
@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_entry_is_named_not_used_and_made_again(photos, name, memory_mb, capfd):
    damage, cause = DAMAGES[name]
    expected = eager(load(photos, memory_mb), range(4))
    entry = prepare(photos)
    eager(load(photos, memory_mb), [0])  # which remembers the digest, where it does
    damage(entry)
    capfd.readouterr()
    np.testing.assert_array_equal(eager(load(photos, memory_mb), range(4)), expected)
    if name not in MERELY_ODD:
        (line,) = capfd.readouterr().err.splitlines()
        assert line.startswith(f"{entry} is damaged and not used: ")
        assert cause in line
        assert line.endswith(
            f"; `tfgan prepare --image_dir={photos} --image_size=12` makes it again"
        )
        made = folder_preparation.prepare(str(photos), SIZE)
        assert cause in made.damage
    assert not entry.is_symlink()
    capfd.readouterr()
    np.testing.assert_array_equal(eager(load(photos, memory_mb), range(4)), expected)
    assert capfd.readouterr().err == ""


def test_what_is_not_ours_in_an_entry_is_not_removed(photos):
    entry = prepare(photos)
    (entry / "thesis.txt").touch()
    prepare(photos)  # which it does not keep from being used
    (entry / "entry.json").unlink()
    with pytest.raises(InputError, match=r"thesis\.txt is in the way: move or remove it"):
        prepare(photos)
    assert (entry / "thesis.txt").exists()
    assert len([*entry.parent.iterdir()]) == 1


def test_an_entry_may_be_removed_while_it_is_read(photos):
    prepare(photos)
    source = load(photos, memory_mb=0)
    expected = eager(source, range(6))
    shutil.rmtree(resized.fingerprints.cache("resized"))
    np.testing.assert_array_equal(in_a_loop(source, 0, 6), expected)


def test_an_entry_that_is_cut_off_while_it_is_read_is_named(photos):
    entry = prepare(photos)
    source = load(photos, memory_mb=0)
    os.truncate(entry / "pixels.npy", 200)
    with pytest.raises(tf.errors.OpError, match=r"InputError: .*pixels\.npy was cut off meanwhile"):
        in_a_loop(source, 0, 6)


def test_all_pixels_are_read_for_their_digest_once(photos, monkeypatch):
    prepare(photos)
    load(photos, memory_mb=0)
    monkeypatch.setattr(resized, "_digest", lambda *_: pytest.fail("read again"))
    load(photos, memory_mb=0)


@each_road
def test_a_cache_that_may_not_be_read_is_named_and_done_without(
    photos, memory_mb, monkeypatch, capfd
):
    prepare(photos)

    def refuse(path, mode):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(resized.files, "open_plain", refuse)
    assert load(photos, memory_mb).num_examples == 7
    (line,) = capfd.readouterr().err.splitlines()
    assert "entry.json: Permission denied; `tfgan prepare" in line


@each_road
def test_without_a_home_there_is_no_cache(photos, memory_mb, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert load(photos, memory_mb).num_examples == 7
    with pytest.raises(InputError, match="no home directory .*: set XDG_CACHE_HOME"):
        prepare(photos)
