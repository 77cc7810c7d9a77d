"""`tfgan.prepare` and its library part, mostly on tiny files in place of the official ones."""

import gzip
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.image_classification import mnist

from tfgan import prepare
from tfgan.cli import flags
from tfgan.core.checks import InputError
from tfgan.data import catalog, preparation

LOADING = dict(split="train", image_size=0, batch_size=8, seed=0, memory_mb=100)


def idx(array):
    """Encodes uint8 as an IDX file: magic number, sizes, bytes."""
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A folder with the files of a tiny MNIST, which the official builder is made to expect."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "files"
    folder.mkdir()
    contents = {
        "train-images-idx3-ubyte": idx(rng.integers(0, 256, [20, 28, 28], np.uint8)),
        "train-labels-idx1-ubyte": idx(rng.integers(0, 10, [20], np.uint8)),
        "t10k-images-idx3-ubyte": idx(rng.integers(0, 256, [10, 28, 28], np.uint8)),
        "t10k-labels-idx1-ubyte": idx(rng.integers(0, 10, [10], np.uint8)),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setitem(preparation.FILES, "mnist", sums)
    monkeypatch.setattr(mnist, "_TRAIN_EXAMPLES", 20)
    monkeypatch.setattr(mnist, "_TEST_EXAMPLES", 10)
    return folder


def pack(folder):
    for path in list(folder.iterdir()):
        Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_local_files_become_the_official_set(tiny, tmp_path, packed):
    expected = np.frombuffer((tiny / "train-images-idx3-ubyte").read_bytes()[16:], np.uint8)
    expected = {image.tobytes() for image in expected.reshape(20, 28, 28, 1)}
    if packed:
        pack(tiny)
    data_dir = str(tmp_path / "tfds")
    builder = preparation.prepare("mnist", data_dir, from_files=str(tiny))
    assert {name: split.num_examples for name, split in builder.info.splits.items()} == {
        "train": 20,
        "test": 10,
    }
    examples = tfds.as_numpy(tfds.load("mnist", split="train", data_dir=data_dir))
    assert {example["image"].tobytes() for example in examples} == expected
    assert catalog.load("mnist", data_dir=data_dir, **LOADING).num_examples == 20
    assert len(list(tiny.iterdir())) == 4  # nothing unpacked beside them


def test_array_records_are_read_while_training(tiny, tmp_path):
    data_dir = str(tmp_path / "tfds")
    preparation.prepare("mnist", data_dir, "array_record", str(tiny))
    source = catalog.load("mnist", data_dir=data_dir, **LOADING | dict(memory_mb=0))
    assert source.batch(0)["real"].shape == [8, 28, 28, 1]


def test_a_prepared_set_is_left_alone(tiny, tmp_path):
    data_dir = str(tmp_path / "tfds")
    before = preparation.prepare("mnist", data_dir, from_files=str(tiny))
    shutil.rmtree(tiny)
    for file_format in ("", "tfrecord"):
        again = preparation.prepare("mnist", data_dir, file_format, str(tiny))
        assert again.data_dir == before.data_dir
    with pytest.raises(
        InputError, match=r"already prepared as tfrecord: remove .*mnist/3\.0\.1 first"
    ):
        preparation.prepare("mnist", data_dir, "array_record", str(tiny))


def remove(path):
    path.unlink()


def overwrite_last_byte(path):
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([255 - content[-1]]))


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(
    ("packed", "damage", "message"),
    [
        (
            False,
            remove,
            r"files holds neither t10k-images-idx3-ubyte nor t10k-images-idx3-ubyte\.gz",
        ),
        (
            False,
            overwrite_last_byte,
            r"files/t10k-images-idx3-ubyte is not the official file: its SHA",
        ),
        (False, cut, r"files/t10k-images-idx3-ubyte is not the official file: its SHA-256 is"),
        (True, remove, r"files holds neither t10k-images-idx3-ubyte nor"),
        (True, overwrite_last_byte, r"files/t10k-images-idx3-ubyte\.gz cannot be read"),
        (True, cut, r"files/t10k-images-idx3-ubyte\.gz cannot be read"),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_left(tiny, tmp_path, packed, damage, message):
    if packed:
        pack(tiny)
    damage(tiny / ("t10k-images-idx3-ubyte" + ".gz" * packed))
    with pytest.raises(InputError, match=message) as caught:
        preparation.prepare("mnist", str(tmp_path / "tfds"), from_files=str(tiny))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "tfds").exists()


def test_a_failure_of_tfds_leaves_nothing_half_written(tiny, tmp_path, monkeypatch):
    def fail(*args):
        yield 0, {"image": np.zeros([28, 28, 1], np.uint8), "label": 0}
        raise OSError("disk full")

    monkeypatch.setattr(mnist.MNIST, "_generate_examples", lambda self, **_: fail())
    with pytest.raises(InputError, match=r"mnist cannot be prepared: disk full\."):
        preparation.prepare("mnist", str(tmp_path / "tfds"), from_files=str(tiny))
    assert not [path for path in (tmp_path / "tfds" / "mnist").rglob("*") if path.is_file()]


def test_files_of_an_unknown_set(tmp_path):
    with pytest.raises(
        InputError, match=r"--from_files knows .* mnist, fashion_mnist, not of cifar10"
    ):
        preparation.prepare("cifar10", str(tmp_path), from_files=str(tmp_path))


def test_a_folder_in_the_way(tmp_path):
    (tmp_path / "mnist" / "3.0.1").mkdir(parents=True)
    with pytest.raises(
        InputError, match=r"mnist/3\.0\.1 exists and is not a prepared set: remove it"
    ):
        preparation.prepare("mnist", str(tmp_path))


def test_without_a_network_the_answer_comes_at_once(tmp_path, monkeypatch):
    asked = []

    def refuse(address, timeout):
        asked.append((address, timeout))
        raise OSError("no route to host")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with pytest.raises(
        InputError, match=r"storage\.googleapis\.com: no route to host.*--from_files=DIR"
    ):
        preparation.prepare("mnist", str(tmp_path))
    assert asked == [(("storage.googleapis.com", 443), preparation.CONNECT_TIMEOUT_SECONDS)]


@pytest.mark.parametrize("folder", ["mnist", "manual"])
def test_files_downloaded_before_need_no_network(tmp_path, monkeypatch, folder):
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("touched the network"))
    (tmp_path / "downloads" / folder).mkdir(parents=True)
    (tmp_path / "downloads" / folder / "train.gz").touch()
    preparation.check_network(catalog.find("mnist", str(tmp_path)))


