"""Calls a function in several processes that are the workers of one cluster, over loopback."""

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
    """Returns what each of `count` workers returns; function and arguments can be pickled.

    Raises:
      RuntimeError: one of them failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        todo = Path(folder) / "call"
        todo.write_bytes(pickle.dumps((function, arguments)))
        results = [Path(folder) / str(index) for index in range(count)]
        workers = []
        places = launching.environments(launching.loopback(count))
        for result, environment in zip(results, places, strict=True):
            workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tools.together", str(todo), str(result)],
                    env=environment,
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


if __name__ == "__main__":
    called, arguments = pickle.loads(Path(sys.argv[1]).read_bytes())
    value = pickle.dumps(called(*arguments))
    Path(sys.argv[2]).write_bytes(value)
