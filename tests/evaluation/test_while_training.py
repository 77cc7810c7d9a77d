"""Evaluations of a run while it trains: their place in its rows, and the best checkpoint."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation import toy_inception
from tests.survival.rig import everything
from tfgan import build, train
from tfgan.config import Config
from tfgan.core import contradictions
from tfgan.core.checks import InputError, StorageError
from tfgan.evaluation import examples, extractors, measuring, while_training
from tfgan.runs import best, floors, summary
from tfgan.runs.logs import read_table
from tfgan.runs.trained import TrainedRun

FIELDS = dict(
    **dict(data="digits", network="mlp", hidden_size=8, latent_size=4, seed=2),
    **dict(num_threads=os.cpu_count() or 1, log_every_steps=5, evaluate_every_steps=10),
    **dict(evaluate_num_samples=100, keep_best="precision", keep_checkpoints=1),
    checkpoint_every_steps=15,
)


def trained(path, num_steps, **fields):
    train.main(Config(**FIELDS | dict(num_steps=num_steps) | fields), str(path), "", False, False)
    return path


def test_some_rows_of_health_have_an_evaluation(tmp_path):
    table = read_table(trained(tmp_path / "run", 40) / "health.csv")
    columns = [f"{name}_pixels_100" for name in ("frechet_distance", "precision", "recall")]
    assert list(table)[-3:] == columns
    for name in columns:
        np.testing.assert_array_equal(np.isfinite(table[name]), table["step"] % 10 == 0)


def test_a_run_that_was_stopped_has_the_evaluations_of_one_that_was_not(tmp_path):
    whole = trained(tmp_path / "whole", 40)
    for stop in (10, 25):
        path = tmp_path / f"stopped_{stop}"
        trained(path, stop)
        trained(path, 40)
        for name in ("health.csv", "losses.csv", "floors.json"):
            assert (path / name).read_bytes() == (whole / name).read_bytes(), (stop, name)
        assert TrainedRun(str(path)).steps == TrainedRun(str(whole)).steps
        states = [TrainedRun(str(each)).checkpoint.read() for each in (path, whole)]
        one, other = ({name: x.tobytes() for name, x in state.items()} for state in states)
        assert one == other


def test_the_floors_are_those_of_tfgan_evaluate_and_stand_with_the_best_number(tmp_path):
    path = trained(tmp_path / "run", 20)
    source = build.build_source(Config(**FIELDS))
    rows = measuring.Evaluation(
        measuring.Reference(source), [extractors.Pixels(source)], while_training.USUAL, 100
    ).measure(examples.Real(source))
    expected = {f"{row.metric}_pixels_100": row.floor for row in rows}
    assert floors.read(path) == expected
    floor = expected["precision_pixels_100"]
    assert summary.read(str(path)).best.endswith(f" at step 10, floor {floor:.2f}")


@pytest.mark.parametrize("fields", [dict(data="digits"), dict(data="ring")])
def test_the_floors_are_measured_once(fields, monkeypatch):
    model, source = build.build(Config(**FIELDS | fields | dict(keep_best="")))
    evaluator = while_training.make(Config(**FIELDS | fields | dict(keep_best="")), model, source)
    looked_at = []
    chunks = examples.Real.chunks
    monkeypatch.setattr(
        examples.Real, "chunks", lambda *given: looked_at.append(given) or chunks(*given)
    )
    assert evaluator.floors == {}
    first = evaluator.measure()
    assert evaluator.floors.keys() == first.keys()
    assert len(looked_at) == 1, "the examples that stand in the place of samples"
    assert evaluator.measure() == first
    assert len(looked_at) == 1


def test_floors_that_lie_there_are_not_written_again_and_damaged_ones_are(tmp_path):
    floors.write(tmp_path, {})
    assert floors.read(tmp_path) == {}
    assert not list(tmp_path.iterdir())
    floors.write(tmp_path, {"recall_pixels_100": 0.25})
    path = tmp_path / "floors.json"
    before = path.stat().st_ino
    floors.write(tmp_path, {"recall_pixels_100": 0.25})
    assert path.stat().st_ino == before
    for text in ("", "[1]", '{"a": NaN}', '{"a": true}', '{"a": "1"}', "[" * 100_000):
        path.write_text(text)
        with pytest.raises(StorageError, match="is not as it was written: .*; remove it: the next"):
            floors.read(tmp_path)
    floors.write(tmp_path, {"recall_pixels_100": 0.25})
    assert floors.read(tmp_path) == {"recall_pixels_100": 0.25}


def test_an_evaluation_moves_nothing(tmp_path):
    evaluated = trained(tmp_path / "evaluated", 20)
    plain = trained(tmp_path / "plain", 20, evaluate_every_steps=0, keep_best="")
    assert (evaluated / "losses.csv").read_bytes() == (plain / "losses.csv").read_bytes()


@pytest.mark.parametrize("keep_best", ["recall", "recall_pixels_100"])
def test_the_best_checkpoint_stays_and_the_others_go(keep_best, tmp_path):
    path = trained(tmp_path / "run", 60, keep_best=keep_best)
    table = read_table(path / "health.csv")
    recall = table["recall_pixels_100"]
    best_step = int(table["step"][np.nanargmax(recall)])
    assert np.nanargmax(recall) == np.flatnonzero(recall == np.nanmax(recall))[0], "the first one"
    assert TrainedRun(str(path)).steps == sorted({best_step, 60})
    assert summary.read(str(path)).best.startswith("recall_pixels_100 ")
    assert f" at step {best_step}, " in summary.read(str(path)).best


def test_another_metric_may_decide_what_is_kept(tmp_path):
    path = trained(tmp_path / "run", 20)
    longer = Config(**FIELDS | dict(num_steps=40, keep_best="frechet_distance"))
    train.main(longer, str(path), "", True, False)
    whole = trained(tmp_path / "whole", 40)
    for name in ("health.csv", "losses.csv"):
        assert (path / name).read_bytes() == (whole / name).read_bytes()


def test_the_best_step_follows_the_direction_of_the_metric():
    rows = [
        {"step": 5},
        {"step": 10, "precision_pixels_100": 0.5, "frechet_distance_pixels_100": 3.0},
        {"step": 20, "precision_pixels_100": 0.9, "frechet_distance_pixels_100": 4.0},
        {"step": 30, "precision_pixels_100": 0.9, "frechet_distance_pixels_100": 2.0},
    ]
    names = list(rows[1])
    for metric, expected in (("precision", 20), ("frechet_distance", 30)):
        column = f"{metric}_pixels_100"
        assert best.column_of(metric, names) == best.column_of(column, names) == column
        assert best.best_step(rows, column) == expected
    assert best.best_step(rows[:1], "precision_pixels_100") is None
    assert best.column_of("precision_pixels_1000", names) == ""


def test_a_column_of_health_says_what_was_measured():
    assert best.evaluated("coverage_random_filters_5000") == ("coverage", "random_filters", 5000)
    name = "sliced_wasserstein_distance_classifier_cd1e88a1_898"
    assert best.evaluated(name) == ("sliced_wasserstein_distance", "classifier_cd1e88a1", 898)
    health = ["step", "diversity", "coverage", "coverage_by_class", "coverage_worst_class"]
    assert not any(map(best.evaluated, health))
    assert best.column_of("coverage", [*health, "coverage_pixels_100"]) == "coverage_pixels_100"
    assert best.column_of("coverage", health) == best.column_of("", ["coverage_pixels_1"]) == ""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (dict(evaluate_every_steps=15, log_every_steps=10), "no multiple of log_every_steps=10"),
        (dict(evaluate_every_steps=0, keep_best="recall"), "keep_best=recall needs evaluations"),
        (dict(evaluate_extractor="inception"), "give --evaluate_inception=NAME.pb"),
        (dict(evaluate_inception="x.pb"), "evaluate_extractor='' has no use for it: give --eval"),
        (
            dict(evaluate_inception="x.pb", evaluate_extractor="pixels"),
            "evaluate_extractor=pixels has no use for it: give --evaluate_extractor=inception, or",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(fields, said):
    with pytest.raises(InputError, match=said):
        contradictions.check(Config(**FIELDS | fields))


def test_what_is_kept_has_to_be_measured(tmp_path):
    with pytest.raises(InputError, match="keep_best=density is not among the metrics"):
        trained(tmp_path / "run", 10, keep_best="density")
    with pytest.raises(InputError, match="is no column of this run's .* give one of frechet_dis"):
        trained(tmp_path / "run", 10, keep_best="recall_pixels_1000")
    assert not (tmp_path / "run").exists()


def test_too_few_samples_for_a_metric_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="frechet_distance of width 64 needs 65 samples or more"):
        trained(tmp_path / "run", 10, evaluate_num_samples=60)
    assert not (tmp_path / "run").exists()


def test_inception_measures_while_training_and_its_file_may_move(tmp_path):
    """Columns bear its digest: another file is another run."""
    asked = dict(evaluate_extractor="inception", evaluate_metrics="precision")
    file = toy_inception.write(tmp_path / "a.pb")
    whole = trained(tmp_path / "whole", 20, **asked, evaluate_inception=file)
    table = read_table(whole / "health.csv")
    name = extractors.make(["inception"], build.build_source(Config(**FIELDS)), file)[0].name
    assert list(table)[-1] == f"precision_{name}_100"
    assert np.isfinite(table[f"precision_{name}_100"][1::2]).all()
    path = trained(tmp_path / "run", 10, **asked, evaluate_inception=file)
    moved = Path(file).rename(tmp_path / "b.pb")
    other = toy_inception.write(tmp_path / "a.pb", weights=-toy_inception.WEIGHTS)
    longer = FIELDS | asked | dict(num_steps=20)
    before = everything(path)
    with pytest.raises(InputError, match=f"was evaluated as precision_{name}_100, and now it"):
        train.main(Config(**longer, evaluate_inception=other), str(path), "", True, True)
    assert everything(path) == before
    train.main(Config(**longer, evaluate_inception=str(moved)), str(path), "", True, False)
    for name in ("health.csv", "losses.csv"):
        assert (path / name).read_bytes() == (whole / name).read_bytes()


def test_another_evaluation_is_another_run(tmp_path):
    trained(tmp_path / "run", 10)
    with pytest.raises(InputError, match="has --evaluate_num_samples=100, got 90: this is another"):
        trained(tmp_path / "run", 20, evaluate_num_samples=90)
