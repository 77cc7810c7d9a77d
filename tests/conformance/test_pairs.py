"""Every two values of the axes that combine by flags meet in a run of 3 steps, unless refused."""

import functools
import itertools
import math

import numpy as np
import pytest

from tests.conformance import entries, pairs
from tests.conformance.pairs import Rule
from tfgan import build, training
from tfgan.config import FIELDS, Config
from tfgan.core import contradictions
from tfgan.core.checks import InputError
from tfgan.losses import OBJECTIVES
from tfgan.networks import NETWORKS
from tfgan.nn.normalisation import NORMALISATIONS
from tfgan.optimizers import OPTIMIZERS
from tfgan.penalties import PENALTIES
from tfgan.runs.checkpoints import snapshot
from tfgan.schedules import SCHEDULES

MOST_RUNS = 130


def choices(field):
    return FIELDS[field].metadata["choices"]


AXES = {
    "objective": tuple(OBJECTIVES),
    "penalties": ("", *(f"{name}:0.1" for name in PENALTIES), "r1:5,r2:5"),
    "generator_norm": tuple(NORMALISATIONS),
    "discriminator_norm": tuple(NORMALISATIONS),
    "network": tuple(NETWORKS),
    "condition": choices("condition"),
    "augment": ("", "color", "translation", "cutout", "color,translation,cutout"),
    "data": ("colour", "rectangles", "points"),
    "optimizer": tuple(OPTIMIZERS),
    "learning_rate_schedule": tuple(SCHEDULES),
    "compute_dtype": choices("compute_dtype"),
    "latent_distribution": choices("latent_distribution"),
    "label_distribution": choices("label_distribution"),
    "update_order": choices("update_order"),
    "minibatch_stddev": (False, True),
    "attention_size": (0, 8),
    "num_codes": (0, 2),
    "pack": (1, 2),
    "penalty_every_steps": (1, 2),
    "penalty_target": (1.0, 0.0),
    "discriminator_steps": (1, 2),
    "label_smoothing": (0.0, 0.1),
    "weight_clip": (0.0, 0.5),
    "gradient_clip_norm": (0.0, 0.5),
    "average_decay": (0.0, 0.9),
    "warmup_steps": (0, 2),
    "discriminator_decay": (True, False),
    "momentum": (0.0, 0.5),
}

SIZES = dict(latent_size=4, hidden_size=10, hidden_layers=2, base_channels=4, batch_size=8)
SIZES |= dict(norm_groups=2, num_categories=3, decay_steps=4)

# Fields that change numbers and are no axis: sizes, rates, and what belongs to the data.
OTHERS = {"max_channels", "generator_learning_rate", "discriminator_learning_rate", "beta1"}
OTHERS |= {"beta2", "epsilon", "rho", "seed", "split", "image_size", "mirror", "background"}
OTHERS |= {"warm_start", "condition_weight", "evaluate_every_steps", "evaluate_metrics"}
OTHERS |= {"evaluate_extractor", "evaluate_num_samples"}
OTHERS |= {"binarise"}
OTHERS |= {"sync_batch_norm"}  # `tests/distribution`
OTHERS |= {"model_type", "likelihood", "likelihood_stddev"}  # a VAE's axes: `test_vae_flags.py`

SOURCES = {
    "colour": lambda classes: entries.images((8, 8, 3), classes),
    "rectangles": lambda classes: entries.images((8, 12, 1), classes),
    "points": lambda classes: entries.points(bool(classes)),
}


def all_but(axis, *values):
    return tuple(value for value in AXES[axis] if value not in values)


def with_part(part):
    """Returns the networks that have a part."""
    return {
        name
        for name, family in NETWORKS.items()
        for player in (family.Generator, family.Discriminator)
        if part in Config().options(player)
    }


PER_EXAMPLE = tuple(
    p for p in AXES["penalties"] if p.partition(":")[0] in contradictions.PER_EXAMPLE
)

UNTARGETED = tuple(
    p for p in AXES["penalties"] if p.partition(":")[0] not in contradictions.TARGETED
)

# What a build refuses: each combination of each line is tried. A new refusal is a new line.
RULES = (
    Rule(label_smoothing=(0.1,), objective=all_but("objective", *contradictions.SMOOTHED)),
    Rule(penalty_every_steps=(2,), penalties=("",)),
    Rule(discriminator_decay=(False,), learning_rate_schedule=("constant",)),
    Rule(discriminator_norm=("batch",), penalties=PER_EXAMPLE),
    Rule(discriminator_norm=("conditional_batch",)),
    Rule(generator_norm=("conditional_batch",), condition=("none",)),
    Rule(pack=(2,), condition=all_but("condition", "none")),
    Rule(label_distribution=("uniform",), condition=("none", "information")),
    Rule(penalty_target=(0.0,), penalties=UNTARGETED),
    # These follow from the others, and are said so that no search has to find them out.
    Rule(label_distribution=("uniform",), pack=(2,)),
    Rule(label_distribution=("uniform",), num_codes=(2,)),
    Rule(penalty_target=(0.0,), discriminator_norm=("batch",)),
    Rule(num_codes=(2,), condition=all_but("condition", "information")),
    Rule(data=("points",), augment=all_but("augment", "")),
    Rule(data=("points",), network=("dcgan", "resnet", "r3gan")),
    *(
        Rule(
            **{part: all_but(part, FIELDS[part].default)},
            network=all_but("network", *with_part(part)),
        )
        for part in build.PARTS
        if part in AXES and all_but("network", *with_part(part))
    ),
)

