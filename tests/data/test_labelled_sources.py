"""Labels of every source: each goes with its example, however that is read."""

import hashlib
import os

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image
from source_checks import check_pure, eager

from tfgan import build
from tfgan.core.checks import InputError
from tfgan.core.interfaces import LabelSpec
from tfgan.data import catalog, fingerprints, folder, folder_preparation, labels, records, synthetic
from tfgan.data.arrays import Arrays
from tfgan.data.mirrored import Mirrored
from tfgan.data.random_access import RandomAccessImages

NAMES = ("cat", "dog", "ox")
SETTINGS = dict(image_size=0, batch_size=4, seed=0, memory_mb=100)


def level(i):
    """The grey level of example i, from which its label can be told."""
    return 10 * i + label(i)


def label(i):
    return i * i % 3  # 0, 1, 1, 0, 1, 1, ...: no 2 but for those below


def picture(i, size=(6, 8)):
    return np.full([*size, 1], level(i), np.uint8)


class ToyLabels(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """20 images with two labels, a second split without examples of class 2, a third of -1."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(6, 8, 1)),
            "label": tfds.features.ClassLabel(names=NAMES),
            "coarse": tfds.features.ClassLabel(num_classes=2),
        }
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=None
        )

    def _split_generators(self, dl_manager):
        return {"train": self._examples(20), "short": self._examples(5), "secret": self._hidden()}

    def _generate_examples(self):
        raise NotImplementedError

    def _examples(self, number):
        for i in range(number):
            named = 2 if i % 7 == 6 else label(i)
            yield i, {"image": picture(i), "label": named, "coarse": i % 2}

    def _hidden(self):
        for i in range(4):
            yield i, {"image": picture(i), "label": -1, "coarse": 0}


class ToyOther(ToyLabels, skip_registration=True):
    """Labels under another name."""

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(6, 8, 1)),
            "kind": tfds.features.ClassLabel(names=NAMES),
            "number": np.int64,
        }
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=None
        )

    def _split_generators(self, dl_manager):
        return {"train": self._others()}

    def _others(self):
        for i, example in self._examples(20):
            yield i, {"image": example["image"], "kind": example["label"], "number": i}


class ToyTwo(ToyOther, skip_registration=True):
    """Two labels, and none is called so."""

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(6, 8, 1)),
            "kind": tfds.features.ClassLabel(names=NAMES),
            "number": tfds.features.ClassLabel(num_classes=20),
        }
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=None
        )


TOYS = {"toy_labels": ToyLabels, "toy_other": ToyOther, "toy_two": ToyTwo}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A data_dir with the toys, to be read in any order."""
    place = str(tmp_path_factory.mktemp("toys"))
    for toy in TOYS.values():
        toy(data_dir=place).download_and_prepare(file_format="array_record")
    return place


def load(prepared, name="toy_labels", split="train", with_labels=True, **changes):
    settings = SETTINGS | dict(data_dir=prepared, split=split) | changes
    return catalog.load(name, with_labels=with_labels, **settings)


def pairs(source, steps=range(5)):
    """Returns (grey level, label) of the examples of some steps, and checks the labels' form."""
    found = []
    for step in steps:
        batch = source.batch(tf.constant(step, tf.int64))
        assert batch["labels"].dtype == tf.int32
        assert batch["labels"].shape == [source.batch_size]
        levels = np.rint(batch["real"].numpy().mean((1, 2, 3)) * 127.5 + 127.5).astype(int)
        found += zip(levels.tolist(), batch["labels"].numpy().tolist(), strict=True)
    return found


def of_train():
    return sorted((level(i), 2 if i % 7 == 6 else label(i)) for i in range(20))


@pytest.mark.parametrize("memory_mb", [100, 0], ids=["memory", "disk"])
@pytest.mark.parametrize("name", ["toy_labels", "toy_other"])
def test_each_example_of_a_set_has_its_label(prepared, name, memory_mb):
    source = load(prepared, name, memory_mb=memory_mb)
    assert isinstance(source, Arrays if memory_mb else RandomAccessImages)
    spec = source.specs["labels"]
    assert isinstance(spec, LabelSpec)
    assert spec.class_names == NAMES
    counts = np.bincount([number for _, number in of_train()])
    assert spec.frequencies == tuple(counts / 20)
    assert sorted(pairs(source)) == of_train()
    assert sorted(pairs(source.with_seed(1))) == of_train()
    assert pairs(source.with_seed(1)) != pairs(source)


def test_memory_and_disk_give_the_same_labels_and_fingerprint(prepared):
    memory, disk = (load(prepared, memory_mb=memory_mb) for memory_mb in (100, 0))
    assert pairs(disk, (3, 0, 1)) == pairs(memory, (3, 0, 1))
    assert disk.fingerprint == memory.fingerprint
    assert disk.specs["labels"].frequencies == memory.specs["labels"].frequencies


def test_labels_change_no_picture_and_nothing_without_them(prepared):
    for memory_mb in (100, 0):
        labelled = load(prepared, memory_mb=memory_mb)
        plain = load(prepared, memory_mb=memory_mb, with_labels=False)
        assert list(plain.specs) == list(plain.batch(tf.constant(0, tf.int64))) == ["real"]
        np.testing.assert_array_equal(eager(labelled, range(6)), eager(plain, range(6)))
        assert labelled.fingerprint != plain.fingerprint


def test_the_fingerprint_is_of_images_labels_and_names(prepared):
    builder = tfds.builder("toy_labels", data_dir=prepared)
    undecoded = {"image": tfds.decode.SkipDecoding()}
    digest = hashlib.sha256()

    def part(content):
        digest.update(len(content).to_bytes(8, "little") + content)

    for example in builder.as_data_source("train", decoders=undecoded):
        part(example["image"])
        part(str(example["label"]).encode())
    for name in NAMES:
        part(name.encode())
    assert load(prepared).fingerprint == f"content:{digest.hexdigest()}"


def test_what_is_known_of_labels_on_the_disk_is_remembered(prepared, own_cache, monkeypatch):
    first = load(prepared, memory_mb=0)
    plain = load(prepared, memory_mb=0, with_labels=False)
    monkeypatch.setattr(records, "encoded", lambda record: pytest.fail("read again"))
    again = load(prepared, memory_mb=0)
    assert again.fingerprint == first.fingerprint
    assert again.specs["labels"].frequencies == first.specs["labels"].frequencies
    assert load(prepared, memory_mb=0, with_labels=False).fingerprint == plain.fingerprint


@pytest.mark.parametrize("text", ["", "0" * 64, "0" * 64 + " 1 2", "0" * 64 + " 1 2 x"])
def test_a_memo_of_anything_else_is_not_believed(prepared, own_cache, text):
    expected = load(prepared, memory_mb=0)
    for memo in (own_cache / "sha256").iterdir():
        memo.write_text(text)
    found = load(prepared, memory_mb=0)
    assert found.fingerprint == expected.fingerprint
    assert found.specs["labels"].frequencies == expected.specs["labels"].frequencies


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            dict(split="secret"),
            r"record 0 of toy_labels, split secret, has the label -1, which is ",
        ),
        (dict(name="toy_two"), r"toy_two has no feature 'label' .*, but several: kind, number: tr"),
    ],
)
@pytest.mark.parametrize("memory_mb", [100, 0])
def test_labels_that_cannot_be_used_are_one_line(prepared, change, message, memory_mb):
    with pytest.raises(InputError, match=message) as caught:
        load(prepared, memory_mb=memory_mb, batch_size=2, **change)
    assert "\n" not in str(caught.value)
    assert "--condition=none" in str(caught.value)


