"""Names become objects: the only place where it happens."""

import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan.config import FIELDS, Config
from tfgan.core import checks, contradictions, files, paths, runtime
from tfgan.core.checks import InputError
from tfgan.core.interfaces import LabelSpec, Model, Source, Specs
from tfgan.data import binarised, catalog, folder, labels, stacked, synthetic
from tfgan.data.binarised import Binarised
from tfgan.data.mirrored import Mirrored
from tfgan.likelihoods import LIKELIHOODS
from tfgan.losses import OBJECTIVES
from tfgan.models.gan import GAN
from tfgan.models.vae import VAE
from tfgan.networks import NETWORKS
from tfgan.nn.normalisation import NORMALISATIONS
from tfgan.optimizers import OPTIMIZERS, Optimizer
from tfgan.penalties import PENALTIES, Penalty
from tfgan.runs import identity
from tfgan.runs.layout import CHECKPOINTS
from tfgan.runs.trained import TrainedRun
from tfgan.runs.warm_start import Parent
from tfgan.schedules import SCHEDULES, Schedule
from tfgan.serving import card
from tfgan.serving.publish import Export

ModelFactory = Callable[[Config, Specs], Model]
"""Makes a model from a config and the specs of one example: what `--model=module:factory` names."""


PARTS = ("generator_norm", "discriminator_norm", "attention_size", "minibatch_stddev")
"""Fields that add to a network: a family whose constructors lack one cannot have it."""


class Parts(NamedTuple):
    """What a config describes."""

    model: Model
    source: Source


def num_threads(config: Config) -> int:
    """Returns how many threads an operation of a run gets; 0: one a core."""
    check_names(config)
    return config.num_threads or NETWORKS[config.network].THREADS_PER_OPERATION


def build(config: Config, factory: ModelFactory | None = None) -> Parts:
    """Makes the model and its data.

    Args:
      config: the run.
      factory: makes the model; None: what the config names.

    Raises:
      InputError: a name is unknown, or sizes or classes do not fit.
    """
    source = build_source(config)
    model = (factory or build_model)(config, source.specs)
    labels.check(model, source)
    return Parts(model, source)


def check_names(config: Config) -> None:
    """Checks what a config names.

    Raises:
      InputError: a name is unknown, or two fields contradict each other.
    """
    checks.one_of("model_type", config.model_type, MODELS)
    checks.one_of("likelihood", config.likelihood, LIKELIHOODS)
    checks.one_of("network", config.network, NETWORKS)
    checks.one_of("objective", config.objective, OBJECTIVES)
    checks.one_of("optimizer", config.optimizer, OPTIMIZERS)
    checks.one_of("learning_rate_schedule", config.learning_rate_schedule, SCHEDULES)
    checks.one_of("generator_norm", config.generator_norm, NORMALISATIONS)
    checks.one_of("discriminator_norm", config.discriminator_norm, NORMALISATIONS)
    contradictions.check(config)


def build_source(config: Config) -> Source:
    """Makes the data of a config."""
    source = _source(config)
    if config.binarise == "static":
        source = binarised.static(source)
    if config.binarise == "dynamic":
        source = Binarised(source, config.seed)
    return Mirrored(source, config.seed) if config.mirror else source


def _source(config: Config) -> Source:
    if config.data in synthetic.MIXTURES and not config.image_dir:
        mixture = synthetic.MIXTURES[config.data]
        return mixture(config.batch_size, config.seed, config.with_labels)
    common: dict[str, Any] = dict(
        image_size=config.image_size,
        batch_size=config.batch_size,
        seed=config.seed,
        memory_mb=config.data_memory_mb,
        background=config.background,
        with_labels=config.with_labels,
    )
    if config.image_dir:
        return folder.load(config.image_dir, **common)
    if config.data == stacked.NAME:
        return stacked.load(data_dir=config.data_dir, split=config.split, **common)
    return catalog.load(config.data, data_dir=config.data_dir, split=config.split, **common)


