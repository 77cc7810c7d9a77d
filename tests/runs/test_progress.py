"""What a run says where there is no terminal."""

import numpy as np
import pytest

from tfgan.runs import progress


class Model:
    """Has nothing to derive and nothing to show."""

    headline: dict[str, str] = {}

    def derived(self, losses):
        return {}


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_first_line_comes_soon_and_then_one_a_minute(clock, capsys):
    shown = progress.Progress(num_steps=1000, step=0, model=Model())
    for second in range(1, 200):
        clock[0] = 1000.0 + second
        shown.show(second, {"loss": np.array([1.0])}, {}, "")
    lines = capsys.readouterr().out.splitlines()
    first = int(progress.FIRST_SECONDS)
    assert first < 10
    assert [line.split()[1] for line in lines] == [
        f"{second}/1000" for second in range(first, 200, int(progress.SECONDS))
    ]
    assert lines[0] == f"step {first}/1000 loss 1.0000 1.0 steps/s ETA 16:35"


def test_what_was_measured_counts_as_a_line(clock, capsys):
    shown = progress.Progress(num_steps=1000, step=0, model=Model())
    clock[0] += progress.FIRST_SECONDS - 1
    row = dict.fromkeys(progress.DISTANCES, 0.5)
    shown.show(10, {"loss": np.array([1.0])}, row, "training")
    clock[0] += 2
    shown.show(20, {"loss": np.array([1.0])}, {}, "")
    assert len(capsys.readouterr().out.splitlines()) == 1
