"""The training loop, from top to bottom.

`make_loop` puts whole iterations inside one `tf.function`; `train` calls it in windows and, between
windows, writes down what happened. A window never changes the numbers, since everything that an
iteration needs is a function of (seed, step): so the window's length may follow the clock.
"""

import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfgan.checks import InputError
from tfgan.config import Config
from tfgan.interfaces import Model, Source
from tfgan.summaries import RunFolder

SECONDS_PER_CALL = 1.0
"""How long a window lasts when the config leaves it open: between two looks at the progress bar."""


def make_loop(model: Model, source: Source) -> Callable[[int, int], dict[str, np.ndarray]]:
    """Makes the function that runs whole iterations inside TensorFlow.

    Args:
      model: trains by `iteration`.
      source: real examples.

    Returns:
      `run_steps(first_step, num_steps)`, which runs `num_steps` iterations from `first_step` on and
      returns each loss of each of them, float32 [num_steps], by name. It is traced once: both
      arguments are data, and any window gives the same bits. It raises InputError where an example
      cannot be read.
    """

    @tf.function(
        input_signature=[tf.TensorSpec([], tf.int64), tf.TensorSpec([], tf.int32)], autograph=False
    )
    def loop(first_step, num_steps):
        run_steps.num_traces += 1

        def body(i, history):
            losses = model.iteration(first_step + tf.cast(i, tf.int64), source)
            return i + 1, {name: history[name].write(i, losses[name]) for name in history}

        empty = {name: tf.TensorArray(tf.float32, num_steps) for name in model.loss_names}
        # One iteration at a time: each one reads the weights that the one before has written.
        _, history = tf.while_loop(
            lambda i, _: i < num_steps, body, (tf.constant(0), empty), parallel_iterations=1
        )
        return {name: array.stack() for name, array in history.items()}

    def run_steps(first_step: int, num_steps: int) -> dict[str, np.ndarray]:
        try:
            losses = loop(tf.constant(first_step, tf.int64), tf.constant(num_steps, tf.int32))
        except tf.errors.OpError as error:
            raise _cause(error) from error
        return {name: values.numpy() for name, values in losses.items()}

    run_steps.num_traces = 0
    return run_steps


def train(config: Config, model: Model, source: Source, folder: RunFolder) -> None:
    """Trains for `config.num_steps` iterations and leaves the run's files in `folder`.

    Args:
      config: the run.
      model: trains.
      source: real examples.
      folder: takes the losses and the pictures.
    """
    run_steps = make_loop(model, source)
    window = config.steps_per_call or 1
    step = 0
    folder.write_samples(step, model)
    while step < config.num_steps:
        started = time.monotonic()
        num_steps = min(
            window,
            config.num_steps - step,
            _until_next(step, config.sample_every_steps),
            _until_next(step, config.log_every_steps),
        )
        losses = run_steps(step, num_steps)
        folder.write_losses(step, losses)
        step += num_steps
        if step % config.sample_every_steps == 0 or step == config.num_steps:
            folder.write_samples(step, model)
        if not config.steps_per_call:
            rate = num_steps / (time.monotonic() - started)
            window = min(2 * window, max(1, int(rate * SECONDS_PER_CALL)))
    folder.finish(model)


def _cause(error: tf.errors.OpError) -> Exception:
    """Returns the InputError of a source that reads inside the graph, which arrives as a text."""
    _, found, text = error.message.partition("InputError: ")
    return InputError(text.splitlines()[0]) if found else error


def _until_next(step: int, every: int) -> int:
    return every - step % every
