"""The report's metrics: numbers of two extractors, samples or references never stand together."""

import pytest

from tests.pages import written
from tests.pages.rig import cells, evaluate, record, section, shown
from tfgan.pages import measured, page, reading

APART = {
    "extractor": "inception",
    "num_samples": 200,
    "held_out": "test",
    "data_fingerprint": "content:2",
    "held_out_fingerprint": "content:3",
    "split": "test",
}


@pytest.mark.parametrize("name", APART)
def test_numbers_that_cannot_be_compared_share_no_table(name, copy, tmp_path):
    evaluate(copy / "a", record(value=0.25), record(value=0.75, **{name: APART[name]}))
    evaluate(copy / "b", record(value=0.5))
    root = shown([copy], tmp_path / "x.html")
    tables = section(root, "metrics").all("table")
    values = sorted([row[2:] for row in cells(table)[1:]] for table in tables)
    assert values == [[["0.25", "0.5"]], [["0.75"]]]
    assert "numbers of two tables cannot be compared" in section(root, "metrics").text


@pytest.mark.parametrize("other", [{"unit": "score"}, {"response_steps": 5}])
def test_what_discriminators_say_is_compared_by_one_unit_and_effort_alone(other, copy, tmp_path):
    gap = dict(extractor="discriminator", response_steps=50, unit="nats", floor=None)
    evaluate(copy / "a", record("duality_gap", value=0.25, **gap))
    evaluate(copy / "b", record("duality_gap", value=0.125, **gap | other))
    metrics = section(shown([copy], tmp_path / "x.html"), "metrics")
    assert [len(cells(table)[1]) for table in metrics.all("table")] == [3, 3]
    assert not metrics.all("span", class_="best"), "they do not compete"
    assert "there is no floor" in metrics.text
    assert "best responses of 50 steps, nats" in metrics.text


def test_extractors_of_two_digests_are_two(copy, tmp_path):
    evaluate(copy / "a", record(extractor="classifier_00000001", value=0.25))
    evaluate(copy / "b", record(extractor="classifier_0000000a", value=0.75))
    metrics = section(shown([copy], tmp_path / "x.html"), "metrics")
    tables = metrics.all("table")
    assert [cells(table)[0][2].split()[0] for table in tables] == ["a", "b"]
    assert "classifier_00000001 and classifier_0000000a are different networks" in metrics.text
    assert not metrics.all("span", class_="best"), "they do not compete"


def test_the_best_of_a_row_follows_its_metric(copy, tmp_path):
    for run, near, low, high in (("a", 0.7, 3.0, 0.75), ("b", 1.1, 2.0, 0.25)):
        evaluate(
            copy / run,
            record("density", value=near, better="target", target=1.0),
            record("frechet_distance", value=low, better="lower", target=0.0),
            record("recall", value=high),
            record("coverage", value=0.5),
        )
    metrics = section(shown([copy], tmp_path / "x.html"), "metrics")
    assert [each.text for each in metrics.all("span", class_="best")] == ["2", "0.75", "1.1"]


def test_a_repeated_evaluation_stands_there_once_and_other_seeds_beside(copy, tmp_path):
    evaluate(
        copy / "a",
        *(record(value=step / 10, step=step, seed=seed) for step in (1, 2, 4) for seed in (0, 1)),
        record(value=0.45, seed=1),
    )
    metrics = section(shown([copy / "a"], tmp_path / "x.html"), "metrics")
    head, row = cells(metrics.all("table")[0])
    assert [name.split(None, 1)[1] for name in head[2:]] == [
        f"step {step}, seed {seed}" for step in (2, 4) for seed in (0, 1)
    ]
    assert row[2:] == ["0.2", "0.2", "0.4", "0.45"]
    assert "2 older evaluations" in metrics.text
    curves = section(written.read((tmp_path / "x.html").read_text()), "curves")
    chart = next(c for c in curves.all("figure") if c.all("b")[0].text == "precision")
    assert [t.own_text.split("\n")[1] for t in chart.all("title")] == [
        f"a: {value}" for value in (0.1, 0.2, 0.4)
    ]
    assert chart.all("title")[0].own_text.endswith("floor: 0.9")


def test_evaluations_while_training_share_a_chart_only_where_they_compare(runs, tmp_path):
    found, _ = reading.read([str(runs / "a"), str(runs / "b")])
    rows = [
        {"step": str(k), "coverage": "0.5", "coverage_by_class": "1", "recall_pixels_100": "0.5"}
        for k in (2, 4)
    ]

    def charts(**changed):
        known = dict(rows=rows, floors={"recall_pixels_100": 0.875})
        both = [run._replace(summary=run.summary._replace(**known)) for run in found]
        both[1] = both[1]._replace(summary=both[1].summary._replace(**changed))
        curves = section(written.read(page.page(both, [])[0]), "curves")
        return curves.all("figure", class_="chart")[2:]

    def titles(**changed):
        return [
            (chart.all("b")[0].text, len(chart.all("path", class_="line")))
            for chart in charts(**changed)
        ]

    chart = charts()[-1]
    assert "floor 0.875: other real examples in their place" in chart.text
    assert len(chart.all("path", class_="floor")) == 1
    for others in ({}, {"recall_pixels_100": 0.5}):  # an older run; another machine
        assert not charts(floors=others)[-1].all("path", class_="floor")

    health = [("coverage", 2), ("coverage_by_class", 2)]
    assert titles() == [*health, ("recall", 2)]
    assert titles(fingerprint="content:other") == [*health, ("recall", 1), ("recall", 1)]
    renamed = [{**row, "recall_pixels_200": row["recall_pixels_100"]} for row in rows]
    for row in renamed:
        del row["recall_pixels_100"]
    assert titles(rows=renamed) == [*health, ("recall", 1), ("recall", 1)]


def test_a_protocol_says_what_it_compares():
    found = measured.Protocol("pixels", 10000, "mnist, train", "content:1", "test", "content:2")
    assert found.title() == "pixels, 10,000 samples against mnist, train"
    assert found.about() == "floor: test in the place of the samples"
