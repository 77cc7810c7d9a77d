"""The training loop, from top to bottom.

`make_loop` puts whole iterations inside one `tf.function`; `train` calls it in windows and, between
windows, writes down what happened. A window never changes the numbers, since everything that an
iteration needs is a function of (seed, step): so the window's length may follow the clock.
"""

import contextlib
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfgan.cli import stopping
from tfgan.config import Config
from tfgan.core import checks
from tfgan.core.checks import InputError, NonFiniteError, Stopped, StorageError
from tfgan.core.interfaces import Model, Source, reconstructs
from tfgan.distribution import Distribution
from tfgan.evaluation.while_training import Evaluator
from tfgan.runs import floors, nonfinite, pictures
from tfgan.runs.checkpoints import snapshot
from tfgan.runs.folder import RunFolder
from tfgan.runs.health import Health
from tfgan.runs.progress import Progress
from tfgan.workers.leading import leading

SECONDS_PER_CALL = 1.0
"""How long a window lasts when the config leaves it open: between two looks at the progress bar."""


def make_loop(
    model: Model, source: Source, distribution: Distribution | None = None
) -> Callable[[int, int], dict[str, np.ndarray]]:
    """Makes the function that runs whole iterations inside TensorFlow.

    Args:
      model: trains by `iteration`.
      source: real examples.
      distribution: of the model, where it has replicas.

    Returns:
      `run_steps(first_step, num_steps)`, which runs `num_steps` iterations from `first_step` on and
      returns each loss of each of them, [num_steps] of the model's dtype, by name. It is traced
      once: both arguments are data, and any window gives the same bits. It raises InputError where
      an example cannot be read, or where the loop uses a variable that the model's state lacks.
    """

    models, sources = [model], [source]
    iteration: Callable[[tf.Tensor], Mapping[str, tf.Tensor]]
    iteration = functools.partial(model.iteration, source=source)
    if distribution:
        models, sources = distribution.models, distribution.sources(source)
        iteration = distribution.iteration(sources)

    @tf.function(
        input_signature=[tf.TensorSpec([], tf.int64), tf.TensorSpec([], tf.int32)], autograph=False
    )
    def loop(first_step, num_steps):
        run_steps.num_traces += 1
        if distribution:
            distribution.begin()

        def body(i, history):
            losses = iteration(first_step + tf.cast(i, tf.int64))
            return i + 1, {name: history[name].write(i, losses[name]) for name in history}

        empty = {name: tf.TensorArray(model.dtype, num_steps) for name in model.loss_names}
        # One iteration at a time: each one reads the weights that the one before has written.
        _, history = tf.while_loop(
            lambda i, _: i < num_steps, body, (tf.constant(0), empty), parallel_iterations=1
        )
        return {name: array.stack() for name, array in history.items()}

    def run_steps(first_step: int, num_steps: int) -> dict[str, np.ndarray]:
        if not run_steps.num_traces:  # type: ignore[attr-defined]
            _check_state(loop.get_concrete_function(), models, sources)
        try:
            losses = loop(tf.constant(first_step, tf.int64), tf.constant(num_steps, tf.int32))
        except tf.errors.OpError as error:
            raise _cause(error) from error
        return {name: values.numpy() for name, values in losses.items()}

    run_steps.num_traces = 0  # type: ignore[attr-defined]
    return run_steps


class Window(NamedTuple):
    """What a callback is told between two calls into TensorFlow."""

    step: int
    """How many iterations are done."""

    losses: Mapping[str, np.ndarray]
    """Of the window's iterations, [num_steps] each, by name."""

    health: Mapping[str, float]
    """Numbers by name, where the run was measured at this step; else empty."""

    verdict: str
    """How the run stands, where it was measured; else empty."""


Callback = Callable[[Window], bool | None]
"""Is called between windows; training ends there, with a checkpoint, if it returns True."""


class Traced(NamedTuple):
    """What of a run is made, and traced, once."""

    run_steps: Callable[[int, int], dict[str, np.ndarray]]
    health: Health


