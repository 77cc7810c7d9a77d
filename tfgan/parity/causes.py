"""Why a port's call differs from its session's, in words: the first rule that fits says it."""

from collections.abc import Callable
from typing import NamedTuple

from tfgan.parity import rules, rules_of_state
from tfgan.parity.seen import Seen


class Cause(NamedTuple):
    """What a rule found."""

    rule: str
    text: str


RULES: tuple[Callable[[Seen], str | None], ...] = (
    rules_of_state.another_calls_feed,
    rules_of_state.feed,
    rules_of_state.update_order,
    rules.keras_adam,
    rules.loss_scale,
    rules.wrong_variable,
    rules.missing_bias,
    rules.dtype,
    rules.fused_bias,
    rules.scaled_input,
    rules.number,
    rules_of_state.moved,
    rules_of_state.batch_statistics,
    rules.threads,
    rules.reduction,
    rules_of_state.missing_variable,
    rules.operation,
    rules.compiler,
)
"""In the order in which they are tried, that of computing: what comes in, what is read, the
operations, what is written. The last one always fits."""


def find(seen: Seen) -> Cause:
    """Returns why a call differs."""
    for rule in RULES:
        if text := rule(seen):
            return Cause(rule.__name__, text)
    raise AssertionError("the last rule always fits")
