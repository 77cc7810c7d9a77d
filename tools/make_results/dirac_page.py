"""The page of the Dirac-GANs, and their phase portraits as one picture."""

import hashlib
import io
import json
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tools.make_results.dirac import (
    OBJECTIVES,
    ORDERS,
    PENALTIES,
    REACH,
    STARTS,
    WEIGHT,
)
from tools.make_results.pages import machine, table
from tools.make_results.record import Outcome, Record, Trial

COLORS = {"simultaneous": "tab:orange", "alternating": "tab:blue"}
PANEL_INCHES, DOTS_PER_INCH, NUM_COLORS = 1.1, 100, 32
PITCH = 2.2 * REACH
"""From the middle of one panel to that of the next."""

FRAME = (
    [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)],
    [(-1, 0), (1, 0)],
    [(0, -1), (0, 1)],
)
"""Of a panel from -1 to 1: its edge, and the lines through (0, 0)."""

DIGEST = "Record"
"""The picture's text with this keyword says of which outcomes it is."""

TEMPLATE = Path(__file__).with_name("dirac.template.md")


def page(record: Record, trials: Sequence[Trial]) -> str:
    """Returns the page as Markdown: what the record has of some trials."""
    fields = trials[0].fields
    return TEMPLATE.read_text().format(
        rate=fields["learning_rate"],
        num_steps=fields["num_steps"],
        starts=" and ".join(f"({theta:g}, {psi:g})" for theta, psi in STARTS),
        weight=WEIGHT,
        theta=STARTS[0][0],
        psi=STARTS[0][1],
        radius=float(np.hypot(*STARTS[0])),
        eigenvalues=_cells(record, trials, lambda found: eigenvalues(found["eigenvalues"])),
        machine=machine(record.about),
        **{
            order: _cells(record, trials, lambda found, k=f"radius_{order}": radius(found[k]))
            for order in ORDERS
        },
    )


def _cells(record: Record, trials: Sequence[Trial], write: Callable[[Outcome], str]) -> str:
    """Returns a table: an objective a row, a penalty a column."""
    lines = [["objective", *PENALTIES]]
    by_place = {(trial.row, trial.column): record.outcome(trial) for trial in trials}
    for objective in OBJECTIVES:
        cells = [by_place.get((objective, column)) for column in PENALTIES]
        lines.append([objective, *("" if found is None else write(found) for found in cells)])
    return "\n".join(table(lines))


def eigenvalues(found: list[list[float]] | None) -> str:
    """Writes two eigenvalues: "a ± bi" of a pair, "a, b" of two real ones."""
    if found is None:
        return "-"
    (first, of_first), (second, of_second) = found
    if of_first or of_second:
        real = f"{first:.3f} " if first else ""
        return f"{real}± {of_second:.3f}i"
    return f"{first:.3f}, {second:.3f}" if first != second else f"{first:.3f} twice"


def radius(found: float | None) -> str:
    """Writes a distance."""
    return "gone" if found is None else f"{found:.3f}" if found < 100 else f"{found:.1e}"


def digest(record: Record, trials: Sequence[Trial]) -> str:
    """Returns a SHA-256 of the trajectories that the picture shows."""
    shown = [(trial.key, _paths(record, trial)) for trial in trials]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _paths(record: Record, trial: Trial) -> dict[str, list[list[int]]]:
    found = record.outcome(trial)
    return {} if found is None else {order: found[order] for order in ORDERS}


def centre(trial: Trial) -> np.ndarray:
    """Returns where (0, 0) of a trial's panel is: objectives go down, penalties to the right."""
    place = list(PENALTIES).index(trial.column), -OBJECTIVES.index(trial.row)
    return PITCH * np.array(place, np.float64)


def figure(record: Record, trials: Sequence[Trial]) -> Figure:
    """Draws the phase portraits, all in one system of axes: 96 of them take ten times as long."""
    num_columns, num_rows = len(PENALTIES), len(OBJECTIVES)
    made = Figure((PANEL_INCHES * (num_columns + 1), PANEL_INCHES * (num_rows + 0.6)))
    FigureCanvasAgg(made)
    axes = made.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(-1.45 * PITCH, (num_columns - 0.45) * PITCH)
    axes.set_ylim((0.45 - num_rows) * PITCH, 1.05 * PITCH)
    frames: list[np.ndarray] = []
    for trial in trials:
        middle = centre(trial)
        frames += [middle + REACH * np.array(line) for line in FRAME]
        for order, paths in _paths(record, trial).items():
            for i, path in enumerate(paths):
                points = middle + np.reshape(path, [-1, 2]) / 100.0
                axes.plot(
                    *points.T,
                    color=COLORS[order],
                    linewidth=0.7,
                    marker=".",
                    markersize=3,
                    markevery=[-1],
                    gid=f"{trial.key}/{order}/{i}",
                )
    axes.add_collection(LineCollection(frames, colors="0.8", linewidths=0.6, zorder=0))
    for i, row in enumerate(OBJECTIVES):
        axes.text(-0.55 * PITCH, -i * PITCH, _label(row), fontsize=7, ha="right", va="center")
    for i, column in enumerate(PENALTIES):
        axes.text(i * PITCH, 0.55 * PITCH, _label(column), fontsize=7, ha="center")
    return made


def _label(name: str) -> str:
    return textwrap.fill(name.replace("_", " "), 12)


def picture(record: Record, trials: Sequence[Trial]) -> bytes:
    """Returns the picture as a PNG, which names the `digest` that it is of and no date."""
    drawn, content = io.BytesIO(), io.BytesIO()
    figure(record, trials).savefig(drawn, format="png", dpi=DOTS_PER_INCH)
    about = PngInfo()
    about.add_text(DIGEST, digest(record, trials))
    few = Image.open(drawn).convert("RGB").quantize(NUM_COLORS)
    few.save(content, format="png", optimize=True, pnginfo=about)
    return content.getvalue()
