"""The report: what stands on it, whose text cannot break it, what is bad input."""

import json
import shutil

import pytest

from tests.pages import written
from tests.pages.rig import cells, evaluate, record, section, shown
from tfgan import report
from tfgan.core.checks import InputError
from tfgan.pages import page, reading
from tools import crash_points

HOSTILE = "\"><img src=x onerror=alert(1)>'&<b>\u202eevil"


# What stands on it.


def test_one_run(copy, tmp_path, capsys):
    run = copy / "a"
    evaluate(run, record(value=0.25, spread=0.0125), record("recall", value=0.75, floor=0.8))
    root = shown([run], tmp_path / "x.html")
    assert "x.html: 1 run, 0." in capsys.readouterr().out
    *_, health = (run / "health.csv").read_text().splitlines()
    assert root.all("h1")[0].text.split() == ["a", *health.split(",")[-1].split()]
    settings = section(root, "runs")
    flags = {name: rest for name, *rest in cells(settings.all("table")[0])}
    assert flags["--data"] == ["ring", "digits"]
    assert flags["--batch_size"] == ["8", "64"]
    assert "--seed" not in flags, "it has its default"
    facts = dict(
        zip(
            (each.text for each in settings.all("dt")),
            (each.text for each in settings.all("dd")),
            strict=True,
        )
    )
    recorded = json.loads((run / "run.json").read_text())
    assert facts["step"] == "4 of 4"
    assert facts["seed"] == "0"
    assert facts["checkpoints"] == "0, 2, 4"
    assert facts["python"] == recorded["versions"]["python"]
    assert facts["TensorFlow"] == recorded["fingerprint"]["tensorflow"]
    assert facts["commit"][:12] == str(recorded["commit"] or "unknown")[:12]
    assert facts["started"].endswith("at step 0")
    pictures = section(root, "pictures").all("img")
    steps = sorted(int(path.stem) for path in (run / "samples").glob("0*.png"))
    assert [each.attributes["alt"] for each in pictures] == [
        "a, real",
        *(f"a, step {step}" for step in steps),
    ]
    _, *rows = cells(section(root, "metrics").all("table")[0])
    assert rows[0][:2] == ["precision higher is better", "0.9"]
    assert rows[0][2].split() == ["0.25", "\u00b1", "0.013"]
    assert rows[1][1:] == ["0.8", "0.75"]


def test_a_curve_tells_the_numbers_of_its_steps(runs, tmp_path):
    root = shown([runs / "a"], tmp_path / "x.html")
    chart = section(root, "curves").all("figure")[0]
    assert chart.all("b")[0].text == "g_loss, d_loss"
    _, *rows = (runs / "a" / "losses.csv").read_text().splitlines()
    told = [title.own_text.split("\n") for title in chart.all("title")]
    assert len(told) == len(rows) == 4
    for row, (step, g_loss, d_loss) in zip(rows, told, strict=True):
        k, g, d = row.split(",")
        assert step == f"step {k}"
        assert g_loss == f"g_loss: {float(g):.5g} nats"
        assert d_loss == f"d_loss: {float(d):.5g} nats"


def test_several_runs_are_shown_by_what_differs(runs, tmp_path):
    root = shown([runs], tmp_path / "x.html")
    rows = cells(section(root, "differences").all("table")[0])
    assert rows == [
        ["", "a", "b"],
        ["--generator_learning_rate", "0.0002", "0.001"],
        ["--seed", "0", "7"],
    ]
    overview = cells(section(root, "overview").all("table")[0])
    assert [row[0] for row in overview] == ["run", "a", "b"]
    charts = section(root, "curves").all("figure", class_="chart")
    titles = [chart.all("b")[0].text for chart in charts]
    assert len(set(titles)) == len(titles)
    assert {"g_loss", "d_loss", "coverage", "diversity"} <= set(titles)
    for chart in charts:
        styles = [line.attributes["class"].split()[1] for line in chart.all("path", class_="line")]
        assert styles == ["c0", "c1"], "each run keeps its colour"
    assert len(section(root, "pictures").all("div", class_="pictures")) == 2


