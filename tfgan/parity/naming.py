"""The names that a script has for what is in its graph: `D_solver` rather than `Adam_1`."""

import ast
import functools
import itertools
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tfgan.parity import graphs

_SEVERAL = (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp, ast.GeneratorExp)


class Names:
    """Names by operation.

    An operation is called by the Python variable of the assignment that made it, where it is the
    last one that this assignment made: of all that `loss = tf.reduce_mean(a + b)` makes, the mean.

    Args:
      graph: whose operations they are.
      lines: by operation, `file:line` of the script's folder, innermost first.
      script: the script's path; its folder is where the files are.
    """

    def __init__(self, graph: graphs.Graph, lines: Mapping[str, Sequence[str]], script: Path):
        self._graph, self._folder = graph, script.parent
        # A line that runs several times, in a helper, names none of the things that it makes.
        above: dict[str, set[tuple[str, ...]]] = {}
        # A statement's comprehensions are frames of their own, at the same place.
        self._lines = {
            name: [line for line, _ in itertools.groupby(map(self._begin, at))]
            for name, at in lines.items()
        }
        for made_at in self._lines.values():
            for level, line in enumerate(made_at):
                above.setdefault(line, set()).add(tuple(made_at[level + 1 :]))
        self._once = {line for line, places in above.items() if len(places) == 1}
        last: dict[tuple[str, str], str] = {}
        for name in graph.nodes:
            if statement := self._statement(name):
                last[statement, str(self.assigned(statement))] = name
        called: dict[str, list[str]] = {}
        for (_, assigned), name in last.items():
            called.setdefault(assigned, []).append(name)
        self._names = {names[0]: known for known, names in called.items() if len(names) == 1}
        made = sorted(self._names.items(), key=lambda item: graph.order[item[0]])
        self._operations = {assigned: name for name, assigned in made}

    def of(self, name: str) -> str:
        """Returns the script's name of an operation or a tensor, else its own."""
        known = self._names.get(graphs.operation(name))
        return known if known and name.endswith((":0", graphs.operation(name))) else name

    def of_variable(self, name: str) -> str:
        """Returns the Python variable to which the script assigns a variable; "": to none."""
        assigned = self.assigned(self._statement(name) or "") or ""
        last = self._operations.get(assigned, "")
        return assigned if last == name or last.startswith(f"{name}/") else ""

    def line(self, name: str) -> str:
        """Returns `file:line` at which an operation was made, the innermost place; "": unknown."""
        return next(iter(self._lines.get(graphs.operation(name), [])), "")

    def statement(self, name: str) -> tuple[str, str]:
        """Returns where the script's statement that made an operation begins, and the statement.

        That is the innermost assignment that runs once, or the innermost line; ("", ""): unknown.
        """
        at = self._statement(name) or self.line(name)
        return at, self.code(at)

    def handle(self, earlier: Sequence[str], later: Sequence[str]) -> str | None:
        """Returns a Python variable that waits for some operations and for none of others.

        That is the one of the first operations' own statement, or else the one that is made first.
        """
        own = self.assigned(self._statement(earlier[0]) or "")
        for assigned in sorted(self._operations, key=lambda known: known != own):
            waits_for = set(self._graph.executed([self._operations[assigned]]))
            if waits_for.issuperset(earlier) and waits_for.isdisjoint(later):
                found = self._assignment(self._statement(self._operations[assigned]) or "")
                return found.target if found else assigned
        return None

    def assigned(self, line: str) -> str | None:
        """Returns the Python variable that the assignment at a `file:line` assigns."""
        found = self._assignment(line)
        return found.name if found else None

    def code(self, line: str) -> str:
        """Returns what stands at a `file:line`: a line, or a whole assignment."""
        file, _, number = line.rpartition(":")
        source = _source(self._folder / file) if file else ()
        found = self._assignment(line)
        first, last = (found.first, found.last) if found else (int(number or 0),) * 2
        return " ".join(part.strip() for part in source[max(first, 1) - 1 : last])

    def _begin(self, line: str) -> str:
        """Returns the `file:line` at which the assignment begins that a line is of."""
        found = self._assignment(line)
        return f"{line.rpartition(':')[0]}:{found.first}" if found else line

    def _assignment(self, line: str) -> "_Assignment | None":
        file, _, number = line.rpartition(":")
        return _assignments(self._folder / file).get(int(number)) if file else None

    def _statement(self, name: str) -> str | None:
        """Returns the innermost `file:line` that assigns what it makes, and runs once."""
        lines = self._lines.get(graphs.operation(name), ())
        return next((line for line in lines if line in self._once and self.assigned(line)), None)


def identifier(name: str, taken: set[str]) -> str:
    """Returns a name that Python accepts and that is not taken yet; takes it."""
    made = re.sub(r"\W+", "_", name.removesuffix(":0")).strip("_") or "call"
    if made[0].isdigit() or keyword.iskeyword(made):
        made = f"_{made}"
    base, number = made, 1
    while made in taken:
        number += 1
        made = f"{base}_{number}"
    taken.add(made)
    return made


@functools.cache
def _source(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(errors="replace").splitlines())
    except OSError:
        return ()


class _Assignment(NamedTuple):
    name: str
    target: str
    first: int
    last: int


@functools.cache
def _assignments(path: Path) -> dict[int, _Assignment]:
    """Returns by line the assignment there, where it assigns one thing to one name."""
    try:
        tree = ast.parse("\n".join(_source(path)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[int, _Assignment] = {}
    for node in ast.walk(tree):
        is_one = not isinstance(getattr(node, "value", None), _SEVERAL)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and is_one:
            target = node.targets[0]
            name = getattr(target, "id", None) or getattr(target, "attr", None)
            if name:
                last = node.end_lineno or node.lineno
                made = _Assignment(name, ast.unparse(target), node.lineno, last)
                found |= dict.fromkeys(range(node.lineno, last + 1), made)
    return found
