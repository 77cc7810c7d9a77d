"""Where the modes of the data are known: which sample lies in which.

Of a mixture the centres are known. Of stacked MNIST a classifier of MNIST reads the digit of each
channel, and the three of them name the mode.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from tfgan.core.interfaces import Source
from tfgan.data.stacked import CHANNELS, Stacked
from tfgan.evaluation import classifier
from tfgan.metrics.modes import Modes, sort_by_mode

NUM_POINTS, NUM_STACKED = 2500, 26_000
"""Samples of a mixture, and of stacked MNIST, as PacGAN has them."""

OF_CLASSES = ("modes_covered", "reverse_kl")
"""Metrics that a mode without a centre has: nothing says how good a sample of it is."""

OF_CENTRES = ("modes_covered", "good_share", "reverse_kl", "shared_mass")


class Sorter(NamedTuple):
    """What knows the modes of a source."""

    name: str
    """Stands with the numbers, as that of an extractor does."""

    sort: Callable[[Iterable[np.ndarray]], Modes]
    """Sorts examples, which come in chunks [N, *shape]."""


def metrics(source: Source) -> tuple[str, ...]:
    """Returns the metrics that the modes of a source allow; () where none are known."""
    if isinstance(source, Stacked):
        return OF_CLASSES
    return OF_CENTRES if hasattr(source, "centres") else ()


def num_samples(source: Source) -> int:
    """Returns how many samples are usual where modes are counted; 0: none are known."""
    known = metrics(source)
    return {OF_CLASSES: NUM_STACKED, OF_CENTRES: NUM_POINTS}[known] if known else 0


def sorter(source: Source) -> Sorter:
    """Returns what sorts examples by the modes of a source, which it has: see `metrics`.

    Raises:
      InputError: a classifier is needed, and the source has no labels.
    """
    if isinstance(source, Stacked):
        reader = classifier.load(source.digits)
        return Sorter(f"modes_by_{reader.name}", lambda chunks: _by_digits(reader, chunks))
    mixture: Any = source

    def by_centre(chunks: Iterable[np.ndarray]) -> Modes:
        points = np.concatenate(list(chunks))
        return sort_by_mode(points, np.asarray(mixture.centres, np.float64), float(mixture.stddev))

    return Sorter("modes", by_centre)


def _by_digits(reader: classifier.Classifier, chunks: Iterable[np.ndarray]) -> Modes:
    """Returns the modes of images of three channels."""
    found, num_classes = [], 1
    for images in chunks:
        number = np.zeros(len(images), np.int64)
        for channel in range(CHANNELS):
            _, probabilities = reader(images[..., channel : channel + 1])
            assert probabilities is not None
            num_classes = probabilities.shape[1]
            number = number * num_classes + probabilities.argmax(1)
        found.append(number)
    nearest = np.concatenate(found)
    return Modes(nearest, np.ones(len(nearest), bool), num_classes**CHANNELS)
