"""The first operation that differs: on the way to what differs, and behind no value that agrees."""

import numpy as np
import tensorflow.compat.v1 as tf1

from tfgan.parity import inside, seen
from tfgan.parity.graphs import Graph
from tfgan.parity.recording import Call, Kind, Recording
from tfgan.parity.requests import Request


def computed(factor, offset, slope=1.0):
    """Returns a session's operations of y = factor relu(slope x - offset), z = x > offset."""
    with tf1.Graph().as_default() as live:
        x = tf1.placeholder(tf1.float32, [3], name="x")
        shifted = tf1.subtract(slope * x, offset, name="shifted")
        y = tf1.multiply(factor, tf1.nn.relu(shifted, name="relu"), name="y")
        is_more = tf1.greater(x, offset, name="more")
        graph = Graph(live.as_graph_def())
        fetches = ["y:0", "more:0"]
        outputs = [t for op in live.get_operations() for t in op.outputs if t is not x]
        with tf1.Session() as session:
            feeds = {"x:0": np.float32([1, 2, 3])}
            values = dict(zip((t.name for t in outputs), session.run(outputs, feeds), strict=True))
    kind = Kind(0, 0, [], fetches, ["x:0"], [], [], False, "call")
    recording = Recording(Request("none.py"), "", [kind], graphs={0: graph})
    call = Call(0, feeds, {}, {name: values[name] for name in fetches}, {}, values)
    assert y.name in fetches
    assert is_more.name in fetches
    return inside.of_session(recording, kind, call, {}, {}), graph


def first(ours, theirs, differing):
    operations, graph = computed(*ours)
    index = inside.Index(computed(*theirs)[0])
    found = seen.first_difference(operations, index, graph, differing)
    return found.name if found else None


def test_the_first_in_the_order_of_computing():
    assert first((2.0, 1.5), (2.0, 1.5), ["y:0"]) is None
    assert first((2.0, 1.5), (3.0, 1.5), ["y:0"]) == "y"
    assert first((2.0, 1.5), (3.0, 1.25), ["y:0"]) == "shifted"


def test_what_leads_to_nothing_that_differs_is_left_out():
    # The comparison differs as well, but what is asked for does not hang on it.
    assert first((2.0, 1.5), (3.0, 2.5), ["more:0"]) == "more"
    assert first((2.0, 1.5), (2.0, 2.5, 2.0), ["y:0"]) in ("mul", "shifted")
