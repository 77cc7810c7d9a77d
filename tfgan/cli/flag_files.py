"""Reads a command line and its flag files strictly: a slip is refused, with its file and line.

absl reads flag files leniently, and a slip ends as a long run of something else: a trailing note
becomes part of a value, a byte-order mark drops the first flag, `--` switches off all that follow.
So this reader expands the files itself, and absl is handed plain --name=value only.

As in absl, a file holds one flag a line, blank lines, and comments: whole lines that begin with #
or //. It may include files, looked up from the working directory, and what comes later wins. But a
file overrides neither the command line nor the file that includes it, and no file is read twice:
each would undo a setting that stands in plain sight.

--recipe=NAME is short for --flagfile with the file NAME.flags in a directory: the recipes of tfgan.
"""

import codecs
import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfgan.cli import slips
from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.paths import user_path

_COMMAND_LINE = "command line"
_FLAG = re.compile(r"--([\w-]+)(?:=(.*))?")
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
# A note stands beside a space: runs/exp#3 and gs://bucket are values.
_NOTE = re.compile(r"\s(#|//)|(#|//)\s")
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"


@dataclasses.dataclass(frozen=True)
class Argument:
    """A flag that was given. `--flag` and `--noflag` of a boolean have become true and false."""

    name: str
    value: str  # as written
    origin: str  # "runs/x.flags:3" or "command line"
    files: tuple[str, ...]  # the files that led here, outermost first; () on the command line


def expand(
    argv: Sequence[str],
    kinds: Mapping[str, type],
    recipes: Path | None = None,
    of_words: str | None = None,
) -> list[Argument]:
    """Expands every --flagfile of a command line, and every --recipe.

    Args:
      argv: the command line without the program's name.
      kinds: the type of every known flag; those of type bool can stand without a value.
      recipes: the directory that --recipe=NAME takes NAME.flags from; None: there is no --recipe.
      of_words: the flag that each word of the command line without a "-" before it is a value of;
        None: such a word is a slip.

    Returns:
      The flags in order. Where a name comes more than once, the last one counts.

    Raises:
      InputError: something would be misread, dropped or overridden unseen. The message begins with
        its file and line.
    """
    reader = _Reader(kinds, recipes, of_words)
    reader.command_line(argv)
    return reader.arguments


def split(text: str, origin: str) -> tuple[str, str | None]:
    """Splits --name=value, or --name, whose value is then None.

    One rule says what a value may hold, in a file and on the command line, so that a flag file can
    replay every command.

    Raises:
      InputError: `text` is something else, or a flag file could not hold its value.
    """
    # Whatever the locale says, a command line is UTF-8, as a flag file is.
    text = text.encode(errors="surrogateescape").decode(errors="surrogateescape")
    for letter in text:
        if not letter.isprintable():  # a no-break space, a tab, a broken byte
            code = f"U+{ord(letter):04X}"
            raise InputError(f"{origin}: {_show(text)} holds an invisible {code}; delete it.")
    if text == "--":
        raise InputError(f"{origin}: '--' would switch off every flag after it; delete it.")
    if _NOTE.search(text):
        raise InputError(
            f"{origin}: the note in {_show(text)} would become part of the value; "
            "put it on a line of its own that begins with #."
        )
    match = _FLAG.fullmatch(text)
    if not match:
        raise InputError(f"{origin}: {_show(text)} is not a flag; {_meant(text)}.")
    name, value = match.groups()
    if not value:
        return name, value
    if value != value.strip():
        raise InputError(f"{origin}: the value in {_show(text)} has a space at its end; delete it.")
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        raise InputError(
            f"{origin}: the quotes in {_show(text)} would become part of the value; delete them."
        )
    if " --" in value or value.endswith(" \\"):
        raise InputError(f"{origin}: {_show(text)} is not one flag; give each a line of its own.")
    return name, value


