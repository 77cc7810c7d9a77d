"""The configuration of a run: the only place with names, defaults, bounds, units and help.

`cli/flags.py` makes one flag of each field. Nothing here imports TensorFlow, so that a bad flag is
refused at once.
"""

import dataclasses
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from tfgan.core.checks import InputError, shown
from tfgan.core.fields import UNCHANGED
from tfgan.core.fields import check as _check
from tfgan.core.fields import field as _field

DATA, NETWORKS, OBJECTIVE, OPTIMIZERS, RUN = (
    "Data",
    "Networks",
    "Objective and steps",
    "Optimizers",
    "The run",
)
"""Groups of fields, as --help shows them."""

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
class Config:
    """Everything that a run is a function of. Immutable; checked when made.

    Raises:
      InputError: a value is out of its bounds, not finite, or contradicts another.
    """

    data: str = _field(
        DATA, "digits", "ring, grid, digits, or any TensorFlow Datasets name (mnist, ...)."
    )
    image_dir: str = _field(
        DATA,
        "",
        "Train on the pictures below this directory, instead of --data. Without a --recipe or a "
        "--flagfile, --recipe=pictures holds.",
        changes_numbers=False,
    )
    data_dir: str = _field(
        DATA,
        "",
        "Where TFDS keeps prepared sets. Empty: ~/tensorflow_datasets.",
        changes_numbers=False,
    )
    split: str = _field(DATA, "train", "Split of the TFDS set, in TFDS's own notation.")
    image_size: int = _field(
        DATA,
        0,
        "Height and width in pixels; 0 keeps the data's own, where pictures have one.",
        minimum=0,
    )
    mirror: bool = _field(
        DATA, False, "Show each image mirrored, left to right, half of the time.", before=False
    )
    background: str = _field(
        DATA,
        "white",
        "Colour that transparent images are laid on, such as white or #ffcc00.",
        before="white",
    )
    data_memory_mb: int = _field(
        DATA,
        2048,
        "Sets of more uint8 megabytes than this are read from disk while training.",
        minimum=0,
        changes_numbers=False,
    )
    batch_size: int = _field(DATA, 64, "Real examples in one discriminator step.", minimum=1)

    network: str = _field(
        NETWORKS,
        "dcgan",
        "Family of both networks; for ring and grid it is mlp unless it is given.",
        registry=("tfgan.networks", "NETWORKS"),
    )
    latent_size: int = _field(NETWORKS, 64, "Width of the generator's input.", minimum=1)
    latent_distribution: str = _field(
        NETWORKS, "uniform", "uniform on [-1, 1) or standard normal.", choices=("uniform", "normal")
    )
    hidden_size: int = _field(NETWORKS, 256, "mlp, maxout: width of each hidden layer.", minimum=1)
    hidden_layers: int = _field(
        NETWORKS, 2, "mlp, maxout: number of hidden layers.", minimum=1, maximum=100
    )
    base_channels: int = _field(
        NETWORKS,
        64,
        "Convolutions: channels at the largest feature map; doubled at each halving.",
        minimum=1,
    )
    max_channels: int = _field(
        NETWORKS,
        512,
        "Convolutions: more channels than these no feature map has; 0: no limit.",
        minimum=0,
        before=0,
    )
    generator_norm: str = _field(
        NETWORKS,
        "none",
        "Normalisation of the generator's layers; conditional_batch needs labels.",
        registry=("tfgan.nn.normalisation", "NORMALISATIONS"),
        before="none",
    )
    discriminator_norm: str = _field(
        NETWORKS,
        "none",
        "Normalisation of the discriminator's layers.",
        registry=("tfgan.nn.normalisation", "NORMALISATIONS"),
        before="none",
    )
    norm_groups: int = _field(
        NETWORKS, 8, "group: groups of channels, which they divide.", minimum=1, before=8
    )
    attention_size: int = _field(
        NETWORKS,
        0,
        "dcgan, resnet: self-attention where a feature map's shorter side is this; 0: none.",
        minimum=0,
        before=0,
    )
    minibatch_stddev: bool = _field(
        NETWORKS,
        False,
        "mlp, dcgan, resnet: show the discriminator how much the examples of a batch differ.",
        before=False,
    )
    compute_dtype: str = _field(
        NETWORKS,
        "float32",
        "Arithmetic inside the networks; weights and losses stay float32.",
        choices=("float32", "bfloat16"),
    )

    objective: str = _field(
        OBJECTIVE,
        "non_saturating",
        "What the players minimise.",
        registry=("tfgan.losses", "OBJECTIVES"),
    )
    weight_clip: float = _field(
        OBJECTIVE,
        0.0,
        "After each step, clip discriminator weights to [-c, c]; 0: never.",
        minimum=0.0,
    )
    update_order: str = _field(
        OBJECTIVE,
        "generator_first",
        "generator_first: the discriminator then sees the same latents (the document's order).",
        choices=("generator_first", "discriminator_first"),
    )
    discriminator_steps: int = _field(
        OBJECTIVE, 1, "Discriminator steps in an iteration.", minimum=1
    )

    optimizer: str = _field(
        OPTIMIZERS,
        "adam",
        "Optimizer of both players.",
        registry=("tfgan.optimizers", "OPTIMIZERS"),
    )
    generator_learning_rate: float = _field(
        OPTIMIZERS, 0.0002, "Step size of the generator.", minimum=0.0
    )
    discriminator_learning_rate: float = _field(
        OPTIMIZERS, 0.0002, "Step size of the discriminator.", minimum=0.0
    )
    beta1: float = _field(
        OPTIMIZERS, 0.5, "adam: decay of the first moment.", minimum=0.0, below=1.0
    )
    beta2: float = _field(
        OPTIMIZERS, 0.999, "adam: decay of the second moment.", minimum=0.0, below=1.0
    )
    epsilon: float = _field(
        OPTIMIZERS, 1e-8, "adam, rmsprop: added to the denominator.", minimum=0.0
    )
    rho: float = _field(
        OPTIMIZERS, 0.9, "rmsprop: decay of the squared gradient.", minimum=0.0, below=1.0
    )
    momentum: float = _field(OPTIMIZERS, 0.0, "rmsprop, sgd: momentum.", minimum=0.0, below=1.0)
    average_decay: float = _field(
        OPTIMIZERS,
        0.0,
        "Moving average of the generator's weights, used by samples; 0: off.",
        minimum=0.0,
        below=1.0,
    )

    num_steps: int = _field(RUN, 3000, "Training iterations.", minimum=1, changes_numbers=False)
    seed: int = _field(RUN, 0, "Seed of everything random.", minimum=0, maximum=2**31 - 1)
    warm_start: str = _field(
        RUN,
        "",
        "A run or an export whose weights a new run begins with, as far as they fit.",
        before="",
    )
    num_threads: int = _field(
        RUN,
        0,
        "Threads inside an operation; changes bits. 0: 1 for mlp and maxout, else one a core.",
        minimum=0,
        maximum=1024,
        changes_numbers=False,
    )
    steps_per_call: int = _field(
        RUN,
        0,
        "Iterations per call into TensorFlow; never changes numbers. 0: about a second.",
        minimum=0,
        changes_numbers=False,
    )
    log_every_steps: int = _field(
        RUN, 100, "Steps between printed lines.", minimum=1, changes_numbers=False
    )
    sample_every_steps: int = _field(
        RUN, 500, "Steps between sample pictures.", minimum=1, changes_numbers=False
    )
    checkpoint_every_steps: int = _field(
        RUN, 1000, "Steps between checkpoints.", minimum=1, changes_numbers=False
    )
    keep_checkpoints: int = _field(
        RUN, 3, "How many of the newest checkpoints stay.", minimum=1, changes_numbers=False
    )
    keep_every_steps: int = _field(
        RUN,
        0,
        "Checkpoints of every so many steps stay too; 0: none.",
        minimum=0,
        changes_numbers=False,
    )
    on_nonfinite: str = _field(
        RUN,
        "stop",
        "At NaN or infinity: stop, or rollback: back to the last checkpoint, with other numbers.",
        choices=("stop", "rollback"),
        changes_numbers=False,
    )
    max_rollbacks: int = _field(
        RUN, 3, "How often a run may roll back.", minimum=0, changes_numbers=False
    )
    stop_when: str = _field(
        RUN,
        "",
        "converged: end early, once the samples have matched the data for a while. Empty: never.",
        choices=("", "converged"),
        changes_numbers=False,
    )
    num_samples: int = _field(
        RUN, 64, "Examples in a sample picture.", minimum=1, maximum=4096, changes_numbers=False
    )

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
