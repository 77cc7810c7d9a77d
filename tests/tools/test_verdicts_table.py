"""The table of verdicts on healthy runs: every recipe is in it, and none was called sick."""

from pathlib import Path

import pytest

from tfgan.core import runtime
from tfgan.models import gan_health
from tools.make_results import verdicts
from tools.make_results.record import Record

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tools" / "results"


@pytest.fixture
def record():
    return Record(RESULTS / "verdicts.json")


def test_every_recipe_is_in_the_table():
    names = {path.stem for path in (ROOT / "tfgan/recipes").glob("*.flags")}
    assert set(verdicts.RECIPES) == names - {"cifar10"}


def test_no_recipe_was_called_sick(record):
    assert sum(outcome["false_alarms"] for outcome in record.outcomes.values()) == 0


def test_a_trial_counts_what_is_said(monkeypatch):
    monkeypatch.setattr(runtime, "configure", lambda num_threads: None)  # of the whole process
    trial = next(t for t in verdicts.trials(Record(Path("none"))) if t.row == "ring")
    trial = trial._replace(fields={"num_steps": 300})
    found = verdicts.measure(trial)
    assert (found["looks"], found["false_alarms"], found["alarms"]) == (6, 0, [])
    for name in ("COLLAPSED_DIVERSITY", "COLLAPSED_GROWTH"):
        monkeypatch.setattr(gan_health, name, 99.0)
    again = verdicts.measure(trial)
    # The window is full at the fifth look; every second look fills none.
    assert (again["false_alarms"], again["alarms"]) == (2, ["generator collapsed"])
    assert again["coverage"] == found["coverage"]
