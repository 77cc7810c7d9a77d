"""A script runs in its own thread, and whatever it does, nobody waits for it in vain."""

import collections
import threading

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.compat.v1 as tf1

from tfgan.core.checks import InputError
from tfgan.parity.session import Session

Iteration = collections.namedtuple("Iteration", "sess loss")
ARRAYS = {"x": [np.float32(3)]}


def script(draw, num_iterations=1000, each=lambda draw, step: None, closed=None):
    """Adds each x to a weight; its loss is x squared."""
    try:
        with tf1.Graph().as_default():
            weight = tf1.get_variable("sum/weight", initializer=np.float32(10), use_resource=True)
            x = tf1.placeholder(tf1.float32, [])
            moved = weight.assign_add(x)
            with tf1.Session() as session:
                session.run(tf1.global_variables_initializer())
                yield Iteration(session, None)
                for step in range(1, num_iterations + 1):
                    each(draw, step)
                    square, _ = session.run([x * x, moved], {x: draw("x")})
                    yield Iteration(session, square)
    finally:
        if closed is not None:
            closed.append(threading.current_thread())


def test_state_by_name_and_a_close_in_the_thread_of_the_script():
    closed = []
    with Session(lambda draw: script(draw, closed=closed)) as session:
        start = session.start()
        assert start == ({}, {"sum/weight": 10})
        first = session.advance({"x": [np.float32(2)]})
        second = session.advance({"x": [np.float32(3)]})  # may be asked for before the first is in
        assert first.result() == ({"loss": 4}, {"sum/weight": 12})
        assert second.result() == ({"loss": 9}, {"sum/weight": 15})
        assert second.result().losses["loss"].dtype == np.float32
    assert len(closed) == 1  # its `finally` and `with` were left, by the thread that entered them
    assert closed[0] is not threading.current_thread()
    assert not closed[0].is_alive()
    assert tf.executing_eagerly()


def failing(error):
    def each(draw, step):
        if step == 2:
            raise error

    return each


def twice(draw, step):
    if step == 2:
        draw("x")


def other(draw, step):
    if step == 2:
        draw("y")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            dict(num_iterations=1),
            "the session's script ended early: iteration 2 of the session never came.",
        ),
        (
            dict(each=failing(ValueError("no\nway"))),
            "iteration 2 of the session failed: ValueError: no",
        ),
        (dict(each=failing(SystemExit())), "iteration 2 of the session failed: SystemExit"),
        (
            dict(each=failing(StopIteration())),
            "iteration 2 of the session failed: RuntimeError: generator raised StopIteration",
        ),
        (dict(each=twice), "iteration 2 of the session draws 'x' more often than the port does."),
        (dict(each=other), "iteration 2 of the session draws 'y' more often than the port does."),
    ],
)
def test_an_iteration_that_goes_wrong_is_one_line(fields, message):
    with Session(lambda draw: script(draw, **fields)) as session:
        session.start()
        session.advance(ARRAYS).result(timeout=60)
        with pytest.raises(InputError) as caught:
            session.advance(ARRAYS).result(timeout=60)
        assert str(caught.value) == message
        with pytest.raises(InputError, match="ended early: iteration 3"):  # nor later
            session.advance(ARRAYS).result(timeout=60)


def test_arrays_that_are_left_are_an_error():
    with Session(script) as session:
        session.start()
        with pytest.raises(InputError, match="iteration 1 of the session draws 'x' less often"):
            session.advance({"x": [np.float32(3)] * 2}).result(timeout=60)


def nothing(draw):
    return
    yield


def no_session(draw):
    yield 1.0


def eager(draw):
    draw("x")
    yield


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (nothing, "the session's script ended early: the session's start never came."),
        (lambda draw: None, "the session's start failed: TypeError: 'NoneType' object is not iter"),
        (no_session, "the session's start yields float: it must be a named tuple of"),
        (eager, "the session's start draws 'x' more often than the port does."),
    ],
)
def test_a_start_that_goes_wrong_is_one_line(wrong, message):
    with Session(wrong) as session, pytest.raises(InputError) as caught:
        session.start()
    assert str(caught.value).startswith(message)