def build_model(config: Config, specs: Specs) -> Model:
    """Makes the model of a config for examples of `specs`: a `ModelFactory`."""
    check_names(config)
    return MODELS[config.model_type](config, specs)


def gan(
    config: Config, specs: Specs, networks: Callable[..., tuple[Any, Any]] | None = None
) -> GAN:
    """Makes the GAN of a config, of what `networks` makes in `build_networks`' place."""
    spec, num_classes, frequencies = specs.get("labels"), 0, None
    if config.with_labels and isinstance(spec, LabelSpec):
        num_classes = spec.num_classes
        frequencies = spec.frequencies if config.label_distribution == "data" else None
    elif config.condition == "information":
        num_classes = config.num_categories
    shape = tuple(specs["real"].shape)
    generator, discriminator = (networks or build_networks)(config, shape, num_classes)
    options = (
        config.options(GAN)
        | _optimization(config)
        | {
            "num_classes": num_classes,
            "label_frequencies": frequencies,
            "penalties": [_penalty(config, *each) for each in contradictions.penalties(config)],
            "augment": contradictions.augmentations(config),
        }
    )
    return GAN(generator, discriminator, **options)


def vae(config: Config, specs: Specs, coders: Callable[..., tuple[Any, Any]] | None = None) -> VAE:
    """Makes the VAE of a config, of what `coders` makes in `build_coders`' place.

    Raises:
      InputError: the likelihood does not fit the examples.
    """
    shape = tuple(specs["real"].shape)
    if config.likelihood == "bernoulli" and len(shape) != 3:
        raise InputError(
            "--likelihood=bernoulli is of pixels, and the examples are no images: give "
            "--likelihood=gaussian."
        )
    encoder, decoder = (coders or build_coders)(config, shape)
    options = config.options(VAE) | _optimization(config)
    return VAE(encoder, decoder, learning_rate=config.generator_learning_rate, **options)


MODELS: Mapping[str, ModelFactory] = {"gan": gan, "vae": vae}
"""By the value of `--model_type`."""


def _optimization(config: Config) -> dict[str, Any]:
    """Returns what makes an optimizer, and the schedule of its rate, by their names in models."""

    def optimizer(weights: Sequence[Any], learning_rate: float) -> Optimizer:
        make = OPTIMIZERS[config.optimizer]
        return make(weights, learning_rate, **config.options(make))

    fall = (config.learning_rate_schedule, config.warmup_steps, config.decay_steps)
    return {"optimizer": optimizer, "schedule": Schedule(*fall)}


def _penalty(config: Config, name: str, weight: float) -> tuple[Penalty, float]:
    penalty = PENALTIES[name]
    if "target" not in inspect.signature(penalty).parameters:
        return penalty, weight
    aimed = functools.partial(penalty, target=config.penalty_target)
    return functools.update_wrapper(aimed, penalty), weight


def build_networks(config: Config, shape: tuple[int, ...], num_classes: int = 0) -> tuple[Any, Any]:
    """Makes the two players for examples of `shape`.

    Args:
      config: of the run.
      shape: of one example; the discriminator sees packs of `config.pack`.
      num_classes: they are called with labels of so many classes; 0: without.

    Raises:
      InputError: the family does not take what the config asks for, or sizes do not fit.
    """
    check_parts(config)
    packed = (*shape[:-1], shape[-1] * config.pack)  # what the discriminator sees
    return tuple(
        network(shape=seen, **(config.options(network) | {"num_classes": num_classes}))
        for network, seen in zip(_players(config.network), (shape, packed), strict=True)
    )


