"""Who trains together, as TF_CONFIG says it.

https://www.tensorflow.org/guide/distributed_training#setting_up_the_tf_config_environment_variable
has its format. The chief is the worker of type `chief`, or the first of the workers.
"""

import dataclasses
import json
import os
from collections.abc import Mapping
from typing import Any

from tfgan.core.checks import InputError, cut

VARIABLE = "TF_CONFIG"
EXAMPLE = (
    '{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", '
    '"index": 0}}'
)


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The workers of one run, and which of them this process is."""

    addresses: tuple[str, ...]
    """host:port of each, the chief's first."""

    names: tuple[str, ...]
    """Of each, as messages call them."""

    index: int
    """Of this process."""

    @property
    def name(self) -> str:
        """Of this process."""
        return self.names[self.index]

    @property
    def is_chief(self) -> bool:
        """Whether this process decides and writes."""
        return self.index == 0

    def place(self, index: int) -> tuple[str, int]:
        """Returns host and port of a worker."""
        host, _, port = self.addresses[index].rpartition(":")
        return host.strip("[]"), int(port)

    def called(self, index: int) -> str:
        """Returns a worker's name and address, for messages."""
        return f"{self.names[index]} at {self.addresses[index]}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Cluster:
    """Reads TF_CONFIG.

    Raises:
      InputError: it is not set, malformed, or names tasks that are no workers.
    """
    text = environment.get(VARIABLE)
    if not text:
        raise InputError(
            f"strategy=multi_worker reads its workers from {VARIABLE}, which is not set: set it on "
            f"each, for instance to {EXAMPLE}; on one machine, `tfgan launch --workers=2 -- train "
            "...` does that."
        )
    try:
        config = json.loads(text)
        tasks, task = config["cluster"], config["task"]
        return _cluster(tasks, str(task["type"]), task["index"])
    except InputError as error:
        raise InputError(f"{VARIABLE}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{VARIABLE} is {cut(text, 200)}, which is no cluster with a task: write it as "
            f"{EXAMPLE}."
        ) from None


def _cluster(tasks: Mapping[str, Any], kind: str, index: Any) -> Cluster:
    others = sorted(set(tasks) - {"chief", "worker"})
    if others:
        raise InputError(
            f"it names tasks of type {', '.join(others)}, and a run has a chief and workers alone: "
            "delete them."
        )
    places = {name: list(tasks[name]) for name in ("chief", "worker") if tasks.get(name)}
    if len(places.get("chief", ())) > 1:
        raise InputError("it names more than one chief: make the others workers.")
    count = len(places.get(kind, ()))
    if type(index) is not int or not 0 <= index < count:
        raise InputError(
            f"this task is {kind} {index}, and the cluster has {count} of type {kind}: its index "
            "begins at 0."
        )
    addresses = tuple(address for of_kind in places.values() for address in of_kind)
    for address in addresses:
        host, _, port = str(address).rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
            raise InputError(f"the address {cut(repr(address))} is not host:port; write it so.")
    if len(set(addresses)) < len(addresses):
        raise InputError("two tasks have the same address: give each one of its own.")
    names = tuple(
        "chief" if name == "chief" else f"worker {i}"
        for name, of_kind in places.items()
        for i in range(len(of_kind))
    )
    before = len(places.get("chief", ())) if kind == "worker" else 0
    return Cluster(addresses, names, before + index)
