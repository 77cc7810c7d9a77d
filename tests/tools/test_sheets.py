"""Sheets of pictures: they show what the record has, and only that."""

import base64
import importlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.make_results import __main__ as command
from tools.make_results import sheets
from tools.make_results.record import Record

RESULTS = Path(__file__).parents[2] / "tools" / "results"


@pytest.fixture
def two(tmp_path):
    """A dark picture and a light one of other sizes, as a record keeps them."""
    found = []
    for i, (shade, side) in enumerate([(50, 100), (200, 500)]):
        path = tmp_path / f"{i}.png"
        Image.fromarray(np.full((side, side), shade, np.uint8)).save(path)
        found.append(sheets.kept(path))
    return found


def test_a_picture_is_kept_no_larger_than_it_is_shown(two):
    pictures = [Image.open(io.BytesIO(base64.b64decode(text))) for text in two]
    assert [p.size for p in pictures] == [(100, 100), (sheets.SIDE, sheets.SIDE)]
    assert [p.convert("L").getpixel((9, 9)) for p in pictures] == [50, 200]


def test_a_sheet_has_each_picture_in_its_place(two):
    rows = {"first": {"a": two[0], "b": two[1]}, "second": {"a": two[1]}}
    content = sheets.sheet(rows)
    assert content == sheets.sheet(rows)
    with Image.open(io.BytesIO(content)) as made:
        assert made.text == {sheets.DIGEST: sheets.digest(rows)}
        grey = np.asarray(made.convert("L"), np.int32)
    top, step = sheets.GAP + 2 * sheets.LINE + 50, sheets.SIDE + sheets.GAP
    down = top + step + 2 * sheets.LINE
    shades = [grey[y, sheets.GAP + x + 50] for y, x in [(top, 0), (top, step), (down, 0)]]
    np.testing.assert_allclose(shades, [50, 200, 200], atol=3)
    assert grey[down, sheets.GAP + step + 50] == 255
    assert sheets.digest({"first": rows["first"]}) != sheets.digest(rows)


@pytest.mark.parametrize("name", ["collapse", "vae_and_gan"])
def test_the_sheet_that_is_kept_is_that_of_the_record(name):
    table = importlib.import_module(command.TABLES[name].page)
    record = Record(RESULTS / f"{name}.json")
    shown = table.pictures(record, table.trials(record))
    with Image.open(RESULTS / command.TABLES[name].picture_file) as made:
        assert made.text == {sheets.DIGEST: sheets.digest(shown)}
