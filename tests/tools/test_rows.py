"""What tables share: a row of each name with its means, and what stands in the place of samples."""

import os

import numpy as np
import pytest

from tfgan.data import preparation
from tfgan.evaluation import classifier
from tools.make_results import book_grid, pages, parzen, ring_grid, running, stacked
from tools.make_results.record import Record, Trial

THREADS = os.cpu_count() or 1


@pytest.fixture
def record(tmp_path):
    return Record(tmp_path / "x.json")


def known(record):
    found = [Trial("part", row, "ring", {"num_steps": 3}, seed) for row in "ab" for seed in (0, 1)]
    for trial, value in zip(found, (1.0, 3.0, 5.0), strict=False):
        record.add(trial, {"modes": value, "modes_real": 8.0, "share": 0.5})
    return found


def test_a_row_has_its_seeds_and_means_and_the_last_one_the_floor(record):
    writes = {"modes": pages.one, "share": pages.percent, "none_has_it": pages.two}
    trials = known(record)
    assert pages.by_row(record, trials, ["a", "b", "c"], writes, first="row", floor="real") == [
        ["row", "seeds", "modes", "share", "none has it"],
        ["a", "2", "2.0 ± 1.0", "50.00 ± 0.00", "-"],
        ["b", "1", "5.0", "50.00", "-"],
        ["c", "0", "-", "-", "-"],
        ["real", "", "8.0", "-", "-"],
    ]
    assert len(pages.by_row(record, trials, ["a"], writes)) == 2


def test_a_floor_that_differs_by_the_seed_has_its_error(record):
    trials = known(record)
    record.add(trials[1], {"modes": 3.0, "modes_real": 6.0})
    lines = pages.by_row(record, trials, ["a"], {"modes": pages.one}, floor="real")
    assert lines[-1] == ["real", "", "7.0 ± 1.0"]


def test_a_last_column_has_each_seed_s_own_number(record):
    trials = known(record)
    writes = {"modes": pages.one, "share": pages.percent}
    lines = pages.by_row(record, trials, ["a", "c"], writes, floor="real", each="modes")
    assert [line[-1] for line in lines] == ["modes, each seed", "1.0, 3.0", "-", ""]
    assert {len(line) for line in lines} == {5}, "each line has every column"


def test_centroids_are_means_of_images_and_fewer_where_there_are_few(monkeypatch):
    monkeypatch.setattr(parzen, "NUM_SAMPLES", 2)
    dark = np.float32([[[0.0]], [[0.2]]]) - 0.9
    light = np.float32([[[0.0]], [[0.2]]]) + 0.5
    found = parzen.centroids(np.concatenate([dark, light]))
    assert found.dtype == np.float32
    dark_mean, light_mean = np.sort(found.ravel())  # of batches, so not to the last digit
    assert -0.9 <= dark_mean <= -0.7
    assert 0.5 <= light_mean <= 0.7
    monkeypatch.setattr(parzen, "NUM_SAMPLES", 9)
    assert parzen.centroids(dark).shape == (2, 1, 1)


def test_given_images_stand_in_the_place_of_samples():
    images = np.arange(10.0, dtype=np.float32).reshape(5, 2)
    assert [part.tolist() for part in parzen.Fixed(images).chunks(1, 3)] == [images[1:4].tolist()]


def test_the_book_s_networks_stay_as_they_are_with_classes():
    """25 of its 64 inputs are a class: no weight more in the generator."""
    for fields in book_grid.ROWS.values():
        classes = fields.get("num_categories", 0) if "condition" in fields else 0
        assert fields["latent_size"] + classes == 64
        assert (fields["hidden_size"], fields["hidden_layers"]) == (256, 2)
        assert fields["num_steps"] == 20_000


def test_settings_are_tuned_within_the_budget_and_on_other_seeds():
    for column, seeds in ring_grid.TUNED_SEEDS.items():
        assert len(seeds) == 10
        assert not set(seeds) & set(ring_grid.TUNED_ON[column])


def test_every_row_of_stacked_digits_is_one_protocol(record):
    for trial in stacked.trials(record):
        assert set(stacked.COMMON) <= set(trial.fields)
        assert trial.fields["data"] == "stacked_mnist"


@pytest.mark.slow
@pytest.mark.skipif(
    "TFGAN_MNIST_DIR" not in os.environ,
    reason="TFGAN_MNIST_DIR is not set to the directory of the official files of mnist",
)
def test_a_short_run_on_stacked_mnist_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(classifier, "MOST_STEPS", 20)
    monkeypatch.setattr(running, "RUNS", tmp_path)
    monkeypatch.setattr(stacked, "NUM_SAMPLES", 500)
    preparation.prepare("mnist", str(tmp_path), from_files=os.environ["TFGAN_MNIST_DIR"])
    first = stacked.trials(Record(tmp_path / "x.json"), num_steps=2)[0]
    small = dict(data_dir=str(tmp_path), base_channels=2, num_threads=THREADS)
    found = stacked.measure(first._replace(fields={**first.fields, **small}))
    assert found["steps"] == 2
    assert 1 <= found["modes_covered"] < found["modes_covered_real"] <= 500
    assert 0 < found["reverse_kl_real"] < found["reverse_kl"]
