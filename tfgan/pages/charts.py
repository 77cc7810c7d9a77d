"""Curves as SVG inside a page: axes, a legend, and the numbers of a step where a pointer rests."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfgan.pages.markup import Markup, tag
from tfgan.runs.pictures import thinned

WIDTH, HEIGHT = 460, 220
LEFT, RIGHT, TOP, BOTTOM = 54, 10, 18, 26
"""Of a chart and of the margins around its curves, in pixels."""

NUM_STRIPS = 48
"""Of a chart: each says the numbers of its step."""

NUM_MEANS = 160
"""Points of the line of a curve that has many more: means, before a pale curve of all peaks."""

NUM_COLOURS, NUM_DASHES = 7, 4
"""Of style.css. Lines that have the same colour differ in their dashes."""

LARGEST = 1e150
"""Larger numbers lie at the edge: arithmetic with them would overflow."""


class Line(NamedTuple):
    """A curve."""

    name: str
    steps: np.ndarray
    """Increasing, [N]."""

    values: np.ndarray
    """[N]; those that are not finite are left out."""

    style: int
    """Of the line: its colour and its dashes."""


def style_of(number: int) -> str:
    """Returns the classes of a style: a colour, and dashes once the colours are used up."""
    return f"c{number % NUM_COLOURS} d{number // NUM_COLOURS % NUM_DASHES}"


def swatch(number: int) -> Markup:
    """Returns a short line of a style, for legends."""
    path = tag("path", d="M1 5H25", class_=f"line {style_of(number)}")
    return tag("svg", path, class_="swatch", viewBox="0 0 26 10", aria_hidden="true")


def legend(names: Sequence[tuple[str, int]]) -> Markup:
    """Returns what the styles of lines stand for."""
    return tag("p", [tag("span", swatch(n), name) for name, n in names], class_="legend")


def chart(
    title: str,
    lines: Sequence[Line],
    *,
    unit: str = "",
    about: Sequence[str] = (),
    floor: float | None = None,
    has_legend: bool = False,
) -> Markup:
    """Returns a figure with curves over the steps.

    Args:
      title: of the figure.
      lines: the curves; one without a finite point is left out.
      unit: of the values.
      about: what the values are, in lines.
      floor: a value to compare with, drawn across.
      has_legend: whether the figure says which line is which.
    """
    lines = [line for line in map(_finite, lines) if len(line.steps)]
    if not lines:
        return Markup("")
    steps = np.concatenate([line.steps for line in lines])
    values = np.concatenate([line.values for line in lines] + [[floor]] * (floor is not None))
    x = _Axis(*_range(steps.min(), steps.max()), LEFT, WIDTH - RIGHT)
    y = _Axis(*_range(values.min(), values.max(), 0.06), HEIGHT - BOTTOM, TOP)
    drawn = [_grid(x, y, unit)]
    if floor is not None:
        at = y.place(floor)
        drawn.append(tag("path", d=f"M{LEFT} {at:.1f}H{WIDTH - RIGHT}", class_="floor"))
    drawn += [_drawn(line, x, y) for line in lines]
    drawn.append(_strips(lines, x, unit, floor))
    names = [(line.name, line.style) for line in lines]
    caption = [tag("b", title), [tag("span", line, class_="about") for line in about]]
    return tag(
        "figure",
        tag("figcaption", caption, legend(names) if has_legend else ""),
        tag("svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=title),
        class_="chart",
    )


def number(value: float) -> str:
    """Returns a number with what of it may be read: five digits."""
    return f"{value:,.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:.5g}"


def ticks(low: float, high: float, most: int) -> list[float]:
    """Returns round numbers in a range: up to `most` + 1, and `most` / 2 or more."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    width = next(w * power for w in (1, 2, 2.5, 5, 10) if w * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / width - 1e-9), math.floor(high / width + 1e-9)
    return [k * width for k in range(first, last + 1)]


