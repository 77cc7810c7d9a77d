"""What combines with --model_type=vae, and what it refuses: each field of another model by name."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.entries import images, points
from tests.survival.test_changed_flags import OTHER
from tfgan import build, training
from tfgan.cli import flags
from tfgan.config import FIELDS, Config
from tfgan.core import contradictions
from tfgan.core.checks import InputError
from tfgan.likelihoods import LIKELIHOODS
from tfgan.models.vae import VAE
from tfgan.networks import NETWORKS
from tfgan.nn.normalisation import NORMALISATIONS
from tfgan.optimizers import OPTIMIZERS
from tfgan.runs.checkpoints import snapshot
from tfgan.schedules import SCHEDULES

SIZES = dict(latent_size=4, hidden_size=8, hidden_layers=1, base_channels=4, batch_size=8)
SIZES |= dict(model_type="vae", latent_distribution="normal")

AXES = {
    "network": ("mlp", "dcgan", "resnet"),  # which have every part
    "likelihood": tuple(LIKELIHOODS),
    "generator_norm": tuple(name for name in NORMALISATIONS if name != "conditional_batch"),
    "discriminator_norm": tuple(name for name in NORMALISATIONS if name != "conditional_batch"),
    "optimizer": tuple(OPTIMIZERS),
    "learning_rate_schedule": tuple(SCHEDULES),
    "compute_dtype": ("float32", "bfloat16"),
}


def make(source, **fields):
    if "group" in (fields.get("generator_norm"), fields.get("discriminator_norm")):
        fields = dict(fields) | {"norm_groups": 2}
    config = Config(**(SIZES | fields))
    return build.build_model(config, source.specs), source


# Each takes the next value of every axis, as if these were wheels.
ROWS = [
    {axis: values[(i + step) % len(values)] for step, (axis, values) in enumerate(AXES.items(), 1)}
    for i in range(6)
]


def test_the_rows_hold_every_value():
    for axis, values in AXES.items():
        assert {row[axis] for row in ROWS} == set(values), axis


@pytest.mark.parametrize("i", range(len(ROWS)))
def test_three_steps_are_finite(i):
    row = dict(ROWS[i])
    if row["learning_rate_schedule"] != "constant":
        row["decay_steps"] = 4
    model, source = make(images((8, 8, 3)), **row, generator_learning_rate=1e-3)
    losses = training.make_loop(model, source)(0, 3)
    assert all(np.isfinite(values).all() for values in losses.values()), row
    for name, value in snapshot(model.state()).items():
        assert np.isfinite(value.astype(np.float64)).all(), (name, row)


@pytest.mark.parametrize(
    ("model_type", "name"),
    [(kind, name) for kind, names in contradictions.OF_MODEL.items() for name in names],
)
def test_a_field_of_another_model_is_refused_by_its_name(model_type, name):
    other = "vae" if model_type == "gan" else "gan"
    config = Config(model_type=other, latent_distribution="normal", **{name: OTHER[name]})
    with pytest.raises(InputError, match=f"^{name}=.* is of model_type={model_type}, and"):
        contradictions.check(config)


def test_every_field_that_a_vae_does_not_read_is_refused():
    """What is neither read nor refused would be a flag that does nothing."""
    read = {name for names in map(_read_by, NETWORKS) for name in names}
    of_all = {"data", "split", "image_size", "mirror", "binarise", "background", "batch_size"}
    of_all |= {"seed", "warm_start", "model_type", "network", "latent_distribution", "optimizer"}
    of_all |= {"learning_rate_schedule", "warmup_steps", "decay_steps", "generator_learning_rate"}
    of_all |= {"evaluate_every_steps", "evaluate_metrics", "evaluate_extractor"}
    of_all |= {"strategy", "replicas", "sync_batch_norm"}
    of_all |= {"evaluate_num_samples", "momentum", "rho", "beta1", "beta2", "epsilon"}
    changing = {name for name, field in FIELDS.items() if field.metadata["changes_numbers"]}
    assert changing <= read | of_all | set(contradictions.OF_MODEL["gan"])


def _read_by(network):
    family = NETWORKS[network]
    makers = (VAE, family.Generator, family.Discriminator)
    return itertools.chain.from_iterable(Config().options(make) for make in makers)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_family_encodes_and_decodes(network):
    """A decoder of logits leaves [-1, 1], one of means does not."""
    for likelihood, is_bounded in {"bernoulli": False, "gaussian": True}.items():
        fields = dict(network=network, hidden_size=10, likelihood=likelihood)
        model, source = make(images((8, 8, 1)), **fields)
        posterior = model.encode(source.batch(tf.constant(0, tf.int64))["real"])
        assert posterior.mean.shape == posterior.log_variance.shape == (8, 4)
        for weight in model.decoder.weights.values():
            weight.assign(100.0 * weight)
        decoded = model.decoder(model.inputs(8, "test")["latents"])
        assert (np.abs(decoded).max() <= 1.0) == is_bounded, likelihood


def test_points_are_no_pixels():
    with pytest.raises(InputError, match="bernoulli is of pixels, .* give --likelihood=gaussian"):
        make(points(), network="mlp")


def test_a_command_line_says_what_follows_from_a_vae():
    config, _ = flags.parse(["--model_type=vae"])
    assert (config.latent_distribution, config.likelihood) == ("normal", "bernoulli")
    config, _ = flags.parse(["--model_type=vae", "--data=ring"])
    assert (config.network, config.likelihood) == ("mlp", "gaussian")
    config, _ = flags.parse(["--model_type=vae", "--image_dir=photos"])  # no recipe of a GAN's
    assert config.generator_norm == FIELDS["generator_norm"].default
    config, _ = flags.parse(["--latent_distribution=uniform", "--model_type=vae"])
    assert config.latent_distribution == "uniform"  # what is written wins, and is refused


def test_an_unknown_type_is_named():
    with pytest.raises(InputError, match="unknown model_type 'vea'; did you mean 'vae'"):
        build.check_names(Config(model_type="vea"))
    with pytest.raises(InputError, match="unknown likelihood 'normal'"):
        build.check_names(Config(likelihood="normal"))
