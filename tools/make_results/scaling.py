"""How far replicas would scale: measured exchanges and counted arithmetic, put into a model."""

import math
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from tools.make_results.record import Outcome, Record, Trial

TEMPLATE = Path(__file__).with_name("scaling.template.md")
WORKERS = (1, 2, 4)
ROUNDS = 9
NETWORKS: Mapping[str, Mapping[str, Any]] = {
    "dcgan": dict(network="dcgan", base_channels=64, latent_size=100, batch_size=64),
    "r3gan": dict(
        network="r3gan", base_channels=64, max_channels=512, latent_size=64, batch_size=64
    ),
}
"""By name: fields of the config. `batch_size` is the share of one replica."""

SHAPES = {"dcgan": (32, 32, 3), "r3gan": (64, 64, 3)}
PENALTIES = {"dcgan": 0, "r3gan": 2}
"""How many gradient penalties: R1 and R2."""

OPERATIONS_PER_SECOND = 3e14
"""Of an accelerator: a third of what an H100 is said to do with bfloat16."""

BYTES_PER_SECOND = 5e10
"""Of its link to the others: 400 Gbit/s."""

SECONDS_PER_HOP = 1e-5
REPLICAS = (1, 8, 64, 256, 1024)


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial for each number of workers, and one for each network."""
    steps = {"num_steps": num_steps} if num_steps else {}
    return [
        *(Trial("scaling", "exchange", f"{n} workers", {"workers": n} | steps, 0) for n in WORKERS),
        *(Trial("scaling", name, "arithmetic", {**steps}, 0) for name in NETWORKS),
    ]


def measure(trial: Trial) -> Outcome:
    """Times exchanges between workers, or counts what a network computes."""
    if trial.row == "exchange":
        from tools import together
        from tools.benchmark import replicas

        rounds = 1 if "num_steps" in trial.fields else ROUNDS
        found = together.call(trial.fields["workers"], replicas.exchange, rounds)[0]
        return {f"ms_of_{size}_floats": median(times) for size, times in found.items()}
    return _counted(trial.row)


def _counted(name: str) -> dict[str, int]:
    """Returns parameters, and operations of a pass forward of one example, of both players."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2 as frozen,
    )

    from tfgan import build
    from tfgan.config import Config

    specs = {"real": tf.TensorSpec(SHAPES[name], tf.float32, "real")}
    model = build.build_model(Config(**NETWORKS[name]), specs)
    parameters = model.num_parameters()
    inputs = {"generator": [1, NETWORKS[name]["latent_size"]], "discriminator": [1, *SHAPES[name]]}
    found = {}
    for player, shape in inputs.items():
        network = getattr(model, player)
        forward = tf.function(lambda x, network=network: network(x, "inference"), autograph=False)
        graph = frozen(forward.get_concrete_function(tf.TensorSpec(shape))).graph
        options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
        options["output"] = "none"
        profile = tf.compat.v1.profiler.profile(graph, options=options)
        found[f"{player}_parameters"] = parameters[player]
        found[f"{player}_operations"] = int(profile.total_float_ops)
    return found


def operations(counted: Mapping[str, int], name: str) -> float:
    """Returns the operations of one iteration of one replica.

    A pass back costs as much as a pass forward, to the inputs and to the weights each. A penalty
    takes one back to the inputs, and the way of that again, forward and to the weights.
    """
    g, d = counted["generator_operations"], counted["discriminator_operations"]
    generator_step = g + d + d + 2 * g
    discriminator_step = g + 2 * (d + 2 * d) + PENALTIES[name] * 3 * d
    return NETWORKS[name]["batch_size"] * (generator_step + discriminator_step)


def fitted(exchanges: Mapping[int, Mapping[int, float]]) -> tuple[float, float]:
    """Returns seconds of a hop and bytes per second of a ring over loopback.

    A ring of N passes 2 (N - 1) messages on, one after the other, each of a part in N of the bytes.

    Args:
      exchanges: seconds, by the number of workers and of floats.
    """
    (small, *_), (*_, large) = sorted(exchanges[2]), sorted(exchanges[2])
    hop = min(exchanges[n][small] / (2 * (n - 1)) for n in exchanges if n > 1)
    rate = median(
        2 * (n - 1) / n * 4 * large / (exchanges[n][large] - 2 * (n - 1) * hop)
        for n in exchanges
        if n > 1
    )
    return hop, rate


def ring(count: int, num_bytes: float, hop: float, rate: float) -> float:
    """Returns seconds of a ring's exchange."""
    return 2 * (count - 1) * hop + 2 * (count - 1) / count * num_bytes / rate


def tree(count: int, num_bytes: float) -> float:
    """Returns seconds of an exchange between accelerators: a ring's bytes, a tree's hops."""
    hops = 2 * math.ceil(math.log2(count)) if count > 1 else 0
    return hops * SECONDS_PER_HOP + 2 * (count - 1) / count * num_bytes / BYTES_PER_SECOND


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import machine, table

    found = {(t.row, t.column): record.outcomes.get(t.key) for t in known}
    timed = {n: found["exchange", f"{n} workers"] for n in WORKERS}
    if not all(found.values()):
        return f"(Not all runs are there.)\n\n{machine(record.about)}\n"
    exchanges = {
        n: {int(name.split("_")[2]): ms / 1e3 for name, ms in outcome.items() if "_of_" in name}
        for n, outcome in timed.items()
    }
    hop, rate = fitted(exchanges)
    lines = [["floats", *(f"{n} workers, ms" for n in WORKERS), "the model: 2", "4"]]
    for size in exchanges[2]:
        model = [f"{ring(n, 4 * size, hop, rate) * 1e3:.1f}" for n in (2, 4)]
        lines.append([f"{size:,}", *(f"{exchanges[n][size] * 1e3:.1f}" for n in WORKERS), *model])
    counts = [["network", "share of a replica", "parameters G / D", "exchanged, MB"]]
    counts[0] += ["operations of an iteration, G", "operations a byte"]
    scaled = [["replicas", *(f"{name}: ms, efficiency" for name in NETWORKS)]]
    arithmetic = {name: found[name, "arithmetic"] for name in NETWORKS}
    for name, counted in arithmetic.items():
        g, d = (counted[f"{player}_parameters"] for player in ("generator", "discriminator"))
        total = operations(counted, name)
        line = [f"{name}, {SHAPES[name][0]} px", str(NETWORKS[name]["batch_size"])]
        line += [f"{g:,} / {d:,}", f"{4 * (g + d) / 1e6:.1f}", f"{total / 1e9:,.0f}"]
        counts.append([*line, f"{total / (4 * (g + d)):,.0f}"])
    for count in REPLICAS:
        line = [f"{count:,}"]
        for name, counted in arithmetic.items():
            alone = operations(counted, name) / OPERATIONS_PER_SECOND
            players = [counted[f"{p}_parameters"] * 4 for p in ("generator", "discriminator")]
            together = alone + sum(tree(count, num_bytes) for num_bytes in (*players, 8))
            line.append(f"{together * 1e3:.2f}, {alone / together:.0%}")
        scaled.append(line)
    return TEMPLATE.read_text().format(
        exchanges="\n".join(table(lines)),
        counts="\n".join(table(counts)),
        scaled="\n".join(table(scaled)),
        hop=f"{hop * 1e3:.1f}",
        rate=f"{rate / 1e9:.2f}",
        operations=f"{OPERATIONS_PER_SECOND / 1e12:.0f}",
        link=f"{BYTES_PER_SECOND / 1e9:.0f}",
        latency=f"{SECONDS_PER_HOP * 1e6:.0f}",
        machine=machine(record.about),
    )
