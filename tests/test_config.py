"""Config: what its fields declare, and records of earlier versions."""

import dataclasses
import json
from pathlib import Path

import pytest

from tfgan import config as configs
from tfgan.config import FIELDS, UNCHANGED, Config
from tfgan.core.checks import InputError
from tfgan.settings import data, evaluation, model, networks, objective, optimizers, replicas, run

OLD_RUN = Path(__file__).parent / "survival/data/run_0_1_0"
OLD = json.loads((OLD_RUN / "run.json").read_text())["config"]


def test_every_field_is_in_the_oldest_record_or_says_what_reproduces_it():
    """A field without `before` that is newer than the first record would orphan every old run."""
    missing = {n for n, f in FIELDS.items() if f.metadata["before"] is UNCHANGED} - OLD.keys()
    assert not missing
    kept = {n: v for n, v in OLD.items() if n not in configs.REPLACED}
    assert Config.from_record(OLD).to_dict().items() >= kept.items()


def test_every_field_declares_its_group():
    groups = {
        room.GROUP
        for room in (*(data, evaluation, model, networks, objective, optimizers, replicas, run),)
    }
    assert {field.metadata["group"] for field in FIELDS.values()} == groups


def add_field(monkeypatch, name, default, before):
    """Adds a field to Config's table, as a later version would."""
    field = dataclasses.field(default=default, metadata={"before": before})
    monkeypatch.setitem(FIELDS, name, field)


def test_an_old_record_is_filled_with_what_reproduces_it_not_with_the_default(monkeypatch):
    add_field(monkeypatch, "novelty", 0.5, before=0.0)
    assert configs.recorded_fields(OLD)["novelty"] == 0.0


def test_a_field_that_says_nothing_of_old_runs_is_refused_there(monkeypatch):
    add_field(monkeypatch, "novelty", 0.5, before=UNCHANGED)
    with pytest.raises(InputError, match="the record has no field 'novelty'"):
        configs.recorded_fields(OLD)


def test_a_renamed_and_a_removed_field_have_one_place(monkeypatch):
    record = {n: v for n, v in OLD.items() if n != "beta1"} | {"decay_1": 0.25, "gone": 0}
    monkeypatch.setitem(configs.RENAMED, "decay_1", "beta1")
    monkeypatch.setitem(configs.REMOVED, "gone", 0)
    assert Config.from_record(record).beta1 == 0.25
    with pytest.raises(InputError, match="--gone is no more; 1 cannot be reproduced"):
        Config.from_record(record | {"gone": 1})


def test_batch_norm_was_of_both_players_of_a_dcgan_alone():
    for record, norm in (
        (dict(network="dcgan", batch_norm=True), "batch"),
        (dict(network="dcgan", batch_norm=False), "none"),
        (dict(network="mlp", batch_norm=True), "none"),  # which took no notice of it
    ):
        config = Config.from_record(OLD | record)
        assert (config.generator_norm, config.discriminator_norm) == (norm, norm)
    for value in (1, "true", None, []):
        with pytest.raises(InputError, match="batch_norm must be bool, got "):
            Config.from_record(OLD | {"batch_norm": value})


def test_a_later_record_is_refused():
    with pytest.raises(InputError, match="unknown field 'novelty': the record is of a later"):
        Config.from_record(OLD | {"novelty": 1})


def test_a_constructor_declares_its_options_by_its_parameters():
    def constructor(weights, learning_rate, *, beta1, seed, name="x"):
        pass

    assert Config(beta1=0.1, seed=3).options(constructor) == {"beta1": 0.1, "seed": 3}


def test_each_rollback_has_a_seed_that_no_config_can_name():
    config = Config(seed=FIELDS["seed"].metadata["maximum"])
    seeds = {config.training_seed(n) for n in range(5)} | {
        Config().training_seed(n) for n in (0, 1)
    }
    assert len(seeds) == 7
    assert config.training_seed(0) == config.seed
    assert Config().training_seed(1) > FIELDS["seed"].metadata["maximum"]
