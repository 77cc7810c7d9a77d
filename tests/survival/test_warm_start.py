"""A run that begins with another's weights: the bits that it takes, what it says, its resume."""

import hashlib
import json
import shutil

import numpy as np
import pytest

import tfgan
from tests.models import networks
from tests.survival.rig import digest, everything
from tfgan import build
from tfgan.config import Config
from tfgan.core.checks import InputError, NonFiniteError
from tfgan.core.interfaces import is_of_optimizer
from tfgan.runs.checkpoints import Checkpoints
from tfgan.runs.trained import TrainedRun
from tools import crash_points, zygote
from tools.fuzz import documents

RUN = [*crash_points.RUN, "--keep_checkpoints=9"]
AVERAGED = "--average_decay=0.9"


def train(path, *flags, status=0):
    """Trains by the command; returns the child."""
    found, child = zygote.train([*RUN, *flags, f"--run_dir={path}"], path.with_suffix(".said"))
    assert found == status, child.stderr
    return child


def state(path, step):
    """Returns the bytes of a checkpoint's tensors by name."""
    values = Checkpoints(path / "checkpoints", keep=1).at(step).read()
    return {name: value.tobytes() for name, value in values.items()}


def weights(path, step):
    return {n: value for n, value in state(path, step).items() if not is_of_optimizer(n)}


@pytest.fixture(scope="module")
def parents(tmp_path_factory):
    """Runs of 4 steps: "plain"; "averaged", which is exported to "out" too."""
    folder = tmp_path_factory.mktemp("parents")
    train(folder / "plain")
    train(folder / "averaged", AVERAGED)
    export = [f"--run_dir={folder / 'averaged'}", f"--export_dir={folder / 'out'}"]
    status, child = zygote.run("export", export, folder / "export.said")
    assert status == 0, child.stderr
    return folder


def test_it_begins_with_the_parent_s_weights_and_with_nothing_else_of_it(parents, tmp_path):
    child = train(tmp_path / "run", f"--warm_start={parents / 'plain'}")
    assert weights(tmp_path / "run", 0) == weights(parents / "plain", 4)
    fresh, began = (state(path, 0) for path in (parents / "plain", tmp_path / "run"))
    slots = [name for name in fresh if is_of_optimizer(name)]
    assert slots
    assert {n: fresh[n] for n in slots} == {n: began[n] for n in slots}
    assert began != fresh
    said = [line for line in child.stdout.splitlines() if line[:9] in ("warm star", "not taken")]
    assert said == [f"warm start     8 of 8 tensors from step 4 of {parents / 'plain'}"]


def test_a_resume_ends_with_the_same_bytes_when_the_parent_is_gone(parents, tmp_path):
    parent, path = tmp_path / "parent", tmp_path / "killed"
    shutil.copytree(parents / "plain", parent)
    flags = [AVERAGED, f"--warm_start={parent}"]
    train(tmp_path / "whole", *flags)
    for hold in ("restoring", "logging"):  # before the first checkpoint, and after it
        child = zygote.Child([*RUN, *flags, f"--run_dir={path}"], tmp_path / "said", hold=hold)
        child.wait_for(hold)
        child.send(9)
        assert child.wait() == -9
        assert (path / "STARTING").exists() == (hold == "restoring")
    shutil.rmtree(parent)
    for other in ("", parents / "plain"):
        child = train(path, AVERAGED, f"--warm_start={other}", "--allow_changed_flags", status=2)
        assert f"has --warm_start={parent}, got" in child.stderr
    train(path, *flags)
    assert digest(path) == digest(tmp_path / "whole")
    records = [TrainedRun(str(run)).checkpoint.record for run in (path, tmp_path / "whole")]
    assert records[0]["warm_start"] == records[1]["warm_start"]


def test_the_average_begins_with_the_parent_s_or_else_with_its_generator(parents, tmp_path):
    def average(values, prefix="average/"):
        return {
            n.removeprefix(prefix): v for n, v in values.items() if n.startswith(f"{prefix}gen")
        }

    train(tmp_path / "of_plain", AVERAGED, f"--warm_start={parents / 'plain'}")
    began, parent = weights(tmp_path / "of_plain", 0), weights(parents / "plain", 4)
    assert average(began) == average(began, "") == average(parent, "")

    train(tmp_path / "of_averaged", AVERAGED, f"--warm_start={parents / 'averaged'}")
    began, parent = weights(tmp_path / "of_averaged", 0), weights(parents / "averaged", 4)
    assert began == parent
    assert average(began) != average(began, "")

    child = train(tmp_path / "without", f"--warm_start={parents / 'averaged'}")
    began = weights(tmp_path / "without", 0)
    assert began == {name: parent[name] for name in began}
    assert "not taken      average/generator/dense_0/bias: float32 [8] in the parent, not here" in (
        child.stdout
    )


