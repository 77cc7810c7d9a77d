"""Sets of TensorFlow Datasets by name, on toy sets that are prepared here."""

import hashlib
import io
import os
import shutil
import socket

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image
from source_checks import eager, in_a_loop

from tfgan.core.checks import InputError
from tfgan.data import catalog, fingerprints, pixels, records
from tfgan.data.arrays import Arrays
from tfgan.data.random_access import RandomAccessImages

DEFAULTS = dict(split="train", image_size=0, batch_size=4, seed=0, memory_mb=100)
COLOUR = np.random.default_rng(0).integers(0, 256, [30, 6, 8, 3], np.uint8)


class ToyBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    VERSION = tfds.core.Version("1.0.0")
    FEATURES = None

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(self.FEATURES)
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(0, 20), "test": self._generate_examples(20, 30)}


class ToyColour(ToyBuilder, skip_registration=True):
    """20 + 10 PNG images, 6x8x3, beside another feature."""

    FEATURES = {"image": tfds.features.Image(shape=(6, 8, 3)), "number": np.int64}

    def _generate_examples(self, first, end):
        for i in range(first, end):
            yield i, {"image": COLOUR[i], "number": i}


class ToyPhotos(ToyBuilder, skip_registration=True):
    """JPEG images of many sizes."""

    FEATURES = {"image": tfds.features.Image(encoding_format="jpeg")}

    def _generate_examples(self, first, end):
        for i in range(first, end):
            stream = io.BytesIO()
            Image.fromarray(COLOUR[i]).resize((40 + i, 60)).save(stream, "JPEG")
            yield i, {"image": stream.getvalue()}


class ToyNumbers(ToyBuilder, skip_registration=True):
    FEATURES = {"number": np.int64}

    def _generate_examples(self, first, end):
        for i in range(first, end):
            yield i, {"number": i}


class ToyDepth(ToyBuilder, skip_registration=True):
    FEATURES = {
        "image": tfds.features.Image(shape=(2, 2, 1), dtype=np.uint16, encoding_format="png")
    }

    def _generate_examples(self, first, end):
        for i in range(first, end):
            yield i, {"image": np.full([2, 2, 1], i, np.uint16)}


TOYS = {
    "toy_colour": ToyColour,
    "toy_photos": ToyPhotos,
    "toy_numbers": ToyNumbers,
    "toy_depth": ToyDepth,
}


