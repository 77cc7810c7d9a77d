"""The names that a script has for what is in its graph: `D_solver` rather than `Adam_1`."""

import ast
import functools
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

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
        self._graph, self._lines, self._folder = graph, lines, script.parent
        # A line that runs several times, in a helper, names none of the things that it makes.
        above: dict[str, set[tuple[str, ...]]] = {}
        for made_at in lines.values():
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
        self._operations = {assigned: name for name, assigned in self._names.items()}

    def of(self, name: str) -> str:
        """Returns the script's name of an operation or a tensor, else its own."""
        known = self._names.get(graphs.operation(name))
        return known if known and name.endswith((":0", graphs.operation(name))) else name

    def line(self, name: str) -> str:
        """Returns `file:line` at which an operation was made, the innermost place; "": unknown."""
        return next(iter(self._lines.get(graphs.operation(name), [])), "")

    def statement(self, name: str) -> tuple[str, str]:
        """Returns where the script's statement that made an operation begins, and the statement.

        That is the innermost assignment that runs once, or the innermost line; ("", ""): unknown.
        """
        at = self._statement(name) or self.line(name)
        return at, self.code(at)

    def handle(self, name: str) -> str | None:
        """Returns the Python variable of what waits for an operation, made by its statement."""
        assigned = self.assigned(self._statement(name) or "")
        owner = self._operations.get(assigned or "")
        waits = owner and graphs.operation(name) in self._graph.executed([owner])
        return assigned if waits else None

    def assigned(self, line: str) -> str | None:
        """Returns the Python variable that a `file:line` assigns."""
        file, _, number = line.rpartition(":")
        return _assignments(self._folder / file).get(int(number)) if file else None

    def code(self, line: str) -> str:
        """Returns what stands at a `file:line`."""
        file, _, number = line.rpartition(":")
        source = _source(self._folder / file) if file else ()
        return source[int(number) - 1].strip() if 0 < int(number or 0) <= len(source) else ""

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


@functools.cache
def _assignments(path: Path) -> dict[int, str]:
    """Returns by line the one name that the assignment there assigns."""
    try:
        tree = ast.parse("\n".join(_source(path)))
    except (SyntaxError, ValueError):
        return {}
    found = {}
    for node in ast.walk(tree):
        is_one = not isinstance(getattr(node, "value", None), _SEVERAL)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and is_one:
            target = node.targets[0]
            name = getattr(target, "id", None) or getattr(target, "attr", None)
            if name:
                for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                    found[line] = name
    return found
