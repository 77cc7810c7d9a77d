"""The tool that measures a VAE: on a run of a moment, against the estimator itself."""

import json
import os

import numpy as np
import pytest

from tests.survival.rig import Rig
from tfgan import build
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.data import pixels
from tfgan.models.evidence import Estimator
from tools import vae_likelihood

SMALL = dict(network="mlp", latent_size=3, hidden_size=8, hidden_layers=1, batch_size=16)
SMALL |= dict(num_threads=os.cpu_count())  # what this process has started with


def train(folder, **fields):
    config = Config(**(SMALL | fields), num_steps=3, num_samples=4)
    rig = Rig(config)
    rig.train(folder)
    return rig


def test_a_run_is_measured_on_the_static_draw(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(vae_likelihood, "PART", 7)
    fields = dict(model_type="vae", latent_distribution="normal")
    rig = train(tmp_path / "run", binarise="dynamic", **fields)
    out = tmp_path / "found.json"
    vae_likelihood.main(str(tmp_path / "run"), None, "train[:20]", 9, 5, str(out))
    found = json.loads(out.read_text())
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == found
    static = build.build_source(Config(**SMALL, binarise="static"))
    x = pixels.to_float(static.arrays["real"][:20]).numpy()
    assert set(np.unique(x)) == {-1, 1}
    expected = Estimator(rig.run.model, 9, 5)(x)
    assert found["num_examples"] == 20
    assert found["binarise"] == "static"
    assert found["elbo"] == pytest.approx(expected.elbo.mean(), abs=1e-4)
    assert found["log_likelihood"] == pytest.approx(expected.log_likelihood.mean(), abs=1e-4)
    error = expected.elbo.std(ddof=1) / 20**0.5
    assert found["elbo_standard_error"] == pytest.approx(error, abs=1e-4)


def test_a_gan_has_no_likelihood(tmp_path):
    train(tmp_path / "run")
    with pytest.raises(InputError, match="has no likelihood: it is no run of --model_type=vae"):
        vae_likelihood.measure(str(tmp_path / "run"), None, "train", 1)
