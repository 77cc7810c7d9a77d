"""What a module says of itself, read from its source: a flag can be checked without importing it.

A registry is a visible dict beside what it lists, such as OBJECTIVES in `tfgan/losses.py`. Its
module imports TensorFlow, which takes seconds; a wrong name on a command line is refused before.
"""

import ast
import functools
import importlib.util
from importlib.abc import InspectLoader


@functools.cache
def names(module: str, table: str) -> tuple[str, ...]:
    """Returns the keys of a dict literal at the top level of a module, in its order.

    Args:
      module: its full name, such as "tfgan.losses". Only the packages around it are imported.
      table: the name of the dict.

    Raises:
      LookupError: the module or its source is missing, it has no such dict, or a key of it is no
        string literal. The registry itself is then at fault, not a user.
    """
    for node in _parse(module).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == table for target in targets):
            keys = node.value.keys if isinstance(node.value, ast.Dict) else [None]
            literals = [key.value if isinstance(key, ast.Constant) else None for key in keys]
            strings = tuple(key for key in literals if isinstance(key, str))
            if len(strings) < len(literals):
                raise LookupError(
                    f"{module}.{table} must be a dict whose keys are string literals."
                )
            return strings
    raise LookupError(f"{module} has no dict {table} at its top level.")


def summary(module: str) -> str:
    """Returns the first line of a module's docstring, "" where there is none.

    Raises:
      LookupError: the module or its source is missing.
    """
    return (ast.get_docstring(_parse(module)) or "").partition("\n")[0]


def _parse(module: str) -> ast.Module:
    spec = importlib.util.find_spec(module)
    loader = spec.loader if spec else None
    source = loader.get_source(module) if isinstance(loader, InspectLoader) else None
    if source is None:
        raise LookupError(f"the source of {module} is missing.")
    return ast.parse(source)
