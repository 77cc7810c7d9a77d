"""How large a report becomes, and which runs it is of."""

import base64
import shutil
import time

import numpy as np
import PIL.Image

from tests.pages import written
from tests.pages.rig import section
from tfgan.pages import embedded, page, reading
from tfgan.runs import summary


def test_a_large_run_gives_a_small_page(runs, tmp_path):
    (tmp_path / "samples").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, [600, 600, 3], np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "noise.png")
    paths = [tmp_path / "samples" / f"{1000 * k:08d}.png" for k in range(200)]
    for path in paths:
        path.hardlink_to(tmp_path / "noise.png")
    steps = np.arange(1.0, 100_001)
    values = np.sin(steps / 5000) + np.random.default_rng(1).normal(size=100_000)
    values[[12_345, 67_890]] = 9.0, -9.0
    (found,), _ = reading.read([str(runs / "a")])
    rows = [
        {"step": str(100 * k), "diversity": str(k / 1000), "verdict": "training"}
        for k in range(1, 1001)
    ]
    about = found.summary._replace(samples=paths, others=[], rows=rows, step=100_000)
    losses = {"step": steps, "g_loss": values, "d_loss": -values}
    large = [found._replace(summary=about, losses=losses, number=i, name=f"{i}") for i in (0, 1)]
    began = time.monotonic()
    text, notes = page.page(large, [])
    assert time.monotonic() - began < 60, "this catches what would take minutes"
    assert not notes
    root = written.read(text)
    images = section(root, "pictures").all("img")
    assert [image.attributes["alt"] for image in images[:12]] == [
        f"0, step {1000 * round(i * 199 / 11):,}" for i in range(12)
    ]
    assert len(images) == 24
    of_pictures = sum(len(image.attributes["src"]) for image in images)
    assert len(noise.tobytes()) * 24 > 10 * 2**20, "as they are they would be too large"
    assert of_pictures < 1.4 * embedded.MOST_BYTES
    assert len(text) - of_pictures < 2**20
    chart = section(root, "curves").all("figure", class_="chart")[0]
    peaks = chart.all("path", class_="peaks")[0].attributes["d"]
    heights = [float(point.split(" ")[1]) for point in peaks[1:].split("L")]
    assert len(heights) < 4 * 460
    ends = sorted(heights)
    assert ends[1] - ends[0] > 20, "the peaks are not lost"
    assert ends[-1] - ends[-2] > 20


def test_many_runs_share_the_pictures():
    assert embedded.most_pictures(1) == embedded.most_pictures(20) == 12
    assert embedded.most_pictures(1000) == 2
    assert [embedded.spread(range(n), 3) for n in (2, 3, 9)] == [[0, 1], [0, 1, 2], [0, 4, 8]]


def test_small_pictures_stay_as_they_are(runs):
    path = sorted((runs / "a" / "samples").glob("0*.png"))[-1]
    root = written.read(embedded.picture(path, "x", 10**6))
    (image,) = root.all("img")
    kind, _, text = image.attributes["src"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(text) == path.read_bytes()
    size = PIL.Image.open(path).size
    assert (image.attributes["width"], image.attributes["height"]) == tuple(map(str, size))


def test_runs_are_found_as_they_are_named(copy):
    shutil.copytree(copy / "a", copy / "with,comma")
    a, b, comma = (str(copy / name) for name in ("a", "b", "with,comma"))
    assert summary.find([str(copy)]) == [a, b, comma]
    assert summary.find([f"{b},{a}"]) == [b, a]
    assert summary.find([comma, a, str(copy)]) == [comma, a, b], "each once"
    assert summary.find(["/nowhere", ""]) == ["/nowhere"]


def test_two_runs_of_one_name_are_called_by_their_paths(copy, tmp_path):
    shutil.copytree(copy / "a", tmp_path / "other" / "a")
    found, _ = reading.read([str(copy / "a"), str(copy / "b"), str(tmp_path / "other" / "a")])
    names = [run.name for run in found]
    assert names == [str(copy / "a"), "b", str(tmp_path / "other" / "a")]
