"""`tensorboard --logdir` shows a run: through its own server, as a user starts it."""

import json
import re
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.survival.rig import Rig
from tfgan.config import Config


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a TensorBoard over a folder with one run, `small`."""
    runs = tmp_path_factory.mktemp("runs")
    config = Config(
        **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=20),
        **dict(log_every_steps=5, sample_every_steps=10),
    )
    Rig(config).train(runs / "small")
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


def fetch(address, path):
    for _ in range(60):  # it reads the folder in the background
        with urllib.request.urlopen(f"{address}data/plugin/{path}", timeout=60) as answer:
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
