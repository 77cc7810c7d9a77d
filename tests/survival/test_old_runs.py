"""A run of version 0.1.0, written before there were rooms, protocols or places, resumes today.

`data/run_0_1_0` is 20 steps of it; `data/expected` is what version 0.1.0 itself made of 40.
"""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.survival.rig import Rig
from tfgan import build
from tfgan.config import FIELDS, REPLACED, Config
from tfgan.core.checks import InputError
from tfgan.runs.folder import RunFolder
from tfgan.runs.trained import TrainedRun
from tfgan.serving import publish
from tfgan.serving.model import Served, sample
from tools import zygote

DATA = Path(__file__).parent / "data"


@pytest.fixture
def run(tmp_path):
    shutil.copytree(DATA / "run_0_1_0", tmp_path / "run")
    return tmp_path / "run"


def tensors(prefix):
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def resume(run, *arguments):
    flags = [f"--flagfile={run}/flags.txt", "--num_steps=40", f"--run_dir={run}", *arguments]
    return zygote.train([*flags, "--allow_changed_flags"], run.with_name("resumed"))


def test_it_resumes_to_what_its_own_version_made_of_it(run):
    status, child = resume(run, "--allow_different_bits")  # this may be another machine
    assert status == 0, child.stderr
    assert "resumes" in child.stdout
    losses = (run / "losses.csv").read_bytes().splitlines()
    expected = (DATA / "expected/losses.csv").read_bytes().splitlines()
    assert losses[:21] == expected[:21]  # the header, and the steps that 0.1.0 wrote
    assert len(losses) == len(expected) == 41
    found = tensors(run / "checkpoints/0000000040/state")
    wanted = tensors(DATA / "expected/state/state")
    assert found.keys() == wanted.keys()
    if "the bits may differ" not in child.stderr:  # the machine that it was written on
        assert losses == expected
        assert (run / "health.csv").read_bytes() == (DATA / "expected/health.csv").read_bytes()
        assert all(found[name].tobytes() == wanted[name].tobytes() for name in wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=0.1, atol=1e-3, err_msg=name)


def test_a_new_field_does_not_orphan_it(run, monkeypatch, capsys):
    """Fault 1 of issue 9: a field that the record lacks was compared as None."""
    record = TrainedRun(str(run)).checkpoint.record["config"]
    assert record.keys() - REPLACED < FIELDS.keys()
    del record["average_decay"]
    field = FIELDS["average_decay"]
    newer = dataclasses.field(default=0.5, metadata=dict(field.metadata) | {"before": 0.9})
    newer.name, newer.type = field.name, field.type
    monkeypatch.setitem(FIELDS, "average_decay", newer)
    monkeypatch.setattr("tfgan.runs.checkpoints._verified", _with_config(record))
    config = Config.from_record(record)
    with RunFolder(str(run), config) as folder:
        assert folder.step == 20
    as_today = Config(**(config.to_dict() | {"average_decay": 0.5}))
    with RunFolder(str(run), as_today) as folder:  # nobody asks for today's default
        assert folder.config == config
    assert f"{run} keeps --average_decay=0.9, as it began" in capsys.readouterr().out
    with pytest.raises(InputError, match="--average_decay=0.9, got 0.0: this is another run"):
        RunFolder(str(run), Config(**(config.to_dict() | {"average_decay": 0.0})))


def _with_config(config):
    from tfgan.runs import checkpoints

    verified = checkpoints._verified

    def changed(path, step):
        found = verified(path, step)
        found.record["config"] = config
        return found

    return changed


def test_it_is_sampled_and_exported(run, tmp_path):
    trained = TrainedRun(str(run))
    model = trained.model(build.build_model)
    publish.export(Served(model, trained.kind), trained.record(), tmp_path / "out")
    exported = publish.Export(tmp_path / "out").model(build.build_model)
    assert sample(model, range(3)).tobytes() == sample(exported, range(3)).tobytes()


def test_the_names_of_its_state_are_today_s(run):
    config = TrainedRun(str(run)).config
    state = build.build(config).model.state()
    assert state.keys() == tensors(run / "checkpoints/0000000020/state").keys()
    assert Rig(config).run.model.state().keys() == state.keys()
