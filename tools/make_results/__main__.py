"""Makes the tables of results again: many runs, each in a process of its own, then the pages.

    python -m tools.make_results
    python -m tools.make_results --tables=ring_grid --workers=4

A table is a record, tools/results/NAME.json, to which each run is added as soon as it ends, and a
page, some with a picture, which are made from the record alone. Whatever ends the command, the same
command goes on; only the runs that were under way are lost. The same seed gives the same numbers,
in any order.
"""

import importlib
import os
from collections.abc import Mapping
from typing import NamedTuple

from tfgan.cli import flags
from tfgan.core import checks, files, locks, paths
from tfgan.core.checks import InputError


class Table(NamedTuple):
    """Where a table comes from, and where it goes."""

    runs: str
    """The module with `trials(record, num_steps)` and `measure(trial)`."""

    page: str
    """The module with `page(record, trials)`, and `picture` likewise where there is one."""

    page_file: str
    picture_file: str = ""


TABLES: Mapping[str, Table] = {
    "ring_grid": Table(
        "tools.make_results.ring_grid", "tools.make_results.ring_grid_page", "objectives.md"
    ),
    "dirac": Table(
        "tools.make_results.dirac", "tools.make_results.dirac_page", "dirac.md", "dirac.png"
    ),
    "gaussians": Table(
        "tools.make_results.gaussians", "tools.make_results.gaussians", "gaussians.md"
    ),
    "mnist": Table("tools.make_results.mnist", "tools.make_results.mnist_page", "mnist.md"),
    "collapse": Table(
        "tools.make_results.collapse",
        "tools.make_results.collapse",
        "collapse.md",
        "collapse.png",
    ),
    "vae_and_gan": Table(
        "tools.make_results.vae_and_gan",
        "tools.make_results.vae_and_gan",
        "vae_and_gan.md",
        "vae_and_gan.png",
    ),
    "book_grid": Table(
        "tools.make_results.book_grid", "tools.make_results.book_grid", "book_grid.md"
    ),
    "parzen": Table("tools.make_results.parzen", "tools.make_results.parzen", "parzen.md"),
    "stacked": Table("tools.make_results.stacked", "tools.make_results.stacked", "stacked.md"),
    "vae_changes": Table(
        "tools.make_results.vae_changes", "tools.make_results.vae_changes", "vae_changes.md"
    ),
    "agreement": Table(
        "tools.make_results.agreement", "tools.make_results.agreement", "agreement.md"
    ),
    "scaling": Table("tools.make_results.scaling", "tools.make_results.scaling", "scaling.md"),
    "kills": Table("tools.make_results.kills", "tools.make_results.kills", "kills.md"),
    "ports": Table("tools.make_results.ports", "tools.make_results.ports", "ports.md"),
    "verdicts": Table("tools.make_results.verdicts", "tools.make_results.verdicts", "verdicts.md"),
}

OUT_DIR = "tools/results"
EXTRA = {
    "tables": flags.Flag(str, ",".join(TABLES), "Which tables, separated by commas."),
    "workers": flags.Flag(int, 2, "How many runs at once; each has one thread as a rule."),
    "out_dir": flags.Flag(str, OUT_DIR, "Where records and pages are."),
    "most": flags.Flag(int, 0, "End after so many runs; 0: make all that are missing."),
    "num_steps": flags.Flag(int, 0, "A rehearsal: every run so short. Needs another --out_dir."),
}


def main(tables: str, workers: int, out_dir: str, most: int, num_steps: int) -> None:
    """Makes what is missing, and writes the pages."""
    names = [checks.one_of("table", name, TABLES) for name in tables.split(",")]
    if workers < 1 or most < 0 or num_steps < 0:
        raise InputError("--workers must be at least 1, --most and --num_steps at least 0.")
    folder = paths.user_path(out_dir)
    if num_steps and folder.resolve() == paths.user_path(OUT_DIR).resolve():
        raise InputError(
            f"--num_steps={num_steps} is a rehearsal, whose numbers must not stand in {OUT_DIR}: "
            "give another --out_dir."
        )
    files.make_folder(folder, with_parents=True)
    held = locks.lock(folder, "makes results", "--out_dir")
    try:
        own = [f"{name}.json" for name in TABLES]
        own += [file for table in TABLES.values() for file in (table.page_file, table.picture_file)]
        files.clean(folder, dict.fromkeys(filter(None, own)))  # what a kill has left
        for name in names:
            make(name, folder, workers, most, num_steps)
    finally:
        os.close(held)


def make(name: str, folder, workers: int, most: int, num_steps: int) -> None:
    """Makes what is missing of one table, its page and its picture; arguments as the flags."""
    from tools.make_results import record as records
    from tools.make_results import trials as running

    where = TABLES[name]
    table, page = importlib.import_module(where.runs), importlib.import_module(where.page)
    record = records.Record(folder / f"{name}.json")

    left, num_made, about = most or None, 0, records.machine()
    current, commits = about.pop("commit") or "unknown", set(record.about.get("commits", []))
    try:
        while todo := record.missing(table.trials(record, num_steps))[:left]:
            print(f"{name}: {len(todo)} runs to make", flush=True)
            for trial, outcome in running.made(table.measure, todo, workers):
                record.add(trial, outcome)
                num_made += 1
                print(f"{num_made} {trial.key}: {records.shown(outcome)}", flush=True)
            if left is not None:
                left -= len(todo)
    finally:
        about["commits"] = sorted(commits | {current} if num_made else commits)
        known = table.trials(record, num_steps)
        record.finish(known, about)
        files.write(folder / where.page_file, page.page(record, known).encode())
        if where.picture_file:
            files.write(folder / where.picture_file, page.picture(record, known))
    missing = len(record.about["missing"])
    print(f"{folder / where.page_file}: {missing} runs are missing", flush=True)


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
