"""Tries one promise many times, at random, and writes down what it saw.

    python -m tools.sweep kills --count=1000 --out=kills.json
    python -m tools.sweep soak --minutes=60 --out=soak.json

The same command goes on from where the record stands, up to --count or for --minutes. Trial i is
drawn from (seed, i) alone. The record counts what was seen and names each failure with the command
that repeats it. Exit status: 0 all held, 1 something failed, 2 bad input.
"""

import sys

from tfgan.cli import flags
from tfgan.core import checks, paths
from tfgan.core.checks import InputError

EXTRA = {
    "count": flags.Flag(int, 0, "Trials in the record; 0: as many as it has time for."),
    "seed": flags.Flag(int, 0, "Seed of all trials."),
    "first": flags.Flag(int, 0, "Number of the first trial: to repeat one."),
    "minutes": flags.Flag(float, 60.0, "After which no trial begins."),
    "out": flags.Flag(str, "", "The record, NAME.json; empty: it is only printed."),
}


def main(name: str, count: int, seed: int, first: int, minutes: float, out: str) -> int:
    """Sweeps and prints the table; returns the exit status."""
    import tempfile
    from pathlib import Path

    from tools.sweep import record
    from tools.sweep.names import SWEEPS

    sweep = SWEEPS[checks.one_of("sweep", name, SWEEPS)]
    if count < 0 or first < 0 or minutes <= 0:
        raise InputError("--count and --first must be at least 0, --minutes more than 0.")
    with tempfile.TemporaryDirectory() as temporary:
        path = paths.user_path(out) if out else Path(temporary) / "record.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        seen = record.opened(path, name, seed, first, count)
        record.go_on(seen, sweep, path, 60 * minutes)
    print(seen.table())
    print(seen.row(sweep))
    return 1 if seen.failures else 0


if __name__ == "__main__":
    _, *argv = sys.argv
    name = argv.pop(0) if argv and not argv[0].startswith("-") else ""
    flags.run(
        lambda **values: main(name, **values),
        __doc__,
        EXTRA,
        argv,
        with_config=False,
        with_tensorflow=False,
    )
