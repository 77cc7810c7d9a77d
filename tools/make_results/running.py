"""One run of a table, in a directory of its own: a command that was killed goes on inside of it."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RUNS = Path("runs/make_results")
"""Where the runs are that a table is made of. They may be removed once they have been measured."""


def trained(config: Any, place: str, model: str = "") -> tuple[Any, float]:
    """Trains a run to its end, or as far as is missing; returns it, and the seconds that it took.

    Args:
      config: the run.
      place: its directory below `RUNS`, which also holds what it prints.
      model: as --model names it.
    """
    from tfgan import train
    from tfgan.runs.trained import TrainedRun

    path = RUNS / place
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with (path.parent / f"{path.name}.log").open("a") as log, contextlib.redirect_stdout(log):
        train.main(config, str(path), model, True, False)
    return TrainedRun(str(path)), time.monotonic() - started


def evaluated(
    run: Any, model: str, held_out: str, extractor: str, names: Sequence[str], count: int
) -> dict[str, float]:
    """Returns numbers of a run, by name, and the floor of each, as "NAME_real".

    Args:
      run: as `trained` returns it.
      model: as --model names it.
      held_out: a split, whose examples stand in the place of samples for the floor.
      extractor, names: of the metrics.
      count: how many samples.
    """
    from tfgan import build
    from tfgan.evaluation import extractors, measuring, subjects
    from tfgan.evaluation.examples import Generated

    made = run.model(build.factory(run.made_by, model))
    config = subjects.reference_config(run.config)
    reference = subjects.reference(config, held_out)
    chosen = extractors.make([extractor], reference.source, "")
    rows = measuring.Evaluation(reference, chosen, names, count).measure(Generated(made, 0))
    found = {row.metric: row.value for row in rows}
    return found | {f"{row.metric}_real": row.floor for row in rows if row.floor is not None}
