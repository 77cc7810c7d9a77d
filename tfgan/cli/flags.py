"""One absl flag per Config field, and the way every command starts: flags.run(main, __doc__).

A flag error, unknown names included, is answered before TensorFlow is imported: in milliseconds,
and in one line. So a command imports what needs TensorFlow inside its main.
"""

import contextlib
import dataclasses
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from absl import flags as absl_flags

from tfgan import __version__
from tfgan.cli import flag_files, implied, stopping, streams
from tfgan.config import FIELDS, REPLACED, TYPES, Config, check
from tfgan.core import checks, contradictions, files, registry
from tfgan.core.checks import CommandError, InputError, Stopped

# TensorFlow's notes about the machine would bury the one line that says what went wrong. It reads
# this while it is imported, which is later; `streams.import_tensorflow` hears what it says before.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag: its type (str, int, float or bool), its default and its help."""

    type: type
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    """All values there are; (): any of the type."""
    in_files: bool = True
    """Whether a flag file may hold it."""
    takes_words: bool = False
    """Whether each word of the command line that is no flag is a value of it: a shell makes words
    of runs/*. Then it has all its values, a tuple, not the last one. One flag of a command."""


MODEL = Flag(
    str,
    "",
    "module:factory of your own model; the factory is called with (config, specs of one example). "
    "On the command line alone: a file never runs code.",
    in_files=False,
)


def _config_flag(field: dataclasses.Field) -> Flag:
    table = field.metadata["registry"]
    choices = registry.names(*table) if table else ()
    return Flag(TYPES[field.name], field.default, field.metadata["help"], choices)


CONFIG_FLAGS = {name: _config_flag(field) for name, field in FIELDS.items()}

RECIPES = Path(__file__).parents[1] / "recipes"

_RESERVED = ("help", "h", "version", "flagfile", "recipe", "undefok")
_NOTATION = """\
Booleans: --name, --noname, --name=true or --name=false. A flag file holds one --name=value a line,
and comments: whole lines that begin with # or //. What comes later wins, so an override goes after
--flagfile=PATH."""


def run(
    main: Callable[..., int | None],
    description: str = "",
    extra: Mapping[str, Flag] | None = None,
    argv: Sequence[str] | None = None,
    with_config: bool = True,
    with_tensorflow: bool = True,
) -> None:
    """Runs a command: reads its flags, imports TensorFlow, calls main(config, **values of extra).

    Args:
      main: the command. An integer that it returns is the exit status.
      description: what --help says first; as a rule the module's docstring.
      extra: the command's own flags by name.
      argv: the command line without the program's name; None: the process's own.
      with_config: False: the command has its own flags alone, and main gets no config.
      with_tensorflow: False: TensorFlow is not imported, and a signal is Python's own: Ctrl-C is a
        KeyboardInterrupt in main, and ends the command with status 130.

    With TensorFlow, signals end the command as `stopping` says: with 128 + its number at once, or
    with that of `Stopped`.

    Raises:
      SystemExit: with the error's own status after a CommandError, from the flags (2) or from main,
        with one line on stderr; with main's status if that is not 0.
    """
    argv = sys.argv[1:] if argv is None else argv
    with streams.lasting():
        if not {"--help", "-h"}.isdisjoint(argv):
            print(usage(description, extra, with_config))
            return
        if "--version" in argv:
            print(f"tfgan {__version__}")
            return
        signals = stopping.handled() if with_tensorflow else contextlib.nullcontext()
        last, status = "", None
        try:
            with signals, files.disk_errors("standard output"):
                config, own = parse(argv, extra, with_config)
                if config is not None:
                    contradictions.check(config)
                if with_tensorflow:
                    streams.import_tensorflow()
                status = main(config, **own) if with_config else main(**own)
                sys.stdout.flush()
        except Stopped as stop:
            last, status = str(stop), stop.status
        except KeyboardInterrupt:
            last, status = "interrupted", 130
        except MemoryError:
            last, status = f"error: {checks.OUT_OF_MEMORY}", InputError.status
        except CommandError as error:
            last, status = f"error: {error.line()}", error.status
        if last:
            streams.say_last(last)
    if status:
        sys.exit(status)


def parse(
    argv: Sequence[str], extra: Mapping[str, Flag] | None = None, with_config: bool = True
) -> tuple[Config | None, dict[str, Any]]:
    """Reads a command line, which is given without the program's name.

    Every call starts from the defaults: nothing is kept in absl's global FLAGS.

    Returns:
      The Config, None without one, and the values of `extra` by name.

    Raises:
      InputError: a flag is unknown, malformed or out of bounds, or its value is not one of its
        choices. The message begins with its file and line, or with "command line".
    """
    known = _known(extra, with_config)
    fields = FIELDS if with_config else {}
    values = absl_flags.FlagValues()
    for name, flag in known.items():
        absl_flags.DEFINE(_PARSERS[flag.type], name, flag.default, flag.help, flag_values=values)
    kinds = {name: flag.type for name, flag in known.items()}
    kinds |= {name: kind for name, (kind, _) in REPLACED.items()} if with_config else {}
    recipes = RECIPES if with_config else None
    of_words = next((name for name, flag in known.items() if flag.takes_words), None)
    given = flag_files.expand(argv, kinds, recipes, of_words)
    first = flag_files.expand(implied.arguments(argv, given), kinds, recipes) if with_config else []
    all_values: dict[str, list[Any]] = {name: [] for name in known}
    for argument in _of_today(first + given):
        if argument.files and not known[argument.name].in_files:
            raise InputError(
                f"{argument.origin}: --{argument.name} runs code, so it belongs on the command "
                "line alone; delete this line."
            )
        try:
            # One flag at a time, so that an error knows its place.
            values(["", f"--{argument.name}={argument.value}"])
            value = values[argument.name].value
            choices = known[argument.name].choices
            if choices and value not in choices:
                checks.one_of(argument.name, value, filter(None, choices))  # "" is not to be shown
            if argument.name in fields:
                check(argument.name, value)
            all_values[argument.name].append(value)
        except (absl_flags.Error, InputError) as error:
            raise InputError(f"{argument.origin}: {error}") from None
    config = Config(**{name: values[name].value for name in fields}) if with_config else None
    own = {name: values[name].value for name in extra or {}}
    if of_words:
        own[of_words] = tuple(all_values[of_words] or [known[of_words].default])
    return config, own


