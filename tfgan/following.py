"""What a worker of a run on several machines does: it meets the chief and follows it.

The chief trains as one machine does, and writes. Every other worker builds the same model and data,
makes the calls into TensorFlow that the chief tells it of, and writes nothing. Each call begins
with the chief's state, so what a worker held before, or lost, is of no account.
"""

import dataclasses
import functools
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan import build, distribution, training
from tfgan.build import ModelFactory
from tfgan.cli import stopping
from tfgan.config import Config
from tfgan.core import runtime
from tfgan.core.checks import InputError, cut
from tfgan.core.interfaces import Model, Source
from tfgan.runs import identity
from tfgan.workers import cluster, meeting
from tfgan.workers.leading import together
from tfgan.workers.link import Link

OF_THE_MACHINE = {"data_dir", "image_dir", "data_memory_mb", "num_threads", "warm_start"}
OF_THE_MACHINE |= {"evaluate_inception"}
"""Fields that may differ: where a machine has its data, and what it can do. That the data are the
same is seen by their fingerprint; the chief alone reads a parent, and evaluates."""


def meet(config: Config, made_by: str, version: str, seconds: float) -> Link:
    """Waits until all workers of TF_CONFIG are there, started alike; raises as `meeting.meet`.

    Args:
      config: of the run, as this worker was told.
      made_by: who makes the model, as `identity` has it.
      version: of this library.
      seconds: how long to wait.
    """
    workers = cluster.from_environment()
    started_with = {
        "the cluster of TF_CONFIG": list(workers.addresses),
        "tfgan's version": version,
        "TensorFlow's version": tf.__version__,
        "numpy's version": np.__version__,
        "Python's version": platform.python_version(),
        "the maker of the model": made_by,
    }
    fields = config.to_dict().items()
    started_with |= {f"--{n}": value for n, value in fields if n not in OF_THE_MACHINE}
    return meeting.meet(workers, started_with, seconds)


def about(config: Config, model: Model, source: Source, made_by: str) -> dict[str, Any]:
    """Returns what a worker's model, data and machine are, as JSON."""
    found = identity.identify(config, model, source, made_by)
    state = {n: [v.dtype.name, list(map(int, v.shape))] for n, v in model.state().items()}
    same = {"model": found["model"]["settings"], "data": found["data"], "state": state}
    machine = {k: v for k, v in found["fingerprint"].items() if k not in ("devices", "replicas")}
    return {"same": same, "machine": machine}


def compare(link: Link, chief: Mapping[str, Any]) -> dict[str, Any]:
    """Hears what all others are, as the chief, and returns the machine of each by name.

    Args:
      link: to the others.
      chief: `about` of this process.

    Raises:
      InputError: the model or the data of one differ.
      WorkerGone, Ended: one is gone.
    """
    machines = {}
    for index, other in link.collect().items():
        name = link.cluster.called(index)
        for what, here in chief["same"].items():
            for field, value, others in identity.differences(here, other["same"][what]):
                raise InputError(
                    f"{what}: {field} is {cut(str(others), 200)} on {name} and "
                    f"{cut(str(value), 200)} on {link.cluster.called(0)}: start all with the same."
                )
        machines[link.cluster.names[index]] = other["machine"]
    return machines


def follow(config: Config, link: Link, factory: ModelFactory | None, made_by: str) -> None:
    """Trains as a worker that is not the chief, until the chief ends.

    Args:
      config: of the run, as this worker was told.
      link: to the chief.
      factory: makes the model; None: what the config names.
      made_by: who makes it.

    Raises:
      InputError: the model or the data cannot be had here.
      WorkerGone, Ended: the chief is gone, or has ended for a reason.
    """
    chiefs = Config.from_record(link.receive()["config"]).to_dict()
    own = {name: getattr(config, name) for name in OF_THE_MACHINE}
    config = dataclasses.replace(config, **(chiefs | own))
    runtime.configure(build.num_threads(config))
    strategy = distribution.start(config)
    model, source = build.build(config, factory)
    make_model = functools.partial(factory or build.build_model, config, source.specs)
    replicated = distribution.Distribution(config, strategy, model, make_model)
    link.tell(about(config, model, source, made_by))
    print(f"{link.cluster.name} follows {link.cluster.called(0)}, which writes the run", flush=True)
    run_steps = None
    with stopping.deferred():
        while "ended" not in (call := link.receive()):
            if model.training_seed != call["seed"]:
                model.training_seed, run_steps = call["seed"], None
                source = source.with_seed(model.training_seed)
            run_steps = run_steps or training.make_loop(model, source, replicated)
            together(run_steps, call["step"], call["num_steps"], link)
            link.tell({"signal": stopping.requested() or ""})
    print(f"{link.cluster.name}: the chief has ended", flush=True)
