"""The verdict on a GAN: hand-made rows."""

import math

import pytest
import tensorflow as tf

from tfgan import build, losses
from tfgan.models import gan_health

HEALTHY = dict(d_real=0.6, d_fake=0.4, g_gradient_norm=1.0, d_gradient_norm=1.0) | dict(
    diversity=0.9, coverage=0.5, precision=0.7, spacing=0.9, g_loss=1.0, d_loss=1.2
)


def table(count=6, every=100, **columns):
    """Rows of a healthy run but for the given columns: a value, or one for each row."""
    return [
        HEALTHY
        | {"step": (i + 1) * every}
        | {name: v[i] if isinstance(v, list) else v for name, v in columns.items()}
        for i in range(count)
    ]


WON = dict(d_real=0.99, d_fake=0.01, coverage=0.0)
STARVED = dict(d_real=1.0, d_fake=1e-7, g_gradient_norm=1e-6, coverage=0.0) | dict(
    diversity=[0.18, 0.17, 0.12, 0.1, 0.08, 0.07]  # of an average that still moves
)
FEW_REAL = dict(precision=0.98, coverage=0.2, spacing=0.4)
FEW_HEAPS = dict(spacing=0.02, precision=0.0, coverage=0.0)
CONVERGED = dict(coverage=0.8, d_real=0.55, d_fake=0.45)
SCORES = dict(d_real=300.0, d_fake=-300.0)
GROWING = [2.0**i for i in range(4, 10)]
TABLES = [
    ("training", {}),
    ("generator collapsed", dict(diversity=0.025)),
    ("generator collapsed", dict(diversity=0.025, **WON)),
    ("generator collapsed", dict(diversity=[0.9, 0.9, 0.025, 0.025, 0.025, 0.025])),
    ("generator collapsed", dict(diversity=[0, 0, 1e-7, 1e-5, 1e-5, 1e-4])),  # rounding grows
    ("training", dict(diversity=[0.9, 0.9, 0.9, 0.025, 0.025, 0.025])),  # too short
    ("training", dict(diversity=[0.01, 0.012, 0.015, 0.02, 0.03, 0.04])),  # starts slowly
    ("training", dict(diversity=0.037)),  # small_images, grey for its first 450 steps
    ("generator collapsed", FEW_REAL),
    ("generator collapsed", FEW_HEAPS),
    ("training", FEW_REAL | dict(precision=[1.0, 1.0, 1.0, 1.0, 1.0, 0.9])),
    ("training", FEW_REAL | dict(precision=0.91, spacing=0.25)),  # InfoGAN's narrow classes
    ("training", FEW_REAL | dict(coverage=[0.4, 0.4, 0.2, 0.2, 0.2, 0.4])),
    ("training", FEW_REAL | dict(coverage=[0.1, 0.1, 0.1, 0.1, 0.1, 0.13])),  # it rises
    ("training", FEW_REAL | dict(spacing=0.6)),
    ("training", FEW_HEAPS | dict(spacing=[0.02, 0.02, 0.03, 0.04, 0.05, 0.06])),  # they widen
    ("training", FEW_HEAPS | dict(diversity=0.2)),
    ("discriminator won", WON),
    ("discriminator won", WON | dict(coverage=[0.3, 0.29, 0.28, 0.27, 0.26, 0.25])),
    ("training", WON | dict(coverage=[0, 0, 0, 0.01, 0.02, 0.04])),  # the generator learns
    ("training", WON | dict(diversity=[0.5, 0.4, 0.5, 0.4, 0.5, 0.4])),  # it moves
    ("training", WON | dict(coverage=0.5)),
    ("training", WON | dict(d_fake=0.6)),
    ("discriminator won", STARVED),
    ("training", STARVED | dict(g_gradient_norm=[1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-4])),
    ("training", STARVED | dict(d_fake=0.02)),
    ("training", STARVED | dict(coverage=0.5)),
    ("discriminator dead", dict(d_real=0.5, d_fake=0.5, d_gradient_norm=0.0)),
    ("discriminator dead", CONVERGED | dict(d_real=0.5, d_fake=0.5, d_gradient_norm=0.0)),
    ("training", dict(d_real=0.5, d_fake=0.5, d_gradient_norm=0.01)),
    ("training", dict(d_real=0.9, d_fake=0.1, d_gradient_norm=0.0)),
    ("diverging", dict(g_loss=60.0)),
    ("diverging", dict(d_loss=60.0, diversity=0.0)),
    ("diverging", dict(g_loss=[1, 1, 1, 1, 1, math.nan])),
    ("diverging", dict(d_gradient_norm=[1, 1, 1, 1, 1, math.inf])),
    ("training", dict(g_loss=[60, 60, 60, 60, 60, 40])),
    ("training", dict(g_loss=[1, 1, 1, 60, 60, 60])),
    ("converged", CONVERGED),
    ("converged", CONVERGED | dict(coverage=[0.5, 0.8, 0.8, 0.8, 0.8, 0.8])),
    ("training", CONVERGED | dict(coverage=[0.8, 0.5, 0.8, 0.8, 0.8, 0.8][::-1])),
    ("training", CONVERGED | dict(coverage=[0.5, 0.5, 0.8, 0.8, 0.8, 0.8])),  # too short
    ("training", CONVERGED | dict(diversity=0.7)),
    ("training", CONVERGED | dict(diversity=1.3)),
    ("training", CONVERGED | dict(d_real=0.65)),
    ("training", CONVERGED | dict(d_fake=0.35)),
]


