"""The table of Dirac-GANs: its page and its picture say what its record says."""

import hashlib
import io
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfgan.losses import OBJECTIVES
from tfgan.penalties import PENALTIES
from tools.make_results import __main__ as command
from tools.make_results import dirac, dirac_page
from tools.make_results.record import Record, Trial

RESULTS = Path(__file__).parents[2] / "tools" / "results"


@pytest.fixture
def record():
    return Record(RESULTS / "dirac.json")


def test_every_objective_and_every_penalty_is_there(record):
    known = dirac.trials(record)
    assert {trial.row for trial in known} == set(OBJECTIVES)
    assert set(dirac.PENALTIES) == {"none", "r1 + r2", *PENALTIES}
    assert record.missing(known) == [] == record.about["missing"]


def test_the_picture_is_of_the_trajectories_of_the_record(record):
    known = dirac.trials(record)
    with Image.open(RESULTS / "dirac.png") as image:
        assert image.text == {dirac_page.DIGEST: dirac_page.digest(record, known)}
    drawn = {line.get_gid(): line for line in dirac_page.figure(record, known).axes[0].lines}
    assert len(drawn) == sum(len(dirac.STARTS) * len(dirac.ORDERS) for _ in known)
    for trial in known:
        for order in dirac.ORDERS:
            for i, path in enumerate(record.outcome(trial)[order]):
                line = drawn[f"{trial.key}/{order}/{i}"]
                points = line.get_xydata() - dirac_page.centre(trial)
                assert np.rint(100 * points).astype(int).reshape(-1).tolist() == path
                assert line.get_color() == dirac_page.COLORS[order]
    record.outcomes["dirac/hinge/r1/0"]["alternating"][0][3] += 1
    with Image.open(RESULTS / "dirac.png") as image:
        assert image.text != {dirac_page.DIGEST: dirac_page.digest(record, known)}


def test_the_same_record_makes_the_same_bytes(record):
    known = dirac.trials(record)
    first, second = (dirac_page.picture(record, known) for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    with Image.open(io.BytesIO(first)) as image:
        assert set(image.info) <= {dirac_page.DIGEST, "dpi"}, "no date, no version"


@pytest.mark.parametrize("row", ["minimax", "least_squares"])
def test_what_is_measured_now_is_what_the_record_says(row, record, monkeypatch):
    monkeypatch.setattr("tfgan.core.runtime.configure", lambda *threads: None)
    trial = next(t for t in dirac.trials(record) if (t.row, t.column) == (row, "r1 + r2"))
    found, known = dict(dirac.measure(trial)), dict(record.outcome(trial))
    del known["processor_seconds"]
    assert found.keys() == known.keys()
    for name in ("radius_simultaneous", "radius_alternating", "eigenvalues"):
        np.testing.assert_allclose(found[name], known[name], rtol=1e-5, atol=1e-9)
    for order in dirac.ORDERS:
        ends = [path[-2:] for path in found[order]]
        np.testing.assert_allclose(ends, [path[-2:] for path in known[order]], atol=1)


def test_a_trajectory_ends_where_it_leaves_the_picture():
    path = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 0.5], [1.9, 0.0], [0.0, 0.0]])
    assert dirac.thinned(path) == [0, 0, 100, 50]
    assert dirac.thinned(np.array([[1.0, 0.0], [math.nan, 0.0]])) == [100, 0]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "-"),
        ([[0.0, -0.5], [0.0, 0.5]], "± 0.500i"),
        ([[-0.15, -0.4], [-0.15, 0.4]], "-0.150 ± 0.400i"),
        ([[-0.3, 0.0], [0.0, 0.0]], "-0.300, 0.000"),
        ([[0.0, 0.0], [0.0, 0.0]], "0.000 twice"),
    ],
)
def test_eigenvalues_are_written_as_they_are_read(found, said):
    assert dirac_page.eigenvalues(found) == said


def test_the_command_makes_page_and_picture(tmp_path):
    flags = {name: flag.default for name, flag in command.EXTRA.items()}
    asked = dict(tables="dirac", out_dir=str(tmp_path), num_steps=2, most=1)
    command.main(**(flags | asked))
    made = Record(tmp_path / "dirac.json")
    assert list(made.outcomes) == ["dirac/minimax/none/0"]
    assert "**95 runs are still missing**" in (tmp_path / "dirac.md").read_text()
    assert (tmp_path / "dirac.png").read_bytes().startswith(b"\x89PNG")
    assert isinstance(dirac.trials(made, 2)[0], Trial)
