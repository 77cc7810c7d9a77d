"""Checks that a file imports only from floors below its own, and that files stay short.

    python -m tools.check_floors

The floors are those of the README's map. Files of one floor do not import each other, but for the
files inside one package of the parts floor (a data set and its helpers).
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 400
FLOORS = [
    {"checks", "config", "interfaces", "flag_files", "files", "stopping"},
    {"random"},
    {"losses", "optimizers", "layers", "runtime", "graphs"},
    {"networks", "data"},
    {"gan"},
    {
        *("migration", "checkpoints", "summaries", "pictures", "progress", "health", "nonfinite"),
        "serving",
    },
    {"run_folder", "build", "flags"},
    {"training", "trained"},
    {"train", "export", "sample"},
]
GROUND = 0  # its files may import each other: they are one vocabulary


def floor_of(module: str) -> int:
    """Returns the floor of a module below tfgan, given without the package's name."""
    for floor, names in enumerate(FLOORS):
        if module.split(".")[0] in names:
            return floor
    raise KeyError(module)


def imports(tree: ast.AST):
    """Yields (line, full module name) of every import, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def problems(root: Path = ROOT) -> list[str]:
    """Returns one line for each import that goes up or sideways, and each file that is too long."""
    found = []
    for folder in ("tfgan", "legacy", "tools", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text()
            place = path.relative_to(root)
            if len(text.splitlines()) > LONGEST:
                found.append(f"{place}: more than {LONGEST} lines; make it two files.")
            for line, target in imports(ast.parse(text)):
                message = _direction(place, target)
                if message:
                    found.append(f"{place}:{line}: imports {target}: {message}")
    return found


def _direction(place: Path, target: str) -> str | None:
    top, target_top = place.parts[0], target.split(".")[0]
    if top == "legacy" and target_top in ("tfgan", "tools", "tests"):
        return "legacy stands alone."
    if top == "tfgan" and target_top in ("legacy", "tools", "tests"):
        return "the library knows nothing of what is built on it."
    if top != "tfgan" or target_top != "tfgan" or place.name == "__init__.py":
        return None
    own = ".".join(place.with_suffix("").parts[1:])
    other = target.removeprefix("tfgan.")
    try:
        own_floor, other_floor = floor_of(own), floor_of(other)
    except KeyError as error:
        return f"{error} has no floor; give it one in tools/check_floors.py."
    same_package = own.split(".")[0] == other.split(".")[0] and "." in own
    if same_package or own_floor == other_floor == GROUND:
        return None
    if other_floor >= own_floor:
        return f"floor {own_floor} may import only from floors below it, this is {other_floor}."
    return None


if __name__ == "__main__":
    lines = problems()
    print("\n".join(lines) or "floors: every import goes down.")
    sys.exit(1 if lines else 0)
