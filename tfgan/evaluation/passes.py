"""One evaluation from what is asked to what is recorded: the command's, and that of `Run`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Model
from tfgan.evaluation import evidence, extractors, game, measuring, records
from tfgan.evaluation.examples import Generated, Real
from tfgan.evaluation.measuring import Evaluation, Reference, Row
from tfgan.metrics.catalog import METRICS


class Divided(NamedTuple):
    """Metrics by what they are measured of."""

    of_samples: list[str]
    of_game: list[str]
    of_evidence: list[str]


def divide(names: Sequence[str]) -> Divided:
    """Divides metrics.

    Raises:
      InputError: one is unknown.
    """
    kinds = METRICS, game.GAME_METRICS, evidence.EVIDENCE_METRICS
    known = [name for kind in kinds for name in kind]
    for name in names:
        checks.one_of("metric", name, known)
    return Divided(*([name for name in names if name in kind] for kind in kinds))


class Asked(NamedTuple):
    """What a user wants to know."""

    metrics: Sequence[str] = ()
    """Of `METRICS`, `GAME_METRICS` and `EVIDENCE_METRICS`; (): all of the first that fit."""

    extractors: Sequence[str] = ()
    """(): what suits the data."""

    inception: str = ""
    """The file of that extractor."""

    num_samples: int = 0
    """0: as many as are usual."""

    seed: int = 0
    response_steps: int = game.NUM_STEPS
    num_weights: int = evidence.NUM_WEIGHTS
    neighbours: bool = False
    """Whether to look for the samples nearest to the training examples."""

    def check(self, model: Model | None) -> None:
        """Checks what needs no data; `model` is the one that is measured, with all its players.

        Raises:
          InputError: a metric is unknown, or cannot be had of this model.
        """
        divided = divide(self.metrics)
        game.check(divided.of_game, model, self.response_steps)
        evidence.check(divided.of_evidence, model, self.num_weights)
        if self.neighbours and self.metrics and not divided.of_samples:
            raise InputError(
                f"--neighbours shows samples, and --metrics={','.join(self.metrics)} measures "
                "none: name one that does, such as precision."
            )


class Found(NamedTuple):
    """What was measured."""

    rows: list[Row]
    records: list[dict[str, Any]]
    """Of the rows, as `records.append` takes them."""

    about: dict[str, Any]
    """What the records have in common; "num_samples", where there are samples among it."""

    used: list[Any]
    """Extractors, and what stands in their place."""

    notes: list[str]
    """Metrics that were left out, and why."""

    neighbours: tuple[np.ndarray, int] | None = None
    """As `neighbours.nearest` returns them, if they were asked for."""


def evaluate(
    asked: Asked,
    samples: Generated | Real,
    model: Any,
    reference: Reference,
    about: Mapping[str, Any],
    opponents: Callable[[], Reference] | None = None,
    seen: Callable[[int], None] = lambda number: None,
) -> Found:
    """Measures samples.

    Args:
      asked: what is to be measured, checked.
      samples: of the model, or pictures.
      model: for the metrics of a game and of evidence; else it is not looked at.
      reference: the real examples.
      about: what a record says beside the numbers.
      opponents: makes the real examples of a game, in batches as the model trains on them; None:
        they are those of `reference`.
      seen: told how many examples more have been looked at.

    Raises:
      InputError: a metric cannot be had with these examples.
    """
    measuring.check_shapes(samples, reference)
    names, of_game, of_evidence = divide(asked.metrics)
    count, counted = 0, {}
    if names or of_game or not of_evidence:
        count = measuring.num_samples(asked.num_samples, reference, samples)
        counted = {"num_samples": count}
    found = Found([], [], dict(about) | counted | {"seed": asked.seed}, [], [])
    if names or not (of_game or of_evidence):
        chosen = asked.extractors or extractors.by_default(reference.source, asked.inception)
        made = extractors.make(chosen, reference.source, asked.inception)
        evaluation = Evaluation(reference, made, names, count, seen)
        evaluation.check()
        _add(found, evaluation.measure(samples), found.about)
        found.used.extend(made)
        found.notes.extend(evaluation.notes)
        if asked.neighbours:
            found = found._replace(neighbours=evaluation.neighbours(samples))
    if of_game:
        others = game.opponents(opponents() if opponents else reference, asked.seed)
        parts = game.split(others, asked.response_steps, count)
        contest = game.Contest(model, parts, asked.seed, asked.response_steps, seen)
        _add(found, game.measure(of_game, contest), found.about | contest.record)
        found.used.append(contest)
    if of_evidence:
        options = asked.num_samples, asked.num_weights, asked.seed
        explained = evidence.Explained(model, reference, *options, seen)
        rows = evidence.measure(of_evidence, explained)
        _add(found, rows, found.about | explained.record)
        found.used.append(explained)
        found.notes.extend(explained.notes)
    return found


def _add(found: Found, rows: Sequence[Row], about: Mapping[str, Any]) -> None:
    found.rows.extend(rows)
    found.records.extend(records.lines(rows, about))
