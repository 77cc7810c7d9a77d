"""Weights and slots of a v1 Saver checkpoint become ours, all of them or none; their names."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.compat.v1 as tf1

from tfgan.core.checks import InputError
from tfgan.parity import checkpoints


@pytest.fixture
def checkpoint(tmp_path):
    with tf1.Graph().as_default():
        tf1.get_variable("a/kernel", initializer=np.float32([[1, 2]]))
        tf1.get_variable("a/bias", initializer=np.float32([3]))
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            return tf1.train.Saver().save(session, str(tmp_path / "model"), global_step=7)


def test_values_arrive(checkpoint):
    kernel, bias = tf.Variable([[0.0, 0.0]]), tf.Variable([0.0])
    checkpoints.import_v1_checkpoint(checkpoint, {"a/kernel": kernel, "a/bias": bias})
    np.testing.assert_array_equal(kernel, [[1, 2]])
    np.testing.assert_array_equal(bias, [3])


@pytest.mark.parametrize(
    ("name_map", "message"),
    [
        ({"a/kernel": [[0.0, 0.0]]}, r"not in the name map: \['a/bias'\]"),
        (
            {"a/kernel": [[0.0, 0.0]], "a/bias": [0.0], "b": [0.0]},
            r"Not in the checkpoint: \['b'\]",
        ),
        ({"a/kernel": [[0.0, 0.0]], "a/bias": [0.0, 0.0]}, r"a/bias is float32 \[1\].*\[2\]"),
        ({"a/kernel": [[0.0, 0.0]], "a/bias": [0]}, r"a/bias is float32 .* int32"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_assigned(checkpoint, name_map, message):
    variables = {name: tf.Variable(value) for name, value in name_map.items()}
    with pytest.raises(InputError, match=message):
        checkpoints.import_v1_checkpoint(checkpoint, variables)
    for variable in variables.values():
        assert not np.any(variable.numpy())


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere: not a v1 checkpoint"):
        checkpoints.import_v1_checkpoint(str(tmp_path / "nowhere"), {})


def test_the_documents_names_are_ours_but_for_the_optimizers():
    expected = {
        "generator/dense_0/kernel": "generator/dense_0/kernel",
        "discriminator/batch_norm_1/moving_mean": "discriminator/batch_norm_1/moving_mean",
        "generator_optimizer/generator/dense_0/kernel/Adam": "generator/dense_0/kernel/Adam",
        "discriminator_optimizer/discriminator/dense_0/bias/Adam_1": (
            "discriminator/dense_0/bias/Adam_1"
        ),
        "generator_optimizer/beta1_power": "beta1_power_1",
        "generator_optimizer/beta2_power": "beta2_power_1",
        "discriminator_optimizer/beta1_power": "beta1_power",
        "discriminator_optimizer/beta2_power": "beta2_power",
    }
    state = {name: object() for name in [*expected, "average/generator/dense_0/kernel"]}
    named = checkpoints.document_name_map(state)
    assert named == {theirs: state[ours] for ours, theirs in expected.items()}


@pytest.mark.parametrize("name", ["encoder/kernel", "generator_optimizer/iterations"])
def test_a_name_that_the_script_does_not_have_is_refused(name):
    with pytest.raises(InputError, match=f"{name} has no name in the document's script"):
        checkpoints.document_name_map({name: None})
