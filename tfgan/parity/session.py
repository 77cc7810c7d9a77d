"""A TF1 training script, run one iteration at a time in a thread of its own."""

import collections
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import tensorflow.compat.v1 as tf

from tfgan.core.checks import InputError

Draw = Callable[[str], np.ndarray]
"""Returns the next array of a name, such as "latents" or "real"."""

Script = Callable[[Draw], Generator[Any, None, None]]
"""Makes the generator that trains and yields, as the docstring of `Session` says."""


class State(NamedTuple):
    """Where a session stands after an iteration."""

    losses: dict[str, np.ndarray]
    """Scalars by name; empty before the first iteration."""

    variables: dict[str, np.ndarray]
    """All global variables of the session's graph, by the names of their operations."""


class Session:
    """A TF1 script in a thread of its own, because graph and eager mode are per thread.

    The script is a generator that makes its own graph and yields named tuples: the open
    `tf.compat.v1.Session`, then the losses of the iteration under their names. It yields once
    before it trains, with None for each loss, then after each iteration. What an iteration is to
    see it takes from `draw(name)`, which hands out what the comparison gave for this iteration.

    A script that ends early, fails, or draws more or fewer arrays than it was given never leaves
    its caller waiting: the iteration's future raises. Only a script that never yields again does.
    Use it in a `with`: a script that is still open when Python exits can keep it from exiting.

        with Session(lambda draw: my_script(draw)) as session:
            start = session.start()
            state = session.advance({"latents": [latents], "real": [real]}).result()

    Args:
      script: takes `draw`, returns the generator.
    """

    def __init__(self, script: Script):
        self._iterations = self._generate(script)
        self._arrays: Mapping[str, collections.deque] = {}
        self._count = -1  # of the iteration that runs; 0 is the start
        # TensorFlow's stack of graphs belongs to a thread, so one thread makes every call.
        self._thread = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error) -> None:
        """Closes the script, then ends the thread: TensorFlow must be idle when Python exits."""
        self._thread.submit(self._iterations.close)
        self._thread.shutdown()

    def start(self) -> State:
        """Makes the session and returns its state before any training; call it first.

        Raises:
          InputError: as for `advance`.
        """
        return self.advance({}).result()

    def advance(self, arrays: Mapping[str, Sequence[np.ndarray]]) -> "Future[State]":
        """Begins the next iteration and returns at once.

        Args:
          arrays: by name what the iteration draws, in the order in which it draws.

        Returns:
          The future state; its `result()` waits for the iteration, and raises InputError where the
          script ends early, fails, draws other arrays, or yields something else.
        """
        return self._thread.submit(self._advance, arrays)

    def _generate(self, script):
        yield from script(self._draw)  # nothing of the script runs before the thread's first call

    def _draw(self, name: str) -> np.ndarray:
        waiting = self._arrays.get(name)
        if not waiting:
            raise InputError(f"{self._place()} draws {name!r} more often than the port does.")
        return waiting.popleft()

    def _advance(self, arrays) -> State:
        self._count += 1
        self._arrays = {name: collections.deque(values) for name, values in arrays.items()}
        try:
            state = self._read(next(self._iterations))
        except StopIteration:
            raise InputError(
                f"the session's script ended early: {self._place()} never came."
            ) from None
        except InputError:
            raise
        except BaseException as error:  # SystemExit too: it would end this thread alone
            reason = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
            raise InputError(f"{self._place()} failed: {reason}") from error
        left = [name for name, waiting in self._arrays.items() if waiting]
        if left:
            raise InputError(f"{self._place()} draws {left[0]!r} less often than the port does.")
        return state

    def _read(self, iteration) -> State:
        session: Any = iteration[0] if hasattr(iteration, "_asdict") else None
        if not hasattr(session, "run") or not hasattr(session, "graph"):
            raise InputError(
                f"{self._place()} yields {type(iteration).__name__}: it must be a named tuple of "
                "the tf.compat.v1.Session, then the losses."
            )
        _, *losses = iteration._asdict().items()
        collection = session.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES)
        return State(
            {name: np.asarray(loss) for name, loss in losses if loss is not None},
            session.run({variable.op.name: variable for variable in collection}),
        )

    def _place(self) -> str:
        return f"iteration {self._count} of the session" if self._count else "the session's start"
