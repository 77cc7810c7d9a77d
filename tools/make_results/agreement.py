"""Replicas take the path of one: how far losses and weights are from those of one replica."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan.core import registry
from tools import together
from tools.make_results.record import Outcome, Record, Trial

COLUMNS = {"2 replicas": (2, "mirrored"), "4 replicas": (4, "mirrored")}
COLUMNS |= {"2 workers": (2, "multi_worker")}
"""How many replicas, and where: on logical devices of one process, or each in its own."""

NUM_STEPS = 100
TEMPLATE = Path(__file__).with_name("agreement.template.md")

OBJECTIVES = registry.names("tfgan.losses", "OBJECTIVES")
PENALTIES = registry.names("tfgan.penalties", "PENALTIES")
SMALL = dict(
    **dict(data="digits", network="mlp", latent_size=8, hidden_size=16, base_channels=4),
    # Adam divides gradients that are zero but for rounding by themselves.
    **dict(optimizer="sgd", generator_learning_rate=0.005, discriminator_learning_rate=0.005),
    **dict(batch_size=16, gradient_clip_norm=1.0),
)
CONVOLUTIONAL = dict(network="dcgan", generator_norm="batch", sync_batch_norm=True)
RESIDUAL = dict(image_size=32, generator_norm="layer", discriminator_norm="spectral")
SLOWLY = dict(generator_learning_rate=0.0005, discriminator_learning_rate=0.0005)
"""Deep networks make much of a rounding within 100 fast steps."""

ENTRIES: Mapping[str, Mapping[str, Any]] = {
    **{f"objective {name}": dict(objective=name) for name in OBJECTIVES},
    **{f"penalty {name}": dict(penalties=f"{name}:0.1") for name in PENALTIES},
    "penalties every second step": dict(penalties="r1:1,r2:1", penalty_every_steps=2),
    "a statistic every second step": dict(penalties="dragan:1", penalty_every_steps=2),
    "labels concatenated": dict(condition="concatenation"),
    "projection": dict(condition="projection"),
    "auxiliary": dict(condition="auxiliary", condition_weight=0.5),
    "information": dict(condition="information", num_categories=10, num_codes=2),
    "labels as in the data": dict(condition="projection", label_distribution="data"),
    "pack": dict(pack=2),
    "augmentation": dict(network="dcgan", augment="color,translation,cutout"),
    "maxout": dict(network="maxout", hidden_size=20),
    "dcgan, batch": CONVOLUTIONAL | dict(discriminator_norm="batch"),
    "dcgan, layer": dict(network="dcgan", generator_norm="layer", discriminator_norm="group"),
    "dcgan, spectral": CONVOLUTIONAL | dict(discriminator_norm="spectral", minibatch_stddev=True),
    "resnet": dict(network="resnet", condition="projection", **RESIDUAL, **SLOWLY),
    "r3gan": dict(network="r3gan", image_size=16, objective="relativistic", **SLOWLY),
    "update order": dict(update_order="discriminator_first", discriminator_steps=2),
    "training aids": dict(weight_clip=0.1, average_decay=0.9, label_smoothing=0.1),
    "schedule": dict(learning_rate_schedule="cosine", decay_steps=100, warmup_steps=5),
    "points": dict(data="ring"),
    "mirrored": dict(mirror=True),
    "vae": dict(model_type="vae", latent_distribution="normal", discriminator_learning_rate=None),
    "vae of binarised digits": dict(
        model_type="vae",
        latent_distribution="normal",
        binarise="dynamic",
        discriminator_learning_rate=None,
    ),
}
SMALLEST_NORM = 1e-3
"""Biases begin at 0, and where a constant cancels (before a normalisation, between scores) their
gradient is rounding alone: below this norm nothing is there that could be compared."""


def config_of(entry: str, count: int = 1, strategy: str = "mirrored", **more: Any) -> Any:
    """Returns the config of an entry with so many replicas, and other fields."""
    from tfgan.config import Config

    fields = {name: x for name, x in (SMALL | ENTRIES[entry] | more).items() if x is not None}
    if count == 1:
        return Config(**(fields | dict(sync_batch_norm=False)))
    replicas = count if strategy == "mirrored" else 0
    return Config(**({"strategy": strategy, "replicas": replicas} | fields))


def trained(config: Any, num_steps: int, windows: int = 1) -> tuple[dict, list[dict]]:
    """Trains a config; returns its losses, and the states of all replicas, by name."""
    import functools

    from tfgan import build, distribution, training

    strategy = distribution.start(config)
    model, source = build.build(config)
    replicated = None
    if strategy:
        make = functools.partial(build.build_model, config, source.specs)
        replicated = distribution.Distribution(config, strategy, model, make)
    run_steps = training.make_loop(model, source, replicated)
    each = num_steps // windows
    parts = [run_steps(i * each, each) for i in range(windows)]
    losses = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    models = replicated.models if replicated else [model]
    return losses, [{n: v.numpy() for n, v in each.state().items()} for each in models]


def distance(a: Any, b: Any) -> float:
    """Returns |a - b| / |a|, of Euclidean norms."""
    a, b = (np.asarray(x, np.float64) for x in (a, b))
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a), SMALLEST_NORM))


def trained_by_worker(config: Any, num_steps: int) -> tuple[dict, list[dict]]:
    """Returns `trained` of this process, one of the workers of TF_CONFIG."""
    from tfgan.core import runtime

    runtime.configure(1)
    return trained(config, num_steps)


def distances(
    entry: str, count: int, num_steps: int, strategy: str = "mirrored", **more: Any
) -> dict[str, float]:
    """Returns how far an entry's losses and state are from those of one replica, by name.

    Raises:
      AssertionError: the replicas do not hold the same bytes.
    """
    alone, (state, *_) = trained(config_of(entry, **more), num_steps)
    config = config_of(entry, count, strategy, **more)
    if strategy == "multi_worker":
        found_by = together.call(count, trained_by_worker, config, num_steps)
        losses, states = found_by[0][0], [state for _, (state,) in found_by]
    else:
        losses, states = trained(config, num_steps)
    first, *others = ({name: v.tobytes() for name, v in each.items()} for each in states)
    assert all(other == first for other in others), "the replicas have parted"
    found = {name: distance(alone[name], losses[name]) for name in alone}
    return found | {name: distance(state[name], states[0][name]) for name in state}


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial for each entry and number of replicas."""
    return [
        Trial("agreement", entry, column, {"num_steps": num_steps or NUM_STEPS}, 0)
        for entry in ENTRIES
        for column in COLUMNS
    ]


