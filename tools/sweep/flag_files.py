"""Random flag files: read as a simple model of the notation has it, or refused in one line.

The model builds a command line and two files out of single flags whose text and value it knows, so
that it never has to read: what comes later wins. A fault is put into at most one place, which the
refusal has to name.
"""

import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tfgan.cli import flags
from tfgan.config import FIELDS, TYPES
from tfgan.core.checks import CommandError
from tools.sweep.trials import Sweep, need

NAMES = [name for name in FIELDS if name != "model_type"]  # which may say others: `cli/implied.py`
WORDS = ("photos", "a=b", "größe", "写真", "exp#3", "gs://x/y", "it's", "x--y", "50%", "-", "~")
NOISE = ("", "", "  ", "\t", "# note", "// --seed=1", "  # größe", "#--data=x")
MARGINS = ("", "", "", " ", "\t", "  \t")
LINE_BREAKS = ("\n", "\n", "\r\n", "\r")

USED_BY_FAULTS = ("seed", "data", "beta1", "num_steps", "mirror", "objective")
FAULTS = (
    *("ring", "-seed=3", "--=3", "--seed 3", "--seed = 3", "--seed= 3", "--seed: 3", "–seed=3"),
    *('--data="ring"', "--data='ring", "--data=ring”", "--data=ring # a", "--data=ring// a"),
    *("--data=a\u00a0b", "--data=a\tb", "--data=a\u2028b", "--data=a --x=b", "--data=a \\", "--"),
    *("--undefok=sed", "--sed=3", "--größe=3", "--num-steps=3", "---seed=3", "--noseed", "--help"),
    *("--nomirror=true", "--mirror=maybe", "--mirror=", "--mirror=yes"),
    *("--seed", "--seed=", "--seed=0x10", "--seed=1_0", "--seed=1.0", "--seed=٣", "--seed=-1"),
    *("--seed=99999999999999999999", "--seed=2147483648", "--num_steps=0", "--num_steps=1e3"),
    *("--beta1=nan", "--beta1=inf", "--beta1=1", "--beta1=-.1", "--beta1=1e999", "--beta1=0,5"),
    *("--beta1=.", "--objective=hinges", "--objective=", "--flagfile=", "--flagfile"),
    *("--flagfile=gone.flags", "--recipe=gone", "--recipe="),
)
FAULTS_OF_FILES = ("--data=a\0b", b"--data=\xff", "größe".encode("latin-1"), "--flagfile={outer}")


class Line(NamedTuple):
    """A flag: its text in a file, its words on a command line, and what it sets."""

    text: str | bytes
    words: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()


