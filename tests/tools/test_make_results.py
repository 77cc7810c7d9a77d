"""Tables of results: they go on after a kill, and their pages say what the records say."""

import dataclasses
import importlib
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.losses import OBJECTIVES
from tfgan.penalties import PENALTIES
from tools.make_results import __main__ as command
from tools.make_results import mnist, pages, ring_grid, ring_grid_page, running, trials
from tools.make_results.record import Record, Trial

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tools" / "results"
THREADS = os.cpu_count() or 1
TRIAL = Trial("screen", "a row", "ring", {"num_steps": 3}, 0)


def main(folder, **values):
    flags = {name: flag.default for name, flag in command.EXTRA.items()} | {"tables": "ring_grid"}
    command.main(**(flags | {"out_dir": str(folder)} | values))


def measured(path):
    """Returns the outcomes of a record, without what the clock says."""
    outcomes = Record(path).outcomes
    clocks = ("seconds", "processor_seconds")
    return {
        key: {name: value for name, value in outcome.items() if name not in clocks}
        for key, outcome in outcomes.items()
    }


def test_a_killed_command_goes_on_and_a_seed_gives_the_same_numbers(tmp_path, capfd):
    path = tmp_path / "killed" / "ring_grid.json"
    arguments = [
        "--tables=ring_grid",
        f"--out_dir={path.parent}",
        "--num_steps=3",
        "--most=3",
        "--workers=1",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.make_results", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("1 screen/"):
            break
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    before = measured(path)
    assert 1 <= len(before) < 3
    path.with_name("ring_grid.json.tmp").write_text("half of a rec")  # as a kill may leave it

    main(path.parent, num_steps=3, most=3 - len(before))
    after = measured(path)
    assert len(after) == 3
    assert before.items() <= after.items()
    assert f"{3 - len(before)} runs to make" in capfd.readouterr().out

    main(tmp_path / "again", num_steps=3, most=2)
    assert measured(tmp_path / "again" / "ring_grid.json").items() <= after.items()
    about = Record(path).about
    assert len(about["missing"]) == len(ring_grid.trials(Record(path), 3)) - 3
    assert f"**{len(about['missing'])} runs are still missing**" in (
        (path.parent / "objectives.md").read_text()
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tables": "rings"}, "rings"),
        ({"workers": 0}, "--workers must be at least 1"),
        ({"num_steps": 3, "out_dir": command.OUT_DIR}, "is a rehearsal"),
    ],
)
def test_bad_flags_write_nothing(values, message, tmp_path):
    with pytest.raises(InputError, match=message):
        main(tmp_path / "new", **values)
    assert not (tmp_path / "new").exists()


def test_what_is_no_record_stays_as_it_is(tmp_path):
    for text in ("{", "[]", '{"about": {}}'):
        (tmp_path / "ring_grid.json").write_text(text)
        with pytest.raises(InputError, match="is not the record of a table"):
            main(tmp_path, num_steps=3, most=1)
        assert (tmp_path / "ring_grid.json").read_text() == text


def raises(trial):
    raise ValueError(f"no {trial.row}")


def dies(trial):
    signal.raise_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    ("measure", "message"), [(raises, "ValueError: no a row"), (dies, "its process died")]
)
def test_a_trial_without_an_outcome_is_named(measure, message):
    with pytest.raises(trials.TrialError, match=f"screen/a row/ring/0: {message}"):
        list(trials.made(measure, [TRIAL], 1))


def test_other_fields_make_a_trial_anew(tmp_path):
    record = Record(tmp_path / "x.json")
    second = TRIAL._replace(seed=1)
    record.add(TRIAL, {"modes": 8, "good_share": 0.1 + 0.2})
    record.add(second, {"modes": 7})
    record = Record(tmp_path / "x.json")
    assert record.outcome(TRIAL) == {"modes": 8, "good_share": 0.3}
    changed = TRIAL._replace(fields={"num_steps": 4})
    assert record.missing([TRIAL, second, changed]) == [changed]
    record.add(changed, {"modes": 6})
    assert record.missing([TRIAL, second, changed]) == [TRIAL, second]
    record.finish([changed], {})
    assert Record(tmp_path / "x.json").outcomes == {"screen/a row/ring/0": {"modes": 6}}


