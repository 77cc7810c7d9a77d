"""One run of a table, in a directory of its own: a command that was killed goes on inside of it."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.make_results.record import Trial

RUNS = Path("runs/make_results")
"""Where the runs are that a table is made of. They may be removed once they have been measured."""


def config_of(trial: Trial) -> Any:
    """Returns the config of a trial whose fields are flags, `recipe` among them; on one thread."""
    from tfgan.cli import flags
    from tfgan.core import runtime

    fields = {"seed": trial.seed, "num_threads": 1, **trial.fields}
    config = flags.parse([f"--{name}={value}" for name, value in fields.items()])[0]
    runtime.configure(config.num_threads)
    return config


def trained(config: Any, place: str, model: str = "") -> tuple[Any, float | None]:
    """Trains a run to its end, or as far as is missing; returns it, and its processor time.

    Args:
      config: the run.
      place: its directory below `RUNS`, which also holds what it prints. Runs of another length lie
        elsewhere, so that a rehearsal is no part of what is measured.
      model: as --model names it.

    Returns:
      The run; seconds of processor time, or None where a part was trained before.
    """
    from tfgan import train
    from tfgan.runs.trained import TrainedRun

    path = RUNS / f"{place}_{config.num_steps}_steps"
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new, started = not path.exists(), time.process_time()
    with (path.parent / f"{path.name}.log").open("a") as log, contextlib.redirect_stdout(log):
        train.main(config, str(path), model, True, False)
    seconds = round(time.process_time() - started, 1)
    return TrainedRun(str(path)), seconds if is_new else None


def evaluated(
    run: Any,
    model: str,
    held_out: str,
    extractor: str,
    names: Sequence[str],
    count: int,
    **data: Any,
) -> dict[str, float]:
    """Returns numbers of a run, by name, and the floor of each, as "NAME_real".

    Args:
      run: as `trained` returns it.
      model: as --model names it.
      held_out: a split, whose examples stand in the place of samples for the floor; "": a half of
        the real ones.
      extractor, names: of the metrics.
      count: how many samples.
      data: fields of the real examples that are others than the run's.
    """
    import dataclasses

    from tfgan import build
    from tfgan.evaluation import extractors, measuring, subjects
    from tfgan.evaluation.examples import Generated

    made = run.model(build.factory(run.made_by, model))
    config = dataclasses.replace(subjects.reference_config(run.config), **data)
    reference = subjects.reference(config, held_out)
    chosen = extractors.make([extractor], reference.source, "")
    rows = measuring.Evaluation(reference, chosen, names, count).measure(Generated(made, 0))
    found = {row.metric: row.value for row in rows}
    return found | {f"{row.metric}_real": row.floor for row in rows if row.floor is not None}


def explained(run: Any, split: str, num_weights: int) -> dict[str, float]:
    """Returns how well a VAE explains the examples of a split: "elbo" and "log_likelihood", nats.

    Args:
      run: as `trained` returns it.
      split: of the run's data.
      num_weights: importance weights of an example.
    """
    from tfgan import build
    from tfgan.evaluation import evidence, subjects

    made = run.model(build.factory(run.made_by, ""))
    reference = subjects.reference(subjects.reference_config(run.config, split=split))
    found = evidence.Explained(made, reference, num_weights=num_weights)
    rows = evidence.measure(evidence.EVIDENCE_METRICS, found)
    return {row.metric: row.value for row in rows}
