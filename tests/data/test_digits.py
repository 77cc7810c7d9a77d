import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits
from source_checks import eager

from tfgan.core.checks import InputError
from tfgan.data import catalog
from tfgan.data.digits import digits_dataset_builder

DEFAULTS = dict(split="train", image_size=0, batch_size=64, seed=0, memory_mb=100)


def expected_images():
    levels = load_digits().images
    return np.array([int(np.round(v * 255 / 16)) for v in levels.ravel()], np.uint8).reshape(
        -1, 8, 8, 1
    )


def by_bytes(images):
    return sorted(image.tobytes() for image in images)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("tfds"))
    catalog.load("digits", data_dir=folder, **DEFAULTS)
    return folder


def test_content_is_scikit_learns(data_dir):
    examples = tfds.as_numpy(tfds.load("digits", split="train", data_dir=data_dir))
    found = sorted((example["image"].tobytes(), int(example["label"])) for example in examples)
    expected = zip(expected_images(), load_digits().target, strict=True)
    assert found == sorted((image.tobytes(), int(label)) for image, label in expected)
    assert len(found) == 1797


def test_an_epoch_is_the_whole_set(data_dir):
    source = catalog.load("digits", data_dir=data_dir, **DEFAULTS | dict(batch_size=1797))
    assert (source.name, source.num_examples) == ("digits", 1797)
    assert source.specs["real"].shape == (8, 8, 1)
    images = np.rint(eager(source, [0])[0] * 127.5 + 127.5).astype(np.uint8)
    assert by_bytes(images) == by_bytes(expected_images())


def test_preparing_is_silent(tmp_path, capfd):
    catalog.load("digits", data_dir=str(tmp_path), **DEFAULTS)
    assert capfd.readouterr().out == ""


def test_another_process_may_be_faster(tmp_path, monkeypatch):
    """The other one finishes while we generate: TFDS then cannot rename our folder into place."""
    slow = digits_dataset_builder.Builder._download_and_prepare

    def overtaken(self, **kwargs):
        monkeypatch.undo()
        digits_dataset_builder.Builder(data_dir=tmp_path).download_and_prepare()
        slow(self, **kwargs)

    monkeypatch.setattr(digits_dataset_builder.Builder, "_download_and_prepare", overtaken)
    source = catalog.load("digits", data_dir=str(tmp_path), **DEFAULTS)
    assert source.num_examples == 1797
    assert [path.name for path in (tmp_path / "digits").iterdir()] == [
        "1.0.0"
    ]  # nothing half-written


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"cannot prepare digits in .*file.*: give --data_dir"):
        catalog.load("digits", data_dir=str(tmp_path / "file"), **DEFAULTS)


def test_a_folder_in_the_way(tmp_path):
    (tmp_path / "digits" / "1.0.0").mkdir(parents=True)
    with pytest.raises(InputError, match=r"cannot prepare digits in .*in the way; remove it"):
        catalog.load("digits", data_dir=str(tmp_path), **DEFAULTS)


@pytest.mark.slow
def test_processes_prepare_at_the_same_moment(tmp_path):
    script = (
        "import sys, time, pathlib\n"
        "from tfgan.data import catalog\n"
        "folder = pathlib.Path(sys.argv[1]); (folder / f'ready{sys.argv[2]}').touch()\n"
        "while not (folder / 'go').exists(): time.sleep(0.001)\n"
        "catalog.load('digits', data_dir=str(folder / 'tfds'), split='train', image_size=0,"
        " batch_size=64, seed=0, memory_mb=100)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), str(i)], cwd=Path(__file__).parents[2]
        )
        for i in range(3)
    ]
    while len(list(tmp_path.glob("ready*"))) < 3 and all(p.poll() is None for p in processes):
        time.sleep(0.1)
    (tmp_path / "go").touch()
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    assert len(list((tmp_path / "tfds" / "digits").iterdir())) == 1