@pytest.mark.parametrize("memory_mb", [100, 0])
def test_a_class_without_an_example_in_a_split_is_named_before_training(prepared, memory_mb):
    class Model:
        num_classes = 3

    labels.check(Model(), load(prepared, memory_mb=memory_mb))
    short = load(prepared, split="short", memory_mb=memory_mb)
    assert short.specs["labels"].frequencies == (2 / 5, 3 / 5, 0)
    with pytest.raises(InputError, match=r"class 2 \(ox\) of toy_labels has no example: give it"):
        labels.check(Model(), short)


def test_labels_of_a_set_that_has_none(prepared, monkeypatch):
    monkeypatch.setattr(tfds.features, "ClassLabel", tfds.features.Video)
    with pytest.raises(
        InputError, match="toy_labels has no feature 'label' .*, but only coarse, image"
    ):
        load(prepared)


def write(path, i):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture(i)[..., 0]).save(path)


@pytest.fixture
def photos(tmp_path):
    """Two pictures of class b, six of class B, one below it; what counts for none."""
    for i in range(8):
        write(tmp_path / "photos" / ("b" if i < 2 else "B") / f"{i}.png", i)
    write(tmp_path / "photos" / "B" / "deep" / "9.png", 9)
    write(tmp_path / "photos" / ".hidden" / "x.png", 20)
    (tmp_path / "photos" / "notes.txt").write_text("mine")
    return tmp_path / "photos"


OF_PHOTOS = sorted([(level(i), int(i < 2)) for i in range(8)] + [(level(9), 0)])