def trace(model: Model, source: Source, distribution: Distribution | None = None) -> Traced:
    """Makes the loop of a run and the measurement of its health; arguments as of `make_loop`."""
    run_steps = make_loop(model, source, distribution)
    if distribution and distribution.link:
        run_steps = leading(run_steps, model, distribution.link)
    return Traced(run_steps, Health(model, source))


def train(
    config: Config,
    model: Model,
    source: Source,
    folder: RunFolder,
    *,
    traced: Traced | None = None,
    distribution: Distribution | None = None,
    evaluator: Evaluator | None = None,
    callbacks: Sequence[Callback] = (),
    shows_progress: bool = True,
) -> None:
    """Trains from the directory's checkpoint up to step `config.num_steps`.

    Args:
      config: the run.
      model, source: its model and data, of seed `config.seed`.
      folder: started; takes all that the run leaves.
      traced: `trace(model, source)`, where it is there already, for a run that never rolled back.
      distribution: of the model, where it has replicas.
      evaluator: of the model, where the config asks for evaluations.
      callbacks: called between windows.
      shows_progress: whether to print lines, or a bar on a terminal.

    Raises:
      NonFiniteError: a number of the run is not finite; the message says where that began.
      Stopped: a signal ended the run after a checkpoint.
      StorageError: the disk refuses; what was saved before is whole.
    """
    while True:
        model.training_seed = config.training_seed(folder.rollbacks)
        if folder.rollbacks:
            source, traced = source.with_seed(model.training_seed), None
        try:
            progress = Progress(config.num_steps, folder.step, model, shows_progress)
            with contextlib.closing(progress):
                traced = traced or trace(model, source, distribution)
                train_once(config, model, source, folder, traced, evaluator, callbacks, progress)
            break
        except Stopped:
            folder.finish()  # what there is so far; a second signal does not wait for it
            raise
        except NonFiniteError as error:
            if config.on_nonfinite == "stop" or folder.rollbacks == config.max_rollbacks:
                with contextlib.suppress(StorageError):  # what there is to be told is the number
                    folder.events.session_end(False, time.time())
                raise
            folder.roll_back()
            print(f"{error}\nback to step {folder.step}, with other random numbers", flush=True)
    if folder.checkpoint:  # whose time it is, so that to start a finished run again changes nothing
        folder.events.session_end(True, folder.checkpoint.written_at())
    folder.finish()