def test_the_command_prepares_digits(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tfgan.prepare", "--data=digits", f"--data_dir={tmp_path}"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == (
        f"digits: 1797 train examples as tfrecord in {tmp_path}/digits/1.0.0"
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["--data=mnist"],
            "{folder} holds neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz.",
        ),
        ([], "name the set: --data=mnist; or your own pictures: --image_dir=photos"),
        (["mnist"], "command line: 'mnist' is not a flag; write --name=value."),
        (
            ["--file_format=tfrecords"],
            "command line: unknown file_format 'tfrecords'; did you mean 'tfrecord'? "
            "Known: array_record, tfrecord.",
        ),
    ],
)
def test_the_command_fails_in_one_line(tmp_path, capsys, argv, message):
    folders = [f"--data_dir={tmp_path}", f"--from_files={tmp_path}"]
    with pytest.raises(SystemExit) as ended:
        flags.run(prepare.main, prepare.__doc__, prepare.EXTRA, [*folders, *argv], False)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"error: {message.format(folder=tmp_path)}\n"


def official(name, variable, default=""):
    """The files of a set, where they are; a variable that names another place is an error."""
    folder = os.environ.get(variable, default)
    missing = variable not in os.environ and not os.path.isdir(folder)
    reason = f"{variable} is not set to the directory of the official files of {name}"
    return pytest.param(name, folder, id=name, marks=pytest.mark.skipif(missing, reason=reason))


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        official("mnist", "TFGAN_MNIST_DIR"),
        official("fashion_mnist", "TFGAN_FASHION_MNIST_DIR", "/usr/share/datasets/fashion-mnist"),
    ],
)
@pytest.mark.slow
def test_the_official_files(name, folder, tmp_path):
    preparation.prepare(name, str(tmp_path), from_files=folder)
    images = catalog.load(name, data_dir=str(tmp_path), **LOADING)
    assert (images.num_examples, images.specs["real"].shape) == (60_000, (28, 28, 1))
    labels = tfds.as_numpy(tfds.load(name, split="test", data_dir=str(tmp_path)).batch(10_000))
    counts = np.bincount(next(iter(labels))["label"])
    assert counts.sum() == 10_000
    if name == "mnist":
        assert list(counts) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    else:
        assert list(counts) == [1000] * 10
