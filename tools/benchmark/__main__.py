"""Times training side by side: the document's session, its port, PyTorch and JAX.

    python -m tools.benchmark
    python -m tools.benchmark --workloads=ring,mnist_mlp --engines=session,loop --rounds=3
    python -m tools.benchmark --workloads=pictures_memory,pictures_disk --image_dir=photos
    python -m tools.benchmark --engines=loop --before=../checkout-of-another-commit

Every engine trains the same networks in a process of its own. The processes take turns, one at a
time, so that a slow moment of the machine hits all of them; what counts is the median over the
rounds. The exit status is 1 if an engine failed, 2 if a flag does not fit.
"""

import contextlib
import os
import sys
from collections.abc import Iterable
from json import dumps
from typing import NamedTuple

from tfgan.cli import flags
from tfgan.core import checks, paths
from tfgan.core.checks import InputError
from tools.benchmark import pictures, report
from tools.benchmark.engines import BEFORE, ENGINES, Engine, of_checkout
from tools.benchmark.race import Race
from tools.benchmark.workloads import WORKLOADS

EXTRA = {
    "workloads": flags.Flag(str, None, f"Which: {','.join(WORKLOADS)}. Not given: all."),
    "engines": flags.Flag(str, None, f"Which: {','.join(ENGINES)}. Not given: all."),
    "rounds": flags.Flag(int, 7, "Turns of each engine."),
    "seconds_per_turn": flags.Flag(float, 1.0, "About how long a turn lasts."),
    "num_threads": flags.Flag(int, 0, "Cores that an engine may use; 0: all."),
    "image_dir": flags.Flag(
        str, "", "Pictures of the workloads pictures_*, in colour. Empty: 500 photos are made."
    ),
    "before": flags.Flag(
        str, "", "Another checkout of this repository, whose loop takes turns too: loop_before."
    ),
    "markdown": flags.Flag(str, "", "Also write the tables to this file."),
    "json": flags.Flag(str, "", "Write every single turn to this file."),
}


class Options(NamedTuple):
    """What to measure, and how.

    Args:
      workloads: names, each once.
      engines: by name.
      engines_named: whether the user named the engines: then also those left out by default run.
      rounds, seconds_per_turn, num_threads: as `Race` takes them.
      image_dir: the user's own pictures; empty: photos are made.
    """

    workloads: list[str]
    engines: dict[str, Engine]
    engines_named: bool
    rounds: int
    seconds_per_turn: float
    num_threads: int
    image_dir: str


def check(
    workloads: str | None,
    engines: str | None,
    rounds: int,
    seconds_per_turn: float,
    num_threads: int,
    image_dir: str = "",
    before: str = "",
) -> Options:
    """Checks the flags.

    Raises:
      InputError: a name is unknown, a number is out of bounds, or a checkout is none.
    """
    if rounds < 1:
        raise InputError(f"--rounds must be at least 1, got {rounds}.")
    if not 0 < seconds_per_turn <= 60:
        raise InputError(f"--seconds_per_turn must be above 0, up to 60, got {seconds_per_turn}.")
    if not 0 <= num_threads <= _cores():
        raise InputError(
            f"--num_threads must be 0 to {_cores()}, the cores that this process may use, "
            f"got {num_threads}."
        )
    chosen = {name: ENGINES[name] for name in _names("engine", engines, ENGINES)}
    if before:
        checkout = paths.user_path(before)
        if not (checkout / "tools/benchmark/worker.py").is_file():
            raise InputError(f"--before={before} is no checkout of this repository.")
        chosen[BEFORE] = of_checkout(str(checkout))
    return Options(
        _names("workload", workloads, WORKLOADS),
        chosen,
        engines is not None,
        rounds,
        seconds_per_turn,
        num_threads or _cores(),
        image_dir,
    )


def _names(what: str, text: str | None, known: Iterable[str]) -> list[str]:
    """Returns the names in a list such as "ring,dcgan", each once; all known ones for None."""
    if text is None:
        return list(known)
    if not text:
        raise InputError(f"--{what}s is empty. Known: {', '.join(known)}.")
    return [checks.one_of(what, name, known) for name in dict.fromkeys(text.split(","))]


def main(markdown: str, json: str, **chosen) -> int:
    """Measures and prints; returns the exit status."""
    options = check(**chosen)
    table = paths.output("markdown", markdown) if markdown else None
    turns = paths.output("json", json) if json else None
    outcomes, settings = measure(options)
    text = report.markdown(outcomes, settings)
    print(text)
    if table:
        table.write_text(text + "\n")
    if turns:
        turns.write_text(dumps(report.to_json(outcomes, settings), indent=1) + "\n")
    return report_failures(outcomes)


def measure(options: Options) -> tuple[dict, dict]:
    """Runs the race of each workload; returns the outcomes by name, and how they came about."""
    numbers = dict(
        num_threads=options.num_threads,
        rounds=options.rounds,
        seconds_per_turn=options.seconds_per_turn,
    )
    race = Race(**numbers, report=lambda line: print(line, file=sys.stderr, flush=True))
    outcomes = {}
    sizes = {WORKLOADS[name].shape[0] for name in options.workloads if WORKLOADS[name].pictures}
    with contextlib.ExitStack() as stack:
        for size in sizes:  # one
            stack.enter_context(pictures.prepared(options.image_dir, size))
        for name in options.workloads:
            dtype = WORKLOADS[name].config.compute_dtype
            outcomes[name] = race.run(name, dtype, options.engines, options.engines_named)
    return outcomes, numbers | {"machine": report.machine(), "versions": race.versions}


def report_failures(outcomes: dict) -> int:
    """Writes one line for each engine that failed; returns the exit status."""
    status = 0
    for name, outcome in outcomes.items():
        for engine, result in (*outcome.results.items(), ("peak", outcome.peak)):
            if result.failed:
                print(f"error: {engine} on {name} {result.reason}", file=sys.stderr)
                status = 1
    return status


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
