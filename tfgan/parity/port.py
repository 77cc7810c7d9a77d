"""The TF2 side of a comparison: a training loop that is called for several iterations at a time."""

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.parity import checkpoints

RunSteps = Callable[[int, int], Mapping[str, np.ndarray]]
"""(first_step from 0, num_steps) -> each loss of each step, [num_steps], by name."""


class Port:
    """A port, run in windows of a fixed length.

    Args:
      run_steps: trains, as `tfgan.training.make_loop` returns it.
      variables: all that training moves, by the names in the session.
      window: iterations in one call of `run_steps`; the last call may be shorter.
    """

    def __init__(self, run_steps: RunSteps, variables: Mapping[str, tf.Variable], window: int):
        self.variables, self.window = variables, window
        self._run_steps = run_steps
        self._begin, self._end = 1, 0
        self._losses: Mapping[str, np.ndarray] = {}

    def take_over(self, prefix: str, start: Mapping[str, np.ndarray]) -> None:
        """Imports the session's v1 checkpoint and checks that every bit of it arrived.

        Args:
          prefix: what `tf.compat.v1.train.Saver.save` returned.
          start: the session's variables when it saved.

        Raises:
          InputError: the checkpoint does not fit; it is not of `start`.
        """
        checkpoints.import_v1_checkpoint(prefix, self.variables)
        if start.keys() != self.variables.keys():
            unsaved = sorted(start.keys() ^ self.variables.keys())
            raise InputError(f"{prefix}: the session has other variables: {', '.join(unsaved)}.")
        for name, value in start.items():
            if value.tobytes() != self.variables[name].numpy().tobytes():
                raise InputError(f"{prefix}: {name} is not what the session started with.")

    def advance(self, step: int, num_steps: int) -> tuple[dict[str, np.ndarray], bool]:
        """Trains up to iteration `step`, or beyond it: to the end of its window.

        Args:
          step: from 1, one more than in the last call.
          num_steps: the last step, beyond which no window reaches.

        Returns:
          The losses of `step` by name, and whether the variables stand at `step`.
        """
        if step > self._end:
            self._begin, count = step, min(self.window, num_steps - step + 1)
            self._losses = self._run_steps(step - 1, count)
            self._end = step + count - 1
        losses = {name: values[step - self._begin] for name, values in self._losses.items()}
        return losses, step == self._end
