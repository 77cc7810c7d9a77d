"""Starts the workers of a run on this machine, each as a process of its own.

    python -m tfgan.launch --workers=2 -- train --recipe=digits --run_dir=runs/two
    python -m tfgan.launch --workers=2 -- train --recipe=digits --run_dir=runs/two   # resumes

What follows `--` is a command of tfgan, which each worker is started with, as
--strategy=multi_worker. They reach each other over loopback, share the cores, and their lines have
their names before them. Signals are passed on to all. When one ends, so do the others; the exit
status is that of the first one that did not end well.
"""

import sys

from tfgan.cli import flags
from tfgan.core.checks import InputError

EXTRA = {"workers": flags.Flag(int, 2, "How many processes.")}


def split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Returns what is before the first `--`, and the command after it."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1 :]


def main(workers: int) -> int:
    """Starts the workers and waits for their end."""
    from tfgan.workers import launching

    command = split(sys.argv[1:])[1]
    if workers < 1:
        raise InputError(f"workers must be at least 1, got {workers}.")
    if not command or command[0] != "train":
        raise InputError(
            "say after -- what to start: `tfgan launch --workers=2 -- train --recipe=digits`."
        )
    return launching.launch(workers, [*command, "--strategy=multi_worker"])


if __name__ == "__main__":
    flags.run(
        main,
        __doc__,
        EXTRA,
        argv=split(sys.argv[1:])[0],
        with_config=False,
        with_tensorflow=False,
    )
