"""The value of the game of two players, and the divergence that it implies, from logits alone."""

import math
from typing import Any

import numpy as np

from tfgan.core.checks import InputError

OPTIMUM = -math.log(4.0)
"""V where the samples are distributed as the data and D answers 1/2 to everything."""


def value(real_logits: Any, fake_logits: Any) -> float:
    """Returns V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))], in nats, <= 0.

    Args:
      real_logits: of real examples, any shape and number; D = sigmoid(logits).
      fake_logits: of samples, any shape and number.

    Raises:
      InputError: there are none of a side, or one is not finite.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, equation 1.
    """
    real, fake = _checked("real_logits", real_logits), _checked("fake_logits", fake_logits)
    # log sigmoid(l) = -softplus(-l), which is finite however large l is.
    return float(-np.logaddexp(0.0, -real).mean() - np.logaddexp(0.0, fake).mean())


def jensen_shannon(value: float) -> float:
    """Returns the Jensen-Shannon divergence of data and samples that V(D, G) implies, in nats.

    V(D, G) = -log 4 + 2 JSD for the best D, and less for any other: so this is a lower bound, which
    is negative where D is worse than one that cannot tell. The divergence itself is 0 to log 2.

    Args:
      value: V(D, G), in nats.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, theorem 1.
    """
    return 0.5 * (value - OPTIMUM)


def _checked(name: str, logits: Any) -> np.ndarray:
    rows = np.asarray(logits, np.float64).reshape(-1)
    if not len(rows):
        raise InputError(f"{name} must hold a logit or more, got none.")
    bad = int((~np.isfinite(rows)).sum())
    if bad:
        raise InputError(f"{bad} of {len(rows)} {name} are not finite.")
    return rows
