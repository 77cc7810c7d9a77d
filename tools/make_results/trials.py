"""Makes trials, each in a process of its own, several at once."""

import concurrent.futures
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from tfgan.core.checks import CommandError
from tools.make_results.record import Outcome, Trial

# As a command sets it: TensorFlow's notes on the machine would bury the lines of progress.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tfgan.build", "tfgan.training"])
_LOCK = threading.Lock()
"""multiprocessing asks after all children whenever one starts, which is not safe in threads."""

Measure = Callable[[Trial], Outcome]


class TrialError(CommandError):
    """The process of a trial died, or raised what is no outcome."""


def made(
    measure: Measure, trials: Sequence[Trial], num_workers: int
) -> Iterator[tuple[Trial, Outcome]]:
    """Yields each trial with its outcome, as they come.

    A trial's process is forked from one that has imported TensorFlow and done nothing with it, so
    no trial sees what another one has left, and none waits for the import.

    Args:
      measure: makes one trial; can be pickled.
      trials: to be made, in this order.
      num_workers: how many at once.

    Raises:
      TrialError: a trial has no outcome.
    """
    live: set[multiprocessing.process.BaseProcess] = set()
    with concurrent.futures.ThreadPoolExecutor(num_workers) as pool:
        running = {pool.submit(_made, measure, trial, live): trial for trial in trials}
        try:
            for future in concurrent.futures.as_completed(running):
                yield running[future], future.result()
        finally:  # an interrupt does not wait for the trials that run
            pool.shutdown(wait=False, cancel_futures=True)
            with _LOCK:
                for process in live:
                    process.terminate()


def _made(measure: Measure, trial: Trial, live: set) -> Outcome:
    answers, end = _forks.Pipe(duplex=False)
    process = _forks.Process(target=_child, args=(measure, trial, end), daemon=True)
    with _LOCK:
        process.start()
        live.add(process)
    end.close()  # so that the death of the process ends the pipe
    try:
        answer = answers.recv()
    except EOFError:
        answer = "its process died"
    with _LOCK:
        live.discard(process)
        process.join()
    if isinstance(answer, str):
        raise TrialError(f"{trial.key}: {answer}")
    return answer


def _child(measure: Measure, trial: Trial, end) -> None:
    """Is the process of a trial."""
    started = time.process_time()
    try:
        answer = dict(measure(trial))
        answer["processor_seconds"] = round(time.process_time() - started, 1)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    end.send(answer)