class _Reader:
    """Collects arguments and remembers which names and files it has met."""

    def __init__(self, kinds: Mapping[str, type], recipes: Path | None, of_words: str | None):
        self.arguments: list[Argument] = []
        self._kinds = {**kinds, "flagfile": str} | ({"recipe": str} if recipes else {})
        self._recipes, self._of_words = recipes, of_words
        self._latest: dict[str, Argument] = {}
        self._read: dict[str, str] = {}  # file, resolved -> where it was named

    def command_line(self, argv: Sequence[str]) -> None:
        """Reads all words, and the files where they are named."""
        words = iter(argv)
        for word in words:
            if self._of_words and not word.startswith("-"):  # a path, which may hold anything
                self.arguments.append(Argument(self._of_words, word, _COMMAND_LINE, ()))
                continue
            name, value = split(word, _COMMAND_LINE)
            takes_value = name in self._kinds and self._kinds[name] is not bool
            if value is None and takes_value:
                value = next(words, None)  # --name value, in two words
                if value is None or value.startswith("--"):
                    raise _lacks_value(name, _COMMAND_LINE)
                split(f"--{name}={value}", _COMMAND_LINE)
            self._add(name, value, _COMMAND_LINE, ())

    def _file(self, path: str, origin: str, files: tuple[str, ...]) -> None:
        if not path:
            raise InputError(f"{origin}: --flagfile= names no file; write --flagfile=PATH.")
        found = user_path(path)
        resolved = os.path.realpath(found)
        if resolved in files:
            raise InputError(f"{origin}: {path} would include itself; delete this line.")
        if resolved in self._read:
            first = self._read[resolved]
            raise InputError(f"{origin}: {path} was already read ({first}); name it once.")
        # Not `resolved`: what a pipe of /dev/stdin leads to has a name, but no place.
        is_plain = os.path.isfile(found) or os.path.isdir(found)
        # On the command line it may be a pipe: --flagfile=<(command).
        if files and os.path.exists(found) and not is_plain:
            raise InputError(f"{origin}: {path} is no regular file; delete this line.")
        self._read[resolved] = origin
        for number, line in enumerate(_lines(path, origin), 1):
            if line and not line.startswith(("#", "//")):
                place = f"{path}:{number}"
                self._add(*split(line, place), place, (*files, resolved))

    def _add(self, name: str, value: str | None, origin: str, files: tuple[str, ...]) -> None:
        name, value = self._resolve(name, value, origin)
        if name == "flagfile":
            self._file(value, origin, files)
            return
        if name == "recipe" and self._recipes:
            self._file(_recipe(value, self._recipes, origin), origin, files)
            return
        argument = Argument(name, value, origin, files)
        earlier = self._latest.get(name)
        # The command line may repeat itself, so that a script can append to one.
        if earlier and files and earlier.files == files[: len(earlier.files)]:
            if earlier.files == files:
                raise InputError(
                    f"{origin}: --{name} was already set ({earlier.origin}); delete one of the two."
                )
            raise InputError(
                f"{origin}: --{name} would override an earlier one ({earlier.origin}); "
                f"there, put --{name} after --flagfile."
            )
        self._latest[name] = argument
        self.arguments.append(argument)

    def _resolve(self, name: str, value: str | None, origin: str) -> tuple[str, str]:
        """Returns the known flag's own name and its value."""
        positive = name.removeprefix("no")
        if self._kinds.get(name) is bool:
            return name, "true" if value is None else value
        if name in self._kinds:
            if value is None:
                raise _lacks_value(name, origin)
            return name, value
        if self._kinds.get(positive) is bool:
            if value is not None:
                raise InputError(
                    f"{origin}: --{name} takes no value; write --{positive}=true or false."
                )
            return positive, "false"
        if name == "undefok":
            # On the command line too: what it hides is always a typing error.
            raise InputError(f"{origin}: --undefok would hide misspelled flags; delete it.")
        hint = slips.hint(name, self._kinds)
        raise InputError(
            f"{origin}: unknown flag --{checks.cut(name)}; {hint}--help lists all flags."
        )


def _recipe(name: str, folder: Path, origin: str) -> str:
    """Returns the path of a recipe."""
    known = [path.stem for path in folder.glob("*.flags")]
    try:
        return str(folder / f"{checks.one_of('recipe', name, known)}.flags")
    except InputError as error:
        raise InputError(f"{origin}: {error}") from None


def _lines(path: str, origin: str) -> list[str]:
    """Returns the lines of a file, stripped, numbered as an editor numbers them."""
    try:
        data = user_path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{origin}: cannot read the flag file {path} ({error.strerror}); "
            "give its path from the working directory."
        ) from None
    if data.startswith(codecs.BOM_UTF8):
        raise InputError(
            f"{path}:1: a byte-order mark hides the first line; save the file as UTF-8 without one."
        )
    lines = []
    for number, line in enumerate(_LINE_BREAK.split(data), 1):
        if b"\0" in line:
            raise InputError(f"{path}:{number}: holds a NUL byte; save the file as UTF-8 text.")
        try:
            lines.append(line.decode().strip(" \t"))
        except UnicodeDecodeError:
            raise InputError(
                f"{path}:{number}: is not UTF-8; save the file as UTF-8 text."
            ) from None
    return lines


def _meant(text: str) -> str:
    """Returns what to write in place of a word that is no flag."""
    if os.path.isdir(user_path(text)):
        return f"for a directory write --run_dir={text} or --image_dir={text}"
    return "write --name=value"


def _lacks_value(name: str, origin: str) -> InputError:
    return InputError(f"{origin}: --{name} has no value; write --{name}=VALUE.")


def _show(text: str) -> str:
    """Quotes a text of any length, on one line."""
    return repr(checks.cut(text))
