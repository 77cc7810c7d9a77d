"""Checks how the files of this repository hang together: imports, rooms, lengths, test names.

    python -m tools.check_floors

A room is a directory or a file directly below `tfgan`. An import goes only down, to a room of a
lower floor, or stays inside its own room; and the files of the library import each other in no
circle, whether at the top of a file or inside a function.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

FLOORS = (
    {"core"},
    {"settings"},
    {"config"},
    {"divergences", "relativistic"},
    {"losses", "penalties", "likelihoods", "optimizers", "schedules"}
    | {"augmentation", "nn", "metrics", "cli"},
    {"networks", "data"},
    {"models"},
    {"runs", "parity"},
    {"serving"},
    {"build", "workers"},
    {"distribution"},
    {"evaluation"},
    {"pages"},
    {"training"},
    {"run", "trained", "following"},
)
"""The rooms from the lowest floor up. Above them are the commands, and above those `tfgan` itself,
the package that users import."""

COMMANDS = len(FLOORS)
"""The commands' floor: each other file directly below tfgan that can be run, and any __main__."""

MAY_IMPORT = {
    "tfgan": {"tfgan"},
    "legacy": {"legacy"},
    "tools": {"tfgan", "legacy", "tools"},
    "tests": {"tfgan", "legacy", "tools", "tests"},
}
"""What each top-level directory may import of the four."""

MAX_LINES = {"tfgan": 350, "legacy": 400, "tools": 400, "tests": 400}
MAX_README_LINES, MAX_ROOM_README_LINES = 145, 40
SLOW_TO_IMPORT = {"tensorflow", "tensorflow_datasets", "keras", "tf_keras"}
TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


class Import(NamedTuple):
    """One import of a file.

    Args:
      line: where it is, counted from 1.
      target: full name of the module, or of a name in a module.
      runs_at_once: whether it runs when the file is imported, not only when a function is called or
        a type checker reads it.
    """

    line: int
    target: str
    runs_at_once: bool


