"""The report: one HTML file of one run or several, which needs no server and nothing beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfgan import __version__
from tfgan.config import FIELDS
from tfgan.core.checks import CommandError
from tfgan.data import labels
from tfgan.models import gan_health
from tfgan.pages import charts, curves, embedded, measured
from tfgan.pages.markup import Markup, joined, tag
from tfgan.pages.reading import Reported
from tfgan.runs.summary import COVERAGE

BEGINNING = "<!doctype html>"
"""Of a page of ours."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a browser may do with the page: no script runs, and nothing is fetched."""

STYLE = Path(__file__).with_name("style.css")

GOOD, HEALTHY = {"converged"}, {"training"}
BAD = set(gan_health.VERDICTS) - GOOD - HEALTHY
"""Verdicts by the colour of their badge; others are a user's own, and have none."""

MOST_CLASSES = 20
"""Whose names are shown."""


def page(runs: Sequence[Reported], left_out: Sequence[str]) -> tuple[str, list[str]]:
    """Returns the page of runs: a function of what was read, the same bytes each time.

    Args:
      runs: one or more.
      left_out: a line for each directory that is no run.

    Returns:
      The text, and the notes that stand on it: what was left out, missing or damaged.
    """
    runs = [run._replace(notes=list(run.notes)) for run in runs]  # to which more are added
    found = measured.tables(runs)
    shown = _pictures(runs)
    notes = [*left_out, *(note for run in runs for note in run.notes)]
    sections = [
        ("overview", "Overview", _overview(runs)),
        ("differences", "What differs", _differences(runs)),
        ("pictures", "Pictures over the steps", shown),
        ("curves", "Curves", curves.section(runs, found)),
        ("metrics", "Metrics", measured.section(runs, found)),
        ("runs", "Settings" if len(runs) == 1 else "Each run", [_details(run) for run in runs]),
    ]
    sections = [(key, title, inside) for key, title, inside in sections if inside]
    title = runs[0].name if len(runs) == 1 else f"{len(runs)} runs"
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} - tfgan"),
        Markup(f"<style>{STYLE.read_text()}</style>"),
    ]
    body = [
        tag(
            "header",
            tag("h1", title, _badge(runs[0]) if len(runs) == 1 else ""),
            tag("p", _subtitle(runs), class_="note"),
            tag("nav", [tag("a", name, href=f"#{key}") for key, name, _ in sections]),
        ),
        tag("ul", [tag("li", note) for note in notes], class_="warnings") if notes else "",
        [tag("section", tag("h2", name), inside, id=key) for key, name, inside in sections],
        tag("footer", f"tfgan {__version__}, from the files of the runs alone"),
    ]
    text = BEGINNING + tag("html", tag("head", head), tag("body", body), lang="en") + "\n"
    return text, notes


def _subtitle(runs: Sequence[Reported]) -> str:
    data = dict.fromkeys(run.summary.data for run in runs)
    steps = {f"step {run.summary.step:,} of {run.summary.config['num_steps']:,}" for run in runs}
    return " \u00b7 ".join([*list(data)[:3], *(steps if len(steps) == 1 else ())])


def _badge(run: Reported) -> Markup:
    verdict = run.summary.health.get("verdict") or "not measured yet"
    kind = "good" if verdict in GOOD else "bad" if verdict in BAD else "neutral"
    return tag("span", verdict, class_=f"badge {kind}")


def _overview(runs: Sequence[Reported]) -> Markup:
    """Returns how each run stands, a row each."""
    losses = dict.fromkeys(name for run in runs for name in run.summary.losses)
    has_best = any(run.summary.best for run in runs)
    names = ["run", "verdict", "step", "data", *losses, COVERAGE, "diversity"]
    names += ["best"] * has_best
    rows = []
    for run in runs:
        about = run.summary
        total = about.config["num_steps"]
        done = tag("progress", value=about.step, max=max(total, 1))
        rows.append(
            tag(
                "tr",
                tag("th", charts.swatch(run.number), _link(run), class_="run", scope="row"),
                tag("td", _badge(run)),
                tag("td", f"{about.step:,}", done, class_="number"),
                tag("td", about.data),
                [tag("td", _loss(about.losses.get(name)), class_="number") for name in losses],
                [tag("td", about.shown(n, 3), class_="number") for n in (COVERAGE, "diversity")],
                tag("td", about.best or "-") if has_best else "",
            )
        )
    return tag("figure", _table(names, rows), class_="table")


