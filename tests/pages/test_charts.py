"""Charts: where a point is drawn, what an axis says, odd numbers, colours for everybody."""

import itertools
import re

import numpy as np
import pytest

from tests.pages import written
from tfgan.pages import charts, page
from tfgan.pages.charts import Line
from tfgan.pages.markup import Markup, joined, tag


def line(values, steps=None, name="x", style=0):
    steps = np.arange(len(values)) if steps is None else steps
    return Line(name, np.array(steps, np.float64), np.array(values, np.float64), style)


def drawn(*lines, **options):
    return written.read(charts.chart("title", lines, **options))


def points(path):
    return [tuple(map(float, each.split(" "))) for each in path.attributes["d"][1:].split("L")]


def test_a_point_lies_where_the_axes_say():
    root = drawn(line([0.0, 30.0, 100.0], [0, 50, 100]))
    (first, second, last) = points(root.all("path", class_="line")[0])
    assert (first[0], last[0]) == (charts.LEFT, charts.WIDTH - charts.RIGHT)
    assert second[0] == pytest.approx((first[0] + last[0]) / 2, abs=0.1)
    labels = {
        float(text.own_text): float(text.attributes["y"]) - 3.5
        for text in root.all("text", class_="y")
        if text.own_text != "step"
    }
    assert sorted(labels) == [0, 25, 50, 75, 100]
    for (_, y), value in zip((first, second, last), (0, 30, 100), strict=True):
        expected = labels[0] + value / 100 * (labels[100] - labels[0])
        assert y == pytest.approx(expected, abs=0.11), "linear, never logarithmic"
    assert {text.own_text for text in root.all("text", class_="x")} == {"0", "20", "40", "60", "80"}


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (0, 1, 4, [0, 0.25, 0.5, 0.75, 1]),
        (-3, 3, 4, [-2, 0, 2]),
        (2.2961, 2.3024, 4, [2.298, 2.3, 2.302]),
        (1e-9, 4e-9, 4, [1e-9, 2e-9, 3e-9, 4e-9]),
    ],
)
def test_ticks_are_round(low, high, most, expected):
    assert charts.ticks(low, high, most) == pytest.approx(expected)


def test_a_range_has_neither_too_many_ticks_nor_too_few():
    draw = np.random.default_rng(0)
    for low, width, most in zip(
        draw.normal(size=500), 10 ** draw.uniform(-6, 6, 500), draw.integers(4, 9, 500), strict=True
    ):
        found = charts.ticks(low, low + width, int(most))
        assert most // 2 <= len(found) <= most + 1
        assert low - 1e-8 * width <= found[0]
        assert found[-1] <= low + width * (1 + 1e-8)


def test_odd_numbers_leave_a_chart_whole():
    assert charts.chart("title", []) == ""
    assert charts.chart("title", [line([np.nan, np.inf])]) == ""
    for values in ([0.0], [5.0, 5.0], [-2.0], [1e308, -1e308], [1e-320, 0], [3, np.nan, 4, np.inf]):
        root = drawn(line(values), line([0.0], [1e17]), floor=1.0)
        finite = [value for value in values if np.isfinite(value)]
        first, _ = root.all("path", class_="line")
        assert len(points(first)) == len(finite)
        for x, y in points(first):
            assert charts.LEFT <= x <= charts.WIDTH - charts.RIGHT
            assert charts.TOP <= y <= charts.HEIGHT - charts.BOTTOM
    assert len(drawn(line([1.0])).all("title")) == 1


def test_a_long_curve_is_its_means_before_its_peaks():
    values = np.where(np.arange(10_000) % 2, 1.0, 3.0)
    values[5000] = 100.0
    root = drawn(line(values))
    (peaks,), (means,) = root.all("path", class_="peaks"), root.all("path", class_="line")
    assert "fill: none" in re.search(r"path\.line, path\.peaks \{(.*)\}", page.STYLE.read_text())[1]
    top = min(y for _, y in points(peaks))
    heights = [y for _, y in points(means)]
    assert len(heights) <= charts.NUM_MEANS
    assert top == pytest.approx(charts.TOP + (180 - 18 - 4) * 0.06, abs=8)
    of_two = np.median(heights)
    bottom = charts.HEIGHT - charts.BOTTOM
    assert (bottom - of_two) / (bottom - top) == pytest.approx(2 / 100, abs=0.002)
    assert (bottom - min(heights)) / (bottom - top) == pytest.approx((2 + 97 / 63) / 100, abs=0.002)


def test_a_pointer_is_told_the_nearest_step_of_each_line():
    root = drawn(line([1.0, 2.0, 3.0]), line([5.0], [1], "y"), unit="nats")
    told = [title.own_text for title in root.all("title")]
    assert told[1] == "step 1\nx: 2 nats\ny: 5 nats"
    assert told[2] == "step 2\nx: 3 nats\ny: 5 nats (step 1)"
    many = drawn(line(np.arange(5000.0)))
    assert len(many.all("title")) == charts.NUM_STRIPS
    strips = [each.attributes for each in many.all("rect")]
    ends = [float(each["x"]) + float(each["width"]) for each in strips]
    assert ends[:-1] == pytest.approx([float(each["x"]) for each in strips[1:]], abs=0.11)


def test_styles_differ_as_long_as_they_can():
    number = charts.NUM_COLOURS * charts.NUM_DASHES
    assert len({charts.style_of(i) for i in range(number)}) == number
    style = page.STYLE.read_text()
    for i in range(charts.NUM_COLOURS):
        assert f".c{i} {{ stroke: var(--c{i}); fill: var(--c{i}); }}" in style
    for i in range(1, charts.NUM_DASHES):
        assert f"path.d{i} {{ stroke-dasharray: " in style


# Machado et al., "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009,
# table 1, severity 1: matrices for linear RGB.
SIGHTS = {
    "all three": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colour):
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    x = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    """The ratio that WCAG 2 defines."""
    low, high = sorted((TO_XYZ @ linear(each))[1] for each in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_everybody_can_tell_the_colours_apart(scheme):
    blocks = re.findall(r":root \{(.*?)\}", page.STYLE.read_text(), re.DOTALL)
    assert len(blocks) == 2, "light and dark"
    named = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme]))
    colours = [named[f"c{i}"] for i in range(charts.NUM_COLOURS)]
    for sight in SIGHTS.values():
        seen = [lab(np.array(sight) @ linear(colour)) for colour in colours]
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 20
    assert min(contrast(colour, named["card"]) for colour in colours) >= 3
    for text in ("text", "muted", "link"):
        assert contrast(named[text], named["back"]) >= 4.5
    for kind in ("good", "bad"):
        assert contrast(named[kind], named[f"{kind}-back"]) >= 4.5


def test_children_are_text_unless_they_are_elements():
    made = tag("b", "<i>", [tag("i", "&"), "x"], title='"', class_="c", data_x=None)
    assert made == '<b title="&quot;" class="c">&lt;i&gt;<i>&amp;</i>x</b>'
    assert isinstance(made, Markup)
    assert joined("a\u2028\ud800\x07", Markup("<b></b>")) == "a\ufffd\ufffd\ufffd<b></b>"
    assert tag("img", src="x") == '<img src="x">'
