"""A field of the configuration: its default, and what is known of its values."""

import dataclasses
from typing import Any

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
