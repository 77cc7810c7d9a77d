"""Prepared sets of somebody else's: nothing of them is imported, and nothing outside is read."""

import json
import os
import sys

import pytest

from tfgan.core.checks import InputError
from tfgan.data import catalog
from tools.fuzz import originals


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepared") / "sets"
    originals._prepare_sets(path)
    return path


@pytest.fixture
def sets(prepared, tmp_path):
    import shutil

    return shutil.copytree(prepared, tmp_path / "sets")


def load(sets, name, memory_mb=64):
    return catalog.load(
        *(name,),
        **dict(data_dir=str(sets), split="train", image_size=0, batch_size=2, seed=0),
        **dict(memory_mb=memory_mb),
    )


def edit(path, change):
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("name", originals.SETS)
def test_the_sets_as_they_were_made_are_read(sets, name):
    assert load(sets, name).num_examples == originals.NUM_RECORDS


IMAGE = "tensorflow_datasets.core.features.image_feature.Image"


@pytest.mark.parametrize(
    "image",
    [
        {"pythonClassName": "evil.Feature"},
        {"python_class_name": "evil.Feature"},
        {"type": "evil.Feature", "content": {}},
        {
            "pythonClassName": "tensorflow_datasets.core.features.sequence_feature.Sequence",
            "json": {"json": json.dumps({"feature": {"type": "evil.Feature", "content": {}}})},
        },
    ],
)
def test_no_module_is_imported_because_a_set_names_it(sets, image, monkeypatch):
    (sets / "evil.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(sets))
    path = sets / "drawn" / "1.0.0" / "features.json"
    edit(path, lambda d: d["featuresDict"]["features"].update(image=image))
    with pytest.raises(InputError, match=r"names 'evil.Feature', which TFDS would import"):
        load(sets, "drawn")
    assert "evil" not in sys.modules


def test_links_out_of_a_set_and_pipes_in_it_are_refused(sets, tmp_path):
    folder = sets / "digits" / "1.0.0"
    (shard,) = folder.glob("*.tfrecord*")
    outside = shard.rename(tmp_path / "outside.tfrecord")
    shard.symlink_to(outside)
    with pytest.raises(InputError, match=r"leads to .*outside.tfrecord, out of .*put a copy there"):
        load(sets, "digits")
    shard.unlink()
    os.mkfifo(shard)
    with pytest.raises(InputError, match="is no regular file; remove it"):
        load(sets, "digits")


@pytest.mark.parametrize("template", ["/etc/passwd", "../{DATASET}-{SPLIT}.{FILEFORMAT}"])
def test_a_set_whose_record_names_files_elsewhere_is_refused(template, sets):
    edit(
        sets / "drawn" / "1.0.0" / "dataset_info.json",
        lambda document: document["splits"][0].update(filepathTemplate=template),
    )
    with pytest.raises(InputError, match="which lies outside of it"):
        load(sets, "drawn")


@pytest.mark.parametrize("template", ["{SPLIT", "{0.__class__}", "{NOBODY}", ""])
def test_a_set_whose_names_of_files_are_none_is_one_line(template, sets):
    edit(
        sets / "drawn" / "1.0.0" / "dataset_info.json",
        lambda document: document["splits"][0].update(filepathTemplate=template),
    )
    try:
        load(sets, "drawn")  # "" stands for the usual one
    except InputError as error:
        assert "drawn" in str(error)  # noqa: PT017


def test_a_directory_of_sets_may_be_a_link(sets, tmp_path):
    (sets / "drawn").rename(tmp_path / "elsewhere")
    (sets / "drawn").symlink_to(tmp_path / "elsewhere")
    assert load(sets, "drawn").num_examples == originals.NUM_RECORDS


def test_a_record_that_is_none_is_damage(sets):
    import tensorflow as tf

    (shard,) = (sets / "digits" / "1.0.0").glob("*.tfrecord*")
    with tf.io.TFRecordWriter(str(shard)) as writer:
        for _ in range(originals.NUM_RECORDS):
            writer.write(b"\xff" * 40)
    with pytest.raises(InputError, match="is damaged .*: remove it and prepare it again"):
        load(sets, "digits")


def test_images_of_another_rank_are_named(sets):
    def add(document):
        shape = document["featuresDict"]["features"]["image"]["image"]["shape"]
        shape["dimensions"].append("1")

    edit(sets / "drawn" / "1.0.0" / "features.json", add)
    with pytest.raises(InputError, match=r"the images of drawn have the shape|cannot make 'drawn'"):
        load(sets, "drawn")
