"""Short runs, and reports of them."""

import json

from tests.pages import written
from tfgan import report
from tools import crash_points

RUN = [*crash_points.RUN, "--keep_checkpoints=3"]


def shown(given, out):
    """Returns the elements of the report of some directories."""
    report.main(tuple(map(str, given)), str(out))
    return written.read(out.read_text())


def section(root, key):
    return next(each for each in root.all("section") if each.attributes["id"] == key)


def cells(table):
    return [[c.text for c in row.children] for row in table.all("tr")]


def record(metric="precision", **changed):
    about = dict(metric=metric, extractor="pixels", value=0.5, spread=None, floor=0.9, unit="")
    about |= dict(better="higher", target=None, step=4, num_samples=100, seed=0, data="ring")
    about |= dict(split="train", data_fingerprint="content:1", held_out="")
    return about | dict(held_out_fingerprint="") | changed


def evaluate(run, *records):
    (run / "evaluations.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