# The table of objectives and penalties.


def fake(trial, **values):
    found = dict(modes=8, good_share=0.9, reverse_kl=0.01, reverse_kl_of_all=0.02, spread=1.0)
    found |= dict(shared_mass=0.8, steps=10, diverged_at=None, processor_seconds=1.5)
    return found | values


def test_the_screen_has_every_objective_and_every_penalty():
    assert set(ring_grid.ALONE) == set(OBJECTIVES)
    weighted = [penalty.partition(":")[0] for penalty in ring_grid.PENALTIES if "," not in penalty]
    assert set(weighted) == set(PENALTIES)
    for fields in [*ring_grid.screen_rows().values(), ring_grid.DOCUMENTS]:
        Config(**fields)
    assert all(fields["num_steps"] <= 40_000 for fields in ring_grid.TUNED_FIELDS.values())


def test_the_documents_settings_are_those_of_its_recipe():
    from tfgan.cli import flags

    recipe = flags.parse(["--recipe=document"])[0]
    ours = Config(**ring_grid.DOCUMENTS)
    differing = {
        field.name
        for field in dataclasses.fields(Config)
        if getattr(recipe, field.name) != getattr(ours, field.name)
    }
    differing -= {"data", "sample_every_steps", "hidden_size", "hidden_layers", "latent_size"}
    assert differing <= {"batch_size", "num_steps"}


def test_the_best_of_the_screen_are_the_finalists(tmp_path, monkeypatch):
    monkeypatch.setattr(Record, "write", lambda self: None)
    record = Record(tmp_path / "x.json")
    known = ring_grid.trials(record)
    assert {trial.row for trial in known if trial.part == "final"} == {
        ring_grid.REAL,
        ring_grid.DOCUMENT,
        ring_grid.TUNED,
    }
    rows = list(ring_grid.screen_rows())
    best = rows[3 : 3 + ring_grid.NUM_FINALISTS]
    for trial in known:
        if trial.part == "screen":
            mass = 0.9 if trial.row in best else 0.1 + 0.8 * (trial.column == "ring")
            record.add(trial, fake(trial, shared_mass=mass))
    known = ring_grid.trials(record)
    finals = {trial.row for trial in known if trial.part == "final"}
    assert finals - {ring_grid.REAL, ring_grid.DOCUMENT, ring_grid.TUNED} == set(best)
    seeds = {}
    for trial in known:
        seeds.setdefault("screen" if trial.part == "screen" else trial.row, set()).add(trial.seed)
    screen, tuned = seeds.pop("screen"), seeds[ring_grid.TUNED]
    assert len(screen) == 3
    assert {len(of_row) for of_row in seeds.values()} == {10, len(tuned)}
    assert not screen & set().union(*seeds.values())  # the luck of the screen does not count twice
    assert tuned == set().union(*ring_grid.TUNED_SEEDS.values())


def test_means_and_standard_errors():
    assert pages.cell([1.0, 2.0, 6.0], pages.two) == "3.00 ± 1.53"
    # deviations -2, -1, 3: variance 14 / 2 = 7; sqrt(7 / 3) = 1.5275
    assert pages.mean_and_error([1.0, 2.0, 6.0, None])[1] == pytest.approx((7 / 3) ** 0.5)
    assert pages.cell([0.5], pages.percent) == "50.00"
    assert pages.cell([None], pages.one) == "-"
    assert math.isnan(pages.mean_and_error([])[0])


def test_what_counts_as_failed():
    for values, expected in [
        ({}, False),
        ({"modes": 7}, True),
        ({"good_share": 0.49}, True),
        ({"diverged_at": 17}, True),
    ]:
        assert ring_grid_page.failed(fake(None, **values), 8) is expected


