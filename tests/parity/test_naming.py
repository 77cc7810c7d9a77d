"""A script's own names, and the statements that made what is in its graph."""

import runpy

import pytest

from tfgan.parity.graphs import Graph
from tfgan.parity.naming import Names, identifier

SCRIPT = """
import tensorflow.compat.v1 as tf

def layer(x, n):
    w = tf.get_variable("w%d" % n, [2, 2])
    out = tf.matmul(x, w)
    return tf.nn.relu(out)

class Model(object):
    def __init__(self):
        self.x = tf.placeholder(tf.float32, [None, 2])
        y = layer(layer(self.x, 1), 2)
        self.loss = tf.reduce_mean(
            tf.square(y) - 1.0)
        self.parts = [tf.square(v) for v in tf.trainable_variables()]

graph = tf.Graph()
with graph.as_default():
    model = Model()
    solver = tf.train.GradientDescentOptimizer(0.1).minimize(model.loss)
"""


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    path = tmp_path_factory.mktemp("script") / "model.py"
    path.write_text(SCRIPT)
    live = runpy.run_path(str(path))["graph"]
    lines = {
        op.name: [
            f"model.py:{frame.lineno}"
            for frame in reversed(op.traceback)
            if frame.filename == str(path)
        ]
        for op in live.get_operations()
    }
    return Names(Graph(live.as_graph_def()), lines, path)


def test_what_an_assignment_made_last_has_its_name(names):
    assert names.of("Placeholder:0") == "x"
    assert names.of("Mean:0") == "loss"
    assert names.of("GradientDescent") == "solver"


def test_what_a_helper_makes_twice_keeps_its_own_name(names):
    assert names.of("MatMul:0") == "MatMul:0"
    assert names.of("Relu:0") == "Relu:0"


def test_lists_and_inner_operations_keep_theirs(names):
    assert names.of("sub:0") == "sub:0"
    assert names.of("Square_1:0") == "Square_1:0"


def test_the_statement_of_an_operation(names):
    code = "self.loss = tf.reduce_mean( tf.square(y) - 1.0)"
    assert names.statement("Square") == ("model.py:13", code)
    assert names.statement("nobody") == ("", "")


def test_the_variable_of_what_waits_for_an_operation(names):
    (step,) = [n for n in names._graph.nodes if "update_w1" in n and "ApplyGradientDescent" in n]
    assert names.handle([step], ["Square_1"]) == "solver"
    assert names.handle(["Relu", "sub"], [step]) == "self.loss"  # the first that waits for both
    assert names.handle(["Square_1"], []) is None


def test_identifiers():
    taken = set()
    made = [identifier(name, taken) for name in ("gen/z:0", "class", "3d", "gen/z:0", ":0")]
    assert made == ["gen_z", "_class", "_3d", "gen_z_2", "call"]
