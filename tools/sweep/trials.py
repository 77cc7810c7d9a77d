"""What a sweep is: trials of one kind, each drawn from its own random numbers."""

import random
from collections import Counter
from pathlib import Path


class Broken(Exception):  # noqa: N818 (what it says of a promise)
    """A promise did not hold: in words."""


def need(holds: object, *what: object) -> None:
    """Checks a promise.

    Raises:
      Broken: it does not hold; the message is `what`.
    """
    if not holds:
        raise Broken(" ".join(map(str, what)))


class Sweep:
    """Trials of one kind.

    Args:
      folder: an empty directory of its own.
    """

    title = ""
    """What is counted, in the words of a table: "random flag files"."""

    promise = ""
    """What holds if no trial fails."""

    workers = 1
    """How many trials go on at once, each in a sweep of its own."""

    def __init__(self, folder: Path):
        self.folder = folder

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Makes one trial, and counts in `outcomes` what it saw.

        Raises:
          Broken: a promise did not hold. Any other exception is a failure too.
        """
        raise NotImplementedError

    def finish(self, outcomes: Counter) -> None:
        """Brings to its end what the last trials have left open."""
