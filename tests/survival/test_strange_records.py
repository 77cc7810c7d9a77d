"""Records of runs and exports that hold together, but say what no run has ever said."""

import json
import resource

import pytest

from tests.serving import rig as serving_rig
from tfgan import build
from tfgan.config import Config
from tfgan.core.checks import CommandError, InputError, StorageError
from tfgan.runs.folder import RunFolder
from tfgan.runs.trained import TrainedRun
from tfgan.serving import publish
from tools.fuzz import documents


def change(path, place, value):
    """Changes a place of a newest checkpoint's record, and signs it."""
    newest = max((path / "checkpoints").iterdir())
    content = json.loads((newest / "manifest.json").read_bytes())["content"]
    *keys, last = place.split(".")
    owner = content
    for key in keys:
        owner = owner[key]
    owner[last] = value
    documents.sign_checkpoint(newest, content)


def read(path):
    return TrainedRun(str(path)).model(build.build_model)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("record.config.hidden_size", 2**40, "but float32 .* in the model|describes no model"),
        ("record.config.hidden_size", 10**5, "but float32 .* in the model|describes no model"),
        ("record.config.latent_size", 2**62, "describes no model|but float32 .* in the model"),
        ("record.config.hidden_layers", 10**9, "hidden_layers must be at most 100"),
        ("record.config.num_threads", 2**31, "num_threads must be at most 1024"),
        ("record.config.stop_when", "x" * 10**5, "got 'xxxx.*\\.\\.\\."),
        ("record.data.specs", {"real": ["float32", [2**40]]}, "in the model|describes no model"),
        ("record.data.specs", {"real": ["float32", [2**62, 2**62]]}, "have the shape"),
        ("record.data", [], "is of another version"),
        ("record.data.specs", {"real": ["float32", [float("inf")]]}, "is of another version"),
        ("record.data.kind", "images", "its images have the shape"),
        ("record.fingerprint", "x", "lacks what a run resumes from"),
        ("record.logs", {"losses.csv": "9"}, "lacks what a run resumes from"),
        ("record.rollbacks", None, "lacks what a run resumes from"),
        ("record.retried", {"from": 1}, "lacks what a run resumes from"),
        ("record.model", [], "is of another version"),
    ],
)
def test_a_record_that_claims_too_much_is_one_line_and_takes_no_memory(place, value, message, run):
    _, path = run
    change(path, place, value)
    before = peak()
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert len(str(caught.value)) < 1000
    assert peak() - before < 10**8


@pytest.mark.parametrize("value", ["x", {}, {"starts": 1}])
@pytest.mark.parametrize("name", ["fingerprint", "logs", "rollbacks", "model", "retried"])
def test_a_resume_of_a_strange_record_is_one_line(name, value, run):
    tested, path = run
    change(path, f"record.{name}", value)
    try:
        with RunFolder(str(path), tested.config) as folder:
            tested.start(folder)
    except CommandError as error:
        assert str(error)  # noqa: PT017 (some are allowed: an older run has no `model`)


@pytest.mark.parametrize("text", ['"x"', "null", "[" * 10**5, '{"starts": 1}', '{"starts": "x"}'])
def test_a_run_resumes_whatever_its_run_json_says(text, run):
    tested, path = run
    (path / "run.json").write_text(text)
    tested.train(path)
    assert isinstance(json.loads((path / "run.json").read_text())["starts"], list)


def test_a_log_that_a_record_cuts_within_its_header_is_one_line(run):
    tested, path = run
    change(
        path, "record.logs", {"losses.csv": 1, "health.csv": 0, "events.out.tfevents.0.tfgan": 0}
    )
    with pytest.raises(StorageError, match="losses.csv is not as it was written: it has no steps"):
        tested.train(path)


def test_a_list_of_files_that_is_none_is_damage(run, capsys):
    tested, path = run
    change(path, "files", [])
    tested.train(path)
    assert "manifest.json cannot be read" in capsys.readouterr().err


def test_a_signed_checkpoint_whose_tensors_are_cut_is_one_line(run):
    _, path = run
    newest = max((path / "checkpoints").iterdir())
    (newest / "state.data-00000-of-00001").write_bytes(b"")
    documents.sign_checkpoint_files(newest)
    with pytest.raises(StorageError, match="lies outside of the data"):
        read(path)


@pytest.fixture
def export(tmp_path):
    serving_rig.export(tmp_path / "export", Config(network="mlp", hidden_size=8), (8, 8, 1), 9)
    return tmp_path / "export" / "9"


def test_a_card_that_claims_too_much_is_one_line_and_takes_no_memory(export):
    card = json.loads((export / "model_card.json").read_bytes())
    card["config"]["hidden_size"] = 2**40
    (export / "model_card.json").write_text(json.dumps(card))
    opened = publish.Export(export)
    before = peak()
    with pytest.raises(InputError, match="in the model|describes no model"):
        opened.model(build.build_model)
    assert peak() - before < 10**8


def test_an_export_that_leaves_out_what_it_claims_takes_no_memory(export):
    """Without a tensor there is no shape to compare: its size is held against all that is there."""
    import tensorflow as tf

    prefix = export / "variables" / "variables"
    reader = tf.train.load_checkpoint(str(prefix))
    names = [name for name in reader.get_variable_to_shape_map() if "discriminator" not in name]
    kept = {name: reader.get_tensor(name) for name in names if "state/" in name}
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(kept),
        shape_and_slices=[""] * len(kept),
        tensors=list(kept.values()),
    )
    card = json.loads((export / "model_card.json").read_bytes())
    card["config"] |= {"network": "dcgan", "base_channels": 2**20}
    (export / "model_card.json").write_text(json.dumps(card))
    documents.sign_export(export)
    with pytest.raises(InputError, match="describes a model of|describes no model|in the model"):
        publish.Export(export).model(build.build_model)


def test_a_card_of_lists_in_lists_is_one_line(export):
    (export / "model_card.json").write_bytes(b"[" * 200_000)
    with pytest.raises(InputError, match="model_card.json cannot be read"):
        publish.Export(export)
