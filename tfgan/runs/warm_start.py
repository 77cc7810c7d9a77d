"""A new run that begins with the weights of another: what fits is taken, what does not is named.

The parent is to a run what its data are: the config names it, and the identity of the run holds
what it was (path, step, SHA-256), so the run stays a pure function of what its record says. Where
the parent has trained on, the same flags are another run, and the record shows it. The parent is
read once, before the first checkpoint, which holds what was taken: a resume does without it.

Whatever has the same name, shape and dtype is taken: weights, statistics of a normalisation, and
their moving average. What an optimizer keeps is not, nor is the step. Reading runs no code.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfgan.core import checks
from tfgan.core.checks import InputError, NonFiniteError
from tfgan.core.interfaces import Model, is_of_optimizer

MOST_LINES = 8
"""Of those that name what was not taken."""

_AVERAGE = "average/"
"""Before the names of the average of what is called the same without it."""


@dataclasses.dataclass(frozen=True)
class Parent:
    """What a run begins with.

    Args:
      path: directory of the run, or of the version of an export.
      step: iterations that were done.
      sha256: of the checkpoint's manifest, or of the export's card, which hold those of all else.
      values: its state by name, or as much of it as there is.

    Raises:
      NonFiniteError: they hold NaN or infinity.
    """

    path: Path
    step: int
    sha256: str
    values: Mapping[str, np.ndarray]

    def __post_init__(self):
        bad = checks.first_non_finite(self.values)
        if bad:
            raise NonFiniteError(f"{self.path}, step {self.step}: {bad} is not finite; not used.")


class Began(NamedTuple):
    """What a run began with, without the tensors: those of a parent may be large."""

    record: dict[str, Any]
    """"path", "step" and "sha256" of the parent, as JSON; {} where there is none."""

    lines: list[str]
    """What was taken and what was not, for people."""


def begin(model: Model, parent: Parent | None) -> Began:
    """Gives a new model what fits of a parent's weights, and nothing where there is none.

    An average of the model's begins with the parent's average, or else with what that would be the
    average of; where the parent, an export, holds nothing but the average, both begin with it.

    Raises:
      InputError: nothing fits; the model is as it was.
    """
    if parent is None:
        return Began({}, [])
    offered = {name: v for name, v in parent.values.items() if not is_of_optimizer(name)}
    state = {name: v for name, v in model.state().items() if not is_of_optimizer(name)}
    taken: dict[str, np.ndarray] = {}
    left: list[str] = []
    met: set[str] = set()
    for name, variable in state.items():
        source = next((n for n in (name, _counterpart(name)) if n in offered), None)
        here = _described(variable.dtype.name, variable.shape)
        if source is None:
            left.append(f"{name}: {here} here, not in the parent")
            continue
        met.add(source)
        there = _described(offered[source].dtype.name, offered[source].shape)
        if there == here:
            taken[name] = offered[source]
        else:
            left.append(f"{name}: {there} in the parent, {here} here")
    for name in sorted(offered.keys() - met):
        there = _described(offered[name].dtype.name, offered[name].shape)
        left.append(f"{name}: {there} in the parent, not here")
    if not taken:
        raise InputError(
            f"--warm_start={parent.path}: nothing of it fits this model: {_shown(left[0])}."
        )
    for name, value in taken.items():
        state[name].assign(value)
    record = {"path": str(parent.path), "step": parent.step, "sha256": parent.sha256}
    return Began(record, _lines(len(taken), len(state), left, parent))


def _counterpart(name: str) -> str:
    """Returns the name of the average of a variable, and of an average that of its variable."""
    return name.removeprefix(_AVERAGE) if name.startswith(_AVERAGE) else _AVERAGE + name


def _described(dtype: str, shape) -> str:
    return f"{dtype} {list(map(int, shape))}"


def _shown(text: str) -> str:
    """Returns a line about a tensor, whose name may be anything in a parent of somebody else's."""
    return checks.cut(text if text.isprintable() else repr(text), 160)


def _lines(taken: int, all_: int, left: list[str], parent: Parent) -> list[str]:
    lines = [f"warm start     {taken} of {all_} tensors from step {parent.step} of {parent.path}"]
    lines += [f"not taken      {_shown(text)}" for text in left[:MOST_LINES]]
    if left[MOST_LINES:]:
        lines.append(f"not taken      {len(left) - MOST_LINES} more")
    return lines
