"""What the fields of a configuration say of each other. Nothing here imports TensorFlow.

Each line names both sides of a contradiction and the way out. What depends on the data or on a
network is checked where these are made.
"""

import dataclasses
import math
import re
from typing import Any

from tfgan.core import checks, registry
from tfgan.core.checks import InputError

PER_EXAMPLE = ("gradient_penalty", "one_sided_gradient_penalty", "dragan", "r1", "r2")
"""Penalties that need each example's logit to depend on that example alone."""

SMOOTHED = ("minimax", "non_saturating", "least_squares")
"""Objectives with a target for real examples."""

TARGETED = ("gradient_penalty", "one_sided_gradient_penalty", "dragan")
"""Penalties that hold a norm at `penalty_target`."""

OF_MODEL = {
    "gan": (
        *("objective", "label_smoothing", "penalties", "penalty_target", "penalty_every_steps"),
        *("pack", "augment", "weight_clip", "update_order", "discriminator_steps"),
        *("condition", "condition_weight", "num_categories", "num_codes", "label_distribution"),
        *("minibatch_stddev", "discriminator_learning_rate", "discriminator_decay"),
        *("average_decay", "stop_when"),
    ),
    "vae": ("likelihood", "likelihood_stddev"),
}
"""Fields that one type of model alone reads: with another they have to be left as they are."""


def weighted(text: str, table: tuple[str, str], what: str) -> list[tuple[str, float]]:
    """Returns the names and weights of "name:weight,name:weight".

    Args:
      text: of a flag; empty: none.
      table: (module, name) of the dict whose keys are the names.
      what: one of them, for messages.

    Raises:
      InputError: a name is unknown or comes twice, a weight is no number above 0.
    """
    found: dict[str, float] = {}
    for entry in filter(None, text.split(",")):
        name, _, number = (part.strip() for part in entry.partition(":"))
        checks.one_of(what, name, registry.names(*table))
        weight = float(number) if re.fullmatch(checks.DECIMAL, number) else math.nan
        if not (weight > 0.0 and math.isfinite(weight)):
            raise InputError(
                f"{what} {name} needs a weight above 0, got {number!r}: write {name}:10."
            )
        if name in found:
            raise InputError(f"{what} {name} is there twice: give it one weight.")
        found[name] = weight
    return list(found.items())


def names(text: str, table: tuple[str, str], what: str) -> tuple[str, ...]:
    """Returns the names of "name,name".

    Raises:
      InputError: a name is unknown or comes twice.
    """
    found = tuple(name.strip() for name in filter(None, text.split(",")))
    for name in found:
        checks.one_of(what, name, registry.names(*table))
        if found.count(name) > 1:
            raise InputError(f"{what} {name} is there twice: name it once.")
    return found


def penalties(config: Any) -> list[tuple[str, float]]:
    """Returns the penalties of a config with their weights."""
    return weighted(config.penalties, ("tfgan.penalties", "PENALTIES"), "penalty")


def augmentations(config: Any) -> tuple[str, ...]:
    """Returns the augmentations of a config."""
    return names(config.augment, ("tfgan.augmentation", "AUGMENTATIONS"), "augmentation")


def _check_evaluation(config: Any) -> None:
    every, log = config.evaluate_every_steps, config.log_every_steps
    if every % log:
        raise InputError(
            f"evaluate_every_steps={every} is no multiple of log_every_steps={log}, and an "
            f"evaluation is a part of a row of the log: take {(every // log + 1) * log}."
        )
    extractor, weights = config.evaluate_extractor, config.evaluate_inception
    if extractor == "inception" and not weights:
        raise InputError(
            "evaluate_extractor=inception needs its weights: give --evaluate_inception=NAME.pb "
            "(the graph of the original FID), NAME.h5 (Keras's), or keras, which fetches those."
        )
    if weights and extractor != "inception":
        raise InputError(
            f"evaluate_inception={weights} is of evaluate_extractor=inception, and "
            f"evaluate_extractor={extractor or repr('')} has no use for it: give "
            "--evaluate_extractor=inception, or leave it out."
        )
    if config.keep_best and not every:
        raise InputError(
            f"keep_best={config.keep_best} needs evaluations, and evaluate_every_steps=0: take "
            f"evaluate_every_steps={5 * log}."
        )


def _check_replicas(config: Any) -> None:
    if config.strategy == "multi_worker" and config.replicas:
        raise InputError(
            f"replicas={config.replicas} is of one machine, and strategy=multi_worker has a "
            "replica for each worker of TF_CONFIG, or for each of its GPUs: leave it out."
        )
    if config.strategy == "one":
        for name, value in (("replicas", config.replicas), ("sync_batch_norm", "true")):
            if getattr(config, name):
                raise InputError(
                    f"{name}={value} is of several replicas, and strategy=one trains by one: give "
                    "--strategy=mirrored, or leave it out."
                )
    if config.replicas:
        check_share(config, config.replicas)


