"""Two commands on one directory at once, the first one stopped at a random call of its own."""

import random
from collections import Counter
from pathlib import Path

from tools import interleavings
from tools.sweep.trials import Sweep, need


class Meetings(Sweep):
    """A trial is one meeting of one pair. `python -m tools.interleavings` tries every point."""

    title = "meetings of two commands in one directory, the first one stopped at a system call"
    promise = "each finishes or is refused in one line; the same bytes in the end"
    workers = 2

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._meetings: dict[str, interleavings.Meeting] = {}

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Stops the first command of a pair, and lets the second one run."""
        pair = draw.choice(list(interleavings.PAIRS))
        if pair not in self._meetings:
            place = self.folder / pair.replace(",", "-")
            self._meetings[pair] = interleavings.Meeting(place, pair)
        meeting = self._meetings[pair]
        number = draw.randrange(len(meeting.points))
        ended = meeting.meet(number)
        need(not ended.problem, pair, "behind", meeting.points[number].text, ended.problem)
        outcomes[f"{pair}: {interleavings.ENDS[bool(ended.first), bool(ended.second)]}"] += 1
        outcomes["strace stopped it elsewhere"] += ended.is_missed
