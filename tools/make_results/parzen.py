"""The measure of 2014 on MNIST: the networks of then, both losses of the generator, the floors.

Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 5 and table 1; centroids as
samples: Theis et al., "A Note on the Evaluation of Generative Models", 2016, section 4.3.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tools.make_results.record import Outcome, Record, Trial, by_seed

SEEDS = range(1, 6)
"""Not 0, by which the rates, the average and the number of steps were chosen."""

NUM_SAMPLES = 10_000
METRIC = "parzen_log_likelihood"
PUBLISHED = {"GAN, Goodfellow et al. 2014": (225, 2), "deep belief network, in its table": (138, 2)}
"""Mean and standard error over the test images, of one run each."""

NETS_OF_2014: Mapping[str, Any] = dict(
    data="mnist",
    image_size=28,
    network="maxout",
    hidden_size=1200,
    hidden_layers=2,
    latent_size=100,
    batch_size=100,
    generator_learning_rate=0.0005,
    discriminator_learning_rate=0.001,
    beta1=0.0,
    beta2=0.99,
    average_decay=0.9998,
    num_steps=6000,
    log_every_steps=1000,
    sample_every_steps=3000,
    checkpoint_every_steps=1000,
)
ROWS: Mapping[str, Mapping[str, Any]] = {
    objective: NETS_OF_2014 | {"objective": objective}
    for objective in ("non_saturating", "minimax")
}
REAL, CENTROIDS = "training images", "centroids of k-means"
"""Rows without a run: what stands in the place of the samples."""

TEMPLATE = Path(__file__).with_name("parzen.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns all trials: the rows without a run, the first seed of the others, then the rest."""
    fixed = [Trial("parzen", row, "mnist", {}, 0) for row in (REAL, CENTROIDS)]
    return fixed + by_seed("parzen", "mnist", ROWS, SEEDS, num_steps)


def measure(trial: Trial) -> Outcome:
    """Trains a run, or what is missing of it, and measures it; or measures what stands there."""
    from tools.make_results import running

    if trial.fields:
        config = running.config_of(trial)
        run, seconds = running.trained(config, f"parzen/{trial.slug}")
        found = running.evaluated(run, "", "test", "pixels", [METRIC], NUM_SAMPLES)
        steps = {"steps": run.checkpoint.step, "training_seconds": seconds}
        return {METRIC: found[METRIC]} | steps
    return {METRIC: _of_images(trial.row)}


def _of_images(row: str) -> float:
    """Returns the score of real training images, or of centroids of all of them."""
    from tfgan import build
    from tfgan.config import Config
    from tfgan.core import runtime
    from tfgan.data import Arrays, pixels
    from tfgan.evaluation import extractors, measuring, subjects
    from tfgan.evaluation.examples import Real

    runtime.configure(1)
    reference = subjects.reference(Config(data="mnist", image_size=28), "test")
    chosen = extractors.make(["pixels"], reference.source, "")
    source = build.build_source(Config(data="mnist", image_size=28, batch_size=250))
    samples: Any = Real(source)
    if row == CENTROIDS:
        assert isinstance(source, Arrays)
        samples = Fixed(centroids(pixels.to_float(source.arrays["real"]).numpy()))
    evaluation = measuring.Evaluation(reference, chosen, [METRIC], NUM_SAMPLES, has_floors=False)
    [found] = evaluation.measure(samples)
    return found.value


def centroids(images: np.ndarray) -> np.ndarray:
    """Returns `NUM_SAMPLES` centroids of images [N, *shape], of one seed."""
    from sklearn.cluster import MiniBatchKMeans

    flat = images.reshape(len(images), -1)
    count = min(NUM_SAMPLES, len(flat))
    means = MiniBatchKMeans(count, batch_size=4096, init="random", n_init=1, random_state=0)
    return means.fit(flat).cluster_centers_.astype(np.float32).reshape(-1, *images.shape[1:])


class Fixed:
    """Given images in the place of samples."""

    def __init__(self, images: np.ndarray):
        self._images, self.num_examples = images, len(images)

    def chunks(self, first: int, count: int) -> Iterator[np.ndarray]:
        """Yields images `first` to `first + count`, at once."""
        yield self._images[first : first + count]


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import by_row, machine, one, table, whole

    writes = {METRIC: one, "training_seconds": whole}
    rows = [*ROWS, REAL, CENTROIDS]
    lines = by_row(record, known, rows, writes, first="samples", each=METRIC)
    published = [
        [name, "1", f"{mean} ± {error}", "-", "-"] for name, (mean, error) in PUBLISHED.items()
    ]
    return TEMPLATE.read_text().format(
        table="\n".join(table([*lines, *published])),
        num_samples=f"{NUM_SAMPLES:,}",
        num_steps=f"{NETS_OF_2014['num_steps']:,}",
        machine=machine(record.about),
    )
