"""Measures samples against real examples: features are made once, every metric takes its part.

Beside each number stands its floor: what other real examples have in the place of the samples, at
the same count. A number beyond it is no merit.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.evaluation import modes, neighbours
from tfgan.evaluation.examples import Generated, Real, UnmeasurableError
from tfgan.evaluation.extractors import Extractor, Features
from tfgan.evaluation.real_features import RealFeatures
from tfgan.metrics import catalog
from tfgan.metrics.catalog import METRICS, measure
from tfgan.metrics.estimates import Estimate

NUM_SAMPLES = 10_000
"""How many are measured where nobody says: as papers do."""

FEWEST = 50
"""Samples, and real examples, below which a number says nothing."""


class Reference(NamedTuple):
    """The real examples that samples are measured against."""

    source: Source
    """What the model was trained on, or should be like."""

    held_out: Source | None = None
    """Real examples that it was not trained on."""

    def most(self) -> int | None:
        """Returns how many samples can be measured at most; None: any number."""
        total, held_out = self.source.num_examples, self.held_out
        if held_out is None:
            return total and total // 2  # the other half stands for the samples
        known = [n for n in (total, held_out.num_examples) if n is not None]
        return min(known, default=None)


class Row(NamedTuple):
    """One number."""

    metric: str
    extractor: str
    value: float
    spread: float | None
    """Of the value, as its metric defines it."""

    floor: float | None
    """What real examples have in the place of samples; None: nothing could stand there."""

    unit: str
    better: str
    target: float | None


def check_shapes(samples: Generated | Real, reference: Reference) -> None:
    """Checks that samples have the shape of the real examples.

    Raises:
      InputError: they have another one.
    """
    for source in filter(None, reference):
        real = tuple(source.specs["real"].shape)
        if samples.shape != real:
            mine, theirs = (" x ".join(map(str, shape)) for shape in (samples.shape, real))
            size = f" (--image_size={samples.shape[0]} resizes pictures)" * (len(real) == 3)
            raise InputError(
                f"the samples are {mine}, and the examples of {source.name} are {theirs}: compare "
                f"them with examples of their own shape{size}."
            )


def num_samples(asked: int, reference: Reference, samples: Generated | Real) -> int:
    """Returns how many samples are measured.

    Args:
      asked: by the user; 0: as many as are usual, or as the real examples allow.
      reference: holds the real examples.
      samples: what is to be measured.

    Raises:
      InputError: there are too few real examples, or samples, for so many.
    """
    most, source = reference.most(), reference.source
    if samples.num_examples is not None:
        if samples.num_examples < max(asked, FEWEST):
            raise InputError(
                f"there are {samples.num_examples} pictures to measure: give "
                f"{max(asked, FEWEST)} or more."
            )
        most = min(most or samples.num_examples, samples.num_examples)
    if most is not None and most < FEWEST:
        raise InputError(
            f"{source.name} has {source.num_examples} examples: at least {FEWEST} real ones are "
            f"compared with samples, and {FEWEST} others with them, so give {2 * FEWEST}."
        )
    usual = modes.num_samples(source) or NUM_SAMPLES
    if not asked:
        return usual if most is None else min(usual, most)
    if most is not None and asked > most:
        halves, more = " in each half, of which one gives the floor", " (--held_out)"
        if reference.held_out:  # the smaller of the two sets decides
            halves, more = " to compare with, and others for the floor", ""
        raise InputError(
            f"--num_samples={asked} are more than the {most} real examples that there are{halves}: "
            f"give fewer, or more real examples that were not trained on{more}."
        )
    if asked < FEWEST:
        raise InputError(f"--num_samples={asked} must be at least {FEWEST}.")
    return asked


class Evaluation:
    """Measures any samples against one reference: what the real examples give is made once.

    Args:
      reference: the real examples.
      chosen: the extractors.
      names: of the metrics; (): all that can be had, without those that need more samples.
      count: how many samples, and as many real examples.
      seen: told how many examples more have been looked at.
      has_floors: whether to measure other real examples in the place of the samples too.

    Attributes:
      notes: metrics that were left out, and why; a line each.

    Raises:
      InputError: a metric is unknown, or cannot be had here; the message says why.
    """

    def __init__(
        self,
        reference: Reference,
        chosen: Sequence[Extractor],
        names: Sequence[str],
        count: int,
        seen: Callable[[int], None] = lambda number: None,
        has_floors: bool = True,
    ):
        for name in names:
            checks.one_of("metric", name, METRICS)
        self._reference, self._count = reference, count
        self._names, self._has_floors = names, has_floors
        self.notes: list[str] = []
        self._real = Real(reference.source)
        self._held_out = Real(reference.held_out) if reference.held_out else None
        self._of_modes = [n for n in names or METRICS if n in modes.metrics(reference.source)]
        self._known = {
            extractor: RealFeatures(extractor, self._real, self._held_out, count, seen)
            for extractor in chosen
        }
        self._floors: dict[tuple[str, str], float] = {}
        self._lacking: set[tuple[str, str]] = set()
        for name in names:
            reasons = [self._refusal(name, extractor) for extractor in chosen]
            if all(reasons) and name not in self._of_modes:
                raise InputError(f"--metrics={name}: {reasons[0]}.")

    def _refusal(self, name: str, extractor: Extractor) -> str:
        """Returns why a metric cannot be had with an extractor; or empty."""
        if _needs(name, "centres"):
            return "it counts modes, which are known of ring, grid and stacked_mnist alone"
        if _needs(name, "training_features") and self._held_out is None:
            return "it needs real examples that were not trained on: name them (--held_out)"
        if _needs(name, "fake_pixels") and not extractor.gives_pixels:
            return "it takes the pixels of images (--extractors=pixels)"
        if _needs(name, "fake_probabilities") and not extractor.knows_classes:
            return "it needs a classifier (--extractors=classifier or inception)"
        return ""

    def _names_of(self, extractor: Extractor) -> list[str]:
        """Returns the metrics that are had with an extractor."""
        return [
            name
            for name in self._names or METRICS
            if not self._refusal(name, extractor) and (name, extractor.name) not in self._lacking
        ]

    def check(self) -> None:
        """Makes the features of the real examples and checks that they are enough.

        A metric that was named is left out, with a note, where an extractor has more features than
        there are examples for, as long as another one can be had.

        Raises:
          InputError: it can be had with none; the message names the extractor.
        """
        for name in self._names:
            fitting = [e for e in self._known if not self._refusal(name, e)]
            lacking = dict(filter(None, (self._lack(name, e) for e in fitting)))
            if lacking and len(lacking) == len(fitting):
                raise InputError(" ".join(lacking.values()))
            self._lacking |= {(name, extractor) for extractor in lacking}
            self.notes += lacking.values()

    def _lack(self, name: str, extractor: Extractor) -> tuple[str, str] | None:
        """Returns the name of an extractor and what is too few for a metric; or None."""
        known = self._known[extractor]
        try:
            catalog.check(name, known.arrays(METRICS[name].needs, known.real))
        except UnmeasurableError:
            raise
        except InputError as error:
            return extractor.name, f"{extractor.name}: {error}"
        return None

    def columns(self) -> dict[str, str]:
        """Returns the extractor by each metric that is had with one alone, and of the modes."""
        found = {n: e.name for e in self._known for n in self._names_of(e)}
        return found | dict.fromkeys(self._of_modes, self._sorter.name)

    def measure(self, samples: Generated | Real) -> list[Row]:
        """Returns the numbers of samples, in the order of the metrics.

        Raises:
          UnmeasurableError: a sample or a feature is not finite.
          InputError: a metric that was named needs more samples than are measured.
        """
        rows: list[Row] = []
        for extractor, known in self._known.items():
            if names := self._names_of(extractor):
                fake = known.of(samples, 0, self._count)
                rows += self._rows(names, extractor.name, known, fake)
        return rows + self._modes_of(samples)

    def neighbours(self, samples: Generated | Real) -> tuple[np.ndarray, int]:
        """Returns what `neighbours.nearest` does, by the features of the first extractor."""
        known = next(iter(self._known.values()))
        return neighbours.nearest(known, samples, self._real, self._count)

    def _rows(self, names: Iterable[str], extractor: str, known: RealFeatures, fake: Features):
        names = [name for name in names if self._has_enough(name, known, fake)]
        found = measure(names, **known.arrays(_all_needs(names), fake))
        missing = [name for name in names if (name, extractor) not in self._floors]
        if missing and self._has_floors:
            for real, explained in ((known.other, False), (known.real, True)):
                # What is explained is among the others: they would explain themselves.
                floors = [
                    n
                    for n in missing
                    if _needs(n, "test_pixels") == explained and not _needs(n, "training_features")
                ]
                of_real = measure(floors, **known.arrays(_all_needs(floors), real))
                self._floors |= {(n, extractor): of_real[n].value for n in floors}
        return [
            _row(name, extractor, found[name], self._floors.get((name, extractor)))
            for name in names
        ]

    def _has_enough(self, name: str, known: RealFeatures, fake: Features) -> bool:
        """Says whether there are enough examples for a metric that nobody has named."""
        if self._names:
            return True
        metric = METRICS[name]
        for rows, width in (x.shape for x in known.arrays(metric.needs, fake).values()):
            fewest = metric.min_samples(width)
            if rows < fewest:
                note = f"{name} left out: {width} features need {fewest} examples, not {rows}."
                self.notes += [note] * (note not in self.notes)
                return False
        return True

    @functools.cached_property
    def _sorter(self) -> modes.Sorter:
        return modes.sorter(self._reference.source)

    def _modes_of(self, samples: Generated | Real) -> list[Row]:
        if not self._of_modes:
            return []

        def numbers(examples: Generated | Real, first: int) -> dict[str, Estimate]:
            found = self._sorter.sort(examples.chunks(first, self._count))
            values: dict[str, Any] = {n: METRICS[n].compute(found) for n in self._of_modes}
            return {name: Estimate(float(value)) for name, value in values.items()}

        by, values = self._sorter.name, numbers(samples, 0)
        if self._has_floors and not any((name, by) in self._floors for name in values):
            floors = numbers(self._real, self._count)
            self._floors |= {(name, by): floor.value for name, floor in floors.items()}
        return [
            _row(name, by, value, self._floors.get((name, by))) for name, value in values.items()
        ]


def _needs(name: str, array: str) -> bool:
    return array in METRICS[name].needs


def _all_needs(names: Iterable[str]) -> set[str]:
    return {array for name in names for array in METRICS[name].needs}


def _row(name: str, extractor: str, estimate, floor: float | None) -> Row:
    metric = METRICS[name]
    return Row(
        name,
        extractor,
        estimate.value,
        estimate.spread,
        floor,
        metric.unit,
        metric.better,
        metric.target,
    )
