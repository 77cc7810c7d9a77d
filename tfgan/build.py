"""Names become objects: the only place where it happens."""

from typing import NamedTuple

import tensorflow as tf

from tfgan.config import FIELDS, Config
from tfgan.core import checks, random
from tfgan.core.interfaces import Model, Source
from tfgan.data import catalog, folder, synthetic
from tfgan.losses import OBJECTIVES
from tfgan.models.gan import GAN
from tfgan.networks import NETWORKS
from tfgan.optimizers import OPTIMIZERS, WeightAverage

_OPTIMIZER_FIELDS = {
    "adam": ("beta1", "beta2", "epsilon"),
    "rmsprop": ("rho", "momentum", "epsilon"),
    "sgd": ("momentum",),
}


def num_threads(config: Config) -> int:
    """Returns how many threads an operation of a run gets; 0: one a core.

    TensorFlow does not split the matrix products of a small MLP. It would split what lies between
    them, and its threads would wait for each other: one thread an operation is a quarter faster,
    and the bits no longer depend on the number of cores. Convolutions want them all.
    """
    return config.num_threads or (1 if config.network == "mlp" else 0)


class Run(NamedTuple):
    """What a config describes."""

    model: Model
    source: Source


def build(config: Config, rollbacks: int = 0) -> Run:
    """Makes the model and its data.

    Args:
      config: the run.
      rollbacks: how often the run went back to a checkpoint. Each time, batches and latents come
        from other seeds, beyond those that a config can name; weights start from the config's own.

    Raises:
      InputError: a name is unknown, or sizes do not fit.
    """
    check_names(config)
    source = build_source(config, rollbacks)
    return Run(build_model(config, source.shape, rollbacks), source)


def check_names(config: Config) -> None:
    """Checks what a config names.

    Raises:
      InputError: a name is unknown; the message lists the known ones.
    """
    checks.one_of("network", config.network, NETWORKS)
    checks.one_of("objective", config.objective, OBJECTIVES)
    checks.one_of("optimizer", config.optimizer, OPTIMIZERS)


def build_source(config: Config, rollbacks: int = 0) -> Source:
    """Makes the data of a config."""
    seed = _seed(config, rollbacks)
    if config.data in synthetic.MIXTURES and not config.image_dir:
        return synthetic.MIXTURES[config.data](config.batch_size, seed)
    common = dict(
        image_size=config.image_size,
        batch_size=config.batch_size,
        seed=seed,
        memory_mb=config.data_memory_mb,
    )
    if config.image_dir:
        return folder.load(config.image_dir, **common)
    return catalog.load(config.data, data_dir=config.data_dir, split=config.split, **common)


def build_model(config: Config, shape: tuple[int, ...], rollbacks: int = 0) -> Model:
    """Makes the model of a config for examples of `shape`."""
    seed = _seed(config, rollbacks)
    generator, discriminator = build_networks(config, shape)
    average = None
    if config.average_decay:
        twin, _ = build_networks(config, shape)
        average = WeightAverage(generator, twin, config.average_decay)

    def latents(stream: str, step: tf.Tensor) -> tf.Tensor:
        draw = random.LATENT_DISTRIBUTIONS[config.latent_distribution]
        return draw([config.batch_size, config.latent_size], seed, stream, step)

    def optimizer(network: tf.Module, learning_rate: float):
        options = {name: getattr(config, name) for name in _OPTIMIZER_FIELDS[config.optimizer]}
        return OPTIMIZERS[config.optimizer](network.trainable_variables, learning_rate, **options)

    return GAN(
        generator,
        discriminator,
        OBJECTIVES[config.objective],
        optimizer(generator, config.generator_learning_rate),
        optimizer(discriminator, config.discriminator_learning_rate),
        latents=latents,
        generator_first=config.update_order == "generator_first",
        discriminator_steps=config.discriminator_steps,
        weight_clip=config.weight_clip,
        average=average,
    )


def build_networks(config: Config, shape: tuple[int, ...]) -> tuple[tf.Module, tf.Module]:
    """Makes the two players for examples of `shape`."""
    family = NETWORKS[config.network]
    if config.network == "mlp":
        options = dict(hidden_size=config.hidden_size, hidden_layers=config.hidden_layers)
    else:
        options = dict(base_channels=config.base_channels, batch_norm=config.batch_norm)
    options |= dict(seed=config.seed, compute_dtype=tf.as_dtype(config.compute_dtype))
    return (
        family.Generator(config.latent_size, shape, **options),
        family.Discriminator(shape, **options),
    )


def _seed(config: Config, rollbacks: int) -> int:
    """Returns the seed of what is drawn at each step."""
    return config.seed + rollbacks * (FIELDS["seed"].metadata["maximum"] + 1)
