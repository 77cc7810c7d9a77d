"""Messages that name the argument, what it was and the way out."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something a user gave cannot be used. One line: the cause, then the way out."""


def one_of(what: str, value: str, known: Iterable[str]) -> str:
    """Returns `value` if it is among `known`.

    Raises:
      InputError: it is not; the message lists the known names and the nearest one.
    """
    known = sorted(known)
    if value in known:
        return value
    near = difflib.get_close_matches(str(value), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(f"unknown {what} {value!r}{hint} Known: {', '.join(known)}.")


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
