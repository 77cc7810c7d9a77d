"""Extractors: what turns examples into the features that metrics compare.

The name of an extractor stands with every number that it has a part in, and numbers of different
extractors are never compared: a Frechet distance of pixels has nothing to do with one of a
classifier's features.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.data import kinds
from tfgan.evaluation import classifier, inception
from tfgan.evaluation.examples import UnmeasurableError
from tfgan.metrics.features import random_features


class Features(NamedTuple):
    """What an extractor says of examples."""

    features: np.ndarray
    """float32 [N, F]."""

    probabilities: np.ndarray | None
    """Of each class, float32 [N, K]; None: it knows none."""


class Extractor(Protocol):
    """Maps examples to features."""

    name: str
    """With the numbers that it has a part in; with a digest of its weights, where it has some."""

    about: str
    """One line for people: where it comes from, how good it is."""

    gives_pixels: bool
    """Whether its features are pixels in [0, 1]."""

    knows_classes: bool
    """Whether it gives probabilities."""

    def __call__(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns features [N, F], and probabilities [N, K] or None, of float32 [N, *shape]."""


class Pixels:
    """The examples themselves, as rows; images in [0, 1], as those who publish numbers have them.

    Args:
      source: of the real examples.
    """

    name = "pixels"
    about = "pixels in [0, 1]"
    knows_classes = False

    def __init__(self, source: Source):
        self.gives_pixels = source.kind.name == "images"
        if not self.gives_pixels:
            self.name = source.kind.name
            self.about = f"{source.kind.name} as they are"

    def __call__(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the rows."""
        rows = examples.reshape(len(examples), -1)
        return (rows + np.float32(1)) * np.float32(0.5) if self.gives_pixels else rows, None


class RandomFilters:
    """What images look like to fixed random filters: `metrics.features`."""

    name = "random_filters"
    about = "mean and deviation of the maps of a fixed random convolutional network"
    gives_pixels = knows_classes = False

    def __call__(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the features."""
        return random_features(tf.constant(examples)).numpy(), None


def _random_filters(source: Source, file: str) -> Extractor:
    if source.kind.name != "images":
        raise InputError(
            f"the extractor random_filters looks at images, not at {source.kind.name}."
        )
    return RandomFilters()


EXTRACTORS: Mapping[str, Callable[[Source, str], Extractor]] = {
    "pixels": lambda source, file: Pixels(source),
    "random_filters": _random_filters,
    "classifier": lambda source, file: classifier.load(source),
    "inception": lambda source, file: inception.load(source, file),
}
"""Makers by name: (source of the real examples, the file that the user names) -> extractor."""


def by_default(source: Source, file: str = "") -> list[str]:
    """Returns the names of the extractors that suit a source, or `file`, of --inception."""
    if file:
        return ["inception"]
    if source.kind.name != "images":
        return ["pixels"]
    is_small = max(source.specs["real"].shape[:2]) <= kinds.LARGEST_IN_PIXELS
    return ["pixels" if is_small else "random_filters"] + ["classifier"] * classifier.suits(source)


def make(names: Sequence[str], source: Source, file: str) -> list[Extractor]:
    """Makes extractors.

    Args:
      names: which.
      source: of the real examples.
      file: what the user names as --inception; may be empty.

    Raises:
      InputError: one is unknown, or does not fit the examples; the file is none.
    """
    for name in names:
        checks.one_of("extractor", name, EXTRACTORS)
    if file and "inception" not in names:
        raise InputError(f"--inception={file} needs --extractors=inception.")
    return [EXTRACTORS[name](source, file) for name in names]


def extract(extractor: Extractor, chunks: Iterable[np.ndarray], count: int, seen: Callable):
    """Returns the `Features` of all examples of `chunks`, `count` in all.

    Args:
      extractor: maps them.
      chunks: the examples, [up to any number, *shape].
      count: how many there are, so that memory is taken once.
      seen: told the number of examples after each chunk.

    Raises:
      UnmeasurableError: a feature is not finite.
    """
    features = probabilities = None
    first = 0
    for chunk in chunks:
        some, of_classes = extractor(chunk)
        bad = int((~np.isfinite(some)).any(1).sum())
        if bad:
            raise UnmeasurableError(
                f"{bad} of {len(some)} rows of the extractor {extractor.name} are not finite: the "
                "examples or its weights are damaged; mend these, or leave it out (--extractors)."
            )
        if features is None:
            features = np.empty([count, some.shape[1]], np.float32)
            if of_classes is not None:
                probabilities = np.empty([count, of_classes.shape[1]], np.float32)
        features[first : first + len(some)] = some
        if probabilities is not None:
            probabilities[first : first + len(some)] = of_classes
        first += len(some)
        seen(len(some))
    assert features is not None, "no chunk"
    return Features(features, probabilities)
