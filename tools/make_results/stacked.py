"""Stacked MNIST: how many of its 1,000 modes a generator covers, and how evenly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.make_results.record import Outcome, Record, Trial, by_seed

NUM_SAMPLES = 26_000
METRICS = ("modes_covered", "reverse_kl")

COMMON: Mapping[str, Any] = dict(
    data="stacked_mnist",
    image_size=28,
    network="dcgan",
    base_channels=24,
    generator_norm="batch",
    latent_size=64,
    latent_distribution="normal",
    batch_size=64,
    beta1=0.0,
    beta2=0.99,
    average_decay=0.999,
    log_every_steps=500,
    sample_every_steps=10_000,
    checkpoint_every_steps=1000,
)
PAIRS = dict(objective="relativistic", penalties="r1:1,r2:1")
FAST = dict(generator_learning_rate=0.0005, discriminator_learning_rate=0.0005)
PACKED = "relativistic, r1 and r2, packs of two"
ROWS: Mapping[str, Mapping[str, Any]] = {
    PACKED: PAIRS | FAST | dict(pack=2, num_steps=20_000),
    "relativistic, r1 and r2, single images": PAIRS | FAST | dict(num_steps=20_000),
    "relativistic, r1 and r2, single images, three times as long": PAIRS
    | FAST
    | dict(learning_rate_schedule="cosine", decay_steps=60_000, num_steps=60_000),
    "DCGAN: non_saturating, batch normalisation": dict(
        discriminator_norm="batch", beta1=0.5, beta2=0.999, num_steps=20_000
    ),
}
"""Flags of each row, over the common ones."""

SEEDS = {row: range(3 if row == PACKED else 1) for row in ROWS}
PUBLISHED: Mapping[str, tuple[str, str]] = {
    "DCGAN (Srivastava et al. 2017)": ("99", "3.40"),
    "WGAN-GP (Gulrajani et al. 2017)": ("959", "0.73"),
    "PacGAN (Lin et al. 2018)": ("1000", "0.06"),
    "RpGAN, R1 and R2, small ResNet (Huang et al. 2024)": ("1000", "0.078"),
    "R3GAN, 41 M parameters, 8 GPUs (Huang et al. 2024)": ("1000", "0.029"),
}
"""Modes and reverse Kullback-Leibler divergence, each by its own classifier."""

TEMPLATE = Path(__file__).with_name("stacked.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial of each row and seed."""
    return [
        trial
        for row, fields in ROWS.items()
        for trial in by_seed(
            "stacked", "stacked_mnist", {row: dict(COMMON) | fields}, SEEDS[row], num_steps
        )
    ]


def measure(trial: Trial) -> Outcome:
    """Trains a run, or what is missing of it, and sorts its samples by the digits in them."""
    from tools.make_results import running

    run, seconds = running.trained(running.config_of(trial), f"stacked/{trial.slug}")
    found = running.evaluated(run, "", "", "pixels", METRICS, NUM_SAMPLES)  # a classifier sorts
    return found | {"steps": run.checkpoint.step, "training_seconds": seconds}


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import by_row, machine, small, table, whole

    def steps(number: float) -> str:
        return f"{number:,.0f}"

    writes = {"modes_covered": whole, "reverse_kl": small, "steps": steps}
    writes |= {"training_seconds": whole}
    lines = by_row(record, known, ROWS, writes, floor="*real images*")
    lines += [[name, "", modes, kl, "", ""] for name, (modes, kl) in PUBLISHED.items()]
    packed = record.known(trial for trial in known if trial.row == PACKED)
    return TEMPLATE.read_text().format(
        table="\n".join(table(lines)),
        num_samples=f"{NUM_SAMPLES:,}",
        of_seeds=", ".join(small(outcome["reverse_kl"]) for outcome in packed),
        machine=machine(record.about),
    )