class _Axis(NamedTuple):
    """Maps values of a range to pixels."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value):
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _range(low: float, high: float, margin: float = 0.0) -> tuple[float, float]:
    """Returns a range that is no point; it begins at 0 where that is near."""
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        room = abs(high) / 2 or 0.5
        return low - room, high + room
    room = margin * (high - low)
    if margin and 0 <= low < 0.4 * high:
        return 0.0, high + room
    return low - room, high + room


def _finite(line: Line) -> Line:
    is_kept = np.isfinite(line.values) & np.isfinite(line.steps)
    values = np.clip(line.values[is_kept], -LARGEST, LARGEST)
    return line._replace(steps=line.steps[is_kept], values=values)


def _grid(x: _Axis, y: _Axis, unit: str) -> Markup:
    """Returns both axes: lines across, round numbers beside them, what they count."""
    drawn = []
    for value in ticks(y.low, y.high, 5):
        at = y.place(value)
        drawn.append(tag("path", d=f"M{LEFT} {at:.1f}H{WIDTH - RIGHT}", class_="grid"))
        label = number(value if abs(value) > 1e-12 * (y.high - y.low) else 0.0)
        drawn.append(tag("text", label, x=LEFT - 6, y=f"{at + 3.5:.1f}", class_="y"))
    bottom = HEIGHT - BOTTOM
    for value in ticks(x.low, x.high, 6):
        at = x.place(value)
        if value != round(value):  # there are no half steps
            continue
        drawn.append(tag("path", d=f"M{at:.1f} {bottom}v4", class_="axis"))
        if at < WIDTH - RIGHT - 50:  # where the word stands
            drawn.append(tag("text", f"{value:,.0f}", x=f"{at:.1f}", y=bottom + 16, class_="x"))
    drawn.append(tag("path", d=f"M{LEFT} {bottom}H{WIDTH - RIGHT}", class_="axis"))
    drawn.append(tag("text", "step", x=WIDTH - RIGHT, y=bottom + 16, class_="y"))
    if unit:
        drawn.append(tag("text", unit, x=LEFT, y=TOP - 7, class_="unit"))
    return tag("g", drawn)


def _drawn(line: Line, x: _Axis, y: _Axis) -> Markup:
    style = style_of(line.style)
    drawn = []
    steps, values = line.steps, line.values
    if len(steps) > 2 * NUM_MEANS:
        peaks = _path(*thinned(steps, values, WIDTH - LEFT - RIGHT), x, y)
        drawn.append(tag("path", d=peaks, class_=f"peaks c{line.style % NUM_COLOURS}"))
        starts = np.arange(0, len(steps), -(-len(steps) // NUM_MEANS))
        counts = np.diff([*starts, len(steps)])
        steps = np.add.reduceat(steps, starts) / counts
        values = np.add.reduceat(values / counts.max(), starts) * (counts.max() / counts)
    drawn.append(tag("path", d=_path(steps, values, x, y), class_=f"line {style}"))
    if len(steps) <= NUM_STRIPS:
        dots = [
            tag("circle", cx=f"{a:.1f}", cy=f"{b:.1f}", r=2.2)
            for a, b in zip(x.place(steps), y.place(values), strict=True)
        ]
        drawn.append(tag("g", dots, class_=f"dots {style}"))
    return tag("g", drawn)


def _path(steps: np.ndarray, values: np.ndarray, x: _Axis, y: _Axis) -> str:
    points = zip(x.place(steps), y.place(values), strict=True)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points)


def _strips(lines: Sequence[Line], x: _Axis, unit: str, floor: float | None) -> Markup:
    """Returns strips that nobody sees and that say, under a pointer, the numbers of a step."""
    at = np.unique(np.concatenate([line.steps for line in lines]))
    if len(at) > NUM_STRIPS:
        even = np.linspace(at[0], at[-1], NUM_STRIPS)
        at = np.unique(at[np.searchsorted(at, even).clip(0, len(at) - 1)])
    places = x.place(at)
    edges = np.concatenate([[LEFT], (places[1:] + places[:-1]) / 2, [WIDTH - RIGHT]])
    nearest = [np.searchsorted(line.steps, at).clip(0, len(line.steps) - 1) for line in lines]
    strips = []
    for i, step in enumerate(at):
        told = [f"step {step:,.0f}"]
        for line, found in zip(lines, nearest, strict=True):
            j = found[i]
            there = "" if line.steps[j] == step else f" (step {line.steps[j]:,.0f})"
            told.append(f"{line.name}: {number(line.values[j])} {unit}".rstrip() + there)
        if floor is not None:
            told.append(f"floor: {number(floor)}")
        strips.append(
            tag(
                "rect",
                tag("title", "\n".join(told)),
                x=f"{edges[i]:.1f}",
                y=TOP,
                width=f"{edges[i + 1] - edges[i]:.1f}",
                height=HEIGHT - TOP - BOTTOM,
            )
        )
    return tag("g", strips, class_="strips")
