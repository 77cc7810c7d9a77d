"""The evaluation of a run while it trains: the same numbers as `tfgan evaluate`, at intervals."""

import math
import sys
from collections.abc import Sequence

from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Model, Source
from tfgan.data.stacked import Stacked
from tfgan.evaluation import extractors, measuring, modes, passes, subjects
from tfgan.evaluation.examples import Generated, UnmeasurableError
from tfgan.evaluation.measuring import Evaluation, Reference
from tfgan.runs import best

USUAL = ("frechet_distance", "precision", "recall")
"""What is measured where nobody says, and no modes are known."""

SEED = 0
"""Of the samples, as of `tfgan evaluate`."""


class Evaluator:
    """Evaluates one model against one source, whenever it is asked to; moves nothing.

    Args:
      config: of the run.
      model: is measured, as it is at that moment.
      source: of the run. Another one of the same data is made where the extractor needs labels that
        it lacks.

    Attributes:
      names: of the numbers, in order: metric, extractor and number of samples.
      floors: what other real examples have in the place of the samples, by `names`; {} before the
        first evaluation, which finds it once.

    Raises:
      InputError: a metric or the extractor cannot be had with these examples, or so few; or
        `keep_best` names a column that is not among `names`.
    """

    def __init__(self, config: Config, model: Model, source: Source):
        extractor = config.evaluate_extractor or extractors.by_default(source)[0]
        is_read = extractor == "classifier" or isinstance(source, Stacked)
        if is_read and "labels" not in source.specs:
            source = subjects.reference(config).source
        reference = Reference(source)
        self._samples = Generated(model, SEED)
        most = reference.most() or config.evaluate_num_samples
        count = min(config.evaluate_num_samples, most)
        count = measuring.num_samples(count, reference, self._samples)
        metrics = metrics_of(config, modes.metrics(source))
        (made,) = extractors.make([extractor], source, config.evaluate_inception)
        self._evaluation = Evaluation(reference, [made], metrics, count)
        by = self._evaluation.columns()
        self._columns = {metric: f"{metric}_{by[metric]}_{count}" for metric in metrics}
        self.names: Sequence[str] = tuple(self._columns.values())
        if config.keep_best and not best.column_of(config.keep_best, self.names):
            raise InputError(
                f"--keep_best={config.keep_best} is no column of this run's health.csv: give one "
                f"of {', '.join(self.names)}, or the metric alone."
            )
        self._evaluation.check()
        self.floors: dict[str, float] = {}
        self._is_told = False

    def measure(self) -> dict[str, float]:
        """Returns the numbers by `names`; {} where a sample is not finite, which is told once."""
        try:
            rows = self._evaluation.measure(self._samples)
        except UnmeasurableError as error:
            if not self._is_told:
                print(f"not evaluated: {error}", file=sys.stderr, flush=True)
            self._is_told = True
            return {}
        found = {self._columns[row.metric]: row for row in rows}
        floors = {name: row.floor for name, row in found.items() if row.floor is not None}
        self.floors = {name: floor for name, floor in floors.items() if math.isfinite(floor)}
        return {name: row.value for name, row in found.items()}


def metrics_of(config: Config, of_modes: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the metrics that a config asks for; else those of the modes, if any are known.

    Raises:
      InputError: `keep_best` is of none of them, or one is measured of a run that has been trained.
    """
    given = tuple(name.strip() for name in config.evaluate_metrics.split(",") if name.strip())
    divided = passes.divide(given)
    afterwards = divided.of_game + divided.of_evidence
    if afterwards:
        raise InputError(
            f"--evaluate_metrics={afterwards[0]} is not measured while training: ask tfgan "
            "evaluate --metrics for it."
        )
    metrics = given or of_modes or USUAL
    if config.keep_best and not config.keep_best.startswith(tuple(metrics)):  # as columns do
        raise InputError(
            f"--keep_best={config.keep_best} is not among the metrics that are measured while "
            f"training: give one of {', '.join(metrics)}, or add it to --evaluate_metrics."
        )
    return metrics


def make(config: Config, model: Model, source: Source) -> Evaluator | None:
    """Returns what evaluates a run while it trains; None where nobody asks for it."""
    return Evaluator(config, model, source) if config.evaluate_every_steps else None
