"""What real examples give by one extractor: each part once, and only where a metric needs it."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tfgan.evaluation.examples import Real
from tfgan.evaluation.extractors import Extractor, Features, extract

NUM_VALIDATION = 1000
"""Examples that choose the sigma of a Parzen window; a quarter of few."""

MOST_TRAINING = 60_000
"""Examples of the training set in which copies are looked for."""


class RealFeatures:
    """The features of the real examples that samples are measured against.

    Args:
      extractor: makes them.
      real: the examples.
      held_out: others; None: there are none, and the next ones of `real` stand in their place.
      count: how many samples are measured, and so real examples.
      seen: told how many examples more have been looked at.
    """

    def __init__(
        self,
        extractor: Extractor,
        real: Real,
        held_out: Real | None,
        count: int,
        seen: Callable[[int], None],
    ):
        self._extractor, self._seen = extractor, seen
        self._real, self._held_out, self._count = real, held_out, count

    def of(self, examples: Any, first: int, count: int) -> Features:
        """Returns the features of some of any examples, `Real` or `Generated`."""
        return extract(self._extractor, examples.chunks(first, count), count, self._seen)

    def arrays(self, needed: Iterable[str], fake: Features) -> dict[str, np.ndarray]:
        """Returns some of `metrics.catalog.ARRAYS`; `fake` are the features of the samples."""
        makers: dict[str, Callable[[], Any]] = {
            "real_features": lambda: self.real.features,
            "fake_features": lambda: fake.features,
            "fake_pixels": lambda: fake.features,
            "fake_probabilities": lambda: fake.probabilities,
            "held_out_features": lambda: self.other.features,
            "training_features": lambda: self.training,
            "validation_pixels": lambda: self._parzen[0],
            "test_pixels": lambda: self._parzen[1],
        }
        return {name: makers[name]() for name in needed}

    @functools.cached_property
    def real(self) -> Features:
        """Of those that samples are compared with."""
        return self.of(self._real, 0, self._count)

    @functools.cached_property
    def other(self) -> Features:
        """Of those that stand in the place of the samples."""
        if self._held_out is None:
            return self.of(self._real, self._count, self._count)
        return self.of(self._held_out, 0, self._count)

    @functools.cached_property
    def training(self) -> np.ndarray:
        """Of the training set, [up to MOST_TRAINING, F], of which the first ones are known."""
        total = min(self._real.num_examples or self._count, MOST_TRAINING)
        more = total - self._count
        if more <= 0:
            return self.real.features[:total]
        rest = self.of(self._real, self._count, more)
        return np.concatenate([self.real.features, rest.features])

    @functools.cached_property
    def _parzen(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the examples that choose sigma, and of those that are explained."""
        number, total = min(NUM_VALIDATION, self._count // 4), self._real.num_examples
        known = self.other.features
        is_short = total is not None and total < self._count + number
        if self._held_out is None or is_short:  # no training example is left
            return known[:number], known[number:]
        return self.of(self._real, self._count, number).features, known
