"""Lists the commands of tfgan, or runs one: `tfgan train --help`, `python -m tfgan train --help`.

tfgan                               lists the commands
tfgan COMMAND --name=value ...      runs one, as `python -m tfgan.COMMAND` does
tfgan COMMAND --help                examples and flags of one
tfgan --version
"""

import runpy
import sys
from collections.abc import Sequence

from tfgan import __version__
from tfgan.core import checks, registry

COMMANDS = (
    "train",
    "launch",
    "show",
    "report",
    "sample",
    "evaluate",
    "export",
    "prepare",
    "serving_check",
)
"""The modules of tfgan that are commands."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line, given without the program's name; returns the exit status.

    A command that is run ends the process with its own status where that is not 0.
    """
    name, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in ("--help", "-h", "help"):
        print(usage())
        return 0
    if name == "--version":
        print(f"tfgan {__version__}")
        return 0
    try:
        checks.one_of("command", name, COMMANDS)
    except checks.InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    sys.argv[1:] = rest
    runpy.run_module(f"tfgan.{name}", run_name="__main__", alter_sys=True)
    return 0


def usage() -> str:
    """Returns the commands, a line each: the first one of what their modules say of themselves."""
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            "tfgan COMMAND --name=value ...",
            "",
            *(f"  {name:{width}}  {registry.summary(f'tfgan.{name}')}" for name in COMMANDS),
            "",
            "`tfgan COMMAND --help` shows examples and every flag; `tfgan --version` the version.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
