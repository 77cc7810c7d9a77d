"""`tensorboard --logdir` shows a run: through its own server, as a user starts it."""

import json
import re
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

from tests.models.autoencoder import Autoencoder
from tests.survival.rig import Rig
from tfgan.config import Config
from tfgan.data.arrays import Arrays
from tfgan.run import Run


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a TensorBoard over a folder with two runs, `small` and `other`."""
    runs = tmp_path_factory.mktemp("runs")
    config = Config(
        **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=20),
        **dict(log_every_steps=5, sample_every_steps=10),
    )
    Rig(config).train(runs / "small")
    other = Autoencoder([2], seed=0)
    source = Arrays({"real": np.zeros([8, 2], np.float32)}, batch_size=4)
    Run(other, source, runs / "other", log_every_steps=1).train(2, shows_progress=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", f"--logdir={runs}", "--port=0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        while not (found := re.search(r"at (http://\S+/)", said)):
            line = process.stderr.readline()
            assert line, said
            said += line
        yield found[1]
    finally:
        process.kill()
        process.communicate()


def fetch(address, path, question=None):
    asked = urllib.request.Request(f"{address}data/plugin/{path}")
    if question:
        asked.data = json.dumps(question).encode()
        asked.add_header("Content-Type", "application/json")
    for _ in range(60):  # it reads the folder in the background
        with urllib.request.urlopen(asked, timeout=60) as answer:
            content = json.load(answer)
        if content:
            return content
        time.sleep(0.5)
    return content


def test_curves_pictures_histograms_and_config_are_shown(server):
    tags = fetch(server, "scalars/tags")["small"]
    assert {"losses/g_loss", "losses/d_loss"} < tags.keys()
    assert {f"health/{n}" for n in ("d_real", "d_fake", "diversity", "coverage")} < tags.keys()
    points = fetch(server, "scalars/scalars?run=small&tag=losses%2Fg_loss")
    assert [step for _, step, _ in points] == [5, 10, 15, 20]
    assert fetch(server, "images/tags")["small"].keys() == {"samples", "real"}
    pictures = fetch(server, "images/images?run=small&tag=samples")
    assert [picture["step"] for picture in pictures] == [0, 10, 20]
    assert "generator/dense_0/kernel" in fetch(server, "histograms/tags")["small"]
    histograms = fetch(server, "histograms/histograms?run=small&tag=generator%2Fdense_0%2Fkernel")
    assert [step for _, step, _ in histograms] == [0, 10, 20]
    (text,) = fetch(server, "text/text?run=small&tag=config")
    assert "--num_steps=20" in text["text"]
    (verdict,) = fetch(server, "text/text?run=small&tag=verdict")
    assert (verdict["step"], verdict["text"]) == (5, "<p>training</p>")


def test_a_curve_is_shown_with_what_it_means(server):
    tags = fetch(server, "scalars/tags")["small"]
    assert "apart as the data" in tags["health/diversity"]["description"]
    assert "in nats" in tags["losses/g_loss"]["description"]
    assert "of the clock" in tags["speed/steps_per_second"]["description"]


def test_runs_of_different_models_stand_side_by_side_in_the_tab_of_hyper_parameters(server):
    while len(fetch(server, "scalars/tags")) < 2:
        time.sleep(0.5)
    experiment = fetch(
        server, "hparams/experiment", {"experimentName": "0", "includeMetrics": True}
    )
    names = {each["name"] for each in experiment["hparamInfos"]}
    assert {"hidden_size", "generator_learning_rate", "code_size", "seed"} <= names
    metrics = [each["name"] for each in experiment["metricInfos"]]
    assert {"losses/g_loss", "health/coverage", "losses/error"} <= {m["tag"] for m in metrics}
    question = {
        "experimentName": "0",
        "includeMetrics": True,
        "allowedStatuses": ["STATUS_SUCCESS"],
        "colParams": [{"metric": name, "includeInResult": True} for name in metrics]
        + [{"hparam": name, "includeInResult": True} for name in sorted(names)],
        "startIndex": 0,
        "sliceSize": 100,
    }
    groups = fetch(server, "hparams/session_groups", question)["sessionGroups"]
    runs = {group["sessions"][0]["name"]: group for group in groups}
    assert runs.keys() == {"small", "other"}
    assert runs["small"]["hparams"]["hidden_size"] == 8
    last = {v["name"]["tag"]: v for v in runs["small"]["metricValues"]}["health/diversity"]
    point = fetch(server, "scalars/scalars?run=small&tag=health%2Fdiversity")[-1]
    assert (last["trainingStep"], last["value"]) == (20, pytest.approx(point[2]))
