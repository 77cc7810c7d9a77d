"""Measures samples against real examples: features are made once, every metric takes its part.

Beside each number stands its floor: what other real examples have in the place of the samples, at
the same count. A number beyond it is no merit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.data.stacked import Stacked
from tfgan.evaluation import extractors, modes
from tfgan.evaluation.examples import Generated, Real
from tfgan.evaluation.extractors import Extractor, Features
from tfgan.metrics.catalog import METRICS, measure
from tfgan.metrics.estimates import Estimate

NUM_SAMPLES = 10_000
"""How many are measured where nobody says: as papers do."""

NUM_POINTS, NUM_STACKED = 2500, 26_000
"""Of a mixture, and of stacked MNIST, as PacGAN does."""

FEWEST = 50
NUM_VALIDATION = 1000
"""Examples that choose the sigma of a Parzen window; a quarter of few."""

MOST_TRAINING = 60_000
"""Examples of the training set in which copies are looked for."""


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
    usual = NUM_POINTS if hasattr(source, "centres") else NUM_SAMPLES
    usual = NUM_STACKED if isinstance(source, Stacked) else usual
    if not asked:
        return usual if most is None else min(usual, most)
    if most is not None and asked > most:
        halves = "" if reference.held_out else " in each half, of which one gives the floor"
        raise InputError(
            f"--num_samples={asked} are more than the {most} real examples that there are{halves}: "
            "give fewer, or real examples that were not trained on (--held_out)."
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
        self._reference, self._count, self._seen = reference, count, seen
        self._names, self._has_floors = names, has_floors
        self.notes: list[str] = []
        self._real = Real(reference.source)
        self._held_out = Real(reference.held_out) if reference.held_out else None
        self._of_modes = [n for n in names or METRICS if n in modes.metrics(reference.source)]
        self._modes: modes.Sorter | None = None
        self._chosen = list(chosen)
        self._known: dict[Extractor, dict[str, Any]] = {}
        self._floors: dict[tuple[str, str], float] = {}
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

    def measure(self, samples: Generated | Real) -> list[Row]:
        """Returns the numbers of samples, in the order of the metrics.

        Raises:
          InputError: a sample or a feature is not finite; a metric that was named needs more
            samples than are measured.
        """
        rows: list[Row] = []
        for extractor in self._chosen:
            names = [n for n in self._names or METRICS if not self._refusal(n, extractor)]
            if names:
                known = self._of_real(extractor)
                fake = self._extract(extractor, samples, 0, self._count)
                rows += self._rows(names, extractor.name, known, fake)
        return rows + self._modes_of(samples)

    def _rows(self, names: Iterable[str], extractor: str, known: Mapping, fake: Features):
        arrays = _arrays(known, fake)
        names = [name for name in names if self._has_enough(name, arrays)]
        found = measure(names, **arrays)
        missing = [name for name in names if (name, extractor) not in self._floors]
        if missing and self._has_floors:
            floors = [n for n in missing if not _needs(n, "training_features")]
            of_real = measure(floors, **_arrays(known, known["other"]))
            self._floors |= {(n, extractor): of_real[n].value for n in floors}
        return [
            _row(name, extractor, found[name], self._floors.get((name, extractor)))
            for name in names
        ]

    def _has_enough(self, name: str, arrays: Mapping[str, Any]) -> bool:
        """Says whether there are enough examples for a metric that nobody has named."""
        metric = METRICS[name]
        for array in metric.needs:
            rows, width = arrays[array].shape
            fewest = metric.min_samples(width)
            if rows < fewest and not self._names:
                note = f"{name} left out: {width} features need {fewest} examples, not {rows}."
                self.notes += [note] * (note not in self.notes)
                return False
        return True

    def _of_real(self, extractor: Extractor) -> dict[str, Any]:
        """Returns what the real examples give by an extractor."""
        if extractor not in self._known:
            names = [n for n in self._names or METRICS if not self._refusal(n, extractor)]
            count = self._count
            known = {"real": self._extract(extractor, self._real, 0, count)}
            num_validation = min(NUM_VALIDATION, count // 4)
            if self._held_out is None:
                other = self._extract(extractor, self._real, count, count)
                known["validation"] = other.features[:num_validation]
                known["test"] = other.features[num_validation:]
            else:
                other = self._extract(extractor, self._held_out, 0, count)
                known["validation"], known["test"] = self._validation(extractor, other)
            known["other"] = other
            if any(_needs(name, "training_features") for name in names):
                total = min(self._real.num_examples or count, MOST_TRAINING)
                known["training"] = self._extract(extractor, self._real, 0, total)
            self._known[extractor] = known
        return self._known[extractor]

    def _validation(self, extractor: Extractor, other: Features):
        """Returns validation and test examples, where there are some that were held out."""
        number = min(NUM_VALIDATION, self._count // 4)
        total = self._real.num_examples
        if total is not None and total < self._count + number:  # no training example is left
            return other.features[:number], other.features[number:]
        return self._extract(extractor, self._real, self._count, number).features, other.features

    def _extract(self, extractor: Extractor, examples: Generated | Real, first: int, count: int):
        return extractors.extract(extractor, examples.chunks(first, count), count, self._seen)

    def _modes_of(self, samples: Generated | Real) -> list[Row]:
        if not self._of_modes:
            return []
        self._modes = sorter = self._modes or modes.sorter(self._reference.source)

        def numbers(examples: Generated | Real, first: int) -> dict[str, Estimate]:
            found = sorter.sort(examples.chunks(first, self._count))
            values: dict[str, Any] = {n: METRICS[n].compute(found) for n in self._of_modes}
            return {name: Estimate(float(value)) for name, value in values.items()}

        values = numbers(samples, 0)
        floors = numbers(self._real, self._count) if self._has_floors else {}
        return [
            _row(name, sorter.name, value, floors[name].value if floors else None)
            for name, value in values.items()
        ]


def _needs(name: str, array: str) -> bool:
    return array in METRICS[name].needs


def _arrays(known: Mapping[str, Any], fake: Features) -> dict[str, Any]:
    """Returns what metrics take, by the names of `metrics.catalog.ARRAYS`."""
    arrays = {
        "real_features": known["real"].features,
        "fake_features": fake.features,
        "held_out_features": known["other"].features,
        "fake_pixels": fake.features,
        "validation_pixels": known["validation"],
        "test_pixels": known["test"],
        "fake_probabilities": fake.probabilities,
    }
    if "training" in known:
        arrays["training_features"] = known["training"].features
    return {name: array for name, array in arrays.items() if array is not None}


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
