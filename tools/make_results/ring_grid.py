"""Objectives and penalties on the ring and on the grid: which runs there are, and how one is made.

The screen: one network, one optimiser, one budget; every objective without a penalty, four of them
with every penalty, three seeds. The finals: its best five, the document's own settings and what was
tuned for each set, with ten other seeds, so that luck in the screen does not count twice.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tools.make_results.record import Outcome, Record, Trial

COLUMNS = {"ring": 8, "grid": 25}
"""Data sets, and how many modes they have."""

NUM_SAMPLES = 2500
SCREEN_SEEDS = range(3)
FINAL_SEEDS = range(10, 20)
TUNED_ON = {"ring": range(20), "grid": (*range(50), *range(100, 110))}
TUNED_SEEDS = {"ring": range(20, 30), "grid": range(50, 60)}
"""Seeds that the settings of a set were tuned on, and those that they are measured on."""

NUM_FINALISTS = 5

SHARED: Mapping[str, Any] = dict(
    network="mlp",
    hidden_size=128,
    hidden_layers=3,
    latent_size=2,
    latent_distribution="normal",
    batch_size=128,
    generator_learning_rate=0.001,
    discriminator_learning_rate=0.001,
    beta1=0.5,
    beta2=0.999,
    learning_rate_schedule="cosine",
    decay_steps=10_000,
    num_steps=10_000,
    average_decay=0.999,
)
"""What all runs of the screen have in common."""

ALONE = (
    "minimax",
    "non_saturating",
    "wasserstein",
    "least_squares",
    "hinge",
    "relativistic",
    "relativistic_average",
    "kullback_leibler",
    "reverse_kullback_leibler",
    "pearson",
    "squared_hellinger",
    "total_variation",
)
"""Objectives of the screen: all there are."""

PENALISED = ("non_saturating", "wasserstein", "relativistic", "hinge")
PENALTIES = (
    "gradient_penalty:0.1",
    "one_sided_gradient_penalty:0.1",
    "dragan:0.1",
    "r1:0.001",
    "r2:0.001",
    "lecam:0.1",
    "r1:0.001,r2:0.001",
)
"""One weight each, for all objectives and both sets. The papers' weights of r1 are for images: here
a mode is 0.01 wide, and the gradient of a discriminator that knows it 100 times as large."""

EXTRA: Mapping[str, Mapping[str, Any]] = {
    "non_saturating, pack 2": dict(objective="non_saturating", pack=2),
    "wasserstein, weight clip 0.1": dict(objective="wasserstein", weight_clip=0.1),
    "wasserstein, as its paper has it": dict(
        objective="wasserstein",
        weight_clip=0.01,
        optimizer="rmsprop",
        generator_learning_rate=0.00005,
        discriminator_learning_rate=0.00005,
        learning_rate_schedule="constant",
        decay_steps=0,
        discriminator_steps=5,
    ),
    "wasserstein, r1:0.1": dict(objective="wasserstein", penalties="r1:0.1"),
    "wasserstein, gradient_penalty:0.1, 5 discriminator steps": dict(
        objective="wasserstein", penalties="gradient_penalty:0.1", discriminator_steps=5
    ),
}

DOCUMENT = "the document's settings"
DOCUMENTS: Mapping[str, Any] = dict(
    network="mlp",
    hidden_size=128,
    hidden_layers=3,
    latent_size=2,
    latent_distribution="uniform",
    objective="non_saturating",
    batch_size=128,
    generator_learning_rate=0.001,
    discriminator_learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    num_steps=10_000,
)
"""The snippet's losses, order, latents and optimiser (recipes/document.flags), with the screen's
networks, batch and budget."""

TUNED = "tuned for the set"
_OF_BOTH = dict(SHARED) | dict(
    objective="relativistic",
    penalties="r1:0.0001,r2:0.0001",
    condition="information",
    latent_size=4,
    batch_size=256,
    decay_steps=20_000,
    num_steps=20_000,
    discriminator_decay=False,
    average_decay=0.9995,
)
TUNED_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "ring": _OF_BOTH | dict(num_categories=8, discriminator_learning_rate=0.0012),
    "grid": _OF_BOTH
    | dict(
        num_categories=25,
        condition_weight=0.5,
        discriminator_learning_rate=0.0011,
        minibatch_stddev=True,
        average_decay=0.9993,
    ),
}
"""InfoGAN's classes, as many as the set has modes, so that no latent lies between two modes; a
generator that slows down while the discriminator does not, so that the modes keep their width; on
the grid the standard deviation of a minibatch, which shows a mode that gets less than its share."""

REAL = "real examples"
"""A row without a run: the floor, what the numbers are of samples of the mixture itself."""


def screen_rows() -> dict[str, dict[str, Any]]:
    """Returns the fields of each row of the screen, by its name."""
    rows = {name: dict(objective=name) for name in ALONE}
    for objective in PENALISED:
        for penalty in PENALTIES:
            rows[f"{objective}, {penalty}"] = dict(objective=objective, penalties=penalty)
    rows |= {name: dict(fields) for name, fields in EXTRA.items()}
    return {name: dict(SHARED) | fields for name, fields in rows.items()}


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns the trials of the table, as far as they are known: the finals follow the screen.

    Args:
      record: what has been measured.
      num_steps: of every run, for a rehearsal; 0: as many as its fields say.
    """

    def trial(part, name, column, fields, seed):
        if num_steps and fields:
            fields = dict(fields) | {"num_steps": num_steps}
        return Trial(part, name, column, fields, seed)

    rows = screen_rows()
    screen = [
        trial("screen", name, column, fields, seed)
        for seed in SCREEN_SEEDS
        for name, fields in rows.items()
        for column in COLUMNS
    ]
    finals = [
        trial("final", name, column, fields, seed)
        for i in range(len(FINAL_SEEDS))
        for column in COLUMNS
        for name, fields, seed in (
            (REAL, {}, FINAL_SEEDS[i]),
            (TUNED, TUNED_FIELDS[column], TUNED_SEEDS[column][i]),
            (DOCUMENT, DOCUMENTS, FINAL_SEEDS[i]),
        )
    ]
    if not record.missing(screen):
        finals += [
            trial("final", name, column, rows[name], seed)
            for name in ranked(record, screen)[:NUM_FINALISTS]
            for seed in FINAL_SEEDS
            for column in COLUMNS
        ]
    return screen + finals


