"""The configuration of a run: the only place with names, defaults, bounds, units and help.

`flags.py` makes one flag of each field. Nothing here imports TensorFlow, so that a bad flag is
answered at once.
"""

import dataclasses
import math
from typing import Any

from tfgan.core.checks import InputError


def _field(
    default: Any, text: str, *, minimum=None, maximum=None, below=None, choices=None, registry=None
):
    """A field with its help and its bounds: minimum <= value <= maximum, value < below.

    `registry` is the (module, dict) whose keys the field's values are: see `core.registry.names`.
    """
    metadata = dict(help=text, minimum=minimum, maximum=maximum, below=below, choices=choices)
    metadata["registry"] = registry
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything that a run is a function of. Immutable; checked when made.

    Raises:
      InputError: a value is out of its bounds, not finite, or contradicts another.
    """

    # Data.
    data: str = _field(
        "digits", "ring, grid, digits, or any TensorFlow Datasets name (mnist, ...)."
    )
    image_dir: str = _field(
        "", "Train on the PNG and JPEG files below this folder instead of data."
    )
    data_dir: str = _field("", "Where TFDS keeps prepared sets. Empty: ~/tensorflow_datasets.")
    split: str = _field("train", "Split of the TFDS set, in TFDS's own notation.")
    image_size: int = _field(0, "Height and width in pixels; 0 keeps the data's own.", minimum=0)
    data_memory_mb: int = _field(
        2048, "Sets of more uint8 megabytes than this are read from disk while training.", minimum=0
    )
    batch_size: int = _field(64, "Real examples in one discriminator step.", minimum=1)

    # Networks.
    network: str = _field(
        "dcgan", "Family of both networks.", registry=("tfgan.networks", "NETWORKS")
    )
    latent_size: int = _field(64, "Width of the generator's input.", minimum=1)
    latent_distribution: str = _field(
        "uniform", "uniform on [-1, 1) or standard normal.", choices=("uniform", "normal")
    )
    hidden_size: int = _field(256, "mlp: width of each hidden layer.", minimum=1)
    hidden_layers: int = _field(2, "mlp: number of hidden layers.", minimum=1)
    base_channels: int = _field(
        64, "dcgan: channels at the largest feature map; doubled at each halving.", minimum=1
    )
    batch_norm: bool = _field(False, "dcgan: normalise the hidden layers over the batch.")
    compute_dtype: str = _field(
        "float32",
        "Arithmetic inside the networks; weights and losses stay float32.",
        choices=("float32", "bfloat16"),
    )

    # Objective and steps.
    objective: str = _field(
        "non_saturating", "What the players minimise.", registry=("tfgan.losses", "OBJECTIVES")
    )
    weight_clip: float = _field(
        0.0, "After each step, clip discriminator weights to [-c, c]; 0: never.", minimum=0.0
    )
    update_order: str = _field(
        "generator_first",
        "generator_first: the discriminator then sees the same latents (the document's order).",
        choices=("generator_first", "discriminator_first"),
    )
    discriminator_steps: int = _field(1, "Discriminator steps in an iteration.", minimum=1)

    # Optimisers.
    optimizer: str = _field(
        "adam", "Optimiser of both players.", registry=("tfgan.optimizers", "OPTIMIZERS")
    )
    generator_learning_rate: float = _field(0.0002, "Step size of the generator.", minimum=0.0)
    discriminator_learning_rate: float = _field(
        0.0002, "Step size of the discriminator.", minimum=0.0
    )
    beta1: float = _field(0.5, "adam: decay of the first moment.", minimum=0.0, below=1.0)
    beta2: float = _field(0.999, "adam: decay of the second moment.", minimum=0.0, below=1.0)
    epsilon: float = _field(1e-8, "adam, rmsprop: added to the denominator.", minimum=0.0)
    rho: float = _field(0.9, "rmsprop: decay of the squared gradient.", minimum=0.0, below=1.0)
    momentum: float = _field(0.0, "rmsprop, sgd: momentum.", minimum=0.0, below=1.0)
    average_decay: float = _field(
        0.0,
        "Moving average of the generator's weights, used by samples; 0: off.",
        minimum=0.0,
        below=1.0,
    )

    # The run.
    num_steps: int = _field(3000, "Training iterations.", minimum=1)
    seed: int = _field(0, "Seed of everything random.", minimum=0, maximum=2**31 - 1)
    num_threads: int = _field(
        0,
        "Threads inside an operation; changes bits. 0: 1 for mlp, one a core for dcgan.",
        minimum=0,
    )
    steps_per_call: int = _field(
        0,
        "Iterations per call into TensorFlow; never changes numbers. 0: about a second.",
        minimum=0,
    )
    log_every_steps: int = _field(100, "Steps between printed lines.", minimum=1)
    sample_every_steps: int = _field(500, "Steps between sample pictures.", minimum=1)
    checkpoint_every_steps: int = _field(1000, "Steps between checkpoints.", minimum=1)
    keep_checkpoints: int = _field(3, "How many of the newest checkpoints stay.", minimum=1)
    keep_every_steps: int = _field(
        0, "Checkpoints of every so many steps stay too; 0: none.", minimum=0
    )
    on_nonfinite: str = _field(
        "stop",
        "At NaN or infinity: stop, or rollback: go on from the last checkpoint with other numbers.",
        choices=("stop", "rollback"),
    )
    max_rollbacks: int = _field(3, "How often a run may roll back.", minimum=0)
    stop_when: str = _field(
        "",
        "converged: end early, once the samples have matched the data for a while. Empty: never.",
        choices=("", "converged"),
    )
    num_samples: int = _field(64, "Examples in a sample picture.", minimum=1, maximum=4096)

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            check(field.name, value)
            if field.type is float:  # 1 and 1.0 are one config: they have to be written alike
                object.__setattr__(self, field.name, float(value))

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields by name, in order."""
        return dataclasses.asdict(self)


FIELDS = {field.name: field for field in dataclasses.fields(Config)}


def check(name: str, value: Any) -> None:
    """Checks one value against the type and bounds of the field `name`.

    Raises:
      InputError: it does not fit; the message names the field, the value and the bound.
    """
    field = FIELDS[name]
    if type(value) is not field.type and not (field.type is float and type(value) is int):
        raise InputError(f"{name} must be {field.type.__name__}, got {value!r}.")
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise InputError(f"{name} must fit in 64 bits.")
    if field.type is float and not math.isfinite(value):
        raise InputError(f"{name} must be a finite number, got {value}.")
    bounds = field.metadata
    if bounds["choices"] and value not in bounds["choices"]:
        raise InputError(f"{name} must be one of {', '.join(bounds['choices'])}, got {value!r}.")
    if bounds["minimum"] is not None and value < bounds["minimum"]:
        raise InputError(f"{name} must be at least {bounds['minimum']}, got {value}.")
    if bounds["maximum"] is not None and value > bounds["maximum"]:
        raise InputError(f"{name} must be at most {bounds['maximum']}, got {value}.")
    if bounds["below"] is not None and value >= bounds["below"]:
        raise InputError(f"{name} must be less than {bounds['below']}, got {value}.")