def _of_today(arguments: Sequence[flag_files.Argument]) -> Iterator[flag_files.Argument]:
    """Yields arguments, in place of those of older versions what took their place."""
    fields = {name: flag.default for name, flag in CONFIG_FLAGS.items()}
    fields |= {argument.name: argument.value for argument in arguments}
    for argument in arguments:
        if argument.name not in REPLACED:
            yield argument
            continue
        kind, made_of = REPLACED[argument.name]
        try:
            value = _PARSERS[kind].parse(argument.value)
        except ValueError as error:
            written = f"flag --{argument.name}={argument.value}"
            raise InputError(f"{argument.origin}: {written}: {error}") from None
        for name, made in made_of(value, fields).items():
            yield dataclasses.replace(argument, name=name, value=_written(made))


def to_flags(config: Config) -> str:
    """Writes the flag file that replays `config`, one line per field.

    Raises:
      InputError: a text field holds what a flag file cannot, such as a line break.
    """
    lines = []
    for name, value in config.to_dict().items():
        lines.append(f"--{name}={_written(value)}")
        flag_files.split(lines[-1], origin="config")
    return "\n".join(lines) + "\n"


def usage(
    description: str = "", extra: Mapping[str, Flag] | None = None, with_config: bool = True
) -> str:
    """Returns the text of --help: the command's own flags first, then Config's in groups."""
    lines = [description.strip(), ""] if description else []
    lines += ["Flags: --name=value ..., or --flagfile=PATH to read them from a file.", _NOTATION]
    if with_config:
        recipes = ", ".join(sorted(path.stem for path in RECIPES.glob("*.flags")))
        lines.append(f"--recipe=NAME reads a flag file that comes with tfgan: {recipes}.")
    known = _known(extra, with_config)
    if extra:
        lines += ["", "Of this command:"]
        for name in extra:
            lines += _describe(name, known[name])
    group = None
    for name, flag in CONFIG_FLAGS.items() if with_config else ():
        if FIELDS[name].metadata["group"] != group:
            group = FIELDS[name].metadata["group"]
            lines += ["", f"{group}:"]
        lines += _describe(name, flag)
    return "\n".join(lines)


def _describe(name: str, flag: Flag) -> list[str]:
    default = "" if flag.default is None else _written(flag.default)
    known = f" One of: {', '.join(filter(None, flag.choices))}." if flag.choices else ""
    known += f" Words without --{name}= are more of it." if flag.takes_words else ""
    text = textwrap.wrap(flag.help + known, 88, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return [f"  --{name}={default}", *text]


def _written(value: Any) -> str:
    """Writes a value as a flag has it; of a float every bit."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(extra: Mapping[str, Flag] | None, with_config: bool) -> dict[str, Flag]:
    """Returns all flags of a command by name."""
    extra, fields = extra or {}, CONFIG_FLAGS if with_config else {}
    taken = sorted(extra.keys() & {*fields, *_RESERVED})
    if taken:
        raise ValueError(f"extra must not define {', '.join(taken)}: tfgan.cli.flags does.")
    return {**extra, **fields}


class _Integer(absl_flags.IntegerParser):
    """absl's, but for 1_0, 0x10, spaces, digits of other scripts and what overflows."""

    def convert(self, argument):
        if isinstance(argument, str) and not re.fullmatch(r"[+-]?[0-9]{1,19}", argument):
            raise ValueError("must be a whole number of decimal digits, such as 64")
        value = super().convert(argument)
        if not -(2**63) <= value < 2**63:
            raise ValueError("must fit in 64 bits")
        return value


class _Float(absl_flags.FloatParser):
    """absl's, but for 1_0.5, nan, inf and what overflows to inf."""

    def convert(self, argument):
        if isinstance(argument, str) and not re.fullmatch(checks.DECIMAL, argument):
            raise ValueError("must be a decimal number, such as 0.5 or 1e-8")
        value = super().convert(argument)
        if abs(value) == float("inf"):
            raise ValueError("must not overflow")
        return value


class _Boolean(absl_flags.BooleanParser):
    """absl's, with a message for people."""

    def parse(self, argument):
        try:
            return super().parse(argument)
        except ValueError:
            raise ValueError("must be true or false") from None


_PARSERS = {
    str: absl_flags.ArgumentParser(),
    int: _Integer(),
    float: _Float(),
    bool: _Boolean(),
}
