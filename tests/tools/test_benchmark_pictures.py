"""The workloads that read files: the rival's DataLoader decodes the same pixels as we do."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfgan.data import folder, pixels
from tools.benchmark import engines, pictures
from tools.benchmark.workloads import WORKLOADS

ROOT = Path(__file__).parents[2]
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed (the bench extra)"
)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    for i in range(6):
        noise = np.random.default_rng(i).integers(0, 256, [70 + i, 90, 3 + i % 2], np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{i}.png")
    monkeypatch.setenv(pictures.VARIABLE, str(tmp_path))
    return tmp_path


def ours(photos):
    paths = folder.look(str(photos), 64).paths
    return np.stack([pixels.decode(p.read_bytes(), "", (64, 64, 3), resize=True) for p in paths])


def test_a_rival_s_workers_decode_our_pixels(photos):
    np.testing.assert_array_equal(WORKLOADS["pictures_memory"].images(), ours(photos))


@needs_torch
def test_the_data_loader_gives_each_picture_once_an_epoch(photos):
    from tools.benchmark import torch_pictures

    batches = torch_pictures.batches(64, batch_size=3, num_workers=1)
    for _ in range(2):
        epoch = np.concatenate([next(batches).numpy() for _ in range(2)])
        assert sorted(map(bytes, epoch)) == sorted(map(bytes, ours(photos)))


@pytest.mark.parametrize("image_dir", ["own", ""])
def test_the_pictures_are_prepared_apart_from_the_user_s_own(tmp_path, monkeypatch, image_dir):
    called, before = [], dict(os.environ)
    monkeypatch.setattr(
        subprocess, "run", lambda argv, **_: called.append((argv, dict(os.environ)))
    )
    monkeypatch.setattr(pictures, "NUMBER", 1)
    monkeypatch.chdir(tmp_path)
    with pictures.prepared(image_dir, 64):
        ((argv, environment),) = called
        place = os.environ[pictures.VARIABLE]
        assert argv[2:] == ["tfgan.prepare", f"--image_dir={place}", "--image_size=64"]
        assert environment["XDG_CACHE_HOME"] != before["XDG_CACHE_HOME"]
        if image_dir:
            assert place == str(tmp_path / "own")
        else:
            assert [Image.open(path).size for path in pictures.paths()] == [(2000, 1500)]
    assert dict(os.environ) == before
    assert image_dir or not os.path.exists(place)


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_pictures_are_read_by_the_loop_and_by_torch(engine):
    chosen = engines.ENGINES[engine]
    reads = not (chosen.reasons | chosen.slow).get("pictures_disk")
    assert reads == (engine in ("loop", "torch_eager", "torch_compile"))


@pytest.mark.slow
def test_the_command_reads_pictures_from_disk_and_tells_the_memory(photos, tmp_path):
    for i in range(64):  # a batch
        Image.new("RGB", (64, 64), (i, 0, 0)).save(photos / f"more{i}.png")
    done = subprocess.run(
        [sys.executable, "-m", "tools.benchmark", "--workloads=pictures_memory,pictures_disk"]
        + ["--engines=loop,torch_eager", "--rounds=1", "--seconds_per_turn=0.05"]
        + [f"--json={tmp_path / 'all.json'}", f"--image_dir={photos}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    assert "decoding" not in done.stderr  # it is prepared
    assert done.stdout.count("| peak MB |") == 2
    for workload in json.loads((tmp_path / "all.json").read_text())["workloads"].values():
        (turn,) = workload["engines"]["loop"]["turns"]
        assert turn["peak_bytes"] > 1e8
