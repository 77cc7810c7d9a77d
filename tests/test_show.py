"""`tfgan.show` reads runs, alone and beside each other; `--step` takes another checkpoint."""

import json
import shutil

import PIL.Image
import pytest

from tfgan import export, sample, show
from tfgan.core.checks import InputError, StorageError
from tools import crash_points, zygote

RUN = [*crash_points.RUN, "--keep_checkpoints=3"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, changed in (("a", []), ("b", ["--seed=7", "--generator_learning_rate=0.001"])):
        status, child = zygote.train([*RUN, *changed, f"--run_dir={folder / name}"], folder / name)
        assert status == 0, child.stderr
    (folder / "notes.txt").write_text("no run")
    (folder / "empty").mkdir()
    return folder


def test_one_run(runs, capsys):
    show.main(str(runs / "a"))
    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert lines["data"] == "ring: endless, 2"
    assert lines["config"].startswith("data=ring batch_size=8 network=mlp latent_size=4")
    assert lines["step"] == "4 of 4, 0 rollbacks"
    *_, last = (runs / "a" / "losses.csv").read_text().splitlines()
    _, g_loss, d_loss = last.split(",")
    assert lines["losses"] == f"g_loss {float(g_loss):.4f} d_loss {float(d_loss):.4f}"
    assert lines["health"].endswith((runs / "a" / "health.csv").read_text().split(",")[-1].strip())
    assert lines["checkpoints"] == "0, 2, 4"
    header, *rows = [r.split(",") for r in (runs / "a" / "health.csv").read_text().splitlines()]
    covered = [float(row[header.index("coverage")]) for row in rows]
    first = rows[covered.index(max(covered))][0]
    assert lines["best"] == f"coverage {max(covered):.2f} at step {first}"
    for picture in lines["pictures"].split(", "):
        PIL.Image.open(picture).load()
    assert len(lines["pictures"].split(", ")) == 4


@pytest.mark.parametrize(
    "tail",
    [
        "6,x,1,1,1,1,1,1,1,training\n",
        "6,1,1,1,1,1,1,1,1,training,9\n",
        f"6,{'1' * 200_000},1,1,1,1,1,1,1,training\n",
    ],
    ids=["text", "more", "endless"],
)
def test_a_damaged_table_of_health_is_named(tail, runs, tmp_path):
    shutil.copytree(runs / "a", tmp_path / "a")
    table = tmp_path / "a" / "health.csv"
    table.write_text(table.read_text() + tail)
    with pytest.raises(StorageError, match=r"health\.csv is not as it was written: .* put it back"):
        show.main(str(tmp_path / "a"))


def test_a_row_of_health_that_is_being_written_is_no_damage(runs, tmp_path, capsys):
    shutil.copytree(runs / "a", tmp_path / "a")
    with (tmp_path / "a" / "health.csv").open("a") as table:
        table.write("4,0.5")
    show.main(str(tmp_path / "a"))
    assert "health" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["{0}/a,{0}/b", "{0}"])
def test_several_are_shown_by_what_differs(given, runs, capsys):
    show.main(given.format(runs))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == [str(runs / "a"), str(runs / "b")]
    assert rows[1] == ["--generator_learning_rate", "0.0002", "0.001"]
    assert rows[2] == ["--seed", "0", "7"]
    assert rows[3] == ["step", "4", "4"]
    named = {name: values for name, *values in rows}
    assert len(set(named["g_loss"])) == 2
    assert {"verdict", "best"} <= named.keys()


def test_a_run_in_which_a_copy_of_another_lies_is_shown_itself(runs, tmp_path, capsys):
    shutil.copytree(runs / "a", tmp_path / "a")
    shutil.copytree(runs / "b", tmp_path / "a" / "backup")
    show.main(str(tmp_path / "a"))
    assert capsys.readouterr().out.splitlines()[0].split() == ["run", str(tmp_path / "a")]


def test_a_run_without_health_or_pictures(runs, tmp_path, capsys):
    shutil.copytree(runs / "a", tmp_path / "a")
    shutil.rmtree(tmp_path / "a" / "samples")
    for name in ("health.csv", "losses.csv", "losses.png", "samples.gif"):
        (tmp_path / "a" / name).unlink()
    show.main(str(tmp_path / "a"))
    assert "health         not measured yet" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["", "{0}/empty", "{0}/a,{0}/empty", "/nowhere"])
def test_what_is_no_run_is_named(given, runs):
    with pytest.raises(InputError, match="name a run|has no good checkpoint"):
        show.main(given.format(runs))


def test_samples_of_another_step(runs, tmp_path):
    pictures = []
    for step in ([], ["--step=4"], ["--step=0"]):
        given = [f"--run_dir={runs / 'a'}", f"--out={tmp_path / 'x.png'}", "--seeds=0-99", *step]
        status, child = zygote.run("sample", given, tmp_path / "said")
        assert status == 0, child.stderr
        pictures.append((tmp_path / "x.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]
    with pytest.raises(InputError, match="has no checkpoint of step 3, but of 0, 2, 4"):
        sample.main(str(runs / "a"), "", "", "0-3", 0, str(tmp_path / "x.png"), step=3)
    with pytest.raises(InputError, match="--step is of a run"):
        sample.main("", "exports/a", "", "0-3", 0, str(tmp_path / "x.png"), step=4)


def test_an_export_of_another_step(runs, tmp_path):
    given = [f"--run_dir={runs / 'a'}", f"--export_dir={tmp_path / 'x'}", "--step=2"]
    status, child = zygote.run("export", given, tmp_path / "said")
    assert status == 0, child.stderr
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["2"]
    export_card = json.loads((tmp_path / "x" / "2" / "model_card.json").read_text())
    assert export_card["step"] == 2


def test_a_damaged_step_is_named(runs, tmp_path):
    shutil.copytree(runs / "a", tmp_path / "a")
    (tmp_path / "a" / "checkpoints" / f"{2:010d}" / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="the checkpoint of step 2 is damaged"):
        export.main(str(tmp_path / "a"), str(tmp_path / "x"), "", step=2)
