"""Fields: what kind of model learns from the data."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Model"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Model:
    """What kind of model learns from the data."""

    model_type: str = field(
        "gan",
        "gan: a generator against a discriminator. vae: a variational autoencoder, whose "
        "decoder is a generator of --network, and whose encoder a discriminator of more outputs.",
        registry=("tfgan.build", "MODELS"),
        before="gan",
    )
    likelihood: str = field(
        "bernoulli",
        "vae: of a pixel, given the latents. bernoulli for black and white, gaussian for colours "
        "and points.",
        registry=("tfgan.likelihoods", "LIKELIHOODS"),
        before="bernoulli",
    )
    likelihood_stddev: float = field(
        0.0,
        "gaussian: its standard deviation; 0: learned, one number for all.",
        minimum=0.0,
        before=0.0,
    )
