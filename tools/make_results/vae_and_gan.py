"""A VAE beside a GAN on MNIST: pictures, distances, likelihoods where there are some."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.make_results.record import Outcome, Record, Trial, by_seed

SEEDS = range(3)
SHOWN_SEED = 0
NUM_SAMPLES = 10_000
NUM_WEIGHTS = 500
"""Latents that are drawn for an example, for log p(x)."""

EXPLAINED = "test[:1000]"
"""The examples whose likelihood is estimated."""

OF_CLASSIFIER = ("frechet_distance", "precision", "recall", "density", "coverage")
PARZEN = "parzen_log_likelihood"

COMMON = dict(image_size=28, log_every_steps=500, checkpoint_every_steps=1000)
VAE = dict(model_type="vae", latent_distribution="normal", binarise="static", beta1=0.9)
VAE |= dict(generator_learning_rate=0.001)
CONVOLUTIONAL = dict(data="mnist", network="dcgan", base_channels=16, generator_norm="batch")
CONVOLUTIONAL |= dict(discriminator_norm="batch", latent_size=64, batch_size=64, num_steps=6000)

ROWS: Mapping[str, Mapping[str, Any]] = {
    "GAN, recipe mnist": dict(recipe="mnist") | COMMON,
    "VAE, the same networks": CONVOLUTIONAL | VAE | COMMON,
    "VAE, recipe vae_mnist": dict(recipe="vae_mnist") | COMMON,
}
"""Flags of each row."""

TEMPLATE = Path(__file__).with_name("vae_and_gan.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns all trials: the first seed of each row, then the others."""
    return by_seed("vae_and_gan", "mnist", ROWS, SEEDS, num_steps)


def measure(trial: Trial) -> Outcome:
    """Trains a run, or what is missing of it, measures it, and keeps its pictures."""
    from tfgan import build
    from tfgan.core.interfaces import reconstructs
    from tfgan.runs import layout
    from tools.make_results import running, sheets

    config = running.config_of(trial)
    run, seconds = running.trained(config, f"vae_and_gan/{trial.slug}")
    found: dict[str, Any] = {"steps": run.checkpoint.step, "training_seconds": seconds}
    for extractor, names in (("classifier", OF_CLASSIFIER), ("pixels", (PARZEN,))):
        grey = {"binarise": "none"}
        found |= running.evaluated(run, "", "test", extractor, names, NUM_SAMPLES, **grey)
    made = run.model(build.factory(run.made_by, ""))
    if reconstructs(made):
        found["reconstruction_error"] = _reconstruction_error(made, run.config)
        found |= running.explained(run, EXPLAINED, NUM_WEIGHTS)
    if trial.seed == SHOWN_SEED:
        found["samples"] = sheets.kept(layout.samples_of(run.path)[-1])
        if pairs := layout.samples_of(run.path, "reconstructed_"):
            found["pairs"] = sheets.kept(pairs[-1])
        found["real"] = sheets.kept(run.path / layout.SAMPLES / "real.png")
    return found


def _reconstruction_error(model: Any, config: Any) -> float:
    """Returns the root of the mean squared error of a pixel in [0, 1], over the test images."""
    import dataclasses

    import numpy as np
    import tensorflow as tf

    from tfgan import build
    from tfgan.runs import pictures

    other = dataclasses.replace(config, split="test", batch_size=100)
    source = build.build_source(other)
    real = pictures.first(source, source.num_examples or 0)
    parts = np.split(real, range(100, len(real), 100))
    made = np.concatenate([model.reconstruct(tf.constant(part)).numpy() for part in parts])
    return float(np.sqrt(np.mean(np.square((made - real) / 2, dtype=np.float64))))


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import Means, by_row, machine, percent, table, three, two, whole

    shares = ("precision", "recall", "coverage")
    writes = {name: percent if name in shares else three for name in (*OF_CLASSIFIER, PARZEN)}
    writes |= {"reconstruction_error": three, "elbo": two, "log_likelihood": two}
    writes |= {"training_seconds": whole}
    lines = by_row(record, known, ROWS, writes, floor="*real test images*")
    return TEMPLATE.read_text().format(
        of=Means(record, known),
        table="\n".join(table(lines)),
        num_samples=f"{NUM_SAMPLES:,}",
        num_weights=NUM_WEIGHTS,
        explained=EXPLAINED,
        machine=machine(record.about),
    )


def pictures(record: Record, known: list[Trial]) -> dict[str, dict[str, str]]:
    """Returns the pictures that there are, by row and caption."""
    captions = {
        "real": "real",
        "samples": "samples",
        "pairs": "real, each beside its reconstruction",
    }
    found = {t.row: record.outcome(t) for t in known if t.seed == SHOWN_SEED}
    return {
        row: {caption: outcome[name] for name, caption in captions.items() if name in outcome}
        for row, outcome in found.items()
        if outcome is not None
    }


def picture(record: Record, known: list[Trial]) -> bytes:
    """Returns the pictures of one seed as one sheet."""
    from tools.make_results import sheets

    return sheets.sheet(pictures(record, known))
