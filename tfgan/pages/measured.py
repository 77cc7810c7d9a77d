"""Metrics as tables: numbers that may be compared stand in one table, and all others elsewhere.

A table has one extractor, one number of samples and one set of real examples. Two extractors whose
digests differ are two extractors, whatever they are called.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tfgan.metrics.catalog import METRICS, badness
from tfgan.pages import charts
from tfgan.pages.charts import number
from tfgan.pages.markup import Markup, joined, tag
from tfgan.pages.reading import Reported

MOST_COLUMNS = 4
"""Of a run in one table: its newest evaluations."""

_DIGEST = re.compile(r"_[0-9a-f]{8}$")


class Protocol(NamedTuple):
    """How numbers were measured: only those of one protocol may be compared."""

    extractor: str
    num_samples: int
    data: str
    """Name and split of the real examples."""

    fingerprint: str
    """Of their content."""

    held_out: str
    """Those that give the floor, as the user has named them; "": half of the real examples."""

    held_out_fingerprint: str

    response_steps: int = 0
    """Of best responses, where the discriminator says the numbers."""

    unit: str = ""
    """Of these, which is that of the run's objective."""

    def title(self) -> str:
        """Returns what tells it from others, for people."""
        steps = f"best responses of {self.response_steps:,} steps" * bool(self.response_steps)
        by = ", ".join(filter(None, (self.extractor, steps, self.unit)))
        return f"{by}, {self.num_samples:,} samples against {self.data}"

    def about(self) -> str:
        """Returns what the floors are of."""
        if self.response_steps:
            return "there is no floor: only a discriminator of one's own can be asked"
        others = self.held_out or "the other half"
        return f"floor: {others} in the place of the samples"


class Number(NamedTuple):
    """One number of an evaluation."""

    value: float
    spread: float | None
    floor: float | None
    unit: str
    better: str
    target: float | None

    def badness(self) -> float:
        """Returns a number that is lower the better the value is; 0 where that is not known."""
        return badness(self.value, self.better, self.target)


class Subject(NamedTuple):
    """What was evaluated: a column of a table."""

    run: int
    """The number of the run."""

    step: int
    seed: int


Tables = dict[Protocol, dict[Subject, dict[str, Number]]]
"""Numbers by protocol, subject and metric."""


def tables(runs: Iterable[Reported]) -> Tables:
    """Returns all evaluations of runs; of equal ones the newest. A record that lacks what it should
    have is left out, and noted in the run."""
    found: Tables = defaultdict(lambda: defaultdict(dict))
    for run in runs:
        odd = 0
        for record in run.evaluations:
            try:
                protocol, subject, measured = _taken(record, run.number)
            except (LookupError, TypeError, ValueError, OverflowError):
                odd += 1
                continue
            found[protocol][subject][record["metric"]] = measured
        if odd:
            run.notes.append(
                f"{run.summary.path}: {odd} of {len(run.evaluations)} evaluations lack what they "
                "should have, and are left out."
            )
    return found


def section(runs: Sequence[Reported], found: Tables) -> Markup:
    """Returns the tables, with what has to be known to read them; empty without numbers."""
    if not found:
        return Markup("")
    notes = [
        "The floor is what other real examples have in the place of the samples, at the same "
        "number. A number beyond it is no merit: the metric is being gamed, or the model copies. "
        "A bar is the value, and the line across it the floor; the best of a row is bold, whatever "
        "its spread."
    ]
    if len(found) > 1:
        notes.append(
            "A table has one extractor, one number of samples and one set of real examples: "
            "numbers of two tables cannot be compared."
        )
    notes += _differing(found)
    ordered = sorted(found.items(), key=lambda each: each[0][:3])
    return joined(
        [tag("p", note, class_="note") for note in notes],
        tag("div", [_table(*each, runs) for each in ordered], class_="tables"),
    )


def _taken(record: dict[str, Any], run: int) -> tuple[Protocol, Subject, Number]:
    """Returns what a record holds.

    Raises:
      LookupError, TypeError, ValueError, OverflowError: it lacks something, or is no number.
    """

    def text(name):
        value = record.get(name, "")
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def real(name):
        value = record.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(name)
        return float(value)

    data = ", ".join(filter(None, (text("data"), text("split"))))
    response_steps = int(record.get("response_steps", 0))
    protocol = Protocol(
        record["extractor"] if text("extractor") else "no extractor",
        int(record["num_samples"]),
        data,
        text("data_fingerprint"),
        text("held_out"),
        text("held_out_fingerprint"),
        response_steps,
        text("unit") if response_steps else "",
    )
    value = real("value")
    if value is None:
        raise ValueError("value")
    measured = Number(
        value, real("spread"), real("floor"), text("unit"), text("better"), real("target")
    )
    subject = Subject(run, int(record["step"]), int(record["seed"]))
    if max(map(abs, (protocol.num_samples, response_steps, *subject))) >= 2**63:
        raise OverflowError("no count is as large")
    return protocol, subject, measured