class File:
    """One Python file.

    Args:
      root: the repository.
      path: of the file.
    """

    def __init__(self, root: Path, path: Path):
        self.place = path.relative_to(root)
        parts = self.place.with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)
        text = path.read_text()
        self.num_lines = len(text.splitlines())
        self._tree = ast.parse(text)

    @property
    def directory(self) -> str:
        """Returns the top-level directory that it is in."""
        return self.place.parts[0]

    @property
    def can_be_run(self) -> bool:
        """Returns whether it has a main part."""
        tests = (node.test for node in self._tree.body if isinstance(node, ast.If))
        return any(ast.unparse(test) == "__name__ == '__main__'" for test in tests)

    @cached_property
    def imports(self) -> list[Import]:
        """Returns all imports, those inside functions included."""
        return list(self._imports(self._tree, True))

    def _imports(self, node: ast.AST, runs: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, runs) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = self._absolute(node)
            yield from (Import(node.lineno, f"{module}.{name.name}", runs) for name in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in TYPE_CHECKING:
            for child in node.body:
                yield from self._imports(child, False)
            for child in node.orelse:
                yield from self._imports(child, runs)
        else:
            in_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from self._imports(child, runs and not in_function)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module
        package = self.name.split(".")
        package = package[: len(package) - node.level + self.is_package]
        return ".".join([*package, *filter(None, [node.module])])


class Repository:
    """The Python files below a folder, by module name.

    Args:
      root: the folder.
    """

    def __init__(self, root: Path):
        self.root = root
        paths = (path for top in MAY_IMPORT for path in sorted((root / top).rglob("*.py")))
        self.files = {file.name: file for file in (File(root, path) for path in paths)}
        self.library = {
            name: file for name, file in self.files.items() if file.directory == "tfgan"
        }

    def floor(self, name: str) -> int | None:
        """Returns the floor of a module of the library; None: it is in no known room."""
        file = self.library[name]
        if name == "tfgan":
            return COMMANDS + 1
        if name.endswith(".__main__"):
            return COMMANDS
        for floor, rooms in enumerate(FLOORS):
            if room(name) in rooms:
                return floor
        is_top_level = len(file.place.parts) == 2
        return COMMANDS if is_top_level and file.can_be_run else None

    def resolve(self, target: str) -> str | None:
        """Returns the module of the library that an import's target is or lies in."""
        if target == "tfgan.__version__":  # known without anything that the package offers
            return None
        while target and target not in self.library:
            target = target.rpartition(".")[0]
        return target or None

    def arrows(self, name: str) -> Iterator[tuple[Import, str]]:
        """Yields the imports of a file that lead into the library, with the module each means."""
        for found in self.files[name].imports:
            if (target := self.resolve(found.target)) is not None:
                yield found, target


def room(name: str) -> str:
    """Returns the room of a module: core of tfgan.core.checks; empty for tfgan itself."""
    return (name.split(".") + [""])[1]


def directories(repository: Repository) -> Iterator[str]:
    """Says which file imports from a top-level directory that it must not know."""
    for file in repository.files.values():
        for found in file.imports:
            top = found.target.split(".")[0]
            if top in MAY_IMPORT and top not in MAY_IMPORT[file.directory]:
                yield (
                    f"{file.place}:{found.line}: imports {found.target}: {file.directory} must not "
                    f"import {top}."
                )


def floors(repository: Repository) -> Iterator[str]:
    """Says which file is in no known room, and which import goes up or sideways."""
    for name, file in repository.library.items():
        floor = repository.floor(name)
        if floor is None:
            yield (
                f"{file.place}: {room(name)!r} is an unknown room; give it a floor in "
                "tools/check_floors.py."
            )
            continue
        for found, target in repository.arrows(name):
            other = repository.floor(target)
            same_room = room(name) == room(target) and not target.endswith(".__main__")
            if other is None or same_room or other < floor:
                continue
            direction = "sideways" if other == floor else "up"
            yield f"{file.place}:{found.line}: imports {found.target}, which goes {direction}."


def circles(repository: Repository) -> Iterator[str]:
    """Says which files of the library import each other in a circle: a shortest one for each set.

    A package's __init__ runs before each of its files, which Python sorts out, and does not count
    as imported by them.
    """
    graph = {
        name: list(dict.fromkeys(target for _, target in repository.arrows(name)))
        for name in repository.library
    }
    seen = set()
    for start in graph:
        circle = _shortest_circle(graph, start)
        if circle and frozenset(circle) not in seen:
            seen.add(frozenset(circle))
            yield f"import circle: {' -> '.join([*circle, start])}."


def _shortest_circle(graph: dict[str, list[str]], start: str) -> list[str] | None:
    paths, reached = [[start]], set()
    for path in paths:  # grows: breadth first
        for target in graph[path[-1]]:
            if target == start:
                return path
            if target not in reached:
                reached.add(target)
                paths.append([*path, target])
    return None


def lengths(repository: Repository) -> Iterator[str]:
    """Says which file is too long."""
    for file in repository.files.values():
        limit = MAX_LINES[file.directory]
        if file.num_lines > limit:
            yield f"{file.place}: {file.num_lines} lines, more than {limit}; make it two files."


def same_names(repository: Repository) -> Iterator[str]:
    """Says which two test files outside of packages share a name: pytest cannot collect both."""
    seen = {}
    for file in repository.files.values():
        path = file.place
        in_package = (repository.root / path.parent / "__init__.py").exists()
        if file.directory != "tests" or in_package or not path.name.startswith("test_"):
            continue
        if other := seen.get(path.name):
            yield f"{path}: {other} has the same name; rename one."
        seen[path.name] = path


def quick_start(repository: Repository) -> Iterator[str]:
    """Says what makes a bare `import tfgan` load TensorFlow."""
    paths, reached = [["tfgan"]] if "tfgan" in repository.library else [], {"tfgan"}
    for path in paths:  # grows
        file = repository.library[path[-1]]
        for found in file.imports:
            if not found.runs_at_once:
                continue
            if found.target.split(".")[0] in SLOW_TO_IMPORT:
                yield (
                    f"{file.place}:{found.line}: `import tfgan` imports {found.target} "
                    f"({' -> '.join(path)})."
                )
            target = repository.resolve(found.target)
            while target and target not in reached:  # its packages run before it
                reached.add(target)
                paths.append([*path, target])
                target = repository.resolve(target.rpartition(".")[0])


def readmes(repository: Repository) -> Iterator[str]:
    """Says which room's directory has no README.md, and which README.md is too long."""
    rooms = {file.place.parts[1] for file in repository.library.values() if file.place.parts[2:]}
    limits = {f"tfgan/{name}/README.md": MAX_ROOM_README_LINES for name in sorted(rooms)}
    for name, limit in ({"README.md": MAX_README_LINES} | limits).items():
        path = repository.root / name
        if not path.is_file():
            yield f"{name} is missing."
        elif (num_lines := len(path.read_text().splitlines())) > limit:
            yield f"{name}: {num_lines} lines, more than {limit}."


CHECKS = (
    directories,
    floors,
    circles,
    lengths,
    same_names,
    quick_start,
    readmes,
)


def problems(root: Path = ROOT, checks=CHECKS) -> list[str]:
    """Returns one line for each thing that is not as it should be."""
    repository = Repository(root)
    return [line for check in checks for line in check(repository)]


if __name__ == "__main__":
    lines = problems()
    print("\n".join(lines) or "floors: every import goes down, and nothing is too long.")
    sys.exit(1 if lines else 0)
