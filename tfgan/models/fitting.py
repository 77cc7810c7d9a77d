"""What the parts of a GAN say of each other, of networks and sources of one's own as of ours.

What `core.contradictions` says of a config, for those who make a `GAN` by themselves: nothing is
written before it.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfgan import config
from tfgan.core import checks, contradictions
from tfgan.core.checks import InputError, shown
from tfgan.core.interfaces import Source
from tfgan.nn import keras, state
from tfgan.nn.normalisation import BatchNorm
from tfgan.nn.player import Player
from tfgan.penalties import PENALTIES, Penalty


def check_values(**values: Any) -> None:
    """Checks arguments that are fields of `Config` by the bounds of these.

    Raises:
      InputError: one does not fit; the message names it and the bound.
    """
    for name, value in values.items():
        config.check(name, value.item() if isinstance(value, np.generic) else value)


def weighted(given: Sequence[tuple[str | Penalty, float]]) -> list[tuple[Penalty, float]]:
    """Returns penalties with their weights, those that are given by name too.

    Raises:
      InputError: a name is unknown, a weight is no number above 0, or these are no pairs.
    """
    found = []
    for pair in given:
        if isinstance(given, str) or not (isinstance(pair, tuple | list) and len(pair) == 2):
            raise InputError(
                f"penalties must be pairs of a penalty and its weight, got {shown(given)}: give "
                'penalties=[("r1", 10.0)].'
            )
        penalty, weight = pair
        if isinstance(penalty, str):
            penalty = PENALTIES[checks.one_of("penalty", penalty, PENALTIES)]
        if not (weight > 0.0 and math.isfinite(weight)):
            raise InputError(f"{_name(penalty)} needs a weight above 0, got {shown(weight)}.")
        found.append((penalty, weight))
    return found


def check_per_example(discriminator: Player, given: Sequence[tuple[Penalty, float]]) -> None:
    """Checks that a penalty on each example's own gradient meets no batch normalisation.

    Raises:
      InputError: it does.
    """
    per_example = {PENALTIES[name] for name in contradictions.PER_EXAMPLE}
    asked = [penalty for penalty, _ in given if _function(penalty) in per_example]
    mixing = _batch_norm(discriminator.network) if asked else ""
    if mixing:
        raise InputError(
            f"{_name(asked[0])} takes the gradient of each example's logit, and the "
            f"discriminator's batch normalisation ({mixing}) makes it depend on the whole batch: "
            "take layer or group normalisation, or none."
        )


def check_source(source: Source, pack: int) -> None:
    """Checks that batches of a source can be packed, and that their weights are of examples.

    Raises:
      InputError: they cannot, or are not.
    """
    if source.batch_size % pack:
        fitting = max(source.batch_size // pack, 1) * pack
        raise InputError(
            f"pack={pack} does not divide the batch_size={source.batch_size} of {source.name}, and "
            f"each pack is of one batch: take batch_size={fitting}."
        )
    weights = source.specs.get("weights")
    if weights is None:
        return
    if pack > 1:
        raise InputError(
            f"{source.name} has weights, which belong to single examples, and pack={pack} shows "
            "the discriminator several together: leave the weights out, or take pack=1."
        )
    if weights.shape.rank != 0:
        raise InputError(
            f"the weights of {source.name} must be one number for each example, [N], and have the "
            f"shape {[None, *weights.shape]}: squeeze them."
        )


def _function(penalty: Any) -> Any:
    return _function(penalty.func) if isinstance(penalty, functools.partial) else penalty


def _name(penalty: Any) -> str:
    return f"penalty {getattr(_function(penalty), '__name__', type(penalty).__name__)}"


def _batch_norm(network: Any) -> str:
    """Returns the place of a network's first batch normalisation, ours or Keras'; else ""."""
    for place, part in state.parts(network, "discriminator"):
        inside = keras.parts(part, place) if keras.is_layer(part) else [(place, part)]
        for where, layer in inside:
            if isinstance(layer, BatchNorm) or keras.is_batch_norm(layer):
                return where
    return ""