@pytest.mark.parametrize("memory_mb", [100, 0], ids=["memory", "disk"])
@pytest.mark.parametrize("is_prepared", [False, True])
def test_each_directory_is_a_class(photos, memory_mb, is_prepared, own_cache):
    if is_prepared:
        folder_preparation.prepare(str(photos))
    settings = SETTINGS | dict(batch_size=3, memory_mb=memory_mb)
    source = folder.load(str(photos), with_labels=True, **settings)
    assert source.specs["labels"].class_names == ("B", "b")
    assert source.specs["labels"].frequencies == (7 / 9, 2 / 9)
    assert sorted(pairs(source, range(3))) == OF_PHOTOS
    plain = folder.load(str(photos), **settings)
    assert list(plain.specs) == ["real"]
    np.testing.assert_array_equal(eager(source, range(6)), eager(plain, range(6)))
    assert source.fingerprint == plain.fingerprint  # which is of the names of the directories too


def test_another_class_is_another_fingerprint(photos):
    before = folder.load(str(photos), with_labels=True, **SETTINGS).fingerprint
    (photos / "b").rename(photos / "c")
    assert folder.load(str(photos), with_labels=True, **SETTINGS).fingerprint != before


def test_a_picture_outside_of_the_classes_is_named(photos):
    write(photos / "lost.png", 3)
    with pytest.raises(InputError, match=r"photos/lost.png lies in no directory .* such as B/, or"):
        folder.load(str(photos), with_labels=True, **SETTINGS)
    assert folder.load(str(photos), **SETTINGS).num_examples == 10


def test_a_class_without_a_picture_is_named_before_training(photos, small_config):
    (photos / "ant").mkdir()
    (photos / "zoo" / "empty").mkdir(parents=True)
    source = folder.load(str(photos), with_labels=True, **SETTINGS)
    assert source.specs["labels"].class_names == ("B", "ant", "b", "zoo")
    assert source.specs["labels"].frequencies == (7 / 9, 0, 2 / 9, 0)
    assert sorted({number for _, number in pairs(source)}) == [0, 2]


def test_names_of_classes_need_not_be_utf_8(photos):
    (photos / "b").rename(photos / os.fsdecode(b"caf\xe9"))
    source = folder.load(str(photos), with_labels=True, **SETTINGS)
    assert source.specs["labels"].class_names == ("B", "caf�")
    "".join(source.specs["labels"].class_names).encode()


@pytest.mark.parametrize("memory_mb", [100, 0], ids=["memory", "disk"])
def test_a_labelled_batch_is_a_function_of_seed_and_step(photos, memory_mb):
    settings = dict(image_size=0, batch_size=2, memory_mb=memory_mb)
    check_pure(lambda seed: folder.load(str(photos), with_labels=True, seed=seed, **settings))


def test_mirrored_pictures_keep_their_labels(photos):
    source = folder.load(str(photos), with_labels=True, **SETTINGS | dict(batch_size=3))
    mirrored = Mirrored(source, seed=5)
    assert mirrored.specs["labels"].class_names == ("B", "b")
    assert pairs(mirrored, range(3)) == pairs(source, range(3))
    assert sorted(pairs(mirrored.with_seed(2), range(3))) == OF_PHOTOS


@pytest.mark.parametrize("name", synthetic.MIXTURES)
def test_the_label_of_a_point_is_its_mode(name):
    make = synthetic.MIXTURES[name]
    source, plain = make(500, 3, with_labels=True), make(500, 3)
    assert list(plain.specs) == ["real"]
    assert source.specs["labels"].frequencies == (1 / len(source.centres),) * len(source.centres)
    for step in range(3):
        batch = source.batch(tf.constant(step, tf.int64))
        near = np.linalg.norm(batch["real"].numpy()[:, None] - source.centres, axis=-1).argmin(1)
        np.testing.assert_array_equal(batch["labels"], near)
        np.testing.assert_array_equal(
            batch["real"], plain.batch(tf.constant(step, tf.int64))["real"]
        )
    assert source.fingerprint != plain.fingerprint


def test_a_config_asks_for_labels_by_its_condition(small_config, photos):
    for condition, asks in (
        *(("concatenation", True), ("projection", True), ("auxiliary", True)),
        *(("none", False), ("information", False)),
    ):
        for fields in (dict(data="digits"), dict(data="ring"), dict(image_dir=str(photos))):
            config = small_config(
                condition=condition, batch_size=3, mirror="ring" not in fields.values(), **fields
            )
            assert ("labels" in build.build_source(config).specs) == asks
    digits = build.build_source(small_config(condition="auxiliary")).specs["labels"]
    assert digits.class_names == tuple("0123456789")


def test_fingerprints_remember_other_texts_too(own_cache, tmp_path):
    (tmp_path / "file").write_text("content")
    made = []

    def compute():
        made.append("7 8")
        return made[-1]

    for _ in range(2):
        found = fingerprints.cached([tmp_path / "file"], "numbers", compute, "[0-9]+ [0-9]+")
        assert found == "7 8"
    assert len(made) == 1
    assert fingerprints.cached([tmp_path / "file"], "numbers", lambda: "0" * 64) == "0" * 64
