"""A field of the configuration: its default, and what is known of its values."""

import dataclasses
import math
from typing import Any

from tfgan.core.checks import InputError, shown

UNCHANGED = object()
"""Of a field that every recorded run has: it needs no value for runs made before it existed."""


def field(
    group: str,
    default: Any,
    text: str,
    *,
    minimum=None,
    maximum=None,
    below=None,
    choices=None,
    registry=None,
    changes_numbers=True,
    before=UNCHANGED,
):
    """A field of a group, with its help and what is known of its values.

    Args:
      group: of --help.
      default: its type is the field's.
      text: help.
      minimum, maximum, below: minimum <= value <= maximum, value < below.
      choices: all values there are.
      registry: (module, name) of the dict whose keys are the values: see `core.registry.names`.
      changes_numbers: whether a run with another value is another run. Where it is not, a run may
        resume under another value.
      before: the value that reproduces the runs made before the field existed. A new field has to
        say it: its default may well be better, and would change their bits.
    """
    metadata = dict(
        group=group,
        help=text,
        minimum=minimum,
        maximum=maximum,
        below=below,
        choices=choices,
        registry=registry,
        changes_numbers=changes_numbers,
        before=before,
    )
    return dataclasses.field(default=default, metadata=metadata)


def check(field: dataclasses.Field, kind: type, value: Any) -> None:
    """Checks a value against the type and bounds of a field.

    Raises:
      InputError: it does not fit; the message names the field, the value and the bound.
    """
    name = field.name
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise InputError(f"{name} must be {kind.__name__}, got {shown(value)}.")
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise InputError(f"{name} must fit in 64 bits.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{name} must be a finite number, got {value}.")
    bounds = field.metadata
    if bounds["choices"] and value not in bounds["choices"]:
        raise InputError(
            f"{name} must be one of {', '.join(bounds['choices'])}, got {shown(value)}."
        )
    if bounds["minimum"] is not None and value < bounds["minimum"]:
        raise InputError(f"{name} must be at least {bounds['minimum']}, got {value}.")
    if bounds["maximum"] is not None and value > bounds["maximum"]:
        raise InputError(f"{name} must be at most {bounds['maximum']}, got {value}.")
    if bounds["below"] is not None and value >= bounds["below"]:
        raise InputError(f"{name} must be less than {bounds['below']}, got {value}.")