@pytest.mark.parametrize("name", ["out", pytest.param("out/4", marks=pytest.mark.slow)])
def test_an_export_is_a_parent_as_far_as_it_goes(name, parents, tmp_path):
    """It holds the average alone of the generator, so that both of the child begin with it."""
    child = train(tmp_path / "run", AVERAGED, f"--warm_start={parents / name}")
    assert f"warm start     12 of 12 tensors from step 4 of {parents / 'out/4'}" in child.stdout
    began, parent = weights(tmp_path / "run", 0), weights(parents / "averaged", 4)
    for name in [n for n in began if n.startswith("generator/")]:
        assert began[name] == began[f"average/{name}"] == parent[f"average/{name}"]
    for name in [n for n in began if n.startswith("discriminator/")]:
        assert began[name] == parent[name]
    recorded = TrainedRun(str(tmp_path / "run")).checkpoint.record["warm_start"]
    card = (parents / "out/4/model_card.json").read_bytes()
    assert recorded["sha256"] == hashlib.sha256(card).hexdigest()


def spoiled(parents, path, how):
    """Copies a parent and spoils it; returns the copy."""
    shutil.copytree(parents / "plain", path)
    newest = max((path / "checkpoints").iterdir())
    content = json.loads((newest / "manifest.json").read_bytes())["content"]
    if how == "no good checkpoint":
        for manifest in path.rglob("manifest.json"):
            manifest.write_text("{}")
    elif how == "not finite":
        kernel = state(path, 4)["generator/dense_0/kernel"]
        nan = np.float32(np.nan).tobytes() + kernel[4:]
        data = newest / "state.data-00000-of-00001"
        data.write_bytes(data.read_bytes().replace(kernel, nan))
        documents.sign_checkpoint_files(newest)
    elif how == "later version":
        content["record"]["config"]["novelty"] = 1
        documents.sign_checkpoint(newest, content)
    elif how == "its own parent is strange":
        content["record"]["warm_start"] = {"path": 3}
        documents.sign_checkpoint(newest, content)
    return path


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("no good checkpoint", InputError, "has no good checkpoint"),
        ("not finite", NonFiniteError, "step 4: generator/dense_0/kernel is not finite; not used"),
        ("later version", InputError, "unknown field 'novelty': the record is of a later version"),
        ("its own parent is strange", InputError, "lacks what a run resumes from"),
    ],
)
def test_a_spoiled_parent_is_one_line(how, error, message, parents, tmp_path):
    path = spoiled(parents, tmp_path / "parent", how)
    with pytest.raises(error, match=message) as caught:
        build.parent(Config(warm_start=str(path)))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_spoiled_export_is_one_line(parents, tmp_path):
    shutil.copytree(parents / "out", tmp_path / "out")
    card = tmp_path / "out/4/model_card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"step": "4"}))
    with pytest.raises(InputError, match="--warm_start=.*its card names no step"):
        build.parent(Config(warm_start=str(tmp_path / "out")))
    (tmp_path / "out/4/variables/variables.index").write_bytes(b"")
    with pytest.raises(InputError, match="--warm_start=.*is not a whole export: variables"):
        build.parent(Config(warm_start=str(tmp_path / "out")))


def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(parents, tmp_path, capsys):
    shutil.copytree(parents / "plain", tmp_path / "parent")
    (tmp_path / "parent/checkpoints/0000000004/manifest.json").write_text("{}")
    assert build.parent(Config(warm_start=str(tmp_path / "parent"))).step == 2
    assert "damaged, not used" in capsys.readouterr().err


