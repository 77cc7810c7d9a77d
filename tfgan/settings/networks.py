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
        "uniform",
        "uniform on [-1, 1) or standard normal, as a vae has it.",
        choices=("uniform", "normal"),
    )
    hidden_size: int = field(256, "mlp, maxout: width of each hidden layer.", minimum=1)
    hidden_layers: int = field(2, "mlp, maxout: number of hidden layers.", minimum=1, maximum=100)
    base_channels: int = field(
        64,
        "Convolutions: channels at the largest feature map; doubled at each halving.",
        minimum=1,
    )
    max_channels: int = field(
        512,
        "Convolutions: more channels than these no feature map has; 0: no limit.",
        minimum=0,
        before=0,
    )
    generator_norm: str = field(
        "none",
        "Normalisation of the generator's (decoder's) layers; conditional_batch needs labels.",
        registry=("tfgan.nn.normalisation", "NORMALISATIONS"),
        before="none",
    )
    discriminator_norm: str = field(
        "none",
        "Normalisation of the discriminator's (encoder's) layers.",
        registry=("tfgan.nn.normalisation", "NORMALISATIONS"),
        before="none",
    )
    norm_groups: int = field(
        8, "group: groups of channels, which they divide.", minimum=1, before=8
    )
    condition: str = field(
        "none",
        "How the players know the class, from the data's labels or a directory for each class: the "
        "discriminator by concatenation or projection, or it says the class itself (auxiliary). "
        "information: without labels, the generator finds classes of its own (InfoGAN).",
        choices=("none", "concatenation", "projection", "auxiliary", "information"),
        before="none",
    )
    num_categories: int = field(
        10,
        "--condition=information: classes that the generator finds.",
        minimum=2,
        maximum=10_000,
        before=10,
    )
    num_codes: int = field(
        0,
        "--condition=information: how many latents are codes that an example shows.",
        minimum=0,
        before=0,
    )
    attention_size: int = field(
        0,
        "dcgan, resnet: self-attention where a feature map's shorter side is this; 0: none.",
        minimum=0,
        before=0,
    )
    minibatch_stddev: bool = field(
        False,
        "mlp, dcgan, resnet: show the discriminator how much the examples of a batch differ.",
        before=False,
    )
    compute_dtype: str = field(
        "float32",
        "Arithmetic inside the networks; weights and losses stay float32.",
        choices=("float32", "bfloat16"),
    )
