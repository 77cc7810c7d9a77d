"""A recording of a TF1 script: what each `Session.run` fed, fetched, drew and moved, as digests.

A directory: `recording.json` says what was run and how it ended, `calls.jsonl` has a line for each
call, `graph_0.pb` and so on are the graphs. Values are not kept: the script runs again for them.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan.core import files
from tfgan.core.checks import InputError
from tfgan.parity import naming, requests
from tfgan.parity.graphs import Graph
from tfgan.parity.requests import Request

FORMAT = 1
_RECORD, _CALLS = "recording.json", "calls.jsonl"


class Call(NamedTuple):
    """A `Session.run`: digests or arrays, by name."""

    kind: int
    """Place of its kind in the recording."""
    feeds: Mapping[str, Any]
    draws: Mapping[str, Any]
    fetches: Mapping[str, Any]
    variables: Mapping[str, Any]
    """Those that it may have moved, after it; those of a second session begin with session_2/."""
    inside: Mapping[str, Any] = {}
    """Every tensor, where it was asked for."""


@dataclasses.dataclass
class Kind:
    """All calls that fetch and feed the same tensors."""

    session: int
    graph: int
    targets: list[str]
    fetches: list[str]
    feeds: list[str]
    draws: list[str]
    moves: list[str]
    initialises: bool
    """Whether variables had no value before its first call."""
    name: str = ""
    """What the script calls it: see `naming`."""

    @property
    def variables(self) -> list[str]:
        """The variables that it moves, by the names that they have in a port."""
        return [f"{requests.prefix(self.session)}{name}" for name in self.moves]

    @property
    def executes(self) -> list[str]:
        """What is asked for: operations and tensors."""
        return [*self.targets, *self.fetches]


@dataclasses.dataclass
class Recording:
    """What was heard of a script."""

    request: Request
    directory: str
    kinds: list[Kind] = dataclasses.field(default_factory=list)
    calls: list[Call] = dataclasses.field(default_factory=list)
    graphs: dict[int, Graph] = dataclasses.field(default_factory=dict)
    lines: dict[int, dict[str, list[str]]] = dataclasses.field(default_factory=dict)
    """By graph and operation the lines at which the script made it, innermost first."""
    trained: dict[int, list[str]] = dataclasses.field(default_factory=dict)
    """By graph the trainable variables."""
    notes: list[str] = dataclasses.field(default_factory=list)
    end: tuple[str, str] = ("", "")
    """How the script ended, and what it said."""
    serialised: dict[int, bytes] = dataclasses.field(default_factory=dict)

    def hear(self, messages: Iterable[tuple]) -> Iterator[Call]:
        """Takes in what is heard, and yields each call."""
        import tensorflow.compat.v1 as tf

        for what, *content in messages:
            if what == "call":
                number, feeds, draws, fetches, variables, inside = content
                kind = self.kinds[number]
                yield Call(
                    number,
                    dict(zip(kind.feeds, feeds, strict=True)),
                    dict(zip(kind.draws, draws, strict=True)),
                    dict(zip(kind.fetches, fetches, strict=True)),
                    variables,
                    inside,
                )
            elif what == "kind":
                self.kinds.append(Kind(**{**content[0], **_lists(content[0])}))
            elif what == "graph":
                place, data, lines, trained = content
                self.serialised[place] = data
                self.graphs[place] = Graph(tf.GraphDef.FromString(data))
                self.lines[place], self.trained[place] = lines, trained
            elif what == "note" and content[0] not in self.notes:
                self.notes.append(content[0])
            elif what == "end":
                self.end = (content[0], content[1])

    def name_kinds(self) -> None:
        """Gives each kind the name that the script has for it."""
        taken: set[str] = set()
        for kind in self.kinds:
            graph, names = self.graphs[kind.graph], self.names(kind.graph)
            moving = (n for n in kind.executes if graph.moved(graph.executed([n], kind.feeds)))
            name = names.of(next(moving, (kind.executes or ["nothing"])[0]))
            kind.name = naming.identifier(name, taken)

    def names(self, graph: int) -> naming.Names:
        """Returns the names that the script has for what is in a graph."""
        return naming.Names(self.graphs[graph], self.lines[graph], Path(self.request.script))

    def executed(self, kind: Kind) -> list[str]:
        """Returns the operations of a kind of call, in the order of computing."""
        return self.graphs[kind.graph].executed(kind.executes, kind.feeds)

    def of_kind(self, kind: Kind) -> list[int]:
        """Returns the calls of a kind, from 0."""
        place = self.kinds.index(kind)
        return [number for number, call in enumerate(self.calls) if call.kind == place]

    def write(self, folder: Path) -> None:
        """Writes the recording into a directory that is not there yet.

        Raises:
          InputError: it is there.
          StorageError: the disk refuses.
        """
        temporary = folder.with_name(folder.name + files.TEMPORARY)
        files.make_folder(temporary, is_new=True)
        for place, data in self.serialised.items():
            files.write(temporary / f"graph_{place}.pb", data)
        lines = (json.dumps(list(call[:5])) for call in self.calls)
        files.write(temporary / _CALLS, "".join(f"{line}\n" for line in lines).encode())
        about = {
            "format": FORMAT,
            "request": self.request._asdict(),
            "directory": self.directory,
            "script_sha256": digest_of(self.request.script),
            "kinds": [dataclasses.asdict(kind) for kind in self.kinds],
            "lines": self.lines,
            "trained": self.trained,
            "notes": self.notes,
            "end": self.end,
        }
        files.write(temporary / _RECORD, json.dumps(about, indent=1).encode())
        files.publish(temporary, folder)

    @classmethod
    def read(cls, folder: Path) -> "Recording":
        """Reads what `write` wrote.

        Raises:
          InputError: it is no recording, or the script has changed since.
        """
        import tensorflow.compat.v1 as tf

        try:
            about = json.loads(files.read(folder / _RECORD))
            if about.get("format") != FORMAT:
                raise InputError(f"{folder}: a recording of another version; record it again.")
            request = about["request"]
            request = Request(
                **{**request, "arguments": tuple(request["arguments"]), "inside": ()}
                | {"stubs": tuple(map(tuple, request["stubs"]))}
            )
            places = [int(place) for place in about["lines"]]
            data = {place: files.read(folder / f"graph_{place}.pb") for place in places}
            rows = [json.loads(line) for line in files.read(folder / _CALLS).splitlines()]
            recording = cls(
                request,
                about["directory"],
                [Kind(**kind) for kind in about["kinds"]],
                [Call(*row) for row in rows],
                {place: Graph(tf.GraphDef.FromString(d)) for place, d in data.items()},
                {int(place): lines for place, lines in about["lines"].items()},
                {int(place): names for place, names in about["trained"].items()},
                about["notes"],
                tuple(about["end"]),
                data,
            )
        except OSError as error:
            raise InputError(
                f"{folder} is no recording ({error.strerror}: {Path(error.filename or '').name}): "
                "make one with `python -m tfgan.parity record SCRIPT --out=DIRECTORY`."
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{folder} is damaged ({error}): record the script again.") from None
        if not os.path.exists(recording.request.script):
            raise InputError(f"{recording.request.script} is gone, of which {folder} is.")
        if digest_of(recording.request.script) != about["script_sha256"]:
            raise InputError(
                f"{recording.request.script} has changed since it was recorded: record it again."
            )
        return recording


def digest_of(path: str) -> str:
    """Returns the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def differences(a: Sequence[Call], b: Sequence[Call]) -> Iterator[tuple[int, str, str]]:
    """Yields where two recordings differ: the call, from 0, what ("feeds", ...), and its name."""
    for number, (first, second) in enumerate(zip(a, b, strict=False)):
        if first.kind != second.kind:
            yield number, "kind", ""
            return
        for what in ("feeds", "draws", "fetches", "variables"):
            ours, theirs = getattr(first, what), getattr(second, what)
            for name in ours:
                if theirs.get(name) != ours[name]:
                    yield number, what, name


def _lists(told: Mapping[str, Any]) -> dict[str, list]:
    return {name: list(value) for name, value in told.items() if isinstance(value, (tuple, list))}
