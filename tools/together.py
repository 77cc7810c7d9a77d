"""Calls a function in several processes that are the workers of one cluster, over loopback."""

import json
import multiprocessing
import os
from collections.abc import Callable
from typing import Any

from tfgan.workers.cluster import VARIABLE
from tfgan.workers.launching import free_ports


def call(count: int, function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Returns what each of `count` workers returns; function and arguments can be pickled.

    Raises:
      RuntimeError: one of them failed.
    """
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    context = multiprocessing.get_context("spawn")
    workers = []
    for index in range(count):
        task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        receiver, sender = context.Pipe(duplex=False)
        child = (sender, json.dumps(task), function, arguments)
        process = context.Process(target=_call, args=child, daemon=True)
        process.start()
        sender.close()
        workers.append((process, receiver))
    try:
        return [_result(receiver) for _, receiver in workers]
    finally:
        for process, _ in workers:
            process.terminate()
            process.join()


def _result(receiver) -> Any:
    try:
        is_done, value = receiver.recv()
    except EOFError:
        raise RuntimeError("a worker ended without a result") from None
    if not is_done:
        raise RuntimeError(value)
    return value


def _call(sender, task: str, function: Callable[..., Any], arguments: tuple) -> None:
    os.environ[VARIABLE] = task
    try:
        sender.send((True, function(*arguments)))
    except Exception as error:
        sender.send((False, f"{type(error).__name__}: {error}"))
    sender.close()
    os.kill(os.getpid(), 9)  # TensorFlow may wait for the others at its end
