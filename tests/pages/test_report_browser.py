"""The report in a real browser: nothing missing, nothing fetched, nothing beyond the window."""

import json
import shutil

import pytest

from tests.pages import browser
from tests.pages.rig import evaluate, record
from tests.pages.test_report_page import HOSTILE
from tfgan import report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        browser.CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)"
    ),
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser.browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def page(runs, tmp_path):
    """A report of two runs, one of a hostile and one of a very long name."""
    names = {"a": HOSTILE, "b": "b" * 200}
    for name, renamed in names.items():
        shutil.copytree(runs / name, tmp_path / "runs" / renamed)
        numbers = [record(m, value=k / 10) for k, m in enumerate(("precision", HOSTILE, "x" * 300))]
        evaluate(tmp_path / "runs" / renamed, *numbers)
    report.main((str(tmp_path / "runs"),), str(tmp_path / "report.html"))
    return tmp_path / "report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_whole(scheme, width, chromium, page):
    chromium.open(page, width, scheme)
    assert chromium.complaints() == []
    assert chromium.requests() == [page.resolve().as_uri()]
    sizes = chromium.value("[...document.images].map(image => image.naturalWidth)")
    assert len(sizes) >= 4
    assert min(sizes) > 0
    widest = chromium.value("document.documentElement.scrollWidth")
    assert widest <= chromium.value("document.documentElement.clientWidth") <= width
    back = chromium.value("getComputedStyle(document.body).backgroundColor")
    levels = json.loads(back.removeprefix("rgb").replace("(", "[").replace(")", "]"))
    assert (max(levels) < 64) if scheme == "dark" else (min(levels) > 192)
    lines = chromium.value(
        "[...document.querySelectorAll('path.line')].map(line => line.getTotalLength())"
    )
    assert len(lines) > 10
    assert min(lines) > 5


def test_a_click_enlarges_a_picture_and_another_one_does_not(chromium, page):
    chromium.open(page, 1280)
    width = "document.images[1].getBoundingClientRect().width"
    before = chromium.value(width)
    link = "document.querySelectorAll('.pictures figure')[1].querySelector('figcaption a')"
    assert chromium.value(f"{link}.checkVisibility()") is False
    chromium.value("document.images[1].parentElement.click()")
    assert chromium.value(width) > 2 * before
    chromium.value(f"{link}.click()")
    assert chromium.value(width) == before


def test_a_script_in_the_page_would_not_run(chromium, page, tmp_path):
    """What the policy is for: were something not escaped, it would still do nothing."""
    text = page.read_text()
    evil = "<script>window.ran = 1</script><img src='http://127.0.0.1:9/x'>"
    (tmp_path / "evil.html").write_text(text.replace("</body>", f"{evil}</body>"))
    chromium.open(tmp_path / "evil.html", 1280)
    assert chromium.value("typeof window.ran") == "undefined"
    assert len(chromium.complaints()) >= 2
    unguarded = text.replace("Content-Security-Policy", "nothing")
    (tmp_path / "evil.html").write_text(unguarded.replace("</body>", f"{evil}</body>"))
    chromium.open(tmp_path / "evil.html", 1280)
    assert chromium.value("window.ran") == 1, "this test would see it"
