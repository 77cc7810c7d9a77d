"""What is exported, what is refused, and what a version holds."""

import importlib.util
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import rig
from tests.survival.rig import Rig
from tfgan import build, export, sample
from tfgan.cli import flags
from tfgan.core import files, locks
from tfgan.core.checks import InputError, NonFiniteError
from tfgan.data import kinds
from tfgan.runs.checkpoints import Checkpoints
from tfgan.runs.folder import RunFolder
from tfgan.runs.trained import TrainedRun
from tfgan.serving import card as cards
from tfgan.serving import publish, warm_up
from tfgan.serving.model import Served


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of four steps with checkpoints at 2 and 4: (its folder, its rig)."""
    from tfgan.config import Config

    config = Config(
        network="dcgan",
        base_channels=4,
        generator_norm="batch",
        discriminator_norm="batch",
        average_decay=0.5,
        latent_size=8,
        batch_size=16,
        num_steps=4,
        checkpoint_every_steps=2,
        sample_every_steps=4,
        num_samples=4,
    )
    path = tmp_path_factory.mktemp("runs") / "digits"
    made = Rig(config)
    made.train(path)
    return path, made


@pytest.fixture
def run(trained, tmp_path):
    """A copy of it, to spoil."""
    shutil.copytree(trained[0], tmp_path / "run")
    return tmp_path / "run"


def versions(folder):
    return sorted(path.name for path in folder.glob("*"))


@pytest.mark.parametrize("row", ["4,x,1.0", "4,1.0"])
def test_a_row_that_somebody_wrote_in_keeps_no_run_from_being_exported(row, run, tmp_path):
    header = (run / "losses.csv").read_text().splitlines()[0]
    (run / "losses.csv").write_text(f"{header}\n{row}\n")
    export.main(str(run), str(tmp_path / "out"), "")
    assert cards.read(tmp_path / "out" / "4")["losses"] == {}


def test_a_run_is_exported_while_it_trains_and_without_its_data(trained, run, tmp_path, capsys):
    config = trained[1].config
    with RunFolder(str(run), config):  # as a process that trains holds it
        (run / "losses.csv").open("a").write("5,0.1")  # and writes
        export.main(str(run), str(tmp_path / "out"), "")
    assert capsys.readouterr().out == f"{tmp_path}/out/4: discriminate, sample, serving_default\n"
    assert versions(tmp_path / "out") == ["4"]
    card = cards.read(tmp_path / "out" / "4")
    assert card["config"] == config.to_dict()
    assert card["data"]["shape"] == [8, 8, 1]
    last = (trained[0] / "losses.csv").read_text().splitlines()[-1].split(",")
    assert [card["losses"][name] for name in ("g_loss", "d_loss")] == [float(v) for v in last[1:]]
    assert set(card["files"]) == {
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
        "assets.extra/tf_serving_warmup_requests",
        "batching_params.pbtxt",
    }
    assert card["signatures"]["sample"]["outputs"]["png_bytes"] == "string [None]"

    # The same command again says so; the average is what was exported.
    export.main(str(run), str(tmp_path / "out"), "")
    assert "is there already, of this very checkpoint" in capsys.readouterr().out
    model, checkpoint = trained[1].run.model, Checkpoints(run / "checkpoints", keep=1).newest()[0]
    for name, variable in model.state().items():
        variable.assign(checkpoint.read()[name])
    latents = tf.ones([2, 8])
    generated = (
        publish.Export(tmp_path / "out").model(build.build_model).sample({"latents": latents})
    )
    assert rig.same_bits(generated.numpy(), model.average.twin(latents).numpy())
    assert not rig.same_bits(generated.numpy(), model.generator(latents).numpy())


FORBIDDEN = {
    "RandomUniform": lambda x: x + tf.random.uniform([]),
    "RandomStandardNormal": lambda x: x + tf.random.normal([]),
    "EagerPyFunc": lambda x: tf.py_function(lambda y: y, [x], tf.float32),
    "PyFunc": lambda x: tf.numpy_function(lambda y: y, [x], tf.float32, stateful=True),
    "ReadFile": lambda x: x + tf.strings.to_number(tf.io.read_file("/etc/hostname")),
    "RestoreV2": lambda x: (
        tf.raw_ops.RestoreV2(
            prefix="/tmp/x", tensor_names=["x"], shape_and_slices=[""], dtypes=[tf.float32]
        )[0]
        + x
    ),
    "Timestamp": lambda x: x + tf.cast(tf.timestamp(), tf.float32),
    "PrintV2": lambda x: (tf.print("x"), x)[1],
}


@pytest.mark.parametrize("place", ["main", "loop"])
@pytest.mark.parametrize("op", FORBIDDEN)
def test_what_may_not_be_served_is_refused(op, place, small_config, tmp_path):
    def spoil(x, training=False):
        bad = FORBIDDEN[op]
        if place == "main":
            return tf.ensure_shape(bad(x), x.shape)
        body = lambda i, y: (i + 1, tf.ensure_shape(bad(y), y.shape))  # noqa: E731
        return tf.while_loop(lambda i, _: i < 3, body, [0, x])[1]

    model = rig.model(small_config(), (8, 8, 1))
    model.sample = lambda inputs: spoil(inputs["latents"])
    served = Served(model, kinds.KINDS["points"])
    with pytest.raises(InputError, match=f"may not be served: .*{op} .*see SERVED in"):
        publish.export(served, rig.record(small_config(), (8, 8, 1)), tmp_path / "out")
    assert versions(tmp_path / "out") == []


def test_a_signature_of_the_model_s_own_is_looked_at_too(small_config, tmp_path):
    model = rig.model(small_config(), (8, 8, 1))
    judge = model.game.judge

    def noisy(*arguments):
        said = judge(*arguments)
        return said._replace(logits=said.logits + tf.random.normal([]))

    model.game.judge = noisy
    served = Served(model, kinds.KINDS["images"])
    with pytest.raises(InputError, match="RandomStandardNormal"):
        publish.export(served, rig.record(small_config(), (8, 8, 1)), tmp_path / "out")
    assert versions(tmp_path / "out") == []


def test_a_function_that_no_signature_reaches_is_looked_at_too(small_config, tmp_path):
    made = rig.Exported(small_config(), (8, 8, 1))
    made.served.module.extra = tf.function(
        lambda x: tf.py_function(lambda y: y, [x], tf.float32), [tf.TensorSpec([])]
    )
    with pytest.raises(InputError, match="EagerPyFunc"):
        made.write(tmp_path / "out", 1)


def test_what_is_exported_is_what_the_signatures_use(trained, run, tmp_path):
    export.main(str(run), str(tmp_path / "out"), "")
    reader = tf.train.load_checkpoint(str(tmp_path / "out" / "4" / "variables" / "variables"))
    names = {n for n in reader.get_variable_to_shape_map() if n.startswith("state/")}
    state = trained[1].run.model.state()
    expected = {n for n in state if n.startswith(("average/", "discriminator/"))}
    assert len(names) == len(expected)
    saved = publish._tensors(tmp_path / "out" / "4" / "variables" / "variables")
    assert saved.keys() == expected


def test_weights_that_are_not_finite_are_not_exported(
    trained, run, small_config, tmp_path, monkeypatch
):
    made = rig.Exported(small_config(), (8, 8, 1))
    bias = made.model.state()["generator/dense_0/bias"]
    bias.scatter_nd_update([[0]], [float("inf")])
    with pytest.raises(NonFiniteError, match="generator/dense_0/bias.*not finite"):
        made.write(tmp_path / "out", 1)
    # A checkpoint with a good manifest: only a changed program writes one.
    values = Checkpoints(run / "checkpoints", keep=9).newest()[0]
    state = values.read()
    name = "discriminator/dense_0/kernel"
    state[name] = np.full_like(state[name], np.nan)
    with monkeypatch.context() as patch:
        patch.setattr("tfgan.core.checks.first_non_finite", lambda _: None)
        Checkpoints(run / "checkpoints", keep=9).save(6, state, values.record)
    with pytest.raises(NonFiniteError, match="discriminator/dense_0/kernel is not finite"):
        export.main(str(run), str(tmp_path / "out"), "")
    assert not (tmp_path / "out").exists() or versions(tmp_path / "out") == []


def test_a_damaged_checkpoint_is_not_exported(run, tmp_path, capsys):
    def spoil(step):
        with (run / "checkpoints" / f"{step:010d}" / "state.data-00000-of-00001").open(
            "r+b"
        ) as file:
            file.seek(100)
            file.write(b"spoilt")

    spoil(4)
    export.main(str(run), str(tmp_path / "out"), "")
    assert "damaged, not used" in capsys.readouterr().err
    assert versions(tmp_path / "out") == ["2"]
    spoil(2)
    spoil(0)
    with pytest.raises(InputError, match="has no good checkpoint"):
        export.main(str(run), str(tmp_path / "other"), "")
    assert not (tmp_path / "other").exists()
    with pytest.raises(InputError, match="nowhere has no good checkpoint"):
        export.main(str(tmp_path / "nowhere"), str(tmp_path / "other"), "")


def test_a_version_is_never_replaced(small_config, tmp_path):
    config, shape = small_config(), (8, 8, 1)
    version, served = rig.export(tmp_path, config, shape, 7)
    record = rig.record(config, shape, 7)
    assert served.write(tmp_path, 7) is None
    with pytest.raises(InputError, match="is there already, of another run"):
        publish.export(served.served, record | {"checkpoint_sha256": "other"}, tmp_path)
    (tmp_path / "8.tmp").mkdir()  # what a crash left
    assert served.write(tmp_path, 9).name == "9"
    assert versions(tmp_path) == ["7", "9"]
    lock = locks.lock(tmp_path)
    with pytest.raises(InputError, match="another process exports here; .* another --export_dir"):
        served.write(tmp_path, 10)
    files.os.close(lock)
    for spoil in (
        lambda: (version / "variables/variables.index").write_bytes(b""),
        lambda: (version / "extra").write_bytes(b""),
        lambda: (version / "saved_model.pb").unlink(),
        lambda: (version / "model_card.json").write_text("{"),
        lambda: (version / "model_card.json").unlink(),
    ):
        spoil()
        with pytest.raises(
            InputError, match="7 is not a whole export: .*remove it and export again"
        ):
            served.write(tmp_path, 7)


def test_every_file_is_on_the_disk_before_it_has_a_name(small_config, tmp_path, monkeypatch):
    synced, renamed = [], []
    sync, rename = files.sync, files.os.rename
    monkeypatch.setattr(files, "sync", lambda path: (synced.append(path), sync(path)))
    monkeypatch.setattr(
        files.os, "rename", lambda a, b: (renamed.append((a, b, list(synced))), rename(a, b))
    )
    version, _ = rig.export(tmp_path, small_config(), (8, 8, 1), 7)
    ((temporary, name, before),) = renamed
    assert (temporary.name, name) == ("7.tmp", version)
    assert {path.relative_to(temporary) for path in before} >= {
        path.relative_to(version) for path in version.rglob("*")
    }
    assert synced[-1] == tmp_path  # the name itself


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_serving") is None,
    reason="tensorflow-serving-api is not installed",
)
def test_the_warm_up_is_made_of_the_servers_messages(exported):
    from tensorflow_serving.apis import prediction_log_pb2 as log

    version, _ = exported("dcgan")
    records = [r.numpy() for r in tf.data.TFRecordDataset(str(version / publish.WARM_UP))]
    assert len(records) == 3 * len(warm_up.BATCH_SIZES) * warm_up.REPEATS <= 1000
    for record in records:
        message = log.PredictionLog.FromString(record)
        assert message.SerializeToString(deterministic=True) == record
        request = message.predict_log.request
        assert request.model_spec.name == version.parent.name
        signature = rig.meta_graph(version).signature_def[request.model_spec.signature_name]
        ((name, tensor),) = request.inputs.items()
        shape = tf.TensorShape(signature.inputs[name].tensor_shape)
        assert tf.make_ndarray(tensor).shape[0] in warm_up.BATCH_SIZES
        assert shape.is_compatible_with(tensor.tensor_shape)


def test_the_batching_file_reads(exported):
    lines = (exported("dcgan")[0] / "batching_params.pbtxt").read_text().splitlines()
    sizes = [int(line.split()[1]) for line in lines if line.startswith("allowed_batch_sizes:")]
    assert sizes == sorted(sizes) == list(warm_up.BATCH_SIZES)
    assert lines[0] == f"max_batch_size {{ value: {sizes[-1]} }}"  # which the server asks for


def test_a_checkpoint_of_another_version_is_refused(run, monkeypatch):
    checkpoints = Checkpoints(run / "checkpoints", keep=9)
    newest = checkpoints.newest()[0]
    for step, config in enumerate(({"novel": 1}, {"seed": "x"}, {"network": "transformer"}), 10):
        record = newest.record | {"config": newest.record["config"] | config}
        checkpoints.save(step, newest.read(), record)
        with pytest.raises(InputError) as error:
            TrainedRun(str(run)).model(build.build_model)
        assert next(iter(config)) in str(error.value)


def test_commands_without_a_config_take_their_own_flags_alone(capsys):
    values = flags.parse(["--seeds=1", "--out=x.gif"], sample.EXTRA, with_config=False)
    assert values == (
        None,
        dict(
            run_dir="",
            export="",
            step=None,
            model="",
            seeds="1",
            label="",
            interpolate=0,
            reconstruct=0,
            scale=0,
            out="x.gif",
        ),
    )
    with pytest.raises(InputError, match="batch_size"):
        flags.parse(["--batch_size=3"], export.EXTRA, with_config=False)
    flags.run(lambda: None, "Says.", {}, ["--help"], with_config=False)
    assert "--batch_size" not in capsys.readouterr().out


def test_the_card_says_what_built_it(exported):
    version, served = exported("mlp")
    card = json.loads((version / "model_card.json").read_text())
    assert card["exported_with"]["tensorflow"] == tf.__version__
    assert build.num_threads(served.config) == 1