def check_share(config: Any, count: int) -> None:
    """Checks that a batch can be shared among so many replicas.

    Raises:
      InputError: it cannot.
    """
    together = config.pack * count
    if config.batch_size % together:
        raise InputError(
            f"batch_size={config.batch_size} is that of all replicas, and replicas x pack = "
            f"{together} does not divide it: take {-(-config.batch_size // together) * together}."
        )


def check(config: Any) -> None:
    """Checks a config for contradictions.

    Raises:
      InputError: there is one.
    """
    _check_model(config)
    asked = [name for name, _ in penalties(config)]
    augmentations(config)
    _check_evaluation(config)
    _check_replicas(config)
    if config.batch_size % config.pack:
        fitting = max(config.batch_size // config.pack, 1) * config.pack
        raise InputError(
            f"pack={config.pack} does not divide batch_size={config.batch_size}, and each pack is "
            f"of one batch: take batch_size={fitting}."
        )
    if config.label_smoothing and config.objective not in SMOOTHED:
        raise InputError(
            f"label_smoothing={config.label_smoothing} lowers the target of real examples, which "
            f"objective={config.objective} does not have: leave it 0, or take one of "
            f"{', '.join(SMOOTHED)}."
        )
    per_example = [name for name in asked if name in PER_EXAMPLE]
    if config.discriminator_norm == "batch" and per_example:
        raise InputError(
            f"penalties={per_example[0]}:... takes the gradient of each example's logit, and "
            "discriminator_norm=batch makes it depend on the whole batch: take discriminator_norm="
            "layer, group, spectral or none."
        )
    for name, what in without_effect(config).items():
        raise InputError(
            f"{name}={getattr(config, name)} changes nothing without {what}: give that, or leave "
            f"{name} out."
        )
    if config.num_codes and config.condition != "information":
        raise InputError(
            f"num_codes={config.num_codes} are InfoGAN's, and condition={config.condition} asks "
            "for none: give --condition=information, or leave it 0."
        )
    if config.num_codes > config.latent_size:
        raise InputError(
            f"num_codes={config.num_codes} are the first of the latents, and latent_size="
            f"{config.latent_size} is less: give fewer codes, or more latents."
        )
    if config.penalty_every_steps > 1 and not asked:
        raise InputError(
            f"penalty_every_steps={config.penalty_every_steps} says when penalties count, and "
            "there are none: give --penalties=r1:10, or leave it 1."
        )
    if config.learning_rate_schedule == "constant" and config.decay_steps:
        raise InputError(
            f"decay_steps={config.decay_steps} is the length of a fall, which "
            "learning_rate_schedule=constant does not have: take linear or cosine, or leave it 0."
        )
    if config.learning_rate_schedule != "constant" and not config.decay_steps:
        raise InputError(
            f"learning_rate_schedule={config.learning_rate_schedule} falls in as many steps as "
            "decay_steps says, which is 0: give it, or take constant."
        )
    if config.learning_rate_schedule == "constant" and not config.discriminator_decay:
        raise InputError(
            "discriminator_decay=False keeps a rate from falling, and "
            "learning_rate_schedule=constant has no fall: take linear or cosine, or leave it out."
        )


def without_effect(config: Any) -> dict[str, str]:
    """Returns the fields that are not as by default and change nothing, and what would heed them.

    Such as a recorded run may have, from before they were refused.
    """
    norms = (config.generator_norm, config.discriminator_norm)
    heeded = {
        "num_categories": (config.condition == "information", "--condition=information"),
        "condition_weight": (
            config.condition in ("auxiliary", "information"),
            "--condition=auxiliary or information",
        ),
        "label_distribution": (config.with_labels, "a condition on the labels of the data"),
        "norm_groups": ("group" in norms, "--generator_norm=group or --discriminator_norm=group"),
        "penalty_target": (
            any(name in TARGETED for name, _ in penalties(config)),
            f"one of --penalties={', '.join(f'{name}:...' for name in TARGETED)}",
        ),
    }
    defaults = {field.name: field.default for field in dataclasses.fields(config)}
    return {
        name: what
        for name, (has_effect, what) in heeded.items()
        if not has_effect and getattr(config, name) != defaults[name]
    }


def _check_model(config: Any) -> None:
    """Checks that a config asks for nothing of another type of model.

    Raises:
      InputError: it does.
    """
    defaults = {field.name: field.default for field in dataclasses.fields(config)}
    for model_type, names_of_fields in OF_MODEL.items():
        for name in names_of_fields if model_type != config.model_type else ():
            value = getattr(config, name)
            if value != defaults[name]:
                raise InputError(
                    f"{name}={value} is of model_type={model_type}, and model_type="
                    f"{config.model_type} has no use for it: leave it out."
                )
    if config.model_type == "vae" and config.latent_distribution != "normal":
        raise InputError(
            f"latent_distribution={config.latent_distribution} is not the prior of "
            "model_type=vae, which is normal: give --latent_distribution=normal."
        )
    if config.likelihood_stddev and config.likelihood != "gaussian":
        raise InputError(
            f"likelihood_stddev={config.likelihood_stddev} is of likelihood=gaussian, and "
            f"likelihood={config.likelihood} has none: leave it 0, or give --likelihood=gaussian."
        )