def test_the_same_runs_have_the_same_bytes_and_are_not_touched(copy, tmp_path):
    evaluate(copy / "a", record())
    before = crash_points.read(copy)
    shown([copy], tmp_path / "x.html")
    shown([copy / "a", copy / "b"], tmp_path / "y.html")
    assert (tmp_path / "x.html").read_bytes() == (tmp_path / "y.html").read_bytes()
    assert crash_points.read(copy) == before


# Whose text it is.


def test_text_of_others_stays_text(copy, tmp_path, capsys):
    (copy / "a").rename(copy / HOSTILE)
    run = copy / HOSTILE
    evaluate(run, record(HOSTILE, unit=HOSTILE, extractor=HOSTILE, data=HOSTILE, held_out=HOSTILE))
    health = run / "health.csv"
    lines = health.read_text().splitlines()
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    lines = [line.replace("diversity", quoted) for line in lines]
    lines[-1] = ",".join([*lines[-1].split(",")[:-1], quoted])
    health.write_text("\n".join(lines) + "\n")
    recorded = json.loads((run / "run.json").read_text())
    recorded["versions"]["python"] = HOSTILE
    (run / "run.json").write_text(json.dumps(recorded))
    (copy / f"{HOSTILE} none").mkdir()
    root = shown(copy.iterdir(), tmp_path / "x.html")
    check_inert(root)
    visible = HOSTILE.replace("\u202e", "\ufffd")
    text = root.all("body")[0].text
    assert text.count(visible) > 10
    assert f"{visible} none has no good checkpoint" in text
    assert visible in section(root, "metrics").all("table")[0].text


def test_names_of_classes_stay_text(runs, tmp_path):
    (found, *_), _ = reading.read([str(runs / "a")])
    about = found.summary._replace(classes=(HOSTILE, "\0\n", "x" * 500), began_from=HOSTILE)
    text, _ = page.page([found._replace(summary=about, name=HOSTILE, notes=[HOSTILE])], [HOSTILE])
    root = written.read(text)
    check_inert(root)
    facts = section(root, "runs").all("dl")[0].text
    assert "onerror=alert(1)>" in facts
    assert "x" * 77 + "..." in facts
    assert text.isprintable() or not {c for c in text if not c.isprintable()} - {"\n"}


def check_inert(root):
    """Nothing runs, and nothing is fetched."""
    for name in ("script", "iframe", "object", "embed", "link", "form", "base"):
        assert not root.all(name)
    policy = [each.attributes for each in root.all("meta") if "http-equiv" in each.attributes]
    assert [each["content"] for each in policy] == [page.POLICY]
    assert "script" not in page.POLICY
    assert page.POLICY.startswith("default-src 'none'")

    def check(element):
        for name, value in element.attributes.items():
            assert not name.startswith("on"), (element.name, name)
            if name == "src":
                assert value.startswith("data:image/")
            if name == "href":
                assert value.startswith("#")
        for child in element.children:
            check(child)

    check(root)
    assert "url(" not in root.all("style")[0].own_text
    assert "@import" not in root.all("style")[0].own_text
    keys = [e.attributes["id"] for name in ("section", "article") for e in root.all(name)]
    assert len(set(keys)) == len(keys)


# Bad input.


def test_what_is_no_run_is_noted_and_left_out(copy, tmp_path, capsys):
    (copy / "empty").mkdir()
    (copy / "notes.txt").write_text("no run")
    root = shown(sorted(copy.iterdir()), tmp_path / "x.html")
    assert [row[0] for row in cells(section(root, "overview").all("table")[0])[1:]] == ["a", "b"]
    noted = [each.text for each in root.all("ul", class_="warnings")[0].all("li")]
    assert [note.split(" has no good checkpoint")[0] for note in noted] == [
        str(copy / "empty"),
        str(copy / "notes.txt"),
    ]
    assert capsys.readouterr().err.splitlines() == [f"note: {note}" for note in noted]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["{0}/empty"], "empty has no good checkpoint"),
        (["/nowhere"], "/nowhere has no good checkpoint"),
        (["{0}/empty", "/nowhere"], "none of 2 directories is a run; of the first one: "),
        (["{0}/empty,/nowhere"], "none of 2 directories is a run; of the first one: "),
        ([""], "name runs: "),
    ],
)
def test_no_run_at_all_is_one_line(given, said, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=said) as error:
        report.main(tuple(each.format(tmp_path) for each in given), str(tmp_path / "x.html"))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "x.html").exists()


