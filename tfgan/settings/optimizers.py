"""Fields: how weights move."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Optimizers"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Optimizers:
    """How weights move."""

    optimizer: str = field(
        "adam",
        "Optimizer of both players.",
        registry=("tfgan.optimizers", "OPTIMIZERS"),
    )
    generator_learning_rate: float = field(
        0.0002, "Step size of the generator; vae: of both networks.", minimum=0.0
    )
    discriminator_learning_rate: float = field(
        0.0002, "Step size of the discriminator.", minimum=0.0
    )
    learning_rate_schedule: str = field(
        "constant",
        "How the learning rates fall to 0 in --decay_steps, after --warmup_steps.",
        registry=("tfgan.schedules", "SCHEDULES"),
        before="constant",
    )
    warmup_steps: int = field(
        0,
        "Iterations in which both learning rates rise to their values.",
        minimum=0,
        before=0,
    )
    decay_steps: int = field(0, "linear, cosine: iterations of the fall.", minimum=0, before=0)
    discriminator_decay: bool = field(
        True,
        "Whether the discriminator's rate falls too; --nodiscriminator_decay: it stays, by which "
        "the modes of a mixture keep their width.",
        before=True,
    )
    gradient_clip_norm: float = field(
        0.0,
        "Scale a player's gradient down where its Euclidean norm is larger; 0: never.",
        minimum=0.0,
        before=0.0,
    )
    beta1: float = field(0.5, "adam: decay of the first moment.", minimum=0.0, below=1.0)
    beta2: float = field(0.999, "adam: decay of the second moment.", minimum=0.0, below=1.0)
    epsilon: float = field(1e-8, "adam, rmsprop: added to the denominator.", minimum=0.0)
    rho: float = field(0.9, "rmsprop: decay of the squared gradient.", minimum=0.0, below=1.0)
    momentum: float = field(0.0, "rmsprop, sgd: momentum.", minimum=0.0, below=1.0)
    average_decay: float = field(
        0.0,
        "Moving average of the generator's weights, used by samples; 0: off.",
        minimum=0.0,
        below=1.0,
    )
