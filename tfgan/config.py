"""The configuration of a run: the only place with names, defaults, bounds, units and help.

`cli/flags.py` makes one flag of each field. Nothing here imports TensorFlow, so that a bad flag is
refused at once.
"""

import dataclasses
import inspect
import math
import typing
from collections.abc import Callable, Mapping
from typing import Any

from tfgan.core.checks import InputError, shown
from tfgan.core.fields import UNCHANGED
from tfgan.settings.data import Data
from tfgan.settings.networks import Networks
from tfgan.settings.objective import Objective
from tfgan.settings.optimizers import Optimizers
from tfgan.settings.run import Run

RENAMED: dict[str, str] = {}
"""Fields that have another name today: today's, by the name in older records."""

REMOVED: dict[str, Any] = {}
"""Fields that are no more: the one value, by name, under which today's code does what they did."""


@dataclasses.dataclass(frozen=True)
class Config(Run, Optimizers, Objective, Networks, Data):
    """Everything that a run is a function of. Immutable; checked when made.

    Raises:
      InputError: a value is out of its bounds, not finite, or contradicts another.
    """

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            check(field.name, value)
            if field.type is float:  # 1 and 1.0 are one config: they have to be written alike
                object.__setattr__(self, field.name, float(value))

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields by name, in order."""
        return dataclasses.asdict(self)

    def training_seed(self, rollbacks: int) -> int:
        """Returns the seed of batches and latents after a run went back `rollbacks` times.

        Each time it is another one, beyond those that a config can name.
        """
        return self.seed + rollbacks * (FIELDS["seed"].metadata["maximum"] + 1)

    def options(self, constructor: Callable) -> dict[str, Any]:
        """Returns the values of the fields that a constructor takes: so it declares its options."""
        parameters = inspect.signature(constructor).parameters
        return {name: getattr(self, name) for name in parameters if name in FIELDS}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Config":
        """Returns the config of a recorded run, by any earlier version of this code.

        Raises:
          InputError: the record is no config, or one of a later version.
        """
        return cls(**recorded_fields(record))


FIELDS = {field.name: field for field in dataclasses.fields(Config)}


def recorded_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of today of a recorded config: filled, renamed, without the removed ones.

    Raises:
      InputError: the record is no config, or one of a later version.
    """
    fields = {RENAMED.get(name, name): value for name, value in record.items()}
    for name in REMOVED.keys() & fields:
        if fields.pop(name) != REMOVED[name]:
            raise InputError(f"--{name} is no more; {record[name]!r} cannot be reproduced.")
    for name in sorted(fields.keys() - FIELDS):
        raise InputError(f"unknown field {shown(name)}: the record is of a later version.")
    for name in FIELDS.keys() - fields:
        fields[name] = FIELDS[name].metadata["before"]
        if fields[name] is UNCHANGED:
            raise InputError(f"the record has no field {name!r}.")
    return fields


TYPES: dict[str, type] = typing.get_type_hints(Config)


def check(name: str, value: Any) -> None:
    """Checks one value against the type and bounds of the field `name`.

    Raises:
      InputError: it does not fit; the message names the field, the value and the bound.
    """
    field = FIELDS[name]
    if type(value) is not field.type and not (field.type is float and type(value) is int):
        raise InputError(f"{name} must be {TYPES[name].__name__}, got {shown(value)}.")
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise InputError(f"{name} must fit in 64 bits.")
    if field.type is float and not math.isfinite(value):
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
