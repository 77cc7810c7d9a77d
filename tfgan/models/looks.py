"""How far back the verdict on a run looks."""

from collections.abc import Mapping, Sequence

Rows = Sequence[Mapping[str, float]]
"""Rows of one run's health with their steps and losses, oldest first."""

NUM_LOOKS = 4
WINDOW_STEPS = 200
"""A failure has to show in a window of looks that reaches back 200 steps and holds 4 looks at
least: a healthy run may pass through any state, but does not stay that long. Three looks 100 steps
apart have stood still by chance."""


def window(rows: Rows) -> Rows:
    """Returns the last looks, `NUM_LOOKS` or more over `WINDOW_STEPS` or more; none before that."""
    for start in range(len(rows) - NUM_LOOKS, -1, -1):
        if rows[-1]["step"] - rows[start]["step"] >= WINDOW_STEPS:
            return rows[start:]
    return []
