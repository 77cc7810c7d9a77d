"""Calls a function in several processes that are the workers of one cluster, over loopback."""

import importlib
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfgan.workers import launching

ROOT = Path(__file__).parents[1]


def call(count: int, function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Returns what each of `count` workers returns.

    Args:
      count: how many.
      function: of a module, by its name there; it can be that of the command that runs.
      arguments: for it; they can be pickled.

    Raises:
      RuntimeError: one of them failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        todo = Path(folder) / "call"
        todo.write_bytes(pickle.dumps((_module(function), function.__name__, arguments)))
        results = [Path(folder) / str(index) for index in range(count)]
        workers = []
        places = launching.environments(launching.loopback(count))
        for result, environment in zip(results, places, strict=True):
            workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tools.together", str(todo), str(result)],
                    env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                    cwd=ROOT,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        said = [worker.communicate()[1] for worker in workers]
        for result, text in zip(results, said, strict=True):
            if not result.exists():
                raise RuntimeError(f"a worker failed: {text[-2000:]}")
        return [pickle.loads(result.read_bytes()) for result in results]


def _module(function: Callable[..., Any]) -> str:
    if function.__module__ != "__main__":
        return function.__module__
    return sys.modules["__main__"].__spec__.name


if __name__ == "__main__":
    module, name, given = pickle.loads(Path(sys.argv[1]).read_bytes())
    value = getattr(importlib.import_module(module), name)(*given)
    Path(sys.argv[2]).write_bytes(pickle.dumps(value))
