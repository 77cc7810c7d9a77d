"""Reads a command line and its flag files strictly: what is not understood is refused, and where.

absl reads flag files leniently, and its mistakes end in a long run of something else: a trailing
`# note` becomes part of a value, a byte-order mark drops the first flag, `--` switches off all
that follow. So this reader expands the files itself, and absl sees only plain --name=value.

What stays as in absl: one flag a line; blank lines; comments are whole lines that begin with # or
//; files may include files, from the working directory; what comes later wins. Two exceptions: an
included file cannot override the line of command, or the file, that includes it; and nothing is
read twice. Both would undo an override that stands in plain sight.
"""

import codecs
import dataclasses
import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tfgan.checks import InputError

COMMAND_LINE = "command line"

_FLAG = re.compile(r"--([a-z]\w*)(?:=(.*))?", re.ASCII | re.IGNORECASE)
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
# Beside a space only: runs/exp#3 and gs://bucket are values, not notes.
_NOTE = re.compile(r"\s(#|//)|(#|//)\s|#$")
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"


@dataclasses.dataclass(frozen=True)
class Argument:
    """A flag that was given. `--flag` and `--noflag` of a boolean have become true and false."""

    name: str
    value: str  # As written.
    origin: str  # "runs/x.flags:3", or "command line".
    files: tuple[str, ...] = ()  # The chain of files that led to it, outermost first.


def expand(argv: Sequence[str], kinds: Mapping[str, type]) -> list[Argument]:
    """Expands every --flagfile of a command line.

    Args:
      argv: the command line without the program's name.
      kinds: the type of each known flag: bool flags need no value, all others do.

    Returns:
      The flags in order; where a name comes twice, the last one counts.

    Raises:
      InputError: something was not understood, would be dropped, or would override what stands
        closer to the user. The message begins with its file and line.
    """
    latest: dict[str, Argument] = {}
    arguments = list(_command_line(argv, kinds | {"flagfile": str}, latest))
    return arguments


def split(text: str, origin: str) -> tuple[str, str | None]:
    """Splits --name=value, or --name alone, whose value is then None.

    The one rule of what a value may hold, for the command line too: any command can then be
    written to a flag file and replayed.

    Raises:
      InputError: `text` is anything else, or its value would not survive in a flag file.
    """
    for letter in text:
        if not letter.isprintable():  # A no-break space, a tab, a stray byte: nobody sees them.
            raise InputError(
                f"{origin}: {_show(text)} holds the invisible character U+{ord(letter):04X}; "
                "delete it."
            )
    if text == "--":
        raise InputError(f"{origin}: '--' would switch off the flags after it; delete it.")
    if _NOTE.search(text):
        raise InputError(
            f"{origin}: the note in {_show(text)} would become part of the value; "
            "give it a line of its own that begins with #."
        )
    match = _FLAG.fullmatch(text)
    if not match:
        raise InputError(f"{origin}: {_show(text)} is not a flag; write --name=value.")
    name, value = match.groups()
    if not value:
        return name, value
    if value != value.strip():
        raise InputError(f"{origin}: --{name} has a space at an end of its value; delete it.")
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        raise InputError(
            f"{origin}: the quotes in {_show(text)} would become part of the value; delete them."
        )
    if " --" in value or value.endswith(" \\"):
        raise InputError(
            f"{origin}: {_show(text)} holds more than one flag; give each a line of its own."
        )
    return name, value


def _command_line(argv, kinds, latest) -> Iterator[Argument]:
    read: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        name, value = split(word, COMMAND_LINE)
        if value is None and kinds.get(name, bool) is not bool:
            value = next(words, None)  # --name value, in two words.
            if value is None or value.startswith("--"):
                raise _valueless(name, COMMAND_LINE)
            split(f"--{name}={value}", COMMAND_LINE)
        yield from _expand_one(name, value, COMMAND_LINE, (), kinds, latest, read)
