"""Finds where a number stopped being finite, by running the same steps once more.

A run is a function of (config, seed, step), so nothing has to be watched while it trains: from the
last checkpoint the same steps give the same numbers, and the step in question is taken slowly.
"""

from collections.abc import Callable, Mapping

import tensorflow as tf

from tfgan.core import checks
from tfgan.core.interfaces import Model, Source


class _Found(Exception):  # noqa: N818 (not an error)
    """Ends the slow step: what was found, in words."""


def find(
    model: Model,
    source: Source,
    run_steps: Callable[[int, int], Mapping],
    restore: Callable[[], None],
    first_step: int,
    step: int,
) -> str:
    """Finds the first tensor that is not finite.

    Args:
      model, source: of the run.
      run_steps: runs whole iterations.
      restore: gives the model its state of `first_step`, in which all is finite.
      first_step: iterations that led to that state.
      step: the iteration whose losses are not finite; or, where a state was found to be so, the
        number of iterations that led to that state. Iterations count from 0.

    Returns:
      Words for people: the step (counted from 1, as in the log), the player, the tensor.
    """

    def is_sound() -> bool:
        return checks.first_non_finite(model.state()) is None

    def advance(first: int, last: int) -> None:
        if last > first:
            run_steps(first, last - first)

    restore()
    advance(first_step, step)
    if not is_sound():  # it went wrong before the losses showed it
        restore()
        step = first_step
        while is_sound():
            advance(step, step + 1)
            step += 1
        step -= 1
        restore()
        advance(first_step, step)
    try:
        _step_slowly(model, source, step)
    except _Found as found:
        return str(found)
    return (
        "all is finite when the same steps are run again, which a sound machine does not do: "
        "suspect its memory"
    )


def _step_slowly(model: Model, source: Source, step: int) -> None:
    """Takes an iteration eagerly and looks at each tensor as it comes.

    Raises:
      _Found: one is not finite.
    """
    label = f"step {step + 1}"

    def look_at_state() -> None:
        name = checks.first_non_finite(model.state())
        if name:
            player = name.partition("/")[0].removesuffix("_optimizer")
            raise _Found(f"{label}, {player}: {name} is not finite")

    def observe(player: str, tensors: Mapping[str, tf.Tensor]) -> None:
        look_at_state()  # what the step before has written comes first
        name = checks.first_non_finite(tensors)
        if name:
            raise _Found(f"{label}, {player}: {name} is not finite")

    model.iteration(tf.constant(step, tf.int64), source, observe)
    look_at_state()
