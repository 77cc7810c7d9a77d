"""Puts the health of a variational autoencoder into one word: a hint for people.

A verdict is a pure function of the rows of health, so that it can be had again from a file of them.
"""

import math

from tfgan.models import looks
from tfgan.models.looks import Rows

VERDICTS = ("training", "posterior collapsed", "diverging")
"""What a run can be. "training" is every run of which nothing worse can be said."""

STDDEV = "likelihood_stddev"
"""Name of the diagnostic of a likelihood whose standard deviation is learned."""

DESCRIPTIONS = {
    "negative_elbo": "What is minimised: reconstruction + kl, an upper bound of -log p(x).",
    "reconstruction": "-log p(x | z), z drawn from the posterior of x: what a decoder that knows z "
    "still has to be told of an example. Of a density it may be below 0.",
    "kl": "KL(q(z | x) || p(z)): what the latents say of an example. 0: nothing, the posterior has "
    "collapsed to the prior.",
    "squared_error": "Mean squared difference of a number of an example, in [-1, 1], and its "
    "reconstruction from the means of its latents.",
    "active_latents": "How many latents differ from example to example: over a batch, their means "
    "have a variance above 0.01. The others are noise.",
    "gradient_norm": "Euclidean norm of the gradient of both networks: near 0, they learn no more.",
    STDDEV: "Standard deviation of the likelihood: about what a reconstruction is wrong by.",
}
"""What the losses and the diagnostics mean, by name."""

ACTIVE_VARIANCE = 0.01
"""Burda et al., "Importance Weighted Autoencoders", 2016, section 5.2."""

COLLAPSED_KL = 0.1
"""In nats. The least of a healthy run that has left its beginning is above 1."""

COLLAPSED_GROWTH = 1.2
NOISE_KL = 0.01
"""A run that begins with posteriors at the prior leaves them: its KL grows. Below 0.01 nats it only
flickers."""

DIVERGING_GROWTH = 1.5
DIVERGING_NATS = 10.0
"""A run that diverges has lost more than what it began with, by half of that and by 10 nats."""


def verdict(rows: Rows) -> str:
    """Puts the looks into one of `VERDICTS`.

    The first of these that holds in all looks of the window (see `looks.WINDOW_STEPS`):

      diverging            the loss is beyond that of the first look by `DIVERGING_GROWTH` and
                           `DIVERGING_NATS`. At once, if a number of the last look is not finite.
      posterior collapsed  the KL is below `COLLAPSED_KL` and does not grow by `COLLAPSED_GROWTH`
                           (above `NOISE_KL`): the decoder takes no notice of the latents.

    Args:
      rows: what `Health.look` returned, each with "step", "negative_elbo" and "kl", oldest first.
    """
    if rows and not all(math.isfinite(value) for value in rows[-1].values()):
        return "diverging"
    window = looks.window(rows)
    if not window:
        return "training"
    first = rows[0]["negative_elbo"]
    most = first + max(DIVERGING_NATS, (DIVERGING_GROWTH - 1.0) * abs(first))
    if min(row["negative_elbo"] for row in window) > most:
        return "diverging"
    kl = [row["kl"] for row in window]
    grows = kl[-1] > NOISE_KL and kl[-1] > COLLAPSED_GROWTH * kl[0]
    if max(kl) < COLLAPSED_KL and not grows:
        return "posterior collapsed"
    return "training"
