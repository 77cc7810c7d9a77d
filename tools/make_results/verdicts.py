"""Are healthy runs ever called sick? The verdicts on every recipe, ten seeds each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.make_results.record import Outcome, Record, Trial, by_seed

SEEDS = range(10)
MORE_SEEDS = range(10, 20)
SEEN = ("infogan", "small_images")
"""Recipes on whose seeds thresholds were made: they have as many again, on which none was."""

EVERY = 50
"""Steps between looks. Each verdict is given by all looks, and by every second one."""

ON_DIGITS = dict(data="digits", image_size=32, base_channels=8)
"""In the place of pictures of one's own."""

RECIPES: Mapping[str, Mapping[str, Any]] = {
    "ring": dict(num_steps=4000),
    "grid": dict(num_steps=4000),
    "pacgan": dict(num_steps=4000),
    "document": dict(num_steps=4000),
    "digits": dict(num_steps=2000),
    "lsgan": dict(num_steps=2000),
    "wgan": dict(num_steps=2000),
    "wgan_gp": dict(num_steps=1000),
    "cgan": dict(num_steps=2000),
    "acgan": dict(num_steps=2000),
    "infogan": dict(num_steps=2000),
    "r3gan": dict(num_steps=500),
    "vae": dict(num_steps=2000),
    "vae_mnist": dict(num_steps=2000),
    "mnist": dict(num_steps=500),
    "sngan": dict(num_steps=250),
    "pictures": dict(num_steps=1000) | ON_DIGITS,
    "small_images": dict(num_steps=1000) | ON_DIGITS,
}
"""The first steps of each recipe, by what a step takes; cifar10's data cannot be had everywhere."""

HEALTHY = ("training", "converged")
TEMPLATE = Path(__file__).with_name("verdicts.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns all trials: the first seed of each recipe, then the others."""
    seen = {name: RECIPES[name] for name in SEEN}
    return [
        trial
        for rows, seeds in ((RECIPES, SEEDS), (seen, MORE_SEEDS))
        for trial in by_seed("verdicts", "recipe", rows, seeds, num_steps)
    ]


def measure(trial: Trial) -> Outcome:
    """Trains a recipe and looks at it every `EVERY` steps."""
    from tfgan import build, training
    from tfgan.runs import health
    from tools.make_results import running

    config = running.config_of(trial._replace(fields={"recipe": trial.row, **trial.fields}))
    model, source = build.build(config)
    run_steps, measured = training.make_loop(model, source), health.Health(model, source)
    rows: list[dict[str, float]] = []
    found: list[str] = []
    for step in range(0, config.num_steps, EVERY):
        losses = run_steps(step, min(EVERY, config.num_steps - step))
        row = {"step": float(step + EVERY), **measured.measure(step + EVERY)}
        rows.append(row | {name: float(values[-1]) for name, values in losses.items()})
        found += [model.verdict(rows), model.verdict(rows[::-2][::-1])]
    return {
        "looks": len(rows),
        "false_alarms": sum(verdict not in HEALTHY for verdict in found),
        "alarms": sorted({verdict for verdict in found if verdict not in HEALTHY}),
        "least_spacing": min(row["spacing"] for row in rows),
        **{name: rows[-1][name] for name in health.DISTANCES},
    }


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import cell, machine, percent, table, two

    lines = [["recipe", "seeds", "steps", "looks", "false alarms", "diversity", "coverage, %"]]
    lines[0] += ["precision, %", "spacing"]
    for name in RECIPES:
        mine = [trial for trial in known if trial.row == name]
        found = record.known(mine)
        alarms = sorted({verdict for o in found for verdict in o["alarms"]})
        counted = str(sum(o["false_alarms"] for o in found))
        line = [name, str(len(found)), f"{mine[0].fields['num_steps']:,}"]
        line += [str(sum(o["looks"] for o in found)), ": ".join([counted, *alarms])]
        writes = dict(diversity=two, coverage=percent, precision=percent, spacing=two)
        line += [cell([o[key] for o in found], write) for key, write in writes.items()]
        lines.append(line)
    return TEMPLATE.read_text().format(
        every=EVERY, table="\n".join(table(lines)), machine=machine(record.about)
    )
