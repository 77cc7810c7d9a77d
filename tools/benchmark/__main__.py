"""Times training side by side: the document's session, its port, PyTorch and JAX.

    python -m tools.benchmark
    python -m tools.benchmark --workloads=ring,mnist_mlp --engines=session,loop --rounds=3

Every engine trains the same networks in a process of its own. The processes take turns, one at a
time, so that a slow moment of the machine hits all of them; what counts is the median over the
rounds. The exit status is 1 if an engine failed, 2 if a flag does not fit.
"""

import json
import os
import sys
from collections.abc import Sequence

from absl import flags

from tfgan.core import checks, files
from tfgan.core.checks import InputError
from tools.benchmark import report
from tools.benchmark.engines import ENGINES
from tools.benchmark.race import Race
from tools.benchmark.workloads import WORKLOADS


def define_flags() -> flags.FlagValues:
    """Returns the flags of this command, unparsed."""
    values = flags.FlagValues()
    flags.DEFINE_list("workloads", list(WORKLOADS), "Which, by name.", values)
    flags.DEFINE_list("engines", list(ENGINES), "Which, by name.", values)
    flags.DEFINE_integer("rounds", 7, "Turns of each engine.", flag_values=values)
    flags.DEFINE_float("seconds_per_turn", 1.0, "About how long a turn lasts.", flag_values=values)
    flags.DEFINE_integer(
        "num_threads", 0, "Cores that an engine may use; 0: all.", flag_values=values
    )
    flags.DEFINE_string("markdown", "", "Also write the tables to this file.", values)
    flags.DEFINE_string("json", "", "Write every single turn to this file.", values)
    flags.DEFINE_bool("help", False, "Show this.", short_name="h", flag_values=values)
    return values


def parse(argv: Sequence[str]) -> flags.FlagValues:
    """Reads a command line, which is given without the program's name.

    Raises:
      InputError: a flag is unknown, malformed or out of bounds.
    """
    values = define_flags()
    try:
        rest = values(["", *argv])[1:]
    except flags.Error as error:
        raise InputError(str(error)) from None
    if rest:
        raise InputError(f"{rest[0]!r} is no flag; see --help.")
    for flag, known in (("workloads", WORKLOADS), ("engines", ENGINES)):
        chosen = values[flag].value
        if not chosen:
            raise InputError(f"--{flag} is empty. Known: {', '.join(known)}.")
        for name in chosen:
            checks.one_of(flag[:-1], name, known)
    if values.rounds < 1:
        raise InputError(f"--rounds must be at least 1, got {values.rounds}.")
    if not 0 < values.seconds_per_turn <= 60:
        raise InputError(
            f"--seconds_per_turn must be above 0, up to 60, got {values.seconds_per_turn}."
        )
    if not 0 <= values.num_threads <= _cores():
        raise InputError(
            f"--num_threads must be 0 to {_cores()}, the cores that this process may use, "
            f"got {values.num_threads}."
        )
    for flag in ("markdown", "json"):
        if values[flag].value:
            files.output(flag, values[flag].value)
    return values


def run(argv: Sequence[str]) -> int:
    """Measures and prints; returns the exit status."""
    if not {"--help", "-h"}.isdisjoint(argv):
        print(__doc__.strip(), "", define_flags().get_help(), sep="\n")
        return 0
    try:
        values = parse(argv)
    except InputError as error:
        print("error:", " ".join(str(error).splitlines()), file=sys.stderr)
        return 2
    outcomes, settings = measure(values)
    text = report.markdown(outcomes, settings)
    print(text)
    if values.markdown:
        files.user_path(values.markdown).write_text(text + "\n")
    if values.json:
        everything = report.to_json(outcomes, settings)
        files.user_path(values.json).write_text(json.dumps(everything, indent=1) + "\n")
    return report_failures(outcomes)


def measure(values: flags.FlagValues) -> tuple[dict, dict]:
    """Runs the race of each workload; returns the outcomes by name, and how they came about."""
    named = values["engines"].present > 0
    num_threads = values.num_threads or _cores()
    settings = {
        "rounds": values.rounds,
        "seconds_per_turn": values.seconds_per_turn,
        "num_threads": num_threads,
        "machine": report.machine(),
    }
    race = Race(
        num_threads=num_threads,
        rounds=values.rounds,
        seconds_per_turn=values.seconds_per_turn,
        report=lambda line: print(line, file=sys.stderr, flush=True),
    )
    outcomes = {}
    for name in dict.fromkeys(values.workloads):
        dtype = WORKLOADS[name].config.compute_dtype
        engines = list(dict.fromkeys(values.engines))
        outcomes[name] = race.run(name, dtype, engines, named)
    return outcomes, settings | {"versions": race.versions}


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
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("interrupted")
