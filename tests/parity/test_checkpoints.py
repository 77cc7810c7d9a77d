"""Weights and slots of a v1 Saver checkpoint become ours, all of them or none."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.compat.v1 as tf1

from tfgan.core.checks import InputError
from tfgan.parity import migration


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
    migration.import_v1_checkpoint(checkpoint, {"a/kernel": kernel, "a/bias": bias})
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
        migration.import_v1_checkpoint(checkpoint, variables)
    for variable in variables.values():
        assert not np.any(variable.numpy())


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere: not a v1 checkpoint"):
        migration.import_v1_checkpoint(str(tmp_path / "nowhere"), {})