def build_coders(config: Config, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Makes the encoder and the decoder of a VAE for examples of `shape`.

    Raises:
      InputError: the family does not take what the config asks for, or sizes do not fit.
    """
    check_parts(config)
    decoder, encoder = _players(config.network)
    own = {
        decoder: dict(name="decoder", bounded=LIKELIHOODS[config.likelihood].bounded),
        encoder: dict(name="encoder", num_outputs=2 * config.latent_size),
    }
    made = {make: make(shape=shape, **(config.options(make) | own[make])) for make in own}
    return made[encoder], made[decoder]


def check_parts(config: Config) -> None:
    """Checks that the network family takes the parts that a config gives it.

    Raises:
      InputError: it takes one of them not; the message says which families do.
    """
    values = {part: getattr(config, part) for part in PARTS}
    asked = {part: value for part, value in values.items() if value != FIELDS[part].default}
    lacking = [part for part in asked if not _takes(config.network, part)]
    if lacking:
        fits = [name for name in NETWORKS if all(_takes(name, part) for part in asked)]
        raise InputError(
            f"--network={config.network} has no place for {_flags(asked, lacking)}: give "
            f"{_flags({part: FIELDS[part].default for part in lacking}, lacking)}, or "
            f"--network={' or '.join(fits)}."
        )


def _takes(network: str, part: str) -> bool:
    return any(part in inspect.signature(make).parameters for make in _players(network))


def _flags(values: Mapping[str, Any], names: Sequence[str]) -> str:
    return " ".join(f"--{name}={str(values[name]).lower()}" for name in names)


def _players(network: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    family = NETWORKS[network]
    return family.Generator, family.Discriminator


def parent(config: Config, recorded: Mapping[str, Any] | None = None) -> Parent | None:
    """Reads what `--warm_start` names: a run's newest good checkpoint, or an export.

    Args:
      config: of the run that begins.
      recorded: of the checkpoint that it resumes from: such a run reads no parent.

    Returns:
      The parent; None where there is none to read.

    Raises:
      InputError: neither is there, or it is damaged, or of another version.
      NonFiniteError: it holds NaN or infinity.
      StorageError: it cannot be read.
    """
    if not config.warm_start or recorded is not None:
        return None
    path = paths.user_path(config.warm_start)
    try:
        if files.names(path / CHECKPOINTS):
            run = TrainedRun(config.warm_start)
            checkpoint = run.checkpoint
            return Parent(run.path, checkpoint.step, checkpoint.sha256(), checkpoint.read())
        export = Export(_version(path))
        return Parent(export.path, export.step, export.sha256(), export.values())
    except InputError as error:
        raise InputError(f"--warm_start={config.warm_start}: {error}") from None


def _version(path: Path) -> Path:
    try:
        return card.newest_version(path)
    except InputError:
        raise InputError("neither a run with a checkpoint nor an export is there.") from None


def maker(config: Config, made_by: str, model: str) -> ModelFactory:
    """Returns what makes the model of a recorded run or export, and sets up TensorFlow for it.

    Args:
      config: of the record.
      made_by: who made the model, as the record says. It is never imported because of that.
      model: what the user's own command line names as --model; may be empty.

    Raises:
      InputError: the model is code of the user's, and the command line does not name it.
    """
    made = factory(made_by, model)
    runtime.configure(num_threads(config))
    return made


def factory(made_by: str, model: str) -> ModelFactory:
    """Returns what makes the model of a recorded run or export; arguments as those of `maker`.

    Raises:
      InputError: the model is code of the user's, and the command line does not name it.
    """
    if made_by != identity.FROM_CONFIG and not model:
        name = "module:factory" if made_by == identity.FROM_CODE else made_by
        raise InputError(f"its model was made by {made_by}: add --model={name} to run that code.")
    return import_factory(model) if model else build_model


def import_factory(name: str) -> ModelFactory:
    """Imports what `--model=module:factory` names; the working directory is searched too.

    Raises:
      InputError: it cannot be imported, or is not there.
    """
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise InputError(f"--model={name}: write module:factory, such as networks:make.")
    if os.getcwd() not in sys.path:  # `python -m` has it, a console script has not
        sys.path.append(os.getcwd())
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(f"--model={name} cannot be imported: {error}") from error
    if not callable(factory):
        raise InputError(f"--model={name} is no function, but {type(factory).__name__}.")
    return factory
