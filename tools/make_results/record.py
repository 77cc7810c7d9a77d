"""The record of a table: what came of each trial, in one JSON file that is always whole."""

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan.core import files
from tfgan.core.checks import InputError

LONGEST_SHOWN = 60
"""Letters of a value that a line of the log shows."""

Outcome = Mapping[str, Any]
"""What a trial measured, by name: integers, finite floats, texts, None, or lists of these."""


class Trial(NamedTuple):
    """One run: a function of its fields and its seed."""

    part: str
    """Of the table, such as "screen"."""

    row: str
    """What the table calls it."""

    column: str
    """The data set."""

    fields: Mapping[str, Any]
    """Of `Config`, without data and seed."""

    seed: int

    @property
    def place(self) -> str:
        """Where it stands in the table; all seeds stand there."""
        return "/".join((self.part, self.row, self.column))

    @property
    def slug(self) -> str:
        """Row and seed as the name of a file."""
        row = self.row.replace(", ", "_").replace(" ", "_").replace("'", "")
        return f"{row}_{self.seed}"

    @property
    def key(self) -> str:
        """Its name."""
        return f"{self.place}/{self.seed}"


def by_seed(
    part: str,
    column: str,
    rows: Mapping[str, Mapping[str, Any]],
    seeds: Iterable[int],
    num_steps: int = 0,
) -> list[Trial]:
    """Returns a trial of each row and seed: the first seed of all rows, then the others.

    Args:
      part, column: of the table.
      rows: fields by row.
      seeds: of the trials.
      num_steps: of every run, for a rehearsal; 0: as many as its fields say.
    """
    short = {"num_steps": num_steps} if num_steps else {}
    return [
        Trial(part, row, column, dict(fields) | short, seed)
        for seed in seeds
        for row, fields in rows.items()
    ]


class Record:
    """What has been measured so far.

    Args:
      path: of the file; what it holds already counts.

    Raises:
      InputError: the file is no record.
    """

    def __init__(self, path: Path):
        self.path = path
        self.about: dict[str, Any] = {}
        self.fields: dict[str, dict[str, Any]] = {}  # by place
        self.outcomes: dict[str, dict[str, Any]] = {}  # by key
        if path.exists():
            try:
                content = json.loads(path.read_text())
                self.about, self.fields, self.outcomes = (
                    dict(content[name]) for name in ("about", "fields", "outcomes")
                )
            except (ValueError, TypeError, LookupError) as error:
                raise InputError(
                    f"{path} is not the record of a table ({error}): move it away."
                ) from None

    def outcome(self, trial: Trial) -> Outcome | None:
        """Returns what a trial measured; None: it has not been made, or with other fields."""
        if self.fields.get(trial.place) != dict(trial.fields):
            return None
        return self.outcomes.get(trial.key)

    def known(self, trials: Iterable[Trial]) -> list[Outcome]:
        """Returns what is known of some trials, in their order."""
        return [outcome for outcome in map(self.outcome, trials) if outcome is not None]

    def missing(self, trials: Sequence[Trial]) -> list[Trial]:
        """Returns those of some trials that are still to be made."""
        return [trial for trial in trials if self.outcome(trial) is None]

    def add(self, trial: Trial, outcome: Outcome) -> None:
        """Adds what a trial measured, and writes the file.

        What was measured at its place with other fields is no longer true, and goes.
        """
        if self.fields.get(trial.place) != dict(trial.fields):
            stale = [key for key in self.outcomes if key.rpartition("/")[0] == trial.place]
            for key in stale:
                del self.outcomes[key]
            self.fields[trial.place] = dict(trial.fields)
        self.outcomes[trial.key] = {name: _rounded(value) for name, value in outcome.items()}
        self.write()

    def finish(self, trials: Sequence[Trial], about: Mapping[str, Any]) -> None:
        """Orders all as the table has it, drops what it has no more, and says what is missing."""
        there = [trial for trial in trials if self.outcome(trial) is not None]
        self.fields = {trial.place: dict(trial.fields) for trial in there}
        self.outcomes = {trial.key: self.outcomes[trial.key] for trial in there}
        self.about = dict(about) | {"missing": [trial.key for trial in self.missing(trials)]}
        self.write()

    def write(self) -> None:
        """Writes the file, all or nothing: one trial a line, so that a change can be read."""
        parts = (_lines(part) for part in (self.about, self.fields, self.outcomes))
        text = '{{"about": {},\n"fields": {},\n"outcomes": {}}}\n'.format(*parts)
        files.write(self.path, text.encode())


def _lines(content: Mapping[str, Any]) -> str:
    """Returns JSON with one entry a line."""
    return (
        "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in content.items()) + "\n}"
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def machine() -> dict[str, Any]:
    """Returns where and by what a record was made."""
    from tfgan.core import runtime
    from tfgan.runs import provenance

    fingerprint = runtime.fingerprint()
    return {
        "commit": provenance.commit(),
        "processor": fingerprint["processor"],
        "cores": os.cpu_count(),
        "versions": runtime.versions() | {"tensorflow": fingerprint["tensorflow"].split()[0]},
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def shown(outcome: Outcome) -> str:
    """Returns an outcome on one line, for the log; without lists and pictures, which are long."""
    short = {
        name: value
        for name, value in outcome.items()
        if not (isinstance(value, list) or len(str(value)) > LONGEST_SHOWN)
    }
    numbers = ((k, f"{v:.4g}" if isinstance(v, float) else v) for k, v in short.items())
    return " ".join(f"{name} {value}" for name, value in numbers)
