"""Twenty-five Gaussians by the networks and the budget of a book: what 20,000 slow steps reach.

Source: Zhang et al., "Dive into Deep Learning", the chapter on generative adversarial networks.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.make_results import ring_grid
from tools.make_results.record import Outcome, Record, Trial, by_seed

SEEDS = range(3)
NUM_SAMPLES = 10_000

BOOKS: Mapping[str, Any] = dict(
    network="mlp",
    hidden_size=256,
    hidden_layers=2,
    latent_size=64,
    latent_distribution="normal",
    objective="relativistic",
    batch_size=256,
    generator_learning_rate=0.0002,
    discriminator_learning_rate=0.0002,
    beta1=0.0,
    beta2=0.99,
    average_decay=0.999,
    num_steps=20_000,
)
"""Its networks, optimiser, batch and steps; the mixture is scaled by 0.2, and so the gradients are
five times as large and the weights of penalties a twenty-fifth."""

CODES = dict(
    condition="information",
    num_categories=25,
    condition_weight=0.5,
    latent_size=39,
    penalties="r1:0.0001,r2:0.0001",
)
"""25 of the 64 numbers that come in tell a class that the generator finds: the same networks."""

FALLING = dict(learning_rate_schedule="cosine", decay_steps=20_000)
ROWS: Mapping[str, Mapping[str, Any]] = {
    "relativistic, r1:0.001,r2:0.001": BOOKS | dict(penalties="r1:0.001,r2:0.001"),
    "the same, and InfoGAN's 25 classes": BOOKS | CODES,
    "the same, and rates that fall": BOOKS | CODES | FALLING,
}

TEMPLATE = Path(__file__).with_name("book_grid.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial of each row and seed, and one of the mixture itself."""
    real = [Trial("book", ring_grid.REAL, "grid", {}, 0)]
    return real + by_seed("book", "grid", ROWS, SEEDS, num_steps)


def measure(trial: Trial) -> Outcome:
    """Trains, draws samples, and measures them."""
    return ring_grid.measure(trial, NUM_SAMPLES)


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import by_row, machine, one, percent, small, table, two, whole

    writes = {"modes": one, "good_share": percent, "reverse_kl": small, "least_spread": two}
    writes |= {"spread": two, "largest_spread": two, "processor_seconds": whole}
    rows = [ring_grid.REAL, *ROWS]
    return TEMPLATE.read_text().format(
        table="\n".join(table(by_row(record, known, rows, writes))),
        num_samples=f"{NUM_SAMPLES:,}",
        machine=machine(record.about),
    )
