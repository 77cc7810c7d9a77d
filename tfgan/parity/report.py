"""What a comparison saw: a row for each tensor, the verdict in a line, the distance as a plot."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tfgan.core.checks import InputError

Window = int | str

PICTURE_SUFFIXES = (".jpg", ".pdf", ".png", ".svg")
"""What `plot` can write, by the ending of the file's name."""


@dataclasses.dataclass
class Row:
    """What was seen of one tensor (or loss) over all steps and windows."""

    name: str
    size: int
    """Elements in the tensor."""

    compared: int = 0
    """How often it was compared."""

    max_ulps: int = 0
    """Largest distance in units in the last place."""

    first_step: int | None = None
    """First step, from 1, at which it was seen to differ."""


class Difference(NamedTuple):
    """The first difference: it arose in one of the steps `since` to `step`."""

    step: int
    """The step at which it was seen, from 1."""

    since: int
    """The step after the tensor's last comparison: weights are compared at a window's end only."""

    name: str
    window: Window


class Report:
    """The outcome of a comparison.

    Args:
      num_steps: iterations to compare.
      windows: length of the calls of each port, or names of other ways in which it ran.
      unit: what a step is called.
    """

    def __init__(self, num_steps: int, windows: Sequence[Window], unit: str = "step"):
        self.num_steps, self.windows, self.unit = num_steps, list(windows), unit
        self.rows: dict[str, Row] = {}
        self.ulps = {window: [0] * num_steps for window in windows}  # the largest at each step
        self.first: Difference | None = None
        self._compared: dict[
            tuple[Window, str], int
        ] = {}  # (window, name) -> the last step at which they were compared

    @property
    def equal(self) -> bool:
        """Whether every bit of every comparison agreed."""
        return self.first is None

    def add(
        self, step: int, window: Window, name: str, session: np.ndarray, port: np.ndarray
    ) -> None:
        """Compares one tensor by its bytes, so that 0.0 and -0.0 differ.

        Args:
          step: from 1, not decreasing for one name and window.
          window: of the port.
          name: of the tensor or loss.
          session: what the session has, any shape and dtype.
          port: what the port has.

        Raises:
          InputError: they differ in shape or dtype.
        """
        if (session.shape, session.dtype) != (port.shape, port.dtype):
            raise InputError(
                f"{name} is {session.dtype} {list(session.shape)} in the session, but "
                f"{port.dtype} {list(port.shape)} in the port."
            )
        row = self.rows.setdefault(name, Row(name, session.size))
        row.compared += 1
        since = self._compared.get((window, name), 0) + 1
        self._compared[window, name] = step
        if session.tobytes() == port.tobytes():
            return
        distance = ulps(session, port)
        row.max_ulps = max(row.max_ulps, distance)
        self.ulps[window][step - 1] = max(self.ulps[window][step - 1], distance)
        if row.first_step is None or step < row.first_step:
            row.first_step = step
        if self.first is None or step < self.first.step:
            self.first = Difference(step, since, name, window)

    def markdown(self) -> str:
        """Returns the table and the verdict as Markdown."""
        return "\n".join([*self.table(), "", self.verdict()])

    def table(self, differing: bool = False) -> list[str]:
        """Returns the table as lines of Markdown.

        Args:
          differing: leave out what does not differ, where a difference was seen.
        """
        rows = [r for r in self.rows.values() if not differing or r.first_step is not None]
        return [
            "| tensor | elements | comparisons | largest distance (ulp) | first differing "
            f"{self.unit} |",
            "|---|---:|---:|---:|---:|",
            *(
                f"| {r.name} | {r.size} | {r.compared} | {r.max_ulps} | {r.first_step or '-'} |"
                for r in rows
            ),
        ]

    def verdict(self) -> str:
        """Returns one line: equal, or where the first difference was seen."""
        scope = f"{self.num_steps} {self.unit}s, {len(self.rows)} tensors"
        if lengths := ", ".join(str(w) for w in self.windows if isinstance(w, int)):
            scope += f", windows of {lengths}"
        if self.first is None:
            return f"EQUAL: 0 differing bits. {scope}."
        step, since, name, window = self.first
        where = f"{self.unit}s {since} to {step}"
        where = f"at {self.unit} {step}" if since == step else f"in {where}"
        worst = max(row.max_ulps for row in self.rows.values())
        differing = sum(row.first_step is not None for row in self.rows.values())
        return (
            f"DIFFERENT: first {where}, in {name} ({_label(window)}); "
            f"{differing} tensors differ, by up to {worst} ulp. {scope}."
        )


def ulps(a: np.ndarray, b: np.ndarray) -> int:
    """Returns the largest distance of two arrays, in units in the last place.

    This is the number of representable values from one to the other; 0.0 and -0.0 are one apart,
    since their bits differ.

    Args:
      a: floating point or integers, any shape; 0 where it is empty.
      b: the same shape and dtype.
    """
    if not a.size:
        return 0
    rank_a, rank_b = _rank(a), _rank(b)
    # Unsigned numbers have no negative difference, and the largest one of float64 fits in them.
    return int((np.maximum(rank_a, rank_b) - np.minimum(rank_a, rank_b)).max())


def picture_suffix(path: Path) -> str:
    """Returns the ending of the name of a picture that `plot` can write.

    Raises:
      InputError: it is not one of `PICTURE_SUFFIXES`.
    """
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        known = ", ".join(PICTURE_SUFFIXES)
        raise InputError(f"{path} is not the name of a picture: it must end in one of {known}.")
    return suffix


def plot(report: Report, path: Path) -> None:
    """Plots the largest distance of any tensor at each step, one line per window.

    Raises:
      InputError: `path` does not end as a picture's name does.
    """
    suffix = picture_suffix(path)
    figure = Figure(figsize=(8, 3))  # without pyplot: a notebook's own backend stays as it is
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for window, distances in report.ulps.items():
        axes.plot(range(1, report.num_steps + 1), distances, label=_label(window))
    axes.set(xlabel=report.unit, ylabel="largest distance (ulp)", title=report.verdict()[:60])
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(bottom=-0.1)
    axes.legend()
    figure.savefig(path, format=suffix[1:], dpi=100, bbox_inches="tight")


def _label(window: Window) -> str:
    return f"window {window}" if isinstance(window, int) else window


def _rank(x: np.ndarray) -> np.ndarray:
    """Maps numbers to unsigned integers in their order, neighbours to neighbours."""
    if x.dtype.kind in "iub":
        return np.ascontiguousarray(x.astype(np.int64)).view(np.uint64) ^ np.uint64(1 << 63)
    unsigned = np.dtype(f"u{x.dtype.itemsize}")
    bits = np.ascontiguousarray(x).view(unsigned)
    sign = unsigned.type(1 << (8 * x.dtype.itemsize - 1))
    return np.where(bits & sign, ~bits, bits | sign)
