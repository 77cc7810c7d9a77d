"""The document's script as a session of `tfgan.parity`, and what it makes of a config."""

import types

from legacy import gan_session
from tfgan.config import Config
from tfgan.core.checks import InputError


def script(options, draw):
    """Returns the document's session, its latents and batches taken from `draw(name)`."""

    def batches():
        while True:
            yield draw("real")

    random = types.SimpleNamespace(uniform=lambda *_, size: draw("latents"))
    return gan_session.gan_session(options, batches(), np=types.SimpleNamespace(random=random))


def legacy_options(config: Config, x_shape, checkpoint: str):
    """Returns the script's options for a config.

    Raises:
      InputError: the document's script cannot do what the config says.
    """
    required = {
        "optimizer": "adam",
        "update_order": "generator_first",
        "discriminator_steps": 1,
        "latent_distribution": "uniform",
        "compute_dtype": "float32",
        "discriminator_learning_rate": config.generator_learning_rate,
    }
    for name, value in required.items():
        if getattr(config, name) != value:
            raise InputError(
                f"the document's script knows only --{name}={value}, got {getattr(config, name)}."
            )
    names = ("network", "batch_size", "weight_clip", "hidden_size", "hidden_layers")
    if config.network not in ("mlp", "dcgan"):
        raise InputError(f"the document's script knows only mlp and dcgan, got {config.network}.")
    norms = {config.generator_norm, config.discriminator_norm}
    if norms != {"none"} and (norms != {"batch"} or config.network == "mlp"):
        raise InputError(
            "the document's script knows only --generator_norm=none --discriminator_norm=none, or "
            "for --network=dcgan batch for both, got "
            f"{config.generator_norm} and {config.discriminator_norm}."
        )
    return gan_session.Options(
        x_shape=tuple(x_shape),
        z_dim=config.latent_size,
        num_iterations=config.num_steps,
        loss=config.objective,
        base_channels=config.base_channels,
        adam=(
            ("learning_rate", config.generator_learning_rate),
            ("beta1", config.beta1),
            ("beta2", config.beta2),
            ("epsilon", config.epsilon),
        ),
        seed=config.seed,
        batch_norm=norms == {"batch"},
        checkpoint=checkpoint,
        **{name: getattr(config, name) for name in names},
    )