DAMAGES = {
    "evaluations.jsonl": "{}\n",
    "floors.json": "[]\n",
    "health.csv": "step,g_loss,coverage,verdict\n1,2,x,training\n",
    "losses.csv": "step,g_loss,d_loss\n1,2,x\n",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_noted_and_the_rest_is_shown(name, copy, tmp_path):
    evaluate(copy / "a", record())
    (copy / "a" / name).write_text(DAMAGES[name])
    root = shown([copy / "a"], tmp_path / "x.html")
    (note,) = [each.text for each in root.all("ul", class_="warnings")[0].all("li")]
    assert note.startswith(f"{copy / 'a' / name} is not as it was written: ")
    charts = {c.all("b")[0].text for c in section(root, "curves").all("figure", class_="chart")}
    assert ("g_loss, d_loss" in charts) == (name != "losses.csv")
    assert ("coverage, precision" in charts) == (name != "health.csv")
    assert ("Metrics" in root.all("nav")[0].text) == (name != "evaluations.jsonl")


def test_an_odd_record_is_counted_and_left_out(copy, tmp_path):
    odd = [dict(value=None), dict(value="1"), dict(value=True), dict(extractor=3), dict(seed=None)]
    odd += [dict(num_samples=10**30), dict(floor=10**400), dict(value=float("nan"))]
    evaluate(copy / "a", record(), *(record(**each) for each in odd), {"metric": "x"})
    root = shown([copy / "a"], tmp_path / "x.html")
    assert "9 of 10 evaluations lack what they should have" in root.text
    assert len(cells(section(root, "metrics").all("table")[0])) == 2
    found, _ = reading.read([str(copy / "a")])
    assert page.page(found, []) == page.page(found, []), "what was read stays as it is"


def test_tables_that_are_being_written_are_read_up_to_their_last_row(copy, tmp_path):
    before = shown([copy / "a"], tmp_path / "x.html")
    for name in ("health.csv", "losses.csv"):
        with (copy / "a" / name).open("a") as table:
            table.write("5,0.5,0." if name == "losses.csv" else "4,0.5")
    with (copy / "a" / "losses.csv").open("r+") as table:
        text = table.read().replace("\n5,", "\n5,7,7\n6,")  # a step behind the checkpoint
        table.seek(0)
        table.write(text)
    after = shown([copy / "a"], tmp_path / "x.html")
    assert not after.all("ul", class_="warnings")
    assert section(after, "curves").text == section(before, "curves").text


def test_missing_and_damaged_pictures_are_noted(copy, tmp_path):
    shutil.rmtree(copy / "a" / "samples")
    first, second, *_ = sorted((copy / "b" / "samples").glob("0*.png"))
    first.write_bytes(b"no picture")
    second.write_bytes(second.read_bytes()[:300])
    root = shown([copy], tmp_path / "x.html")
    noted = root.all("ul", class_="warnings")[0].text
    assert f"{copy / 'a'}: there are no pictures of samples." in noted
    assert f"{first} is not as it was written" in noted
    assert f"{second} is not as it was written" in noted
    whole = len(list((copy / "b" / "samples").glob("*.png"))) - 2
    assert len(section(root, "pictures").all("img")) == whole > 0


def test_only_a_report_is_overwritten(copy, tmp_path):
    table = (copy / "a" / "health.csv").read_bytes()
    for name in ("health.csv", "flags.txt"):
        with pytest.raises(InputError, match="is there, and no report: choose another name"):
            report.main((str(copy),), str(copy / "a" / name))
    assert (copy / "a" / "health.csv").read_bytes() == table
    shown([copy / "a"], tmp_path / "x.html")
    shown([copy / "b"], tmp_path / "x.html")
    with pytest.raises(InputError, match="is not a directory"):
        report.main((str(copy),), str(tmp_path / "no" / "x.html"))
