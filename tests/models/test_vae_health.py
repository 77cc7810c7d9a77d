"""The verdict on a VAE: tables of made-up looks, and two short runs."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build
from tfgan.models import vae_health
from tfgan.run import Run


def table(kl, loss=None, every=100):
    loss = [100.0] * len(kl) if loss is None else loss
    return [
        {"step": every * (i + 1), "negative_elbo": loss[i], "kl": kl[i]} for i in range(len(kl))
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (table([]), "training"),
        (table([0.01] * 3), "training"),  # not looked long enough
        (table([0.01] * 5, every=50), "posterior collapsed"),
        (table([0.01] * 4, every=50), "training"),
        (table([5.0, 0.02, 0.02, 0.02, 0.015]), "posterior collapsed"),
        (table([1e-5, 2e-5, 9e-5, 9e-4]), "posterior collapsed"),
        (table([0.01, 0.02, 0.03, 0.05, 0.09]), "training"),  # it leaves
        (table([0.01, 0.01, 0.01, 0.01, 5.0]), "training"),
        (table([10.0] * 6), "training"),
        (table([10.0] * 5, [100.0, 151.0, 152.0, 151.0, 160.0]), "diverging"),
        (table([10.0] * 5, [100.0, 151.0, 149.0, 151.0, 160.0]), "training"),
        (table([10.0] * 5, [2.0, 5.0, 5.0, 5.0, 5.0]), "training"),  # by less than 10 nats
        (table([10.0] * 5, [-80.0, -39.0, -30.0, -30.0, -20.0]), "diverging"),
        (table([10.0] * 5, [-80.0, -41.0, -30.0, -30.0, -20.0]), "training"),
        (table([float("nan")]), "diverging"),
    ],
)
def test_tables(rows, expected):
    assert expected in vae_health.VERDICTS
    assert vae_health.verdict(rows) == expected


def test_a_decoder_that_hears_no_latents_collapses_and_a_sound_one_does_not(small_config, tmp_path):
    common = dict(model_type="vae", latent_distribution="normal", generator_learning_rate=0.005)
    for is_deaf, expected in ((True, "posterior collapsed"), (False, "training")):
        model, source = build.build(small_config(**common))
        if is_deaf:
            kernel = model.decoder.network.dense[0].kernel
            kernel.assign(tf.zeros_like(kernel))
            model.weights = {n: v for n, v in model.weights.items() if v is not kernel}
            model.optimizer = type(model.optimizer)(list(model.weights.values()), 0.005)
        verdicts = []
        run = Run(model, source, tmp_path / expected, log_every_steps=50)
        run.train(400, callbacks=[lambda w, v=verdicts: v.append(w.verdict)], shows_progress=False)
        assert [verdict for verdict in verdicts if verdict][-1] == expected
        assert np.isfinite(run.losses()["negative_elbo"]).all()
