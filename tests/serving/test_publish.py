"""A folder that a server polls: it never holds half a version, whatever happens to the exporter."""

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import rig
from tests.survival.rig import Rig
from tfgan.config import Config
from tfgan.core import files
from tfgan.serving import card
from tools import syscalls

SHAPE = (8, 8, 1)
LATENTS = np.linspace(-1, 1, 2 * 8).reshape(2, 8).astype(np.float32)


def publish(loader_program, folder, work, versions, polls, pause_micros):
    """Publishes versions, each of other weights, while the loader polls; returns what it said.

    The loader loads each version the moment it sees it, and runs it: a SavedModel without its
    variables would load too.
    """
    config = Config(network="mlp", latent_size=8, hidden_size=8)
    served = rig.Exported(config, SHAPE)
    bias = served.model.state()["generator/dense_0/bias"]
    LATENTS.tofile(work / "latents")
    lines = [
        f"feed serving_default_latents:0 1 2,8 {work}/latents",
        f"fetch {_output(served, work)} {work}/images",
    ]
    command = [loader_program, "poll", folder, *map(str, (polls, pause_micros, versions))]
    poller = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    poller.stdin.write("".join(f"{line}\n" for line in lines))
    poller.stdin.close()
    expected, seen = {}, []
    for version in range(1, versions + 1):
        bias.assign(bias + 0.01)
        expected[version] = served.generate(LATENTS)
        served.write(folder, version)
        seen.append(poller.stdout.readline())  # it may be slower than we are: it has to see each
    said, errors = "".join(seen) + poller.stdout.read(), poller.stderr.read()
    assert poller.wait() == 0, errors
    for version, images in expected.items():
        assert rig.same_bits(rig.read(work / f"images.{version}"), images)
    return said.splitlines()


def _output(served, work):
    """Returns the name of the tensor that holds the images."""
    version = served.write(work / "first", 1)
    return rig.meta_graph(version).signature_def["serving_default"].outputs["images"].name


@pytest.mark.parametrize(
    ("versions", "polls", "pause_micros"),
    [(4, 100, 20_000), pytest.param(50, 2000, 25_000, marks=pytest.mark.slow)],
)
def test_no_partial_version_is_seen(versions, polls, pause_micros, loader_program, tmp_path):
    (tmp_path / "out").mkdir()
    said = publish(loader_program, tmp_path / "out", tmp_path, versions, polls, pause_micros)
    *seen, last = said
    assert seen == [f"version {i} ok" for i in range(1, versions + 1)]
    assert int(last.removeprefix("polls ")) >= polls


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "digits"
    config = Config(network="mlp", hidden_size=8, num_steps=2, batch_size=8, num_samples=1)
    Rig(config).train(path)
    return path


CALLS = "mkdir,rename,unlink,rmdir,fsync,fdatasync"
"""System calls that change what names stand for what, or that bring it to the disk."""


def export_under_strace(run, out, log, inject=()):
    command = ["strace", "-f", "-qq", "-y", "-o", log, "-e", f"trace={CALLS}"]
    command += [*inject, sys.executable, "-m", "tfgan.export", f"--run_dir={run}"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, f"--export_dir={out}"], capture_output=True, text=True, env=environment
    )


def whole(out):
    """Checks that whatever has the name of a version is one; returns their names."""
    names = {path.name for path in out.iterdir() if path.name.isdigit()}
    for name in names:
        card.read(out / name)
    return names


@pytest.mark.skipif(
    not syscalls.is_there(), reason="strace is not installed (apt-get install strace)"
)
@pytest.mark.slow
def test_a_killed_export_leaves_what_was_there(run, tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    config = Config(network="mlp", hidden_size=8)
    rig.export(out, config, SHAPE, 1)
    done = export_under_strace(run, out, log)
    assert done.returncode == 0, done.stderr
    # strace counts each kind of call for itself.
    names = re.findall(r"^\d+ +(\w+)\((.*)", log.read_text(), re.MULTILINE)
    calls = [
        (i, name, [n for n, _ in names[: i + 1]].count(name)) for i, (name, _) in enumerate(names)
    ]
    first = next(i for i, (_, rest) in enumerate(names) if str(out) in rest)
    renamed = next(i for i, (_, rest) in enumerate(names) if f'"{out}/2.tmp", "{out}/2"' in rest)
    assert first < renamed < len(calls)
    seen = []
    chosen = [*calls[first:renamed:8], *calls[renamed : renamed + 2]]
    for _, name, number in chosen:
        shutil.rmtree(out / "2", ignore_errors=True)
        kill = ["-e", f"inject={name}:signal=KILL:when={number}"]
        done = export_under_strace(run, out, log, kill)
        assert done.returncode == -9, (name, number, done.returncode, done.stderr)
        seen.append(whole(out))
    assert all(names in ({"1"}, {"1", "2"}) for names in seen)
    assert seen[0] == {"1"}
    assert seen[-1] == {"1", "2"}
    shutil.rmtree(out / "2", ignore_errors=True)
    assert export_under_strace(run, out, log).returncode == 0
    assert {path.name for path in out.iterdir()} == {"1", "2"}


def test_an_export_killed_before_its_rename(run, tmp_path):
    """The quick form: what is written up to the rename does not count, and is taken away later."""
    out, config = tmp_path / "out", Config(network="mlp", hidden_size=8)
    version, served = rig.export(out, config, SHAPE, 1)
    script = (
        "import os, signal, sys; from tfgan import export\nfrom tfgan.core import files\n"
        "files.os.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "export.main(*sys.argv[1:], '')"
    )
    done = subprocess.run([sys.executable, "-c", script, run, out], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert {path.name for path in out.iterdir()} == {"1", "2.tmp"}
    assert whole(out) == {"1"}
    served.write(out, 3)
    assert {path.name for path in out.iterdir()} == {"1", "3"}


@pytest.mark.parametrize("failing", ["save", "records", "sync"])
def test_a_full_disk_is_one_line_and_leaves_what_was_there(failing, tmp_path, monkeypatch):
    config = Config(network="mlp", hidden_size=8)
    version, served = rig.export(tmp_path, config, SHAPE, 1)

    def full(*_, **__):
        if failing == "sync":
            raise OSError(28, "No space left on device")
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    where = {
        "save": (tf.saved_model, "save"),
        "records": (tf.io, "TFRecordWriter"),
        "sync": (files, "sync"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*where[failing], full)
        with pytest.raises(files.StorageError, match="No space left on device; .*see to the disk"):
            served.write(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"1"}
    assert card.read(version)["step"] == 1
