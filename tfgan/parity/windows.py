"""A port's calls inside of one `tf.function`: several iterations of the script without Python."""

import collections
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan.core.checks import InputError

Values = Mapping[str, np.ndarray]
LONGEST_ITERATION = 64
"""Calls that an iteration of a script may have."""


class Done(NamedTuple):
    """A call that the session has done, and what a port has to do for it."""

    number: int
    kind: str
    inputs: Values
    """By their names in the port."""
    outputs: tuple[str, ...]
    """What the port returns."""
    add: Callable[[Values, Values | None], None]
    """Takes what the port returned, and its variables, where they stand at this call's end."""


def iteration(kinds: Sequence[str]) -> list[str]:
    """Returns the calls that a script makes again and again, in their order; []: there are none.

    They are the shortest sequence that, repeated, is most of what the script does.
    """
    for length in range(1, min(LONGEST_ITERATION, len(kinds) // 2) + 1):
        same = sum(a == b for a, b in zip(kinds, kinds[length:], strict=False))
        if same >= 0.8 * (len(kinds) - length):
            starts = [tuple(kinds[i : i + length]) for i in range(0, len(kinds) - length, length)]
            return list(collections.Counter(starts).most_common(1)[0][0])
    return []


class Windows:
    """Runs a port in windows of iterations; calls out of the order are run one by one.

    Args:
      port: with `set`, `state`, `variables` and `calls`, as `proof.PortFile` has them.
      pattern: kinds of the calls of one iteration.
      length: iterations in a window.
    """

    def __init__(self, port: Any, pattern: Sequence[str], length: int):
        self.port, self.pattern, self.length = port, list(pattern), length
        self.num_windows = 0
        self._waiting: list[Done] = []
        self._state: dict[str, np.ndarray] | None = None
        self._loops: dict[tuple, Callable] = {}

    def begin(self, values: Values) -> None:
        """Gives variables the session's values: the script has initialised them."""
        self.flush()
        known = {name: values[name] for name in values.keys() & self.port.variables.keys()}
        self._state = {**(self._state or {}), **known}

    def add(self, done: Done) -> None:
        """Takes a call in; runs the window that it ends."""
        self._waiting.append(done)
        wanted = self.pattern * self.length
        kinds = [each.kind for each in self._waiting]
        if kinds != wanted[: len(kinds)]:
            self.flush()
        elif len(kinds) == len(wanted):
            if self._is_regular():
                self._run_window()
            else:
                self.flush()

    def flush(self) -> None:
        """Runs what waits, call by call."""
        for done in self._waiting:
            step = functools.partial(self.port.calls[done.kind], _tensors(done))
            outputs = self._with_state(step)
            done.add({n: np.asarray(v) for n, v in (outputs or {}).items()}, self._state)
        self._waiting = []

    def _is_regular(self) -> bool:
        """Whether each call has the shapes of the one an iteration before."""
        step = len(self.pattern)
        return all(
            {n: v.shape for n, v in a.inputs.items()} == {n: v.shape for n, v in b.inputs.items()}
            for a, b in zip(self._waiting, self._waiting[step:], strict=False)
        )

    def _run_window(self) -> None:
        step = len(self.pattern)
        stacked = [
            {
                name: np.stack([each.inputs[name] for each in self._waiting[place::step]])
                for name in self._waiting[place].inputs
            }
            for place in range(step)
        ]
        names = [self._waiting[place].outputs for place in range(step)]
        try:
            outputs = self._with_state(lambda: self._loop(names)(stacked))
        except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
            raise InputError(
                f"the port cannot run inside of a tf.function, which --window asks for: "
                f"{type(error).__name__}: {str(error).strip().splitlines()[-1]}"
            ) from error
        self.num_windows += 1
        waiting, self._waiting = self._waiting, []
        for place, done in enumerate(waiting):
            turn, position = divmod(place, step)
            returned = {name: np.asarray(v[turn]) for name, v in outputs[position].items()}
            is_last = place == len(waiting) - 1
            done.add(returned, self._state if is_last else None)

    def _with_state(self, run: Callable[[], Any]) -> Any:
        """Runs from this window's own state, and leaves the port's as it was."""
        kept = self.port.state()
        self.port.set(self._state or {})
        outputs = run()
        self._state = {**(self._state or {}), **self.port.state()}
        self.port.set(kept)
        return outputs

    def _loop(self, names: Sequence[Sequence[str]]) -> Callable:
        import tensorflow as tf

        key = tuple(map(tuple, names))
        if key in self._loops:
            return self._loops[key]
        calls, pattern, length = self.port.calls, self.pattern, self.length

        def one(place, turn, stacked):
            inputs = {name: value[turn] for name, value in stacked[place].items()}
            returned = calls[pattern[place]](inputs) or {}
            return {name: returned[name] for name in names[place]}

        @tf.function(autograph=False)
        def loop(stacked):
            shapes = tf.nest.map_structure(
                lambda value: tf.TensorArray(value.dtype, length, element_shape=value.shape),
                _traced(lambda: [one(p, tf.constant(0), stacked) for p in range(len(pattern))]),
            )

            def body(turn, arrays):
                moved = []
                for place, held in enumerate(arrays):  # in the script's order
                    outputs = one(place, turn, stacked)
                    moved.append({n: held[n].write(turn, outputs[n]) for n in held})
                return turn + 1, moved

            _, arrays = tf.while_loop(
                lambda turn, _: turn < length, body, (tf.constant(0), shapes), parallel_iterations=1
            )
            return [{name: array.stack() for name, array in held.items()} for held in arrays]

        self._loops[key] = loop
        return loop


def _traced(run: Callable[[], Any]) -> Any:
    """Returns the specs of what a function returns, without running it."""
    import tensorflow as tf

    return tf.function(run, autograph=False).get_concrete_function().structured_outputs


def _tensors(done: Done) -> dict[str, Any]:
    import tensorflow as tf

    return {name: tf.constant(value) for name, value in done.inputs.items()}
