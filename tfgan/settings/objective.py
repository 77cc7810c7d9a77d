"""Fields: what the players minimise, and in which steps."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Objective and steps"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Objective:
    """What the players minimise, and in which steps."""

    objective: str = field(
        "non_saturating",
        "What the players minimise. wasserstein wants a discriminator that is held Lipschitz "
        "(--penalties, --weight_clip or --discriminator_norm=spectral); the exponential ones "
        "(kullback_leibler, reverse_kullback_leibler, squared_hellinger) want small logits.",
        registry=("tfgan.losses", "OBJECTIVES"),
    )
    label_smoothing: float = field(
        0.0,
        "minimax, non_saturating, least_squares: lower the target of real examples by so much.",
        minimum=0.0,
        below=1.0,
        before=0.0,
    )
    penalties: str = field(
        "",
        "Added to the discriminator's loss, each with its weight: r1:10, or r1:5,r2:5. "
        "Known: gradient_penalty, one_sided_gradient_penalty, dragan, r1, r2, lecam.",
        before="",
    )
    penalty_target: float = field(
        1.0,
        "gradient_penalty, dragan: norm that the gradient is held at.",
        minimum=0.0,
        before=1.0,
    )
    penalty_every_steps: int = field(
        1,
        "Penalties count in every k-th discriminator step alone, k-fold. Saves time on large "
        "networks; small problems, such as ring and grid, fail to converge with it.",
        minimum=1,
        before=1,
    )
    pack: int = field(
        1,
        "Examples that the discriminator sees together (PacGAN); divides the batch size.",
        minimum=1,
        maximum=64,
        before=1,
    )
    augment: str = field(
        "",
        "What both players see of images, changed in training: color,translation,cutout, or some "
        "of them. For sets of a few thousand images.",
        before="",
    )
    condition_weight: float = field(
        1.0,
        "auxiliary, information: weight of the class's cross entropy in both losses.",
        minimum=0.0,
        before=1.0,
    )
    weight_clip: float = field(
        0.0,
        "After each step, clip discriminator weights to [-c, c]; 0: never.",
        minimum=0.0,
    )
    update_order: str = field(
        "generator_first",
        "generator_first: the discriminator then sees the same latents (the document's order); "
        "simultaneous: both see them before either moves.",
        choices=("generator_first", "discriminator_first", "simultaneous"),
    )
    discriminator_steps: int = field(1, "Discriminator steps in an iteration.", minimum=1)
