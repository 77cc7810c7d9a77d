"""What a run's services cost: whole runs of `training.train` beside the bare loop, in turns.

    python -m tools.benchmark.services
    python -m tools.benchmark.services --workloads=ring --rounds=5

Services are all that a run does beside its steps: losses, health, pictures, TensorBoard,
checkpoints, and the animation and the plot at its end. Each turn runs the bare loop and then a
whole new run of as many steps, in one process, so that a slow moment of the machine hits both;
printed are the medians of the ratios, by the clock and by the processor's time, which other work on
the machine disturbs less but which knows no waiting for the disk. Exit status 2 if a flag does not
fit.
"""

import concurrent.futures
import dataclasses
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from tfgan.cli import flags
from tfgan.config import Config
from tfgan.core import checks
from tfgan.core.checks import InputError
from tools.benchmark.workloads import WORKLOADS

NUM_STEPS = {"ring": 20_000, "mnist_mlp": 3_000, "dcgan": 200}
"""Of a turn: a whole run of the recipe; a whole run by default; two looks, two pictures and two
checkpoints, which are more to a step than a run of thousands has."""

EXTRA = {
    "workloads": flags.Flag(str, ",".join(NUM_STEPS), "Which."),
    "rounds": flags.Flag(int, 3, "Turns of each workload."),
    "num_steps": flags.Flag(int, 0, "Steps of a turn; 0: what fits the workload."),
}


def main(workloads: str, rounds: int, num_steps: int) -> None:
    """Measures and prints."""
    if rounds < 1 or num_steps < 0:
        raise InputError("--rounds must be at least 1, and --num_steps at least 0.")
    names = [checks.one_of("workload", name, NUM_STEPS) for name in workloads.split(",")]
    print("| workload | us a step of the bare loop | services, by the clock | processor's time |")
    print("| --- | ---: | ---: | ---: |", flush=True)
    for name in names:
        # How many threads TensorFlow takes is set once in a process.
        spawn = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as process:
            turns = process.submit(measure, name, rounds, num_steps or NUM_STEPS[name]).result()
        print(row(name, turns, num_steps or NUM_STEPS[name]), flush=True)


class Turn(NamedTuple):
    """Seconds that as many steps took in the bare loop, and in a whole run."""

    bare: float
    whole: float
    bare_processor: float
    whole_processor: float


def row(name: str, turns: list[Turn], num_steps: int) -> str:
    """Returns a row of the table: medians and, in brackets, the lowest and the highest.

    Args:
      name: of the workload.
      turns: on it.
      num_steps: of each of them.
    """
    shares = [turn.whole / turn.bare - 1.0 for turn in turns]
    processor = [turn.whole_processor / turn.bare_processor - 1.0 for turn in turns]
    bare = median(turn.bare for turn in turns) / num_steps * 1e6
    cells = [
        f"{median(found):.1%} ({min(found):.1%} .. {max(found):.1%})"
        for found in (shares, processor)
    ]
    return f"| {name} | {bare:,.0f} | {' | '.join(cells)} |"


def configure(name: str, num_steps: int) -> Config:
    """Returns the config of a workload's run: the ring's intervals are those of its recipe."""
    config = dataclasses.replace(WORKLOADS[name].config, num_steps=num_steps)
    if name != "ring":
        return config
    recipe, _ = flags.parse(["--recipe=ring"])
    intervals = [f.name for f in dataclasses.fields(Config) if f.name.endswith("_every_steps")]
    taken = {field: getattr(recipe, field) for field in (*intervals, "num_samples")}
    return dataclasses.replace(config, **taken)


def measure(name: str, rounds: int, num_steps: int) -> list[Turn]:
    """Runs the turns of a workload."""
    from tfgan import build, training
    from tfgan.core import runtime
    from tfgan.runs import identity
    from tfgan.runs.folder import RunFolder
    from tools.benchmark.tensorflow_engines import make

    config = configure(name, num_steps)
    runtime.configure(build.num_threads(config))
    model, source = make(WORKLOADS[name])
    traced = training.trace(model, source)
    traced.run_steps(0, 2)
    traced.health.measure(0)

    def bare() -> None:
        traced.run_steps(0, num_steps)

    def whole() -> None:
        with tempfile.TemporaryDirectory() as path, RunFolder(f"{path}/run", config) as folder:
            made = identity.identify(config, model, source, identity.FROM_CONFIG)
            folder.start(model, source.kind, made, flags.to_flags(config))
            training.train(config, model, source, folder, traced=traced, shows_progress=False)

    def timed(work: Callable[[], None]) -> tuple[float, float]:
        wall, processor = time.monotonic(), time.process_time()
        work()
        return time.monotonic() - wall, time.process_time() - processor

    turns = []
    for _ in range(rounds):
        both = zip(timed(bare), timed(whole), strict=True)
        (bare_wall, whole_wall), (bare_processor, whole_processor) = both
        turns.append(Turn(bare_wall, whole_wall, bare_processor, whole_processor))
    return turns


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
