"""Fields: the two networks."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Networks"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Networks:
    """The two networks."""

    network: str = field(
        "dcgan",
        "Family of both networks; for ring and grid it is mlp unless it is given.",
        registry=("tfgan.networks", "NETWORKS"),
    )
    latent_size: int = field(64, "Width of the generator's input.", minimum=1)
    latent_distribution: str = field(
        "uniform", "uniform on [-1, 1) or standard normal.", choices=("uniform", "normal")
    )
    hidden_size: int = field(256, "mlp: width of each hidden layer.", minimum=1)
    hidden_layers: int = field(2, "mlp: number of hidden layers.", minimum=1, maximum=100)
    base_channels: int = field(
        64,
        "dcgan: channels at the largest feature map; doubled at each halving.",
        minimum=1,
    )
    max_channels: int = field(
        512,
        "dcgan: more channels than these no feature map has; 0: no limit.",
        minimum=0,
        before=0,
    )
    generator_norm: str = field(
        "none",
        "Normalisation of the generator's layers; conditional_batch needs labels.",
        registry=("tfgan.nn.normalisation", "NORMALISATIONS"),
        before="none",
    )
    discriminator_norm: str = field(
        "none",
        "Normalisation of the discriminator's layers.",
        registry=("tfgan.nn.normalisation", "NORMALISATIONS"),
        before="none",
    )
    norm_groups: int = field(
        8, "group: groups of channels, which they divide.", minimum=1, before=8
    )
    compute_dtype: str = field(
        "float32",
        "Arithmetic inside the networks; weights and losses stay float32.",
        choices=("float32", "bfloat16"),
    )
