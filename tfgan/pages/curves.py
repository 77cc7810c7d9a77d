"""Which curves a page shows: losses, health, evaluations; of one run, and of several."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tfgan.metrics.catalog import METRICS
from tfgan.models import conditions, gan_health, vae_health
from tfgan.pages import charts, measured
from tfgan.pages.charts import Line
from tfgan.pages.markup import Markup, joined, tag
from tfgan.pages.reading import Reported
from tfgan.runs import best, health
from tfgan.runs.identity import FROM_CONFIG
from tfgan.runs.summary import WORST

TOGETHER = (
    ("d_real", "d_fake"),
    ("g_gradient_norm", "d_gradient_norm"),
    ("diversity", "spacing"),
    ("coverage", "precision", *health.BY_CLASS),
)
"""Columns of health that one chart shows, where there is one run."""

MEANINGS: Mapping[str, Mapping[str, str]] = {
    FROM_CONFIG: {
        **gan_health.DESCRIPTIONS,
        **conditions.DESCRIPTIONS,
        **vae_health.DESCRIPTIONS,
        **health.DESCRIPTIONS,
    }
}
"""What columns mean, by who made the model: a model of a user's own has its own meanings."""

Curve = tuple[np.ndarray, np.ndarray]
"""Steps and values, [N] each."""


def section(runs: Sequence[Reported], found: measured.Tables) -> Markup:
    """Returns all charts, with a legend of the runs where there are several."""
    shown = [
        ("Losses", _losses(runs)),
        ("Health", _health(runs)),
        ("Evaluations while training", _evaluations(runs)),
        ("Evaluations of checkpoints", _of_checkpoints(runs, found)),
    ]
    parts = [
        [tag("h3", title), tag("div", drawn, class_="charts")]
        for title, drawn in shown
        if any(drawn)
    ]
    if not parts:
        return Markup("")
    several = [(run.name, run.number) for run in runs] if len(runs) > 1 else []
    return joined(charts.legend(several) if several else "", parts)


def _losses(runs: Sequence[Reported]) -> list[Markup]:
    found: dict[str, dict[int, Curve]] = {}
    for run in runs:
        for name, values in run.losses.items():
            if name != "step" and len(values):
                found.setdefault(name, {})[run.number] = run.losses["step"], values
    units = dict.fromkeys(run.summary.loss_unit for run in runs)
    unit = next(iter(units)) if len(units) == 1 else ""
    return _charts(runs, found, [tuple(found)], unit)


def _health(runs: Sequence[Reported]) -> list[Markup]:
    found: dict[str, dict[int, Curve]] = {}
    for run in runs:
        left_out = {"step", "verdict", WORST, *run.losses}
        for name in run.summary.rows[-1] if run.summary.rows else ():
            if name and name not in left_out and not best.evaluated(name):
                found.setdefault(name, {})[run.number] = _column(run, name)
    return _charts(runs, found, TOGETHER, "")


def _evaluations(runs: Sequence[Reported]) -> list[Markup]:
    """Returns a chart of each metric, extractor, number of samples and set of real examples."""
    found: dict[tuple, list[Line]] = {}
    floors: dict[tuple, set[float | None]] = defaultdict(set)
    for run in runs:
        for name in run.summary.rows[-1] if run.summary.rows else ():
            if name and (measures := best.evaluated(name)):
                key = (*measures, run.summary.fingerprint, _data(run))
                line = Line(run.name, *_column(run, name), run.number)
                found.setdefault(key, []).append(line)
                floors[key].add(run.summary.floors.get(name))
    drawn = []
    for key, lines in found.items():
        metric, extractor, count, _, data = key
        about = [f"{extractor}, {count:,} samples against {data}"]
        floor = floors[key].pop() if len(floors[key]) == 1 else None
        if floor is not None:
            about.append(f"floor {charts.number(floor)}: other real examples in their place")
        drawn.append(charts.chart(metric, lines, unit=_unit(metric), about=about, floor=floor))
    return drawn


def _of_checkpoints(runs: Sequence[Reported], found: measured.Tables) -> list[Markup]:
    """Returns a chart of each metric that was measured at several steps of a run."""
    drawn = []
    for protocol, subjects in found.items():
        for metric in dict.fromkeys(name for numbers in subjects.values() for name in numbers):
            lines: list[Line] = []
            floors: set[float | None] = set()
            for run in runs:
                points: dict[int, float] = {}
                for subject, numbers in sorted(subjects.items()):
                    if subject.run == run.number and metric in numbers:
                        points.setdefault(subject.step, numbers[metric].value)  # its first seed
                        floors.add(numbers[metric].floor)
                steps = np.array(list(points), np.float64)
                lines.append(Line(run.name, steps, np.array(list(points.values())), run.number))
            if max(len(line.steps) for line in lines) > 1:
                floor = floors.pop() if len(floors) == 1 else None
                drawn.append(
                    charts.chart(
                        metric, lines, unit=_unit(metric), about=[protocol.title()], floor=floor
                    )
                )
    return drawn


def _charts(
    runs: Sequence[Reported],
    found: Mapping[str, Mapping[int, Curve]],
    together: Iterable[tuple[str, ...]],
    unit: str,
) -> list[Markup]:
    """Returns a chart of each name with a line for each run; of one run, some names together."""
    if len(runs) > 1:
        return [
            charts.chart(
                name,
                [Line(runs[i].name, *curve, i) for i, curve in curves.items()],
                unit=unit,
                about=list(filter(None, [_meaning(name, runs)])),
            )
            for name, curves in found.items()
        ]
    drawn, done = [], set()
    for first in found:
        group = next((names for names in together if first in names), (first,))
        names = [name for name in group if name in found and name not in done]
        done |= set(names)
        if not names:
            continue
        lines = [Line(name, *found[name][0], i) for i, name in enumerate(names)]
        about = [
            f"{name}: {meaning}" if len(names) > 1 else meaning
            for name in names
            if (meaning := _meaning(name, runs))
        ]
        title = ", ".join(names)
        drawn.append(charts.chart(title, lines, unit=unit, about=about, has_legend=len(names) > 1))
    return drawn


def _column(run: Reported, name: str) -> Curve:
    """Returns a column of health, where it was measured."""
    rows = [(row["step"], value) for row in run.summary.rows if (value := row.get(name))]
    table = np.array(rows, np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _meaning(name: str, runs: Sequence[Reported]) -> str:
    makers = {run.summary.made_by for run in runs}
    known = MEANINGS.get(makers.pop(), {}) if len(makers) == 1 else {}
    return known.get(name, "").replace("`", "")  # which marks names in Markdown


def _unit(metric: str) -> str:
    known = METRICS.get(metric)
    return known.unit if known else ""


def _data(run: Reported) -> str:
    config = run.summary.config
    return config["image_dir"] or f"{config['data']}, {config['split']}"