def prepare(name, data_dir, file_format, num_shards=1):
    TOYS[name](data_dir=data_dir).download_and_prepare(
        file_format=file_format,
        download_config=tfds.download.DownloadConfig(num_shards=num_shards),
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A data_dir for each file format; TFDS finds the toys there by their files alone."""
    folders = {}
    for file_format in ("tfrecord", "array_record"):
        folders[file_format] = str(tmp_path_factory.mktemp(file_format))
        prepare("toy_colour", folders[file_format], file_format, num_shards=3)
        prepare("toy_photos", folders[file_format], file_format)
    for name in ("toy_numbers", "toy_depth"):
        prepare(name, folders["tfrecord"], "tfrecord")
    return folders


def images_of(source):
    """All images of a source, as uint8, in the order of one epoch."""
    steps = range(source.num_examples // 2)
    return (
        np.rint(eager(source, steps) * 127.5 + 127.5)
        .astype(np.uint8)
        .reshape(-1, *source.specs["real"].shape)
    )


def by_bytes(images):
    return sorted(image.tobytes() for image in images)


@pytest.mark.parametrize(("split", "expected"), [("train", COLOUR[:20]), ("test", COLOUR[20:])])
@pytest.mark.parametrize("memory_mb", [100, 0])
def test_pixels_are_those_that_were_stored(folders, split, expected, memory_mb):
    settings = DEFAULTS | dict(split=split, batch_size=2, memory_mb=memory_mb)
    source = catalog.load("toy_colour", data_dir=folders["array_record"], **settings)
    assert isinstance(source, Arrays if memory_mb else RandomAccessImages)
    assert (source.name, source.specs["real"].shape) == ("toy_colour", (6, 8, 3))
    assert by_bytes(images_of(source)) == by_bytes(expected)


@pytest.mark.parametrize(
    "split", ["train", "train[25%:]", "train[:3]+test[:2]", "train[5:9]", "test[-3:]"]
)
def test_parts_of_splits_are_those_of_tfds(folders, split):
    """Three shards: the parts begin and end inside files."""
    builder = tfds.builder("toy_colour", data_dir=folders["tfrecord"])
    expected = [example["image"] for example in tfds.as_numpy(builder.as_dataset(split=split))]
    for file_format, folder in folders.items():
        for memory_mb in (100, 0) if file_format == "array_record" else (100,):
            settings = DEFAULTS | dict(split=split, batch_size=len(expected), memory_mb=memory_mb)
            source = catalog.load("toy_colour", data_dir=folder, **settings)
            found = np.rint(eager(source, [0])[0] * 127.5 + 127.5).astype(np.uint8)
            assert by_bytes(found) == by_bytes(expected)


@pytest.mark.parametrize(("memory_mb", "road"), [(2, RandomAccessImages), (3, Arrays)])
def test_a_set_of_more_than_its_share_of_memory_stays_on_disk(folders, memory_mb, road):
    settings = DEFAULTS | dict(image_size=200, memory_mb=memory_mb)  # 20 * 200 * 200 * 3 = 2.4e6
    source = catalog.load("toy_colour", data_dir=folders["array_record"], **settings)
    assert isinstance(source, road)


@pytest.mark.parametrize("name", ["toy_colour", "toy_photos"])
def test_every_road_gives_the_same_bytes(folders, name):
    def batches(file_format, memory_mb):
        settings = DEFAULTS | dict(image_size=16, memory_mb=memory_mb, split="train[3:]")
        source = catalog.load(name, data_dir=folders[file_format], **settings)
        assert source.specs["real"].shape == (16, 16, 3)
        return in_a_loop(source, 0, 9)

    expected = batches("tfrecord", 100)
    np.testing.assert_array_equal(batches("array_record", 100), expected)
    np.testing.assert_array_equal(batches("array_record", 0), expected)


def test_the_fingerprint_is_of_the_encoded_images_however_they_are_read(folders):
    builder = tfds.builder("toy_colour", data_dir=folders["tfrecord"])
    undecoded = {"image": tfds.decode.SkipDecoding()}
    roads = [("tfrecord", 100), ("array_record", 100), ("array_record", 0)]
    for split in ("train", "train[3:7]", "train[:3]+test[:2]"):
        expected = hashlib.sha256()
        for example in tfds.as_numpy(builder.as_dataset(split=split, decoders=undecoded)):
            expected.update(len(example["image"]).to_bytes(8, "little") + example["image"])
        for file_format, memory_mb in roads:
            settings = DEFAULTS | dict(split=split, memory_mb=memory_mb)
            source = catalog.load("toy_colour", data_dir=folders[file_format], **settings)
            assert source.fingerprint == f"content:{expected.hexdigest()}"


def test_former_fingerprints_are_known(folders):
    def former(file_format, memory_mb):
        settings = DEFAULTS | dict(split="train[3:7]", memory_mb=memory_mb)
        source = catalog.load("toy_colour", data_dir=folders[file_format], **settings)
        assert source.former_fingerprint() == source.with_seed(1).former_fingerprint()
        return source.former_fingerprint()

    builder = tfds.builder("toy_colour", data_dir=folders["tfrecord"])
    examples = tfds.as_numpy(builder.as_dataset(split="train[3:7]"))
    pixels = b"".join(example["image"].tobytes() for example in examples)
    for file_format in folders:
        assert former(file_format, 100) == hashlib.sha256(pixels).hexdigest()
    builder = tfds.builder("toy_colour", data_dir=folders["array_record"])
    listing = "toy_colour/1.0.0\ntrain[3:7]"
    for part in builder.info.splits["train[3:7]"].file_instructions:
        name, size = os.path.basename(part.filename), os.path.getsize(part.filename)
        listing += f"\n{name} {part.skip} {part.take} {size}"
    assert former("array_record", 0) == hashlib.sha256(listing.encode()).hexdigest()


def test_a_set_on_the_disk_is_read_through_once(folders, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fingerprints, "SETTLED_SECONDS", 0)
    monkeypatch.setattr(records, "_CHUNK", 7)  # 20 images: the last chunk is a part of one

    def known(split):
        changed = DEFAULTS | dict(split=split, memory_mb=0, batch_size=1)
        return catalog.load("toy_colour", data_dir=folders["array_record"], **changed).fingerprint

    splits = ["train", "train[:10]", "train[10:]", "train[1:11]", "test"]
    expected = [known(split) for split in splits]
    assert len({*expected}) == 5
    monkeypatch.setattr(records, "encoded", lambda record: pytest.fail("read again"))
    assert [known(split) for split in splits] == expected


def test_photos_are_decoded_as_pillow_does(folders):
    source = catalog.load(
        "toy_photos", data_dir=folders["tfrecord"], **DEFAULTS | dict(image_size=40, batch_size=2)
    )
    assert by_bytes(images_of(source)) == by_bytes(
        [decode_photo(jpeg) for _, jpeg in ToyPhotos._generate_examples(None, 0, 20)]
    )


def decode_photo(example):
    image = Image.open(io.BytesIO(example["image"]))
    left, top, side = (image.width - 40) // 2, 10, 40
    side, left, top = (
        (image.width, 0, (60 - image.width) // 2) if image.width < 60 else (60, left, 0)
    )
    return np.asarray(
        image.resize((40, 40), Image.Resampling.BICUBIC, (left, top, left + side, top + side))
    )


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("touched the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        (
            "mnits",
            {},
            r"unknown data 'mnits'; did you mean mnist or .*Known: ring, grid, digits, stacked",
        ),
        ("CIFAR", {}, r"unknown data 'CIFAR'; did you mean cifar10 "),
        ("digit", {}, r"unknown data 'digit'; did you mean digits"),
        ("rings", {}, r"unknown data 'rings'; did you mean ring "),
        ("qqqqqqqq", {}, r"unknown data 'qqqqqqqq'\. Known"),
        ("", {}, r"unknown data ''\. Known"),
        ("../x", {}, r"unknown data '\.\./x'"),
        ("huggingface:mnist", {}, r"unknown data 'huggingface:mnist'"),
        (
            "mnist",
            {},
            r"mnist is not prepared in .*`python -m tfgan.prepare --data=mnist --data_",
        ),
        ("mnist:9.9.9", {}, r"TFDS cannot make 'mnist:9\.9\.9' in .*: .*only: 3\.0\.1\.$"),
        ("emnist/abc", {}, r"TFDS cannot make 'emnist/abc' in .*: BuilderConfig abc not found"),
        ("toy_numbers", {}, r"toy_numbers has no 8-bit feature 'image' .* Its features: number\."),
        ("toy_depth", {}, r"toy_depth has no 8-bit feature 'image'"),
        ("toy_photos", {}, r"images of toy_photos vary in size: give --image_size\."),
        ("toy_colour", {"split": "valid"}, r"no split 'valid'\. Its splits: .*test.*"),
        ("toy_colour", {"split": "train[:x]"}, r"no split 'train\[:x\]'\. Its splits: .*train.*"),
        ("toy_colour", {"split": ""}, r"no split ''\. Its splits: .*train.*"),
        ("toy_colour", {"split": "train[:0]"}, r"split 'train\[:0\]' of toy_colour is empty"),
        (
            "toy_colour",
            {"batch_size": 21},
            r"batch_size 21 .* 20 examples .*--batch_size=20 or less",
        ),
        (
            "toy_colour",
            {"memory_mb": 0},
            r"--data_memory_mb=0 .*tfrecord.*remove .*toy_colour/1\.0\.0 and run .*"
            r"--data=toy_colour .*--file_format=array_record",
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(folders, name, settings, message):
    with pytest.raises(InputError, match=message) as caught:
        catalog.load(name, data_dir=folders["tfrecord"], **DEFAULTS | settings)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_batch_too_large_is_refused_before_anything_is_decoded(folders, monkeypatch):
    monkeypatch.setattr(pixels, "decode_all", lambda *_: pytest.fail("decoded first"))
    with pytest.raises(InputError, match="batch_size 21"):
        catalog.load("toy_colour", data_dir=folders["tfrecord"], **DEFAULTS | dict(batch_size=21))


def test_the_command_in_a_message_can_be_pasted():
    assert catalog.command("mnist", "") == "python -m tfgan.prepare --data=mnist"
    assert catalog.command("mnist", "my data").endswith("'--data_dir=my data'")


def test_home_folders_are_understood(folders, monkeypatch):
    monkeypatch.setenv("HOME", folders["tfrecord"])
    assert catalog.load("toy_colour", data_dir="~", **DEFAULTS).num_examples == 20


@pytest.fixture
def damaged(folders, tmp_path, request):
    """A copy of a prepared set, with a function to damage one of its files."""
    shutil.copytree(folders["array_record"], tmp_path / "array_record")
    shutil.copytree(folders["tfrecord"], tmp_path / "tfrecord")

    def damage(file_format, pattern, change):
        folder = tmp_path / file_format
        (path,) = (folder / "toy_colour" / "1.0.0").glob(pattern)
        content = change(path.read_bytes())
        path.unlink() if content is None else path.write_bytes(content)
        return dict(data_dir=str(folder), **DEFAULTS)

    return damage


def flip(content):
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(255 - byte for byte in content[middle : middle + 64])
        + content[middle + 64 :]
    )


@pytest.mark.parametrize("change", [flip, lambda content: content[:-100], lambda content: None])
@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_a_damaged_set_is_named(damaged, file_format, change):
    settings = damaged(file_format, "*train*-00001-of-00003", change)
    with pytest.raises(
        InputError, match=rf"{file_format}/toy_colour/1\.0\.0 is damaged .*prepare it again"
    ):
        catalog.load("toy_colour", **settings)


def test_a_damaged_set_is_named_while_training(damaged):
    def flip_first_images(content):
        return content[:200] + flip(content[200:400]) + content[400:]

    shard = "array_record", "*train*-00001-of-00003"
    settings = damaged(*shard, bytes) | dict(memory_mb=0, batch_size=20)
    source = catalog.load("toy_colour", **settings)
    damaged(*shard, flip_first_images)
    with pytest.raises(tf.errors.OpError, match=r"toy_colour/1\.0\.0 is damaged"):
        in_a_loop(source, 0, 1)
    with pytest.raises(InputError, match=r"toy_colour/1\.0\.0 is damaged"):
        catalog.load("toy_colour", **settings)


def test_a_damaged_image_is_named_by_its_record_while_training(folders, monkeypatch):
    def fail(encoded, name, shape, **_):
        raise InputError(f"{name} cannot be read.")

    settings = DEFAULTS | dict(memory_mb=0, batch_size=1)
    source = catalog.load("toy_colour", data_dir=folders["array_record"], **settings)
    monkeypatch.setattr(pixels, "decode", fail)
    for step in range(3):
        (record,) = source._order.indices(step)
        with pytest.raises(
            InputError, match=rf"^record {record} of toy_colour, split train, cannot"
        ):
            eager(source, [step])


@pytest.mark.parametrize("file", ["dataset_info.json", "features.json"])
def test_damaged_metadata_is_named(damaged, file):
    settings = damaged("tfrecord", file, lambda content: content[:-20])
    with pytest.raises(InputError, match=r"TFDS cannot make 'toy_colour' in .*/tfrecord: "):
        catalog.load("toy_colour", **settings)


def test_a_damaged_image_is_named_by_its_record(damaged, tmp_path):
    """An image whose record is whole but whose PNG is not."""

    def truncate(record):
        example = tf.train.Example.FromString(record)
        values = example.features.feature["image"].bytes_list.value
        values[0] = values[0][:60]
        return example.SerializeToString()

    path = next((tmp_path / "tfrecord" / "toy_colour" / "1.0.0").glob("*train*-00000-of-00003"))
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(path))]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for i, record in enumerate(records):
            writer.write(truncate(record) if i == 2 else record)
    with pytest.raises(InputError, match=r"^record 2 of toy_colour, split train, cannot be read"):
        catalog.load("toy_colour", data_dir=str(tmp_path / "tfrecord"), **DEFAULTS)