def test_what_cannot_be_a_parent_makes_no_directory(parents, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("mine")
    path = tmp_path / "run"
    for given, flags, message in (
        ("nowhere", [], "neither a run with a checkpoint nor an export is there"),
        ("run", [], "neither a run with a checkpoint nor an export is there"),  # the run itself
        ("notes", [], "neither a run with a checkpoint nor an export is there"),
        ("notes/a.txt", [], "neither a run with a checkpoint nor an export is there"),
        (parents / "plain", ["--network=dcgan", "--data=digits"], "nothing of it fits this model"),
    ):
        child = train(path, f"--warm_start={tmp_path / given}", *flags, status=2)
        (line,) = child.stderr.splitlines()
        assert line.startswith(f"error: --warm_start={tmp_path / given}: ")
        assert message in line
        assert not path.exists()


def test_a_finished_run_is_no_parent_of_itself(parents, tmp_path):
    shutil.copytree(parents / "plain", tmp_path / "run")
    before = everything(tmp_path / "run")
    child = train(tmp_path / "run", f"--warm_start={tmp_path / 'run'}", status=2)
    assert "has --warm_start='', got" in child.stderr
    assert everything(tmp_path / "run") == before


def test_a_run_that_trains_can_be_a_parent(parents, tmp_path):
    flags = [*RUN, f"--run_dir={tmp_path / 'parent'}"]
    parent = zygote.Child(flags, tmp_path / "said", hold="logging")
    parent.wait_for("logging")
    train(tmp_path / "run", f"--warm_start={tmp_path / 'parent'}", "--seed=1")
    parent.release()
    assert parent.wait() == 0, parent.stderr
    assert weights(tmp_path / "run", 0) == weights(tmp_path / "parent", 0)
    assert digest(tmp_path / "parent") == digest(parents / "plain")


def test_the_record_tells_the_parent_from_what_it_became(parents, tmp_path, capsys):
    parent, runs = tmp_path / "parent", [tmp_path / "first", tmp_path / "second"]
    shutil.copytree(parents / "plain", parent)
    train(runs[0], f"--warm_start={parent}")
    train(parent, "--num_steps=6")
    replay = [f"--flagfile={runs[0] / 'flags.txt'}", f"--run_dir={runs[1]}"]
    status, child = zygote.train(replay, tmp_path / "said")
    assert status == 0, child.stderr
    assert weights(runs[1], 0) == weights(parent, 6)
    for path, step in zip(runs, (4, 6), strict=True):
        manifest = (parent / f"checkpoints/{step:010d}/manifest.json").read_bytes()
        sha256 = hashlib.sha256(manifest).hexdigest()
        expected = {"path": str(parent), "step": step, "sha256": sha256}
        assert json.loads((path / "run.json").read_text())["warm_start"] == expected
        run = TrainedRun(str(path))
        assert run.checkpoint.record["warm_start"] == run.record()["warm_start"] == expected
        tfgan_show(str(path))
        lines = capsys.readouterr().out.splitlines()
        assert f"began from     step {step} of {parent} (SHA-256 {sha256[:12]})" in lines
    tfgan_show(",".join(map(str, [*runs, parent])))
    rows = capsys.readouterr().out.splitlines()
    (row,) = [row for row in rows if row.startswith("began from")]
    columns = [rows[0].index(str(path)) for path in (*runs, parent)]
    assert [row[at : at + 6] for at in columns] == ["step 4", "step 6", "-"]


def tfgan_show(run_dir):
    from tfgan import show

    show.main(run_dir)


def test_an_own_model_by_the_command(tmp_path):
    own = ["--model=tests.models.autoencoder:make", "--data=digits"]
    train(tmp_path / "parent", *own)
    flags = [*own, f"--warm_start={tmp_path / 'parent'}"]
    child = train(tmp_path / "run", *flags, "--seed=3")
    assert "warm start     8 of 8 tensors from step 4" in child.stdout
    assert weights(tmp_path / "run", 0) == weights(tmp_path / "parent", 4)
    slots = {n for n in state(tmp_path / "run", 0) if is_of_optimizer(n)}
    assert all(n.startswith("optimizer/") for n in slots)
    assert slots
    of_config = train(tmp_path / "other", f"--warm_start={tmp_path / 'parent'}", status=2)
    assert "nothing of it fits this model" in of_config.stderr  # and none of its code was wanted


def test_a_run_of_a_program(tmp_path, capsys):
    draw = np.random.RandomState(0)
    points = {"real": draw.uniform(-1, 1, (60, 2)).astype(np.float32)}

    def run(name, **settings):
        source = tfgan.data.Arrays(points, batch_size=16)
        players = networks.Generator((2,)), networks.Discriminator()
        model = tfgan.GAN(*players, latent_size=4)
        return tfgan.Run(model, source, tmp_path / name, **settings)

    run("parent").train(num_steps=4, shows_progress=False)
    child = run("child", warm_start=tmp_path / "parent", seed=1)
    child.train(num_steps=2, shows_progress=False)
    assert capsys.readouterr().out == ""
    assert weights(tmp_path / "child", 0) == weights(tmp_path / "parent", 4)
    shutil.rmtree(tmp_path / "parent")
    run("child", warm_start=tmp_path / "parent", seed=1).train(num_steps=4)
    assert "warm start" not in capsys.readouterr().out
    with pytest.raises(InputError, match="--warm_start=.*neither a run"):
        run("new", warm_start=tmp_path / "parent").train(num_steps=4)
    assert not (tmp_path / "new").exists()


def test_no_code_is_run_by_reading_a_parent(parents, tmp_path, monkeypatch):
    shutil.copytree(parents / "plain", tmp_path / "run")
    shutil.copytree(parents / "out", tmp_path / "out")
    newest = tmp_path / "run/checkpoints/0000000004"
    content = json.loads((newest / "manifest.json").read_bytes())["content"]
    content["record"]["model"]["made_by"] = "evil:make"
    documents.sign_checkpoint(newest, content)
    card = tmp_path / "out/4/model_card.json"
    card.write_text(card.read_text().replace('"made_by": "config"', '"made_by": "evil:make"'))
    assert "evil:make" in card.read_text()

    def never(*_, **__):
        raise AssertionError("code of the parent's")

    monkeypatch.setattr(build, "import_factory", never)
    monkeypatch.setattr("tensorflow.saved_model.load", never)
    assert build.parent(Config(warm_start=str(tmp_path / "run"))).step == 4
    assert build.parent(Config(warm_start=str(tmp_path / "out"))).step == 4
