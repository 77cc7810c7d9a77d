"""What replicas cost: their overhead, the speed of two workers, and an exchange over loopback.

    python -m tools.benchmark.replicas
    python -m tools.benchmark.replicas --parts=workers --workload=dcgan --rounds=9

overhead: one replica of --strategy=mirrored beside the plain loop, in turns, in one process.
workers: two workers of one core each share a batch, beside two runs that know nothing of each other
and have half of that batch each, in turns, in the same two processes: so both have the same minutes
and cores. exchange: the mean of a vector over 1, 2 and 4 workers. Printed are medians over the
turns, and in brackets the lowest and the highest.
"""

import dataclasses
import functools
import os
import time
from collections.abc import Callable
from statistics import median

from tfgan.cli import flags
from tfgan.core import checks
from tfgan.core.checks import InputError
from tools import together
from tools.benchmark.workloads import WORKLOADS

PARTS = ("overhead", "workers", "exchange")
EXTRA = {
    "parts": flags.Flag(str, ",".join(PARTS), f"Which: {','.join(PARTS)}."),
    "workload": flags.Flag(str, "dcgan", "What is trained: of tools.benchmark, without pictures."),
    "rounds": flags.Flag(int, 7, "Turns of each."),
    "num_steps": flags.Flag(int, 5, "Iterations of a turn."),
}
EXCHANGED = (100_000, 1_000_000, 10_000_000)
"""Floats of a vector."""


def main(parts: str, workload: str, rounds: int, num_steps: int) -> None:
    """Measures and prints."""
    if rounds < 1 or num_steps < 1:
        raise InputError("--rounds and --num_steps must be at least 1.")
    known = [name for name, known in WORKLOADS.items() if not known.pictures]
    name = checks.one_of("workload", workload, known)
    for part in dict.fromkeys(checks.one_of("part", part, PARTS) for part in parts.split(",")):
        if part == "overhead":
            (pairs,) = together.call(1, overhead, name, rounds, num_steps)
            print(f"overhead of one replica on {name}: {_shares(pairs)}", flush=True)
        if part == "workers":
            found = together.call(2, workers, name, rounds, num_steps)
            # A turn of runs on their own is over when the slower one is.
            pairs = [(max(a, b), max(c, d)) for (a, c), (b, d) in zip(*found, strict=True)]
            speeds = sorted(alone / shared for alone, shared in pairs)
            batch = WORKLOADS[name].config.batch_size
            print(
                f"two workers on {name}, {batch} examples each: "
                f"{median(alone for alone, _ in pairs) / num_steps * 1e3:,.0f} ms an iteration on "
                f"their own, {median(shared for _, shared in pairs) / num_steps * 1e3:,.0f} ms "
                f"together: {median(speeds):.3f} of the speed "
                f"({speeds[0]:.3f} .. {speeds[-1]:.3f})",
                flush=True,
            )
        if part == "exchange":
            print("| floats | " + " | ".join(f"{count} workers, ms" for count in (1, 2, 4)) + " |")
            print("| ---: | ---: | ---: | ---: |", flush=True)
            columns = [together.call(count, exchange, rounds)[0] for count in (1, 2, 4)]
            for size in EXCHANGED:
                times = [column[size] for column in columns]
                cells = [f"{median(t):.2f} ({min(t):.2f} .. {max(t):.2f})" for t in times]
                print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


def _shares(pairs: list[tuple[float, float]]) -> str:
    found = sorted(after / before - 1 for before, after in pairs)
    return f"{median(found):.1%} ({found[0]:.1%} .. {found[-1]:.1%})"


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def overhead(name: str, rounds: int, num_steps: int) -> list[tuple[float, float]]:
    """Returns seconds of processor time of each turn: the plain loop, one replica."""
    from tfgan import distribution
    from tfgan.core import runtime

    runtime.configure(1)
    config = dataclasses.replace(WORKLOADS[name].config, strategy="mirrored", replicas=1)
    strategy = distribution.start(config)
    plain, replicated = (_loop(name, config, s) for s in (None, strategy))
    turns = []
    for _ in range(rounds):
        seconds = [
            _timed(lambda r=r: r(0, num_steps), time.process_time) for r in (plain, replicated)
        ]
        turns.append((seconds[0], seconds[1]))
    return turns


def workers(name: str, rounds: int, num_steps: int) -> list[tuple[float, float]]:
    """Returns seconds of each turn in this worker: on its own, and together; both on one core."""
    import json

    from tfgan import distribution
    from tfgan.core import runtime

    index = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[index % len(cores)]})
    runtime.configure(1)
    batch = WORKLOADS[name].config.batch_size
    config = dataclasses.replace(
        WORKLOADS[name].config, strategy="multi_worker", batch_size=2 * batch
    )
    strategy = distribution.start(config)
    alone, shared = _loop(name, WORKLOADS[name].config, None), _loop(name, config, strategy)
    wait = _barrier(strategy)
    turns = []
    for _ in range(rounds):
        wait()  # so that both are at work at the same time
        seconds = _timed(lambda: alone(0, num_steps), time.monotonic)
        wait()
        turns.append((seconds, _timed(lambda: shared(0, num_steps), time.monotonic)))
    return turns


def exchange(rounds: int) -> dict[int, list[float]]:
    """Returns milliseconds of a mean over all workers, of each turn, by the number of floats."""
    import tensorflow as tf

    from tfgan import distribution
    from tfgan.config import Config
    from tfgan.core import runtime

    runtime.configure(1)
    strategy = distribution.start(Config(strategy="multi_worker"))
    found = {}
    for size in EXCHANGED:
        mean = _mean(strategy, tf.ones([size]))
        mean()
        found[size] = [_timed(mean, time.monotonic) * 1e3 for _ in range(rounds)]
    return found


def _mean(strategy, vector) -> Callable[[], object]:
    import tensorflow as tf

    @tf.function(autograph=False)
    def mean():
        def on_replica():
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.MEAN, vector)[0]

        return strategy.run(on_replica)

    return lambda: mean().numpy()


def _barrier(strategy) -> Callable[[], object]:
    import tensorflow as tf

    return _mean(strategy, tf.ones([1]))


def _loop(name: str, config, strategy) -> Callable[[int, int], object]:
    """Returns the traced loop of a workload, by one replica or by a strategy's."""
    from tfgan import build, training
    from tfgan.data.arrays import Arrays
    from tfgan.distribution import Distribution

    workload = WORKLOADS[name]
    source = Arrays({"real": workload.images()}, batch_size=config.batch_size)
    make = functools.partial(build.build_model, config, source.specs)
    model = make()
    replicated = Distribution(config, strategy, model, make) if strategy else None
    run_steps = training.make_loop(model, source, replicated)
    run_steps(0, 1)
    return run_steps


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