def ranked(record: Record, screen: list[Trial]) -> list[str]:
    """Returns the rows of the screen, the best first: by the mass that they share with the data."""
    shared: dict[str, list[float]] = {}
    for trial in screen:
        outcome = record.outcome(trial)
        assert outcome is not None
        shared.setdefault(trial.row, []).append(outcome["shared_mass"])
    return sorted(shared, key=lambda name: -float(np.mean(shared[name])))


def measure(trial: Trial, num_samples: int = NUM_SAMPLES) -> Outcome:
    """Trains, draws samples, and measures them."""
    from tfgan import build, training
    from tfgan.config import Config
    from tfgan.core import runtime

    config = Config(data=trial.column, seed=trial.seed, **dict({"network": "mlp"} | trial.fields))
    runtime.configure(build.num_threads(config))
    started = time.monotonic()
    source = build.build_source(config)
    if not trial.fields:
        return _measured(np.concatenate(list(_real(source, num_samples)))[:num_samples], source)
    model = build.build_model(config, source.specs)
    diverged_at = _train(training.make_loop(model, source), config.num_steps)
    seconds = time.monotonic() - started
    if diverged_at is None:
        samples = model.sample(model.inputs(num_samples, "evaluation")).numpy()
        found = _measured(samples, source)
    else:
        found = {"modes": 0, "good_share": 0.0, "shared_mass": 0.0}
    about = {"steps": config.num_steps, "diverged_at": diverged_at, "seconds": round(seconds, 1)}
    return found | about


def _real(source, num_samples: int) -> Iterator[np.ndarray]:
    import tensorflow as tf

    for step in range(-(-num_samples // source.batch_size)):
        yield source.batch(tf.constant(step, tf.int64))["real"].numpy()


def _train(run_steps, num_steps: int) -> int | None:
    """Trains; returns the step with the first loss that is not finite, or None."""
    for first in range(0, num_steps, 1000):
        losses = run_steps(first, min(1000, num_steps - first))
        is_bad = ~np.isfinite(np.stack(list(losses.values()))).all(0)
        if is_bad.any():
            return first + int(is_bad.argmax())
    return None


def _measured(samples: np.ndarray, source) -> dict[str, Any]:
    from tfgan import metrics

    mixture = np.asarray(source.centres, np.float64), source.stddev
    found = metrics.sort_by_mode(samples, *mixture)
    spread = metrics.relative_spread(samples, *mixture)
    spread = spread[np.isfinite(spread)]
    return {
        "modes": metrics.modes_covered(found),
        "good_share": metrics.good_share(found),
        "reverse_kl": metrics.reverse_kl(found),
        "reverse_kl_of_all": metrics.reverse_kl(found, only_good=False),
        "shared_mass": metrics.shared_mass(found),
        "spread": float(np.mean(spread)) if len(spread) else None,
        "least_spread": float(np.min(spread)) if len(spread) else None,
        "largest_spread": float(np.max(spread)) if len(spread) else None,
    }
