"""The page of objectives and penalties: a template of words, and the numbers of the record."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tools.make_results import ring_grid
from tools.make_results.pages import (
    Means,
    cell,
    machine,
    mean_and_error,
    one,
    percent,
    small,
    table,
    two,
)
from tools.make_results.record import Outcome, Record, Trial
from tools.make_results.ring_grid import COLUMNS

COMMAND = "python -m tools.make_results --tables=ring_grid"

TEMPLATE = Path(__file__).with_name("objectives.template.md")


def failed(outcome: Outcome, num_modes: int) -> bool:
    """Returns whether a run counts as failed."""
    diverged = outcome.get("diverged_at") is not None
    return diverged or outcome["modes"] < num_modes or outcome["good_share"] < 0.5


def outcomes(
    record: Record, trials: Sequence[Trial], part: str
) -> dict[str, dict[str, list[Outcome]]]:
    """Returns what was measured, by row and by data set."""
    found: dict[str, dict[str, list[Outcome]]] = {}
    for trial in trials:
        outcome = record.outcome(trial)
        if trial.part == part:
            row = found.setdefault(trial.row, {column: [] for column in COLUMNS})
            row[trial.column] += [] if outcome is None else [outcome]
    return found


Field = tuple[str, Callable[[float], str]]
SCREEN_FIELDS: dict[str, Field] = {
    "modes": ("modes", one),
    "good %": ("good_share", percent),
    "KL": ("reverse_kl", small),
}
FINAL_FIELDS: dict[str, Field] = SCREEN_FIELDS | {
    "KL of all": ("reverse_kl_of_all", small),
    "shared %": ("shared_mass", percent),
    "spread": ("spread", two),
}


def failures(found: Sequence[Outcome], column: str) -> str:
    """Returns "1 of 10"; "-" where there is nothing."""
    count = sum(failed(outcome, COLUMNS[column]) for outcome in found)
    return f"{count} of {len(found)}" if found else "-"


def shared(row: dict[str, list[Outcome]]) -> float:
    """Returns the mean mass shared over all seeds and both sets; NaN where there is nothing."""
    return mean_and_error([o["shared_mass"] for found in row.values() for o in found])[0]


def screen_table(rows: dict[str, dict[str, list[Outcome]]]) -> list[str]:
    """Returns one line for each row of the screen, the best first."""
    names = sorted(rows, key=lambda name: -np.nan_to_num(shared(rows[name]), nan=-1.0))
    head = ["objective, penalty", "shared %"]
    for column in COLUMNS:
        head += [f"{column}: {title}" for title in (*SCREEN_FIELDS, "failed")]
    lines = [[*head, "seconds"]]
    for name in names:
        every = [outcome for found in rows[name].values() for outcome in found]
        line = [name, cell([o["shared_mass"] for o in every], percent)]
        for column, found in rows[name].items():
            for key, write in SCREEN_FIELDS.values():
                line.append(cell([o.get(key) for o in found], write))
            line.append(failures(found, column))
        seconds = mean_and_error([o["processor_seconds"] for o in every])[0]
        lines.append([*line, "-" if math.isnan(seconds) else f"{seconds:.0f}"])
    return table(lines)


def final_table(rows: dict[str, dict[str, list[Outcome]]], column: str) -> list[str]:
    """Returns one line for each finalist on one data set."""
    lines = [["row", *FINAL_FIELDS, "failed", "steps", "seconds"]]
    for name, row in rows.items():
        found = row[column]
        line = [name]
        line += [cell([o.get(k) for o in found], write) for k, write in FINAL_FIELDS.values()]
        steps = {o["steps"] for o in found if "steps" in o}
        line += [failures(found, column), f"{max(steps):,}" if steps else "-"]
        line.append(
            cell([o["processor_seconds"] for o in found if "steps" in o], lambda n: f"{n:.0f}")
        )
        lines.append(line)
    return table(lines)


def page(record: Record, trials: Sequence[Trial]) -> str:
    """Returns the page as Markdown: what the record has of some trials."""
    from tfgan.metrics.modes import PERFECT_GOOD_SHARE

    screen, final = (outcomes(record, trials, part) for part in ("screen", "final"))
    alone = {name: row for name, row in screen.items() if name in ring_grid.ALONE}
    others = {name: row for name, row in screen.items() if name not in ring_grid.ALONE}
    shared_fields = dict(ring_grid.SHARED)
    return TEMPLATE.read_text().format(
        **shared_fields,
        of=Means(record, trials),
        command=COMMAND,
        num_samples=ring_grid.NUM_SAMPLES,
        perfect=100 * PERFECT_GOOD_SHARE,
        machine=machine(record.about),
        num_screen_seeds=len(ring_grid.SCREEN_SEEDS),
        num_final_seeds=len(ring_grid.FINAL_SEEDS),
        num_finalists=ring_grid.NUM_FINALISTS,
        real=ring_grid.REAL,
        screen_alone="\n".join(screen_table(alone)),
        screen_others="\n".join(screen_table(others)),
        tuned="\n".join(tuned()),
        **{f"final_{column}": "\n".join(final_table(final, column)) for column in COLUMNS},
    )


def tuned() -> list[str]:
    """Returns the command of each tuned run."""
    seeds = ring_grid.TUNED_SEEDS
    named = ", ".join(f"{column} {of_set[0]} to {of_set[-1]}" for column, of_set in seeds.items())
    lines = [f"The tuned settings as commands (seeds: {named}):", "", "```bash"]
    for column, fields in ring_grid.TUNED_FIELDS.items():
        options = " ".join(f"--{name}={str(value).lower()}" for name, value in fields.items())
        lines.append(f"python -m tfgan.train --data={column} {options}")
    return [*lines, "```"]
