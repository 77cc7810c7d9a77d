"""Objectives and the VAE on MNIST under one protocol: networks, batch, latents, epochs.

Lucic et al. 2018 searched the settings of each objective by a hundred runs of 20 epochs; here each
has the settings that are usual for it, and a quarter of the epochs.
"""

from collections.abc import Mapping
from typing import Any

from tools.make_results.record import Outcome, Record, Trial, by_seed

COLUMN = "mnist"
SEEDS = range(3)
NUM_SAMPLES = 10_000
EPOCHS = 5
BATCH_SIZE = 64
MODEL = "tools.make_results.lucic:make"
METRICS = ("frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage")

SHARED: Mapping[str, Any] = dict(
    generator_norm="batch",
    discriminator_norm="batch",
    latent_size=64,
    latent_distribution="uniform",
    batch_size=BATCH_SIZE,
    compute_dtype="bfloat16",
    generator_learning_rate=0.0002,
    discriminator_learning_rate=0.0002,
    beta1=0.5,
    num_steps=EPOCHS * 60_000 // BATCH_SIZE,
    log_every_steps=500,
    sample_every_steps=1000,
    checkpoint_every_steps=500,
)

PER_EXAMPLE = dict(discriminator_norm="layer")
"""Of objectives whose penalty is that of each example by itself."""

ROWS: Mapping[str, Mapping[str, Any]] = {
    "minimax": dict(objective="minimax"),
    "non_saturating": dict(objective="non_saturating"),
    "least_squares": dict(objective="least_squares"),
    "wasserstein, weight clip": dict(
        objective="wasserstein",
        weight_clip=0.01,
        optimizer="rmsprop",
        generator_learning_rate=0.00005,
        discriminator_learning_rate=0.00005,
        discriminator_steps=5,
    ),
    "wasserstein, gradient penalty": dict(
        objective="wasserstein", penalties="gradient_penalty:10", **PER_EXAMPLE
    ),
    "non_saturating, dragan": dict(
        objective="non_saturating", penalties="dragan:10", **PER_EXAMPLE
    ),
    "relativistic, r1 and r2": dict(objective="relativistic", penalties="r1:1,r2:1", **PER_EXAMPLE),
    "vae": dict(
        model_type="vae", latent_distribution="normal", generator_learning_rate=0.001, beta1=0.9
    ),
}

_FALLING: Mapping[str, Any] = dict(
    generator_learning_rate=0.001,
    discriminator_learning_rate=0.001,
    learning_rate_schedule="linear",
    decay_steps=SHARED["num_steps"],
    average_decay=0.999,
)

TUNED: Mapping[str, Mapping[str, Any]] = {
    "non_saturating, five times the rate, falling": dict(_FALLING, objective="non_saturating"),
    "hinge, five times the rate, falling": dict(_FALLING, objective="hinge"),
}
"""What the same networks reach in the same steps, by settings that a short search found."""

TUNED_SEEDS: Mapping[str, range] = dict(zip(TUNED, (range(1, 4), range(4, 7)), strict=True))
"""Seeds that a row was not chosen on: the first one was on seed 0, the second one on seed 3."""


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns all trials: the first seed of each row, then the others."""

    def of_rows(rows, seeds):
        filled = {row: dict(SHARED) | fields for row, fields in rows.items()}
        return by_seed("protocol", COLUMN, filled, seeds, num_steps)

    tuned = [
        trial for row, seeds in TUNED_SEEDS.items() for trial in of_rows({row: TUNED[row]}, seeds)
    ]
    return of_rows(ROWS, SEEDS) + tuned


def measure(trial: Trial) -> Outcome:
    """Trains a run, or what is missing of it, and measures it by the classifier's features."""
    from tfgan.config import Config
    from tfgan.core import runtime
    from tools.make_results import running

    runtime.configure(1)
    config = Config(data=trial.column, seed=trial.seed, num_threads=1, **trial.fields)
    place = f"{trial.column}/{trial.slug}"
    run, seconds = running.trained(config, place, MODEL)
    found = running.evaluated(run, MODEL, "test", "classifier", METRICS, NUM_SAMPLES)
    return found | {"steps": run.checkpoint.step, "training_seconds": seconds}
