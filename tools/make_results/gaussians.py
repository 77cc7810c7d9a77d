"""Precision, recall, density and coverage of two samples of one Gaussian of many dimensions.

Both are real, so whatever is not the ceiling is the metric's own doing: Naeem et al. 2020, section
3.1, where precision and recall stay at one half.
"""

from pathlib import Path

import numpy as np

from tools.make_results.record import Outcome, Record, Trial

SEEDS = range(10)
METRICS = ("precision", "recall", "density", "coverage")
PUBLISHED = {"precision": 0.4772, "recall": 0.4705, "density": 1.0555, "coverage": 0.9735}
"""One seed, by the authors of the metrics."""

TEMPLATE = Path(__file__).with_name("gaussians.template.md")
FIELDS = dict(num_samples=10_000, num_dimensions=1000, num_neighbours=5)


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial for each seed; a rehearsal has fewer samples."""
    fields = FIELDS | ({"num_samples": 10 * num_steps} if num_steps else {})
    return [Trial("ceiling", "N(0, I)", "gaussian", fields, seed) for seed in SEEDS]


def measure(trial: Trial) -> Outcome:
    """Draws both samples and compares them."""
    from tfgan.metrics import density_and_coverage, precision_and_recall

    count, width, k = trial.fields.values()
    generator = np.random.default_rng(trial.seed)
    real, fake = generator.normal(size=[2, count, width])
    found = (*precision_and_recall(real, fake, k=k), *density_and_coverage(real, fake, k=k))
    return dict(zip(METRICS, found, strict=True))


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tfgan.metrics import expected_coverage
    from tools.make_results.pages import machine, table

    found = record.known(known)
    lines = [["", *METRICS]]
    if len(found) > 1:
        values = {name: [o[name] for o in found] for name in METRICS}
        shown = [f"{np.mean(v):.4f} ± {np.std(v, ddof=1):.4f}" for v in values.values()]
        lines.append([f"ours, mean ± standard deviation of {len(found)} seeds", *shown])
    lines.append(["Naeem et al. 2020, one seed", *(f"{v:.4f}" for v in PUBLISHED.values())])
    count, _, k = FIELDS.values()
    lines.append(["in theory", "", "", "1.0000", f"{expected_coverage(count, count, k):.4f}"])
    return TEMPLATE.read_text().format(
        table="\n".join(table(lines)), machine=machine(record.about), **FIELDS
    )
