"""The configuration of a run: the only place with names, defaults, bounds, units and help.

`cli/flags.py` makes one flag of each field. Nothing here imports TensorFlow, so that a bad flag is
refused at once.
"""

import dataclasses
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from tfgan.core import contradictions
from tfgan.core.checks import InputError, shown
from tfgan.core.fields import UNCHANGED
from tfgan.core.fields import check as _check
from tfgan.settings.data import Data
from tfgan.settings.evaluation import Evaluation
from tfgan.settings.model import Model
from tfgan.settings.networks import Networks
from tfgan.settings.objective import Objective
from tfgan.settings.optimizers import Optimizers
from tfgan.settings.replicas import Replicas
from tfgan.settings.run import Run

RENAMED: dict[str, str] = {}
"""Fields that have another name today: today's, by the name in older records."""

REMOVED: dict[str, Any] = {}
"""Fields that are no more: the one value, by name, under which today's code does what they did."""


def _of_batch_norm(value: bool, fields: Mapping[str, Any]) -> dict[str, Any]:
    """`batch_norm` was of both players of a dcgan; an mlp took no notice of it."""
    norm = "batch" if value and fields.get("network") == "dcgan" else "none"
    return {"generator_norm": norm, "discriminator_norm": norm}


REPLACED: dict[str, tuple[type, Callable[[Any, Mapping[str, Any]], dict[str, Any]]]] = {
    "batch_norm": (bool, _of_batch_norm)
}
"""Fields that others took the place of: their type, and what makes those of the value and of the
other fields. A flag of that name is still understood."""


@dataclasses.dataclass(frozen=True)
class Config(Replicas, Evaluation, Run, Optimizers, Objective, Networks, Model, Data):
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

    @property
    def with_labels(self) -> bool:
        """Whether the data have to say the class of each example."""
        return self.condition in ("concatenation", "projection", "auxiliary")

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

        What changed nothing in it is as by default: today's version refuses it.

        Raises:
          InputError: the record is no config, or one of a later version.
        """
        config = cls(**recorded_fields(record))
        idle: dict[str, Any] = {n: FIELDS[n].default for n in contradictions.without_effect(config)}
        return dataclasses.replace(config, **idle)


FIELDS = {field.name: field for field in dataclasses.fields(Config)}


def recorded_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of today of a recorded config: filled, renamed, without the removed ones.

    Raises:
      InputError: the record is no config, or one of a later version.
    """
    fields = {RENAMED.get(name, name): value for name, value in record.items()}
    for name in REPLACED.keys() & fields:
        kind, made_of = REPLACED[name]
        if type(fields[name]) is not kind:
            raise InputError(f"{name} must be {kind.__name__}, got {shown(fields[name])}.")
        fields |= made_of(fields.pop(name), fields)
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
    _check(FIELDS[name], TYPES[name], value)