def train_once(
    config: Config,
    model: Model,
    source: Source,
    folder: RunFolder,
    traced: Traced,
    evaluator: Evaluator | None,
    callbacks: Sequence[Callback],
    progress: Progress,
) -> None:
    """Trains to the end, or until a number is not finite; arguments and errors as for `train`."""
    run_steps, health = traced
    folder.restore(model)
    folder.board.start_clock(folder.step)
    step, window, rows = folder.step, config.steps_per_call or 1, folder.health_rows()
    paired = pictures.first(source, -(-config.num_samples // 2)) if reconstructs(model) else None
    is_converged = bool(rows) and model.verdict(rows) == "converged"
    is_stopped = is_converged and config.stop_when == "converged"
    with stopping.deferred():
        if folder.checkpoint is None:
            folder.write_real(*pictures.real(model, source, config.num_samples))
            state = snapshot(model.state())
            _draw(folder, step, model, state, paired)
            folder.save(step, state)
        while step < config.num_steps and not is_stopped:
            started = time.monotonic()
            num_steps = min(
                window,
                config.num_steps - step,
                _until_next(step, config.log_every_steps),
                _until_next(step, config.sample_every_steps),
                _until_next(step, config.checkpoint_every_steps),
            )
            losses = run_steps(step, num_steps)
            if checks.first_non_finite(losses):
                first_bad = step + _first_bad(losses)
                raise _explained(first_bad, model, source, folder, run_steps)
            folder.write_losses(step, losses)
            step += num_steps
            if not config.steps_per_call:
                rate = num_steps / (time.monotonic() - started)
                window = min(2 * window, max(1, int(rate * SECONDS_PER_CALL)))

            row, verdict, is_best = {}, "", False
            if step % config.log_every_steps == 0:
                last = {name: values[-1] for name, values in losses.items()}
                row = {"step": step} | last | health.measure(step)
                if evaluator and step % config.evaluate_every_steps == 0:
                    row |= evaluator.measure()
                    floors.write(folder.path, evaluator.floors)
                rows.append(row)
                verdict = model.verdict(rows)
                is_best = folder.write_health(row, verdict)
                is_converged = verdict == "converged"
            progress.show(step, losses, row, verdict)
            told = Window(step, losses, row, verdict)
            wishes = [callback(told) for callback in callbacks]  # True: to end here
            is_stopped = any(wishes) or is_converged and config.stop_when == "converged"
            signal = stopping.requested()
            is_last = step == config.num_steps or is_stopped
            is_to_draw = step % config.sample_every_steps == 0 or is_last
            is_to_save = step % config.checkpoint_every_steps == 0 or is_best or is_last or signal
            if is_to_draw or is_to_save:
                state = snapshot(model.state())
                if checks.first_non_finite(state):
                    raise _explained(step, model, source, folder, run_steps)
            if is_to_draw:
                _draw(folder, step, model, state, paired)
            if is_to_save:
                folder.save(step, state)
            if signal and not is_last:
                raise Stopped(
                    f"{signal}: stopped after step {step}, which is saved; "
                    "run the same command to resume."
                )
    if step < config.num_steps and is_converged:
        print(f"ended at step {step}: converged, as --stop_when asks", flush=True)


def _draw(
    folder: RunFolder,
    step: int,
    model: Model,
    state: Mapping[str, np.ndarray],
    paired: np.ndarray | None,
) -> None:
    """Draws samples; of a model that reconstructs, also what it makes of real examples."""
    folder.write_samples(step, model, state)
    if paired is not None:
        folder.write_reconstructions(step, model, paired)


def _explained(
    step: int, model: Model, source: Source, folder: RunFolder, run_steps
) -> NonFiniteError:
    """Returns the error that says where a number stopped being finite, by step `step`."""
    if folder.checkpoint is None:
        return NonFiniteError("the state is not finite before the first step.")
    place = nonfinite.find(
        model, source, run_steps, lambda: folder.restore(model), folder.step, step
    )
    return NonFiniteError(
        f"{place}. The last good checkpoint is {folder.checkpoint.path}. Look at the data and the "
        "learning rates; --on_nonfinite=rollback tries again from there with other random numbers."
    )


def _check_state(loop, models: Sequence[Model], sources: Sequence[Source]) -> None:
    """Checks that a resume restores every variable of the loop.

    Raises:
      InputError: one is neither in the model's state nor read for a batch.
    """
    handles = {id(variable.handle) for model in models for variable in model.state().values()}
    for source in sources:
        # A batch is a pure function of the seed and the step: what it reads is no state.
        drawn = tf.function(source.batch, autograph=False)
        drawn = drawn.get_concrete_function(tf.TensorSpec([], tf.int64))
        handles |= {id(tensor) for tensor in drawn.captured_inputs}
    for handle in loop.captured_inputs:
        if handle.dtype == tf.resource and id(handle) not in handles:
            name = next((v.name for v in loop.variables if v.handle is handle), None)
            if name is not None:  # else it is no variable, but a table, say
                raise InputError(
                    f"training uses the variable {name!r}, which the model's state lacks: it would "
                    "be lost when the run resumes. Make it an attribute of a network."
                )


def _first_bad(losses: dict[str, np.ndarray]) -> int:
    """Returns the index of the first step with a loss that is not finite."""
    is_bad = ~np.isfinite(np.stack(list(losses.values())))  # [losses, num_steps]
    return int(is_bad.any(axis=0).argmax())


def _cause(error: tf.errors.OpError) -> Exception:
    """Returns what to raise for an error of the loop's graph.

    The InputError of a source that reads inside the graph arrives as a text.
    """
    if isinstance(error, tf.errors.ResourceExhaustedError):
        return InputError(checks.OUT_OF_MEMORY)
    before, found, text = error.message.partition("InputError: ")
    if not found:
        return error
    line = text.splitlines()[0]
    return InputError(line.removesuffix("]") if before.endswith("[") else line)  # of an assertion


def _until_next(step: int, every: int) -> int:
    return every - step % every
