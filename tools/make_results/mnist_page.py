"""The page of objectives and the VAE on MNIST."""

from collections.abc import Sequence
from pathlib import Path

from tools.make_results import mnist
from tools.make_results.pages import Means, by_row, machine, table, three, whole
from tools.make_results.record import Record, Trial

COMMAND = "python -m tools.make_results --tables=mnist"
TEMPLATE = Path(__file__).with_name("mnist.template.md")


def page(record: Record, trials: Sequence[Trial]) -> str:
    """Returns the page as Markdown: what the record has of the trials."""
    writes = dict.fromkeys(mnist.METRICS, three) | {"training_seconds": whole}
    floor = "*real test images*"
    rows = [*mnist.ROWS, *mnist.TUNED]
    each = "frechet_distance"
    lines = by_row(record, trials, rows, writes, first="objective", floor=floor, each=each)
    return TEMPLATE.read_text().format(
        of=Means(record, trials),
        command=COMMAND,
        machine=machine(record.about),
        num_samples=mnist.NUM_SAMPLES,
        epochs=mnist.EPOCHS,
        num_steps=mnist.SHARED["num_steps"],
        batch_size=mnist.BATCH_SIZE,
        latent_size=mnist.SHARED["latent_size"],
        table="\n".join(table(lines)),
    )
