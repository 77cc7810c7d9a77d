"""Any session is compared with any port: here a weight that moves towards what it sees."""

import collections

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.compat.v1 as tf1

from tfgan.core.checks import InputError
from tfgan.parity.comparison import compare
from tfgan.parity.port import Port
from tfgan.parity.session import Session

Iteration = collections.namedtuple("Iteration", "sess loss")
RATE = np.float32(0.1)


def batch(step):
    return np.float32([step, -step])


def script(draw, prefix):
    with tf1.Graph().as_default():
        weight = tf1.get_variable("weight", initializer=np.float32([1, 2]), use_resource=True)
        x = tf1.placeholder(tf1.float32, [2])
        error = weight.read_value() - x
        moved = weight.assign_sub(RATE * error, read_value=False)
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, prefix)
            yield Iteration(session, None)
            while True:
                loss, _ = session.run([tf.reduce_sum(error * error), moved], {x: draw("x")})
                yield Iteration(session, loss)


class Trainer:
    """The port: eager, and with a fault from step `faulty` on."""

    def __init__(self, faulty=None, loss="loss", variable="weight"):
        self.weight, self.calls = tf.Variable([0.0, 0.0]), []
        self.faulty, self.loss, self.variables = faulty, loss, {variable: self.weight}

    def run_steps(self, first_step, num_steps):
        self.calls.append((first_step, num_steps))
        losses = []
        for step in range(first_step, first_step + num_steps):
            error = self.weight - batch(step)
            losses.append(tf.reduce_sum(error * error).numpy())
            self.weight.assign_sub(RATE * error)
            if step == self.faulty:
                self.weight.assign(np.nextafter(self.weight.numpy(), np.float32(9)))
        return {self.loss: np.stack(losses)}


def run(trainers, num_steps, tmp_path):
    prefix = str(tmp_path / "start")
    with Session(lambda draw: script(draw, prefix)) as session:
        start = session.start()
        ports = []
        for window, trainer in trainers.items():
            ports.append(Port(trainer.run_steps, trainer.variables, window))
            ports[-1].take_over(prefix, start.variables)
        return compare(session, ports, lambda step: {"x": [batch(step)]}, num_steps)


def test_equal_to_the_bit_in_windows(tmp_path):
    trainers = {1: Trainer(), 4: Trainer()}
    report = run(trainers, 10, tmp_path)
    assert report.equal, report.markdown()
    assert trainers[1].calls == [(step, 1) for step in range(10)]
    assert trainers[4].calls == [(0, 4), (4, 4), (8, 2)]
    assert report.rows["loss"].compared == 2 * 10
    assert report.rows["weight"].compared == 10 + 3


def test_a_fault_is_found_where_it_arises(tmp_path):
    report = run({4: Trainer(faulty=5)}, 10, tmp_path)  # in the sixth step, seen by the seventh
    assert report.first[:3] == (7, 7, "loss")
    assert report.rows["weight"].first_step == 8
    report = run({4: Trainer(faulty=7)}, 10, tmp_path)
    assert report.first == (8, 5, "weight", 4)
    assert "first in steps 5 to 8, in weight (window 4)" in report.verdict()


def test_names_must_agree(tmp_path):
    with pytest.raises(InputError, match="the session's losses are loss; the port's are g_loss"):
        run({1: Trainer(loss="g_loss")}, 2, tmp_path)
    with pytest.raises(InputError, match=r"Not in the checkpoint: \['kernel'\]"):
        run({1: Trainer(variable="kernel")}, 2, tmp_path)


def test_a_hand_over_that_is_not_the_start_is_refused(tmp_path):
    prefix, trainer = str(tmp_path / "start"), Trainer()
    with Session(lambda draw: script(draw, prefix)) as session:
        start = session.start()
    port = Port(trainer.run_steps, trainer.variables, 1)
    with pytest.raises(InputError, match="weight is not what the session started with"):
        port.take_over(prefix, {"weight": start.variables["weight"] + 1})
    with pytest.raises(InputError, match="the session has other variables: step"):
        port.take_over(prefix, start.variables | {"step": np.int64(0)})