@pytest.mark.parametrize(("expected", "columns"), TABLES)
def test_a_verdict_on_hand_made_rows(expected, columns):
    assert expected in gan_health.VERDICTS
    rows = table(**columns)
    assert gan_health.verdict(rows, True) == expected
    assert gan_health.verdict(rows[-5:], True) == expected  # earlier rows change nothing


@pytest.mark.parametrize("columns", [FEW_REAL, FEW_HEAPS])
def test_rows_of_older_runs_do_not_show_few_modes(columns):
    rows = [
        {name: x for name, x in row.items() if name not in ("precision", "spacing")}
        for row in table(**columns)
    ]
    assert gan_health.verdict(rows, True) == "training"


@pytest.mark.parametrize(
    ("expected", "columns"),
    [
        ("training", SCORES),
        ("training", SCORES | dict(coverage=0.0)),  # a good discriminator is asked for
        ("converged", SCORES | dict(coverage=0.8)),
        ("generator collapsed", SCORES | dict(diversity=0.01)),
        ("discriminator dead", dict(d_real=3.0, d_fake=3.0, d_gradient_norm=0.0)),
        ("diverging", dict(d_real=GROWING)),
        ("diverging", dict(d_fake=GROWING)),
        ("training", dict(g_loss=[-x for x in GROWING])),  # the origin wanders
        ("diverging", dict(d_loss=GROWING)),
        ("training", dict(g_loss=600.0)),  # scores have no origin
        ("training", dict(g_loss=[x / 300 for x in GROWING], d_loss=0.0)),
    ],
)
def test_a_verdict_on_scores(expected, columns):
    assert gan_health.verdict(table(**columns), False) == expected


def test_a_model_judges_by_its_objective(small_config):
    for name, objective in losses.OBJECTIVES.items():
        model = build.build_model(small_config(objective=name), {"real": tf.TensorSpec([2])})
        won = "discriminator won" if objective.is_probabilistic else "training"
        assert model.verdict(table(**WON)) == won


@pytest.mark.parametrize(("every", "first"), [(10, 20), (50, 4), (70, 3), (150, 3), (1000, 3)])
def test_no_verdict_before_the_window_is_full(every, first):
    """Four looks, and 200 steps between the first and the last of them."""
    rows = table(first + 1, every, diversity=0.0)
    found = [gan_health.verdict(rows[:count], True) for count in range(first + 2)]
    assert found == ["training"] * (first + 1) + ["generator collapsed"]