# Not refused, and in no row: these objectives say how large logits may be, and an untrained resnet,
# which adds up all places of its last map, is beyond that where no spectral norm holds it, or where
# colours leave [-1, 1]; and gradient descent takes it there.
EXPONENTIAL = ("kullback_leibler", "reverse_kullback_leibler", "squared_hellinger")
OUT_OF_RANGE = tuple(
    Rule(objective=EXPONENTIAL, network=("resnet",), **{axis: all_but(axis, *inside)})
    for axis, inside in {
        "discriminator_norm": ("spectral",),
        "augment": ("", "translation", "cutout"),
        "optimizer": ("adam", "rmsprop", "adagrad"),
    }.items()
)


def make(row):
    """Builds what a row describes: (model, source)."""
    fields = {name: value for name, value in row.items() if name != "data"} | SIZES
    if row["attention_size"] and row["network"] == "dcgan":  # whose one feature map here is of 4
        fields["attention_size"] = 4
    if row["network"] == "resnet":  # whose first logits are the larger, the fewer these are
        fields["base_channels"] = 16
    if row["learning_rate_schedule"] == "constant":
        del fields["decay_steps"]
    if row["condition"] != "information":
        del fields["num_categories"]
    if "group" not in (row["generator_norm"], row["discriminator_norm"]):
        del fields["norm_groups"]
    config = Config(**fields)
    source = SOURCES[row["data"]](3 if config.with_labels else 0)
    return build.build_model(config, source.specs), source


PLAIN = {axis: values[0] for axis, values in AXES.items()} | {"network": "mlp"}
"""What is accepted: its values go with most others."""


@functools.cache
def array():
    return pairs.Array(AXES, (*RULES, *OUT_OF_RANGE))


def test_every_field_that_changes_numbers_is_an_axis_or_said_to_be_none():
    changing = {name for name, field in FIELDS.items() if field.metadata["changes_numbers"]}
    assert changing == AXES.keys() | SIZES.keys() | OTHERS


def test_the_rows_cover_every_pair_that_can_be():
    found = array()
    met = {
        pair
        for row in found.rows
        for pair in itertools.combinations([(axis, row[axis]) for axis in AXES], 2)
    }
    assert met | set(found.excused) == set(found.pairs())
    assert not met & set(found.excused)
    assert len(found.rows) <= MOST_RUNS
    assert not any(rule.forbids(row) for rule in RULES for row in found.rows)


def test_what_is_excused_is_refused_by_the_build():
    """Each rule beside values that go with everything; and so each pair that two rules exclude."""
    make(PLAIN)
    cases = [case for rule in RULES for case in rule.cases()]
    for case in [*cases, *(dict(pair) for pair in array().excused)]:
        with pytest.raises(InputError) as refused:
            make(PLAIN | case)
        assert "\n" not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(MOST_RUNS))
def test_three_steps_are_finite(number):
    if number >= len(array().rows):
        pytest.skip("the pairs need no more rows")
    row = array().rows[number]
    model, source = make(row)
    losses = training.make_loop(model, source)(0, 3)
    assert all(np.isfinite(values).all() for values in losses.values()), row
    for name, value in snapshot(model.state()).items():
        assert np.isfinite(value.astype(np.float64)).all(), (name, row)


def test_the_first_rows_are_run_in_the_default_tests():
    """Of each part of the array a run without a graph: the slow tests have the others."""
    for row in array().rows[:3]:
        model, source = make(row)
        losses = model.iteration(np.int64(0), source)
        assert all(math.isfinite(value) for value in losses.values()), row


def test_of_a_toy_every_pair_is_found_and_what_cannot_be_is_excused():
    axes = {"a": (0, 1, 2), "b": (0, 1), "c": (0, 1), "d": (0, 1)}
    # b and c are alike, c and d are: so b and d cannot differ, though no rule says so.
    rules = [Rule(b=(x,), c=(1 - x,)) for x in (0, 1)] + [Rule(c=(x,), d=(1 - x,)) for x in (0, 1)]
    found = pairs.Array(axes, rules)
    expected = {((p, x), (q, 1 - x)) for p, q in ("bc", "cd", "bd") for x in (0, 1)}
    assert set(found.excused) == expected
    assert len(found.rows) == 6
