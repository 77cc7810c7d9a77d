"""What each change buys a VAE on binarised MNIST, from the sizes of published numbers on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.make_results.record import Outcome, Record, Trial, by_seed

SEEDS = range(1)
NUM_WEIGHTS = 500
EXPLAINED = "test[:2000]"
PUBLISHED = ("published sizes and numbers, another binarisation", -103.31, -97.10)

BASE: Mapping[str, Any] = dict(
    recipe="vae_mnist", log_every_steps=1000, sample_every_steps=65_000, checkpoint_every_steps=5000
)
ROWS: Mapping[str, Mapping[str, Any]] = {
    "recipe vae_mnist": {},
    "black and white drawn anew at each step": dict(binarise="dynamic"),
    "a rate that falls along a cosine": dict(learning_rate_schedule="cosine", decay_steps=65_000),
    "512 units a layer": dict(hidden_size=512),
    "three hidden layers": dict(hidden_layers=3),
    "32 latents": dict(latent_size=32),
    "anew, and a rate that falls": dict(
        binarise="dynamic", learning_rate_schedule="cosine", decay_steps=65_000
    ),
}
"""What differs from the recipe, by row."""

TEMPLATE = Path(__file__).with_name("vae_changes.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial of each row and seed."""
    rows = {row: dict(BASE) | fields for row, fields in ROWS.items()}
    return by_seed("vae_changes", "mnist", rows, SEEDS, num_steps)


def measure(trial: Trial) -> Outcome:
    """Trains a run, or what is missing of it, and measures how well it explains images."""
    from tools.make_results import running

    run, seconds = running.trained(running.config_of(trial), f"vae_changes/{trial.slug}")
    found = {"steps": run.checkpoint.step, "training_seconds": seconds}
    for split, names in {
        EXPLAINED: ("elbo", "log_likelihood"),
        EXPLAINED.replace("test", "train"): ("elbo",),
    }.items():
        explained = running.explained(run, split, NUM_WEIGHTS)
        prefix = "training_" if split.startswith("train") else ""
        found |= {f"{prefix}{name}": explained[name] for name in names}
    return found


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import by_row, machine, table, two, whole

    writes = dict.fromkeys(("elbo", "log_likelihood", "training_elbo"), two)
    lines = by_row(record, known, ROWS, writes | {"training_seconds": whole}, first="row")
    name, elbo, log_likelihood = PUBLISHED
    lines.append([name, "1", two(elbo), two(log_likelihood), "-", "-"])
    return TEMPLATE.read_text().format(
        table="\n".join(table(lines)),
        explained=EXPLAINED,
        num_weights=NUM_WEIGHTS,
        machine=machine(record.about),
    )