class FlagFiles(Sweep):
    """A trial is one command line with two flag files, one of which includes the other."""

    title = "random flag files, valid, malformed and damaged"
    promise = "read as a model of the notation has it, or refused in one line that names the place"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._inner, self._outer = folder / "inner.flags", folder / "outer.flags"

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Writes the files and reads them."""
        kind = draw.choices(("valid", "malformed", "damaged"), (5, 3, 2))[0]
        before, inner, middle, after, last = self._parts(draw, kind == "malformed")
        named = self._named(self._outer)
        include = self._named(self._inner)
        outer = [*middle, include, *after]
        place = ""
        if kind == "malformed":
            place = self._spoil(draw, inner, outer, last)
        argv = [word for line in (*before, named, *last) for word in line.words]
        self._inner.write_bytes(data := _file(inner))
        self._outer.write_bytes(_file(outer))
        if kind == "damaged":
            argv = [*argv, *include.words] if draw.random() < 0.1 else argv
            self._inner.write_bytes(_damaged(data, draw))
        lines = (*before, *middle, *inner, *after, *last)
        values = dict(pair for line in lines for pair in line.values)
        outcomes[f"{kind}, {self._read(argv, kind, values, place)}"] += 1

    def _read(self, argv: list[str], kind: str, values: dict[str, Any], place: str) -> str:
        """Parses a command line; returns whether it was read or refused, which has to be right."""
        try:
            config, _ = flags.parse(argv)
        except CommandError as error:
            message = str(error)
            need(kind != "valid", f"{argv} is valid, but: {message}")
            need(len(message.splitlines()) == 1, f"{argv}: more than a line: {message!r}")
            need(message.startswith(f"{place}: " if place else ""), f"not at {place}: {message}")
            return "refused"
        need(kind != "malformed", f"{argv} was read, but {place} is malformed")
        if kind == "valid":
            expected = {name: FIELDS[name].default for name in FIELDS} | values
            # By their text: 1 is not 1.0 and not True.
            need(repr(config.to_dict()) == repr(expected), f"{argv}: {config}, not {values}")
        else:
            self._outer.write_text(flags.to_flags(config))
            again, _ = flags.parse([f"--flagfile={self._outer}"])
            need(again == config, f"{argv}: {config} is replayed as {again}")
        return "read"

    def _parts(self, draw: random.Random, is_to_spoil: bool) -> list[list[Line]]:
        """Returns flags for the command line before the files, for the inner file, for the outer
        one before it and after it, and for the command line after the files.

        Later ones may override earlier ones, but a file nothing outside of it.
        """
        names = [n for n in NAMES if not (is_to_spoil and n in USED_BY_FAULTS)]
        draw.shuffle(names)
        a, b, c = sorted(draw.randrange(9) for _ in range(3))
        before, middle, inner = names[:a], names[a:b], names[b:c]
        free = [n for n in names[b : c + 4] if draw.random() < 0.5]  # some of inner, some new
        draw.shuffle(free)
        last = draw.sample(names[: c + 4], draw.randrange(4))
        parts = [[_flag(n, draw) for n in part] for part in (before, inner, middle, free, last)]
        for part in (1, 2, 3):
            for _ in range(draw.randrange(3)):
                noise = Line(draw.choice(NOISE))
                parts[part].insert(draw.randint(0, len(parts[part])), noise)
        style = draw.choice(LINE_BREAKS)
        return [
            [_styled(line, style, draw) if part in (1, 2, 3) else line for line in lines]
            for part, lines in enumerate(parts)
        ]

    def _named(self, path: Path) -> Line:
        return Line(f"--flagfile={path}\n", (f"--flagfile={path}",))

    def _spoil(
        self, draw: random.Random, inner: list[Line], outer: list[Line], last: list[Line]
    ) -> str:
        """Puts a fault somewhere; returns the place that has to be named."""
        where = draw.randrange(3)
        if where == 0:
            last.insert(draw.randint(0, len(last)), Line("", (draw.choice(FAULTS),)))
            return "command line"
        lines, path = ((inner, self._inner), (outer, self._outer))[where - 1]
        index = draw.randint(0, len(lines))
        if index and not lines[index - 1].text.endswith(("\r", "\n")):
            lines[index - 1] = Line(lines[index - 1].text + "\n", *lines[index - 1][1:])
        set_before = [line for line in lines[:index] if line.values]
        if set_before and draw.random() < 0.1:
            fault = draw.choice(set_before).text  # twice in one file
        elif draw.random() < 0.05:
            index, fault = 0, "\ufeff# a byte-order mark"
        else:
            fault = draw.choice(FAULTS + FAULTS_OF_FILES)
        if isinstance(fault, str):
            fault = fault.replace("{outer}", str(self._outer))
            fault = fault.rstrip("\r\n") + "\n"
        else:
            fault += b"\n"
        lines.insert(index, Line(fault))
        return f"{path}:{index + 1}"


def _flag(name: str, draw: random.Random) -> Line:
    """Returns a flag with a value that its field can have, in one of the notations."""
    kind, bounds = TYPES[name], FIELDS[name].metadata
    if kind is bool:
        value = draw.random() < 0.5
        texts = ("true", "True", "t", "1") if value else ("false", "FALSE", "f", "0")
        short = f"--{name}" if value else f"--no{name}"
        text = short if draw.random() < 0.4 else f"--{name}={draw.choice(texts)}"
        return Line(text, (text,), ((name, value),))
    if kind is int:
        low = -(2**63) if bounds["minimum"] is None else bounds["minimum"]
        high = 2**63 - 1 if bounds["maximum"] is None else bounds["maximum"]
        value = draw.choice(
            (low, high, draw.randint(low, high), min(high, low + draw.randrange(99)))
        )
        number = str(abs(value))
        zeros = "0" * draw.randrange(4) if len(number) < 16 else ""
        written = ("-" if value < 0 else draw.choice(("", "", "+"))) + zeros + number
    elif kind is float:
        written = _decimal(draw)
        value = float(Decimal(written))
    else:
        flag = flags.CONFIG_FLAGS[name]
        choices = bounds["choices"] or flag.choices
        words = draw.choices(WORDS, k=draw.randrange(4))
        value = written = draw.choice(choices) if choices else _text(words, draw)
    words = (f"--{name}={written}",)
    if draw.random() < 0.3 and not written.startswith("--"):
        words = (f"--{name}", written)
    return Line(f"--{name}={written}", words, ((name, value),))


def _decimal(draw: random.Random) -> str:
    """Returns a number from 0 to 1, 1 excluded, in one of the notations."""
    digits = "".join(draw.choices("0123456789", k=draw.randint(1, 17)))
    forms = ("0.{}", ".{}", "+.{}", "0.{}e0", "00.{}E-12", "{}e-{n}", "{}.e-{n}", "{}.0E-0{n}")
    return draw.choice(forms).format(digits, n=len(digits))


def _text(words: list[str], draw: random.Random) -> str:
    """Returns words that a flag may hold: a quote stands in them, not at an end."""
    return draw.choice((" ", "/", "-")).join(words).replace("//-", "/-")


def _styled(line: Line, line_break: str, draw: random.Random) -> Line:
    return line._replace(text=draw.choice(MARGINS) + line.text + draw.choice(MARGINS) + line_break)


def _file(lines: list[Line]) -> bytes:
    texts = [line.text if isinstance(line.text, bytes) else line.text.encode() for line in lines]
    whole = b"".join(texts)
    # The last line may do without its end.
    return whole.rstrip(b"\r\n") if len(whole) % 2 else whole


def _damaged(data: bytes, draw: random.Random) -> bytes:
    """Changes, adds, removes and repeats bytes."""
    damaged = bytearray(data)
    for _ in range(draw.randint(1, 2)):
        i = draw.randrange(len(damaged) + 1)
        j = i + draw.randrange(6)
        what = draw.randrange(4)
        if what == 0:
            damaged[i:j] = b""
        elif what == 1:
            damaged[i:i] = draw.choice(FAULTS).encode()[: draw.randint(1, 9)]
        elif what == 2:
            damaged[i : i + 1] = draw.randbytes(1)
        else:
            damaged[i:i] = damaged[i:j]
    return bytes(damaged)
