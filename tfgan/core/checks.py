"""Messages that name the argument, what it was and the way out."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

DECIMAL = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
"""A number as flags have it: neither 1_0.5 nor nan, inf or digits of other scripts."""

OUT_OF_MEMORY = "there is not enough memory for this; make batches, networks or pictures smaller."


class CommandError(Exception):
    """What ends a command with one line instead of a traceback: the cause, then the way out."""

    status = 1
    """Exit status of the command."""

    def line(self) -> str:
        """Returns the message on one line; of a long one, which quotes much, both ends."""
        text = " ".join(str(self).splitlines())
        return text if len(text) <= 2000 else f"{text[:1500]} ... {text[-400:]}"


class InputError(CommandError, ValueError):
    """Something a user gave cannot be used."""

    status = 2


class NotPreparedError(InputError):
    """A data set that is known, but has not been prepared on this machine."""


class NonFiniteError(CommandError):
    """A number of the run is NaN or infinite."""

    status = 3


class StorageError(CommandError):
    """The disk does not take or does not give what it should. The status is sysexits' EX_IOERR."""

    status = 74


class Stopped(CommandError):  # noqa: N818 (not an error)
    """A signal ended the run after a checkpoint. The status is sysexits' EX_TEMPFAIL: resume."""

    status = 75


def shown(value: Any) -> str:
    """Returns a value as a message quotes it: on one line, whatever its length was."""
    return cut(repr(value))


def cut(text: str, most: int = 80) -> str:
    """Returns the beginning of a text that is too long for a message: `most` characters."""
    return text if len(text) <= most else text[: most - 3] + "..."


def one_of(what: str, value: str, known: Iterable[str]) -> str:
    """Returns `value` if it is among `known`.

    Raises:
      InputError: it is not; the message lists the known names and the nearest one.
    """
    known = sorted(known)
    if value in known:
        return value
    same = {name.lower(): name for name in known}
    near = [same[n] for n in difflib.get_close_matches(str(value).lower(), same, n=1)]
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(f"unknown {what} {shown(value)}{hint} Known: {', '.join(known)}.")


def floating(**tensors) -> None:
    """Checks that every named tensor is floating point.

    Raises:
      TypeError: one is not; the message names it.
    """
    for name, tensor in tensors.items():
        if not tensor.dtype.is_floating:
            raise TypeError(f"{name} must be floating point, got {tensor.dtype.name}.")


def same_shape(**tensors) -> None:
    """Checks that the named tensors agree in shape, so that nothing broadcasts by accident.

    Raises:
      ValueError: two disagree; the message names both with their shapes.
    """
    (first_name, first), *others = tensors.items()
    for name, tensor in others:
        if not first.shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"{first_name} and {name} must have one shape, "
                f"got {first.shape} and {tensor.shape}."
            )


def first_non_finite(tensors: Mapping[str, Any]) -> str | None:
    """Returns the name of the first tensor that holds NaN or infinity."""
    for name, tensor in tensors.items():
        values = np.asarray(tensor)
        if values.dtype.kind not in "biu" and not np.isfinite(values).all():
            return name
    return None
