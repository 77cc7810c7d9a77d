"""Races are found by the graph alone: those that there are, and no others."""

import pytest
import tensorflow.compat.v1 as tf1

from tfgan.parity import findings
from tfgan.parity.graphs import Graph
from tfgan.parity.recording import Kind, Recording
from tfgan.parity.requests import Request


def recorded(build, use_resource=False):
    """Returns a recording with one kind of call: of all that `build` returns."""
    with tf1.Graph().as_default() as live:
        executes = build(use_resource)
        trained = [variable.op.name for variable in tf1.trainable_variables()]
        graph = Graph(live.as_graph_def())
    kind = Kind(0, 0, [op.name for op in executes], [], [], [], [], False, "call")
    return Recording(
        Request("none.py"), "", [kind], graphs={0: graph}, lines={0: {}}, trained={0: trained}
    )


def races(build, use_resource=False):
    recording = recorded(build, use_resource)
    found = findings.races(recording, recording.kinds[0])
    return [(race.variable, race.moves_variables) for race in found]


def pair(use_resource, learning_rate=0.1):
    """Returns a weight, and a step that moves it against its loss."""
    w = tf1.Variable(tf1.ones([3, 1]), use_resource=use_resource, name="w")
    loss = tf1.reduce_sum(tf1.square(tf1.matmul(tf1.ones([2, 3]), w)))
    return w, loss, tf1.train.RMSPropOptimizer(learning_rate).minimize(loss)


BOTH = pytest.mark.parametrize("use_resource", [False, True])


@BOTH
def test_a_clip_beside_the_solver_races(use_resource):
    def build(use_resource):
        w, _, step = pair(use_resource)
        return [step, tf1.assign(w, tf1.clip_by_value(w, -1.0, 1.0)).op]

    assert races(build, use_resource) == [("w", True)]


@BOTH
def test_a_clip_after_the_solver_does_not(use_resource):
    def build(use_resource):
        w, _, step = pair(use_resource)
        with tf1.control_dependencies([step]):
            return [tf1.assign(w, tf1.clip_by_value(w.read_value(), -1.0, 1.0)).op]

    assert races(build, use_resource) == []


@BOTH
def test_a_step_and_its_own_loss_do_not_race(use_resource):
    def build(use_resource):
        _, loss, step = pair(use_resource)
        return [step, loss.op]

    assert races(build, use_resource) == []


@BOTH
def test_a_weight_that_is_only_looked_at_beside_its_step(use_resource):
    def build(use_resource):
        w, _, step = pair(use_resource)
        return [step, tf1.reduce_max(w).op]

    assert races(build, use_resource) == [("w", False)]


def test_two_players_in_one_call_race_by_reference_and_not_by_resource():
    def build(use_resource):
        d = tf1.Variable(tf1.ones([1, 1]), use_resource=use_resource, name="d")
        g = tf1.Variable(tf1.ones([1, 1]), use_resource=use_resource, name="g")
        loss = tf1.reduce_sum(tf1.matmul(tf1.matmul(tf1.ones([2, 1]), g), d))
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        return [
            optimizer.minimize(loss, var_list=[d], name="d_step"),
            optimizer.minimize(-loss, var_list=[g], name="g_step"),
        ]

    assert ("d", True) in races(build, False)
    assert races(build, True) == []  # a reading is a copy, and the step of d waits for it


def test_a_weight_that_nobody_trains_and_one_that_is_trained_twice():
    def build(use_resource):
        w = tf1.Variable(tf1.ones([2, 1]), use_resource=False, name="w")
        b = tf1.Variable(tf1.zeros([1]), use_resource=False, name="b")
        loss = tf1.reduce_sum(tf1.matmul(tf1.ones([2, 2]), w) + b)
        return [tf1.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w, w])]

    recording = recorded(build)
    assert [name for name, _ in findings.untrained(recording)] == ["b"]
    (twice,) = findings.trained_twice(recording, recording.kinds[0])
    assert twice[0] == "w"
    assert len(twice[1]) == 2


def test_a_graph_without_an_optimizer_has_no_untrained_weights():
    def build(use_resource):
        return [tf1.Variable(1.0, use_resource=False, name="w").assign_add(1.0).op]

    assert list(findings.untrained(recorded(build))) == []


@BOTH
def test_the_fetch_that_races_and_the_one_that_does_not(use_resource):
    names = {}

    def build(use_resource):
        w, loss, step = pair(use_resource)
        names.update(largest=tf1.reduce_max(w).name, loss=loss.name)
        return [step]

    recording = recorded(build, use_resource)
    kind = recording.kinds[0]
    kind.fetches = list(names.values())
    assert findings.racing_fetches(recording, kind) == {names["largest"]}


def test_a_counter_that_is_fetched_while_it_moves():
    def build(use_resource):
        return [tf1.Variable(0, use_resource=False, name="step").assign_add(1).op]

    recording = recorded(build)
    kind = recording.kinds[0]
    kind.fetches = ["step:0"]
    assert findings.fetched_while_moved(recording, kind) == ["step"]
    kind.fetches = []
    assert findings.fetched_while_moved(recording, kind) == []
