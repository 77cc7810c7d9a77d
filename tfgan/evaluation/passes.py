"""One evaluation from what is asked to what is recorded: the command's, and that of `Run`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tfgan.core.interfaces import Model
from tfgan.evaluation import extractors, game, measuring, records
from tfgan.evaluation.examples import Generated, Real
from tfgan.evaluation.measuring import Evaluation, Reference, Row


class Asked(NamedTuple):
    """What a user wants to know."""

    metrics: Sequence[str] = ()
    """Of `METRICS` and `game.GAME_METRICS`; (): all of the former that fit."""

    extractors: Sequence[str] = ()
    """(): what suits the data."""

    inception: str = ""
    """The file of that extractor."""

    num_samples: int = 0
    """0: as many as are usual."""

    seed: int = 0
    response_steps: int = game.NUM_STEPS

    def check(self, model: Model | None) -> None:
        """Checks what needs no data; `model` is the one that is measured, with all its players.

        Raises:
          InputError: a metric is unknown, or cannot be had of this model.
        """
        of_game, _ = game.divide(self.metrics)
        game.check(of_game, model, self.response_steps)


class Found(NamedTuple):
    """What was measured."""

    rows: list[Row]
    records: list[dict[str, Any]]
    """Of the rows, as `records.append` takes them."""

    about: dict[str, Any]
    """What the records have in common."""

    used: list[Any]
    """Extractors, and what stands in their place."""

    notes: list[str]
    """Metrics that were left out, and why."""


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
      model: for the metrics of a game; else it is not looked at.
      reference: the real examples.
      about: what a record says beside the numbers.
      opponents: makes the real examples of a game, in batches as the model trains on them; None:
        they are those of `reference`.
      seen: told how many examples more have been looked at.

    Raises:
      InputError: a metric cannot be had with these examples.
    """
    measuring.check_shapes(samples, reference)
    count = measuring.num_samples(asked.num_samples, reference, samples)
    found = Found([], [], dict(about) | {"num_samples": count, "seed": asked.seed}, [], [])
    of_game, names = game.divide(asked.metrics)
    if names or not of_game:
        chosen = asked.extractors or extractors.by_default(reference.source, asked.inception)
        made = extractors.make(chosen, reference.source, asked.inception)
        evaluation = Evaluation(reference, made, names, count, seen)
        evaluation.check()
        _add(found, evaluation.measure(samples), found.about)
        found.used.extend(made)
        found.notes.extend(evaluation.notes)
    if of_game:
        others = game.opponents(opponents() if opponents else reference, asked.seed)
        parts = game.split(others, asked.response_steps, count)
        contest = game.Contest(model, parts, asked.seed, asked.response_steps, seen)
        _add(found, game.measure(of_game, contest), found.about | contest.record)
        found.used.append(contest)
    return found


def _add(found: Found, rows: Sequence[Row], about: Mapping[str, Any]) -> None:
    found.rows.extend(rows)
    found.records.extend(records.lines(rows, about))