def measure(trial: Trial) -> Outcome:
    """Trains by one replica and by several, and compares."""
    from tfgan import distribution
    from tfgan.core import runtime

    runtime.configure(1)
    count, strategy = COLUMNS[trial.column]
    if strategy == "mirrored":
        distribution.start(config_of(trial.row, count))  # before TensorFlow's first operation
    losses = set(trained(config_of(trial.row), 1)[0])
    found = distances(trial.row, count, trial.fields["num_steps"], strategy)
    state = {name: value for name, value in found.items() if name not in losses}
    worst = max(state, key=lambda name: state[name])
    return {
        "losses": max(found[name] for name in losses),
        "state": state[worst],
        "worst": worst,
    }


def page(record: Record, known: Sequence[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import machine, table

    lines = [["", *(f"{column}: {what}" for column in COLUMNS for what in ("losses", "state"))]]
    for entry in ENTRIES:
        line = [entry]
        for column in COLUMNS:
            (trial,) = (t for t in known if (t.row, t.column) == (entry, column))
            found = record.outcome(trial)
            line += ["-"] * 2 if found is None else [f"{found[k]:.1e}" for k in ("losses", "state")]
        lines.append(line)
    return TEMPLATE.read_text().format(
        table="\n".join(table(lines)),
        num_steps=NUM_STEPS,
        smallest=SMALLEST_NORM,
        machine=machine(record.about),
    )
