"""What a call executes, reads and writes, told from the graph, for both kinds of variables."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf1

from tfgan.parity import graphs
from tfgan.parity.graphs import Graph, Order


def made(build, use_resource):
    """Returns what `build` makes in a graph of its own, and the graph as we read it."""
    with tf1.Graph().as_default() as live:
        things = build(use_resource)
        return things, Graph(live.as_graph_def())


def trained(use_resource):
    x = tf1.placeholder(tf1.float32, [None, 2], name="x")
    w = tf1.Variable(tf1.fill([2, 1], 0.5), use_resource=use_resource, name="w")
    b = tf1.Variable(tf1.zeros([1]), use_resource=use_resource, name="b")
    loss = tf1.reduce_mean(tf1.square(tf1.matmul(x, w) + b), name="loss")
    step = tf1.train.AdamOptimizer(0.01, beta2=0.99).minimize(loss, name="step")
    init = tf1.global_variables_initializer()
    return {"init": init.name, "step": step.name, "loss": loss.name}


BOTH = pytest.mark.parametrize("use_resource", [False, True])


@BOTH
def test_what_a_call_moves(use_resource):
    names, graph = made(trained, use_resource)
    slots = ["w/Adam", "w/Adam_1", "b/Adam", "b/Adam_1"]
    powers = ["beta1_power", "beta2_power"]
    assert graph.moved(graph.executed([names["loss"]])) == []
    moved = graph.moved(graph.executed([names["step"]]))
    assert moved == [v for v in graph.variables if v in ["w", "b", *slots, *powers]]
    assert set(graph.moved(graph.executed([names["init"]]))) == set(graph.variables)


@BOTH
def test_an_operation_comes_after_what_it_waits_for(use_resource):
    names, graph = made(trained, use_resource)
    executed = graph.executed([names["step"], names["loss"]])
    place = {name: i for i, name in enumerate(executed)}
    assert len(place) == len(executed)
    for name in executed:
        assert all(place[source] < place[name] for source in graph.before(name))
    order = Order(graph, executed)
    assert order.is_given("MatMul", "step")
    assert not order.is_given("w", "b")


@BOTH
def test_what_is_fed_is_not_executed(use_resource):
    names, graph = made(trained, use_resource)
    assert graph.executed([names["loss"]], ["loss:0"]) == []
    assert "MatMul" not in graph.executed([names["loss"]], ["Square:0"])


@BOTH
def test_an_optimizers_numbers_and_variables(use_resource):
    names, graph = made(trained, use_resource)
    steps = [n for n in graph.executed([names["step"]]) if "ApplyAdam" in graph.nodes[n].op]
    assert [graph.writes(n) for n in steps] == [
        ["w", "w/Adam", "w/Adam_1"],
        ["b", "b/Adam", "b/Adam_1"],
    ]
    found = graphs.hyperparameters(graph, steps[0])
    powers = {name: graph.value_of(found.pop(f"{name}_power")) for name in ("beta1", "beta2")}
    assert powers == {"beta1": "beta1_power", "beta2": "beta2_power"}
    assert found == {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}


@BOTH
def test_how_variables_start(use_resource):
    names, graph = made(trained, use_resource)
    starts = {}
    for name in graph.executed([names["init"]]):
        for variable in graph.writes(name):
            starts[variable] = graph.uniform(graph.inputs(name)[-1])
    assert (starts["w"], starts["b"], starts["beta2_power"]) == (0.5, 0.0, 0.99)


def test_a_reference_is_read_by_whatever_holds_its_memory():
    def build(use_resource):
        w = tf1.Variable(tf1.ones([2, 2]), use_resource=use_resource, name="w")
        same = tf1.identity(w, name="same")
        tf1.square(tf1.reshape(same, [4]), name="squared")

    for use_resource, reader in ((False, "squared"), (True, None)):
        _, graph = made(build, use_resource)
        readers = graph.reads(graph.executed(["squared"]))["w"]
        if reader:
            assert readers == [reader]  # the names in between pass the memory on
        else:
            assert [graph.nodes[name].op for name in readers] == ["ReadVariableOp"]


def test_a_loop_of_version_1_has_an_order():
    with tf1.Graph().as_default() as live:
        tf1.disable_control_flow_v2()
        total = tf1.while_loop(lambda i, _: i < 3, lambda i, t: (i + 1, t * 2.0), [0, 1.0])[1]
        executed = Graph(live.as_graph_def()).executed([total.name])
    assert len(executed) == len(set(executed)) > 5


def test_constants_keep_their_digits():
    def build(_):
        tf1.constant(np.float32(0.0002), name="rate")

    _, graph = made(build, False)
    assert graph.uniform("rate:0") == 0.0002