def _differing(found: Tables) -> list[str]:
    """Returns a line for extractors that have one name and are not the same."""
    by_name: dict[str, set[str]] = defaultdict(set)
    for protocol in found:
        by_name[_DIGEST.sub("", protocol.extractor)].add(protocol.extractor)
    return [
        f"{' and '.join(sorted(names))} are different networks, as their digests say: a distance "
        "in the features of one says nothing about one in the features of another."
        for names in by_name.values()
        if len(names) > 1
    ]


def _table(protocol: Protocol, subjects: dict[Subject, dict[str, Number]], runs) -> Markup:
    by_run: dict[int, list[Subject]] = defaultdict(list)
    for subject in sorted(subjects):
        by_run[subject.run].append(subject)
    columns = [s for several in by_run.values() for s in several[-MOST_COLUMNS:]]
    older = len(subjects) - len(columns)
    names = dict.fromkeys(name for subject in columns for name in subjects[subject])
    known = [name for name in METRICS if name in names] + [n for n in names if n not in METRICS]
    head = [tag("th", "metric"), tag("th", "floor", class_="number")]
    for subject in columns:
        about = f"step {subject.step:,}, seed {subject.seed}"
        head.append(
            tag("th", runs[subject.run].name, tag("small", about), class_="number", scope="col")
        )
    of_runs = [subject.run for subject in columns]
    rows = [_row(name, [subjects[s].get(name) for s in columns], of_runs) for name in known]
    return tag(
        "figure",
        tag("figcaption", tag("b", protocol.title()), tag("span", protocol.about())),
        tag("table", tag("thead", tag("tr", head)), tag("tbody", rows)),
        tag("p", f"{older} older evaluations are in the runs' evaluations.jsonl.", class_="note")
        if older
        else "",
        class_="table",
    )


def _row(name: str, numbers: Sequence[Number | None], of_runs: Sequence[int]) -> Markup:
    there = [n for n in numbers if n is not None]
    first = there[0]
    floors = {n.floor for n in there if n.floor is not None}
    values = [n.value for n in there] + sorted(floors)
    scale = max(values) if min(values) >= 0 else 0.0  # a bar begins at 0, or means nothing
    better = {"lower": "lower is better", "higher": "higher is better"}.get(first.better, "")
    if first.better == "target" and first.target is not None:
        better = f"best at {number(first.target)}"
    about = ", ".join(filter(None, (first.unit, better)))
    best = min(n.badness() for n in there)
    is_contest = len(there) > 1 and len({n.badness() for n in there}) > 1
    cells = [
        tag(
            "td",
            _value(n, run, scale, is_contest and n.badness() == best, len(floors) > 1)
            if n
            else "-",
            class_="number",
        )
        for n, run in zip(numbers, of_runs, strict=True)
    ]
    floor = number(next(iter(floors))) if len(floors) == 1 else "-" if not floors else "see right"
    return tag(
        "tr",
        tag("th", name, tag("small", about), scope="row"),
        tag("td", floor, class_="number"),
        cells,
    )


def _value(measured: Number, run: int, scale: float, is_best: bool, with_floor: bool) -> Markup:
    """Returns a number with its spread, above its bar; `scale` is the value of the longest one."""
    text: list[Any] = [number(measured.value)]
    if measured.spread is not None:
        text.append(tag("small", f" \u00b1 {measured.spread:.2g}"))
    if with_floor and measured.floor is not None:
        text.append(tag("small", f" (floor {number(measured.floor)})"))
    shown = tag("span", text, class_="best" if is_best else None)
    if scale <= 0:
        return shown
    width = f"{100 * measured.value / scale:.1f}"
    bar = [tag("rect", width=width, height=6, rx=1, class_=charts.style_of(run))]
    if measured.floor is not None:
        bar.append(tag("path", d=f"M{min(99.0, 100 * measured.floor / scale):.1f} -2V8"))
    return joined(shown, tag("svg", bar, class_="bar", viewBox="0 -2 100 10", aria_hidden="true"))