def _differences(runs: Sequence[Reported]) -> Markup | None:
    """Returns the flags whose values differ between runs, and what else does."""
    if len(runs) < 2:
        return None
    rows: list[tuple[Any, list[str]]] = []
    for name in FIELDS:
        values = [run.summary.config[name] for run in runs]
        if len(set(map(str, values))) > 1:
            rows.append((tag("code", f"--{name}"), [_flag_value(value) for value in values]))
    others = {"began from": [run.summary.began_from for run in runs]}
    for name in dict.fromkeys(name for run in runs for name in run.summary.made_with):
        if name != "started":
            others[name] = [run.summary.made_with.get(name, "") for run in runs]
    rows += [(name, values) for name, values in others.items() if len(set(values)) > 1]
    if not rows:
        return tag("p", "All flags and versions are the same.", class_="note")
    head = ["", *(joined(charts.swatch(run.number), run.name) for run in runs)]
    body = [
        tag("tr", tag("th", name, scope="row"), [tag("td", value or "-") for value in values])
        for name, values in rows
    ]
    return tag("figure", _table(head, body), class_="table")


def _pictures(runs: Sequence[Reported]) -> list[Markup]:
    """Returns a row of pictures of each run: real examples, then samples over the steps."""
    most = embedded.most_pictures(len(runs))
    chosen = [
        [path for path in run.summary.others if path.name == "real.png"]
        + embedded.spread(run.summary.samples, most)
        for run in runs
    ]
    most_bytes = embedded.MOST_BYTES // max(1, sum(map(len, chosen)))
    rows = []
    for run, paths in zip(runs, chosen, strict=True):
        figures = [figure for path in paths if (figure := _picture(run, path, most_bytes))]
        if not run.summary.samples:
            run.notes.append(f"{run.summary.path}: there are no pictures of samples.")
        if figures:
            name = tag("h3", charts.swatch(run.number), run.name) if len(runs) > 1 else ""
            row = tag("div", figures, class_="pictures", id=f"pictures-{run.number}")
            rows.append(joined(name, row))
    return rows


def _picture(run: Reported, path: Path, most_bytes: int) -> Markup | None:
    """Returns a picture that grows where it is clicked; None where it is damaged, with a note."""
    is_real = path.name == "real.png"
    title = "real" if is_real else f"step {int(path.stem):,}"
    try:
        image = embedded.picture(path, f"{run.name}, {title}", most_bytes)
    except CommandError as error:
        run.notes.append(error.line())
        return None
    key = f"picture-{run.number}-{path.stem}"
    return tag(
        "figure",
        tag("a", image, href=f"#{key}"),
        tag("figcaption", title, tag("a", "smaller", href=f"#pictures-{run.number}")),
        id=key,
        class_="real" if is_real else None,
    )


def _details(run: Reported) -> Markup:
    """Returns what was run: flags, data, versions."""
    about = run.summary
    flags = [
        tag(
            "tr",
            tag("th", tag("code", f"--{name}"), scope="row"),
            tag("td", _flag_value(value)),
            tag("td", _flag_value(FIELDS[name].default), class_="muted"),
        )
        for name, value in about.changed().items()
    ]
    classes = [labels.printable(name) for name in about.classes]
    more = ["..."] * (len(classes) > MOST_CLASSES)
    facts = {
        "directory": str(about.path),
        "data": about.data,
        "classes": ", ".join(classes[:MOST_CLASSES] + more),
        "seed": about.config["seed"],
        "step": f"{about.step:,} of {about.config['num_steps']:,}",
        "rollbacks": about.rollbacks or "",
        "verdicts": _verdicts(run),
        "worst class": about.shown("worst_class", 0) if "worst_class" in about.health else "",
        "best": about.best,
        "began from": about.began_from,
        "checkpoints": ", ".join(f"{step:,}" for step in about.steps),
        **about.made_with,
    }
    listed = [[tag("dt", name), tag("dd", value)] for name, value in facts.items() if value != ""]
    return tag(
        "article",
        tag("h3", charts.swatch(run.number), run.name, _badge(run)),
        tag(
            "div",
            tag("figure", _table(["flag", "value", "default"], flags), class_="table")
            if flags
            else tag("p", "Every flag has its default.", class_="note"),
            tag("dl", listed),
            class_="columns",
        ),
        id=_anchor(run)[1:],
    )


def _verdicts(run: Reported) -> str:
    """Returns where the verdict changed."""
    changes: list[str] = []
    before = None
    for row in run.summary.rows:
        verdict = row.get("verdict")
        if verdict and verdict != before:
            changes.append(f"{verdict} from step {int(row['step']):,}")
            before = verdict
    more = ["..."] * (len(changes) > MOST_CLASSES)
    return ", ".join(changes[:MOST_CLASSES] + more)


def _table(head: Sequence[Any], rows: Sequence[Markup]) -> Markup:
    """Returns a table with a line of names above its rows."""
    return tag(
        "table",
        tag("thead", tag("tr", [tag("th", name, scope="col") for name in head])),
        tag("tbody", rows),
    )


def _anchor(run: Reported) -> str:
    return f"#run-{run.number}"


def _link(run: Reported) -> Markup:
    return tag("a", run.name, href=_anchor(run))


def _flag_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or "''"


def _loss(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
