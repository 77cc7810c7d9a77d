"""Shows what a run was and how it stands, or how several differ.

    python -m tfgan.show --run_dir=runs/digits                  # one run
    python -m tfgan.show --run_dir=runs/a,runs/b                # what differs in flags and results
    python -m tfgan.show --run_dir=runs                         # all the runs in a directory

Reads the runs' files alone; they may be training meanwhile. Exit status: 0 shown, 2 bad input, 74
the disk refused.
"""

from tfgan.cli import flags
from tfgan.core.checks import InputError

EXTRA = {
    "run_dir": flags.Flag(str, "runs", "A run, several with commas between them, or their parent.")
}


def main(run_dir: str) -> None:
    """Reads the runs and prints one, or a table of several."""
    from tfgan.runs import summary

    names = summary.find([run_dir])
    if not names:
        raise InputError("name a run: --run_dir=runs/...")
    runs = [summary.read(name) for name in names]
    print(_one(runs[0]) if len(runs) == 1 else _several(runs))


def _one(run) -> str:
    """Returns a run in lines."""
    verdict = run.health.get("verdict", "not measured yet")
    changed = " ".join(f"{name}={value}" for name, value in run.changed().items())
    numbers = [(n, v) for n, v in run.health.items() if n not in ("step", "verdict", *run.losses)]
    health = " ".join(f"{name} {run.shown(name, 2)}" for name, value in numbers if value)
    lines = {
        "run": run.path,
        "data": run.data,
        "config": changed or "defaults",
        **({"began from": run.began_from} if run.began_from else {}),
        "step": f"{run.step} of {run.config['num_steps']}, {run.rollbacks} rollbacks",
        "losses": " ".join(f"{name} {value:.4f}" for name, value in run.losses.items()),
        "health": f"{health} | {verdict}" if health else verdict,
        **({"best": run.best} if run.best else {}),
        "checkpoints": ", ".join(map(str, run.steps)),
        "pictures": ", ".join(map(str, run.pictures)),
    }
    return "\n".join(f"{name:<15}{text}" for name, text in lines.items())


def _several(runs) -> str:
    """Returns a table with a column for each run: what differs in flags, then how each stands."""
    rows = [["", *(str(run.path) for run in runs)]]
    for name in runs[0].config:
        values = [str(run.config[name]) for run in runs]
        if len(set(values)) > 1:
            rows.append([f"--{name}", *(value or "''" for value in values)])
    if len({run.began_from for run in runs}) > 1:
        rows.append(["began from", *(run.began_from or "-" for run in runs)])
    rows.append(["step", *(str(run.step) for run in runs)])
    for name in dict.fromkeys(name for run in runs for name in run.losses):
        rows.append([name, *(_number(run.losses.get(name)) for run in runs)])
    shown = dict.fromkeys(name for run in runs for name in run.health)
    for name in [n for n in shown if n not in ("step", "verdict") and n not in runs[0].losses]:
        rows.append([name, *(run.shown(name, 4) for run in runs)])
    if any(run.best for run in runs):
        rows.append(["best", *(run.best or "-" for run in runs)])
    rows.append(["verdict", *(run.health.get("verdict", "-") for run in runs)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[c.ljust(w) for c, w in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in padded)


def _number(value) -> str:
    return "-" if value in (None, "") else f"{float(value):.4f}"


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
