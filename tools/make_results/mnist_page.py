"""The page of objectives and the VAE on MNIST."""

from collections.abc import Sequence
from pathlib import Path

from tools.make_results import mnist
from tools.make_results.pages import cell, machine, table, three
from tools.make_results.record import Record, Trial

COMMAND = "python -m tools.make_results --tables=mnist"
TEMPLATE = Path(__file__).with_name("mnist.template.md")


def page(record: Record, trials: Sequence[Trial]) -> str:
    """Returns the page as Markdown: what the record has of the trials."""
    lines = [["objective", "seeds", *mnist.METRICS, "seconds"]]
    every = []
    for row in mnist.ROWS:
        known = record.known(trial for trial in trials if trial.row == row)
        every += known
        numbers = [cell([o.get(name) for o in known], three) for name in mnist.METRICS]
        seconds = cell([o["training_seconds"] for o in known], lambda n: f"{n:.0f}")
        lines.append([row, str(len(known)), *numbers, seconds])
    floors = [cell([o.get(f"{name}_real") for o in every[:1]], three) for name in mnist.METRICS]
    lines.append(["*real test images*", "", *floors, ""])
    return TEMPLATE.read_text().format(
        command=COMMAND,
        machine=machine(record.about),
        num_samples=mnist.NUM_SAMPLES,
        epochs=mnist.EPOCHS,
        num_steps=mnist.SHARED["num_steps"],
        batch_size=mnist.BATCH_SIZE,
        latent_size=mnist.SHARED["latent_size"],
        table="\n".join(table(lines)),
    )
