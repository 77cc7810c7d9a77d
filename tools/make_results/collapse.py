"""What mode collapse is: runs that collapse and runs that do not, by verdict, metrics, pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.make_results import ring_grid
from tools.make_results.record import Outcome, Record, Trial, by_seed

SEEDS = range(3)
SHOWN_SEED = 0
"""Whose pictures are shown."""

METRICS: Mapping[str, tuple[str, tuple[str, ...], int]] = {
    "digits": (
        "classifier",
        ("frechet_distance", "precision", "recall", "coverage", "inception_score"),
        898,
    ),
    "ring": ("pixels", ("modes_covered", "good_share", "reverse_kl", "coverage"), 2500),
}
"""Of each set: the extractor, the metrics, how many samples."""

OFTEN = dict(sample_every_steps=500, log_every_steps=100)
DOCUMENT = dict(recipe="document", num_steps=3000) | OFTEN
RING = {"data": "ring", **ring_grid.SHARED, **OFTEN}

ROWS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "digits": {
        "the document's settings": DOCUMENT,
        "its generator five times as fast": DOCUMENT | dict(generator_learning_rate=0.005),
        "its minimax loss for the generator": DOCUMENT | dict(objective="minimax"),
        "wasserstein, gradient penalty": dict(recipe="wgan_gp", num_steps=3000) | OFTEN,
        "relativistic, r1 and r2": dict(recipe="r3gan", num_steps=1500) | OFTEN,
    },
    "ring": {
        "the document's settings": {"data": "ring", **ring_grid.DOCUMENTS, **OFTEN},
        "least squares": RING | dict(objective="least_squares"),
        "wasserstein, gradient penalty": RING
        | dict(objective="wasserstein", penalties="gradient_penalty:0.1"),
        "relativistic, r1 and r2": RING
        | dict(objective="relativistic", penalties="r1:0.001,r2:0.001"),
    },
}
"""Flags of each row, by data set."""

TEMPLATE = Path(__file__).with_name("collapse.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns all trials: the first seed of each row, then the others."""
    return [
        trial
        for seed in SEEDS
        for column, rows in ROWS.items()
        for trial in by_seed("collapse", column, rows, [seed], num_steps)
    ]


def measure(trial: Trial) -> Outcome:
    """Trains a run, or what is missing of it, measures it, and keeps its pictures."""
    from tfgan.runs import layout, summary
    from tools.make_results import running, sheets

    config = running.config_of(trial)
    run, _ = running.trained(config, f"collapse/{trial.column}_{trial.slug}")
    extractor, names, count = METRICS[trial.column]
    found: dict[str, Any] = dict(running.evaluated(run, "", "", extractor, names, count))
    rows = summary.read(str(run.path)).rows
    last = rows[-1]
    verdicts = [row["verdict"] for row in rows]
    found |= {name: float(last[name]) for name in ("diversity", "spacing")}
    found |= {"verdict": verdicts[-1], "since": int(rows[-_trailing(verdicts)]["step"])}
    if trial.seed == SHOWN_SEED:
        pictures = layout.samples_of(run.path)
        chosen = {len(pictures) // 4, len(pictures) // 2, len(pictures) - 1}
        found["pictures"] = [
            [f"step {layout.step_of(pictures[i]):,}", sheets.kept(pictures[i])]
            for i in sorted(chosen)
        ]
        found["real"] = sheets.kept(run.path / layout.SAMPLES / "real.png")
    return found


def _trailing(verdicts: list[str]) -> int:
    """Returns how many of the last verdicts are the last one."""
    return next((i for i, v in enumerate(reversed(verdicts)) if v != verdicts[-1]), len(verdicts))


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import machine

    tables = {column: _table(record, known, column) for column in ROWS}
    counts = {f"num_{column}": f"{count:,}" for column, (_, _, count) in METRICS.items()}
    return TEMPLATE.read_text().format(
        num_seeds=len(SEEDS), machine=machine(record.about), **tables, **counts
    )


def _table(record: Record, known: list[Trial], column: str) -> str:
    from tools.make_results.pages import cell, percent, table, three, two

    names = METRICS[column][1]
    shares = ("precision", "recall", "coverage", "good_share")
    lines = [["", "verdict at the end (since step)", *(name.replace("_", " ") for name in names)]]
    lines[0] += ["diversity", "spacing"]
    floor: list[Outcome] = []  # each seed once
    for row in ROWS[column]:
        found = record.known(t for t in known if (t.row, t.column) == (row, column))
        floor = floor or found
        said = "; ".join(f"{o['verdict']} ({o['since']:,})" for o in found)
        writes = {name: percent if name in shares else three for name in names}
        writes |= dict(diversity=two, spacing=two)
        cells = [cell([o.get(name) for o in found], write) for name, write in writes.items()]
        lines.append([row, said, *cells])
    cells = [
        cell([o.get(f"{name}_real") for o in floor], percent if name in shares else three)
        for name in names
    ]
    lines.append(["*real examples*", "", *cells, "", ""])
    return "\n".join(table(lines))


def pictures(record: Record, known: list[Trial]) -> dict[str, dict[str, str]]:
    """Returns the pictures that there are, by row and caption."""
    found: dict[str, dict[str, str]] = {}
    for trial in known:
        outcome = record.outcome(trial)
        if trial.seed == SHOWN_SEED and outcome is not None:
            row = dict(outcome["pictures"])
            found[f"{trial.column}: {trial.row}"] = {"real": outcome["real"], **row}
    return found


def picture(record: Record, known: list[Trial]) -> bytes:
    """Returns the pictures of one seed as one sheet."""
    from tools.make_results import sheets

    return sheets.sheet(pictures(record, known))
