"""Checkpoints: whole or none, believed only if they prove themselves, and nothing in them runs."""

import json
import os
import pickle
import random
from collections import Counter

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core.checks import InputError, NonFiniteError, StorageError
from tfgan.runs import checkpoints
from tfgan.runs.checkpoints import Checkpoints
from tools.sweep import damages
from tools.sweep.damages import content, flip, state

NUM_DAMAGES = 1000


@pytest.fixture(name="two")
def _two(tmp_path):
    """The checkpoints of steps 10 and 20."""
    return damages.two(tmp_path / "checkpoints")


def test_what_was_saved_is_read(two):
    newest, damaged = two.newest()
    assert (newest.step, newest.record) == (20, {"rollbacks": 0, "config": {"seed": 3}})
    assert damaged == {}
    read = newest.read()
    assert read.keys() == state(20).keys()
    for name, value in state(20).items():
        assert read[name].tobytes() == value.tobytes()
        assert (read[name].dtype, read[name].shape) == (value.dtype, np.shape(value))


def test_of_1000_damages_none_is_accepted_and_each_is_named(tmp_path):
    sweep, outcomes = damages.Damages(tmp_path), Counter()
    for number in range(NUM_DAMAGES):
        sweep.trial(random.Random(number), outcomes)
    assert outcomes.total() == NUM_DAMAGES
    assert len(outcomes) == len(damages.DAMAGES)


def test_where_all_are_damaged_there_is_none(two):
    draw = random.Random(1)
    for step in (10, 20):
        flip(two.folder / f"{step:010d}", None, draw)
    newest, damaged = two.newest()
    assert newest is None
    assert len(damaged) == 2


def test_a_manifest_that_is_right_but_for_its_files_is_refused(two):
    """As a forger would do it, who knows the format: the digest holds, the content lies."""
    path = two.folder / f"{20:010d}"
    manifest = json.loads((path / "manifest.json").read_text())["content"]
    manifest["files"]["../../outside"] = {"size": 0, "sha256": ""}
    (path / "manifest.json").write_bytes(checkpoints._encode(manifest))
    newest, damaged = two.newest()
    assert newest.step == 10
    assert "outside" in damaged[path]


def test_nothing_that_is_read_can_run(two):
    path = two.folder / f"{20:010d}"

    class Bomb:
        def __reduce__(self):
            return os._exit, (77,)

    for file in path.iterdir():
        file.write_bytes(pickle.dumps(Bomb()))
    newest, damaged = two.newest()
    assert newest.step == 10
    assert path in damaged


def test_the_newest_and_every_so_manyth_stay(tmp_path):
    kept = Checkpoints(tmp_path / "checkpoints", keep=2, keep_every_steps=30)
    for step in range(0, 101, 10):
        kept.save(step, state(step), {})
    found = sorted(int(path.name) for path in kept.folder.iterdir())
    assert found == [0, 30, 60, 90, 100]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_written(two, value):
    bad = state(30)
    bad["generator/dense_0/kernel"][3, 2] = value
    with pytest.raises(NonFiniteError, match="step 30: generator/dense_0/kernel is not finite"):
        two.save(30, bad, {})
    assert sorted(int(path.name) for path in two.folder.iterdir()) == [10, 20]


def test_a_step_is_never_written_twice(two):
    before = content(two.folder / f"{20:010d}")
    with pytest.raises(StorageError, match="0000000020"):
        two.save(20, state(21), {})
    assert content(two.folder / f"{20:010d}") == before


def test_a_writer_that_loses_bytes_is_found_out(two, monkeypatch):
    real = tf.raw_ops.SaveV2

    def forgetful(tensors, **arguments):
        return real(tensors=[tf.zeros_like(t) for t in tensors], **arguments)

    monkeypatch.setattr(tf.raw_ops, "SaveV2", forgetful)
    with pytest.raises(StorageError, match="is not what was written"):
        two.save(30, state(30), {})
    monkeypatch.undo()
    assert two.newest()[0].step == 20


MISFITS = {
    "missing": ("a", dict(b=np.zeros(2, np.float32)), "only the model has a|only the checkpoint"),
    "shape": ("a", dict(a=np.zeros(3, np.float32)), r"a is float32 \(3,\)"),
    "dtype": ("a", dict(a=np.zeros(2, np.float64)), r"a is float64 \(2,\)"),
}


@pytest.mark.parametrize("kind", MISFITS)
def test_a_state_of_another_model_is_refused_before_anything_is_assigned(kind):
    name, values, message = MISFITS[kind]
    variables = {name: tf.Variable([1.0, 2.0]), "z": tf.Variable([3.0, 4.0])}
    values = values | {"z": np.zeros(2, np.float32)}
    with pytest.raises(InputError, match=message):
        checkpoints.assign(variables, values)
    assert [v.numpy().tolist() for v in variables.values()] == [[1.0, 2.0], [3.0, 4.0]]