def test_a_short_run_is_measured():
    fields = dict(hidden_size=4, hidden_layers=1, latent_size=2, batch_size=4, num_steps=20)
    lost = fields | dict(generator_learning_rate=1e38)
    asked = [
        Trial("screen", "x", "ring", fields, 0),
        Trial("screen", "lost", "ring", lost, 0),
        Trial("final", ring_grid.REAL, "grid", {}, 0),
    ]
    found = {trial.row: outcome for trial, outcome in trials.made(ring_grid.measure, asked, 2)}
    assert found["x"]["steps"] == 20
    assert found["x"]["diverged_at"] is None
    assert 0 < found["lost"]["diverged_at"] < 20
    assert found["lost"]["shared_mass"] == 0.0
    assert found[ring_grid.REAL]["modes"] == 25
    assert 0.98 < found[ring_grid.REAL]["good_share"] < 0.998


@pytest.mark.parametrize("name", command.TABLES)
def test_the_page_says_what_the_record_says(name):
    table = command.TABLES[name]
    runs, page = map(importlib.import_module, (table.runs, table.page))
    record = Record(RESULTS / f"{name}.json")
    known = runs.trials(record)
    assert page.page(record, known) == (RESULTS / table.page_file).read_text()
    assert [trial.key for trial in record.missing(known)] == record.about["missing"]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("ring_grid", "good_share"),
        ("dirac", "radius_alternating"),
        ("verdicts", "false_alarms"),
        ("collapse", "diversity"),
        ("vae_and_gan", "precision"),
        ("agreement", "losses"),
    ],
)
def test_the_page_changes_with_a_number_of_the_record(name, column):
    table = command.TABLES[name]
    runs, page = map(importlib.import_module, (table.runs, table.page))
    record = Record(RESULTS / f"{name}.json")
    known = runs.trials(record)
    before = page.page(record, known)
    outcome = next(o for o in record.known(known) if o.get(column) is not None)
    outcome[column] += 1
    assert page.page(record, known) != before


def test_the_record_is_one_trial_a_line():
    text = (RESULTS / "ring_grid.json").read_text()
    outcomes = json.loads(text)["outcomes"]
    assert sum(line.startswith('"screen/') and '"modes"' in line for line in text.splitlines()) == (
        sum(key.startswith("screen/") for key in outcomes)
    )


# Objectives and the VAE on MNIST.


def test_every_row_of_mnist_is_a_run_that_can_be(tmp_path):
    from tfgan.core import contradictions
    from tools.make_results import lucic

    source = {"real": tf.TensorSpec([28, 28, 1])}
    for trial in {t.row: t for t in mnist.trials(Record(tmp_path / "x.json"))}.values():
        config = Config(data="mnist", **trial.fields)
        contradictions.check(config)
        model = lucic.make(config, source)
        images = model.sample(model.inputs(2, "test"))
        assert images.shape == (2, 28, 28, 1)
        assert config.num_steps == 4687
    generator, _ = lucic.players(config, (28, 28, 1), 0)
    sizes = {v.name: v.shape.num_elements() for v in generator.trainable_variables}
    assert sum(n for name, n in sizes.items() if "kernel" in name) == (
        64 * 1024 + 1024 * 6272 + 16 * 128 * 64 + 16 * 64
    )


def test_the_time_of_a_run_is_that_of_all_of_it_or_none(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "RUNS", tmp_path)
    small = dict(data="ring", network="mlp", hidden_size=4, batch_size=4, num_threads=THREADS)
    config = Config(**small, num_steps=4)
    run, seconds = running.trained(config, "ring/a")
    assert run.checkpoint.step == 4
    assert seconds > 0
    run, seconds = running.trained(config, "ring/a")
    assert run.checkpoint.step == 4
    assert seconds is None
    rehearsal, _ = running.trained(dataclasses.replace(config, num_steps=2), "ring/a")
    assert rehearsal.path != run.path
