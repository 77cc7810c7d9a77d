"""What the README and the rooms' pages say in words is what the records say."""

import importlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from tools.make_results import (
    book_grid,
    gaussians,
    mnist,
    pages,
    parzen,
    ring_grid,
    stacked,
    vae_and_gan,
)
from tools.make_results.record import Record

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tools/results"
README = (ROOT / "README.md").read_text()


def row(begin):
    """A line of the README's table of what came out."""
    [line] = re.findall(rf"^\| {re.escape(begin)}.*$", README, re.MULTILINE)
    return line


def of_final(name, column):
    record = Record(RESULTS / "ring_grid.json")
    trials = [t for t in ring_grid.trials(record) if (t.row, t.column) == (name, column)]
    return record.known(t for t in trials if t.part == "final")


@pytest.mark.parametrize(("column", "begin"), [("ring", "8 Gaussians"), ("grid", "25 Gaussians")])
def test_the_readme_s_mixtures(column, begin):
    outcomes, real = (of_final(name, column) for name in (ring_grid.TUNED, ring_grid.REAL))
    assert {o["modes"] for o in outcomes} == {ring_grid.COLUMNS[column]}, "in every seed"
    assert len(outcomes) == 10
    line = row(begin)
    assert pages.cell([o["good_share"] for o in outcomes], pages.percent) + " %" in line
    for some in (outcomes, real):
        mean, _ = pages.mean_and_error([o["reverse_kl"] for o in some])
        assert pages.small(mean) in line
    documents = pages.mean_and_error([o["modes"] for o in of_final(ring_grid.DOCUMENT, column)])[0]
    said = row("the same by the document's settings")
    assert f"{documents:.1f} of {ring_grid.COLUMNS[column]}" in said


def test_the_readme_s_likelihood_of_a_vae():
    record = Record(RESULTS / "vae_and_gan.json")
    means = pages.Means(record, vae_and_gan.trials(record))
    key = "vae_and_gan/VAE, recipe vae_mnist/mnist"
    said = f"ELBO {means[key + '/elbo/one']}, log p(x) {means[key + '/log_likelihood/one']} nats"
    assert said in row("MNIST in black and white")


def test_the_readme_s_classes_that_were_asked_for():
    found = json.loads((RESULTS / "labels.json").read_text())
    line = row("MNIST, classes asked for")
    assert f"{100 * found['read_as_asked']:.1f} % of the samples" in line
    assert f"{100 * found['classifier_accuracy']:.2f} %" in line


def test_what_samples_of_the_truth_score():
    record = Record(RESULTS / "gaussians.json")
    outcomes = record.known(gaussians.trials(record))
    text = " ".join((ROOT / "tfgan/metrics/README.md").read_text().split())
    for name in ("precision", "recall", "density", "coverage"):
        values = [outcome[name] for outcome in outcomes]
        assert f"{name} {np.mean(values):.3f}, {np.std(values, ddof=1):.3f}" in text


def test_a_number_that_no_trial_has_is_no_number_of_a_page():
    record = Record(RESULTS / "vae_and_gan.json")
    means = pages.Means(record, vae_and_gan.trials(record))
    with pytest.raises(KeyError, match="no trial is called vae_and_gan/GAN/mnist"):
        means["vae_and_gan/GAN/mnist/recall/percent"]


def emoji():
    """Numbers of the runs on emoji, by (recipe, step, metric); and the floors, by metric."""
    lines = (RESULTS / "emoji_by_class.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    values = {(each["recipe"], each["step"], each["metric"]): each["value"] for each in found}
    return values, {each["metric"]: each["floor"] for each in found}


def test_emoji_by_class_in_the_recipes_and_in_the_readme():
    values, floors = emoji()
    text = (ROOT / "tfgan/recipes/README.md").read_text()
    for name, recipe, step in (
        ("`small_images`, a class a row", "small_images", 30_000),
        ("`pictures`", "pictures", 30_000),
        ("the same run at 12,500", "pictures", 12_500),
        ("the same run at 7,500", "pictures", 7_500),
        ("real, the other half", "", 0),
    ):
        [line] = re.findall(rf"^\| {re.escape(name)} \|.*$", text, re.MULTILINE)

        def value(metric, of=(recipe, step)):
            return values[(*of, metric)] if of[1] else floors[metric]

        shares = [f"{value(metric):.2f}" for metric in ("precision", "recall", "coverage")]
        distance = value("frechet_distance")
        said = [f"{distance:.0f}" if distance >= 100 else f"{distance:.1f}", *shares]
        assert line.endswith(f"| {' | '.join(said)} |")
    of_pictures = [
        v for (r, _, m), v in values.items() if (r, m) == ("pictures", "frechet_distance")
    ]
    best, ours = min(of_pictures), values["small_images", 30_000, "frechet_distance"]
    last = values["pictures", 30_000, "frechet_distance"]
    line = row("3,781 emoji in 9 classes")
    for said in (f"distance {ours:.1f} by", f": {last:.0f} after", f"{best:.1f} at its best"):
        assert said in line
    assert f"| {floors['frechet_distance']:.1f} |" in line


def outcomes(name, row, column):
    """What is known of a row in each seed."""
    record = Record(RESULTS / f"{name}.json")
    module = importlib.import_module(f"tools.make_results.{name}")
    known = [t for t in module.trials(record) if (t.row, t.column) == (row, column)]
    assert known
    return record.known(known)


def test_what_is_said_of_collapse():
    def means(row):
        found = outcomes("collapse", row, "digits")
        return {n: np.mean([o[n] for o in found]) for n in ("precision", "recall", "coverage")}

    documents, wasserstein, paired = map(
        means,
        ("the document's settings", "wasserstein, gradient penalty", "relativistic, r1 and r2"),
    )
    assert documents["precision"] > 2 * documents["recall"]
    for helped in (wasserstein, paired):
        assert 3.5 < helped["recall"] / documents["recall"] < 4.6
        assert helped["coverage"] > documents["coverage"]
    assert wasserstein["precision"] < 0.8 * documents["precision"]
    assert abs(paired["precision"] / documents["precision"] - 1) < 0.1
    collapsed = outcomes("collapse", "its generator five times as fast", "digits")
    assert {o["verdict"] for o in collapsed} == {"generator collapsed"}
    first, second, third = (f"{o['since']:,}" for o in collapsed)
    page = " ".join((RESULTS / "collapse.md").read_text().split())
    assert f"in the three seeds from step {first}, {second} and {third} on" in page
    least_squares = outcomes("collapse", "least squares", "ring")
    assert {o["modes_covered"] for o in least_squares} == {6}
    assert (
        max(
            outcome["modes_covered"]
            for outcome in outcomes("collapse", "the document's settings", "ring")
        )
        == 0
    )


def test_what_is_said_of_the_book_s_grid():
    page = " ".join((RESULTS / "book_grid.md").read_text().split())
    assert all(
        o["good_share"] < 0.025 for o in outcomes("book_grid", list(book_grid.ROWS)[0], "grid")
    )
    last = outcomes("book_grid", list(book_grid.ROWS)[-1], "grid")
    whole = [o for o in last if o["modes"] == 25]
    assert (len(last), len(whole)) == (3, 2)
    shares = " and ".join(f"{100 * o['good_share']:.0f}" for o in whole)
    spreads = " and ".join(sorted(f"{o['spread']:.2f}" for o in whole))
    assert f"25 modes, {shares} % of good samples and a mean spread of {spreads};" in page
    [lost] = [o for o in last if o not in whole]
    assert lost["modes"] == 23


def test_the_readme_s_stacked_digits():
    packed = outcomes("stacked", stacked.PACKED, "stacked_mnist")
    assert {o["modes_covered"] for o in packed} == {1000}
    mean, error = pages.mean_and_error([o["reverse_kl"] for o in packed])
    line = row("stacked MNIST, 1,000 modes")
    assert f"KL {mean:.3f} ± {error:.3f} | {packed[0]['reverse_kl_real']:.3f} |" in line
    seconds = [o["training_seconds"] for o in packed if o["training_seconds"]]
    assert round(np.mean(seconds) / 60) == 9
    other, longer = (
        outcomes("stacked", row, "stacked_mnist")[0]["reverse_kl"]
        for row in list(stacked.ROWS)[1:3]
    )
    kls = [o["reverse_kl"] for o in packed]
    assert max(kls) < other
    assert sum(kl < longer for kl in kls) == 2


def test_the_readme_s_parzen_window():
    found = [o[parzen.METRIC] for o in outcomes("parzen", "non_saturating", "mnist")]
    [real] = outcomes("parzen", parzen.REAL, "mnist")
    said = f"5 seeds | {pages.cell(found, pages.one)} nats | {real[parzen.METRIC]:.1f} | 225 |"
    assert len(found) == 5
    assert said in row("MNIST, Parzen window")
    minimax = [o[parzen.METRIC] for o in outcomes("parzen", "minimax", "mnist")]
    assert sum(score < 0 for score in minimax) == 1, "one seed has learned nothing"


def test_the_readme_s_objectives_on_mnist():
    def distances(row):
        found = [o["frechet_distance"] for o in outcomes("mnist", row, "mnist")]
        assert len(found) == 3, row
        return found

    of_rows = {row: distances(row) for row in mnist.ROWS}
    floor = outcomes("mnist", "minimax", "mnist")[0]["frechet_distance_real"]
    line = row("MNIST, Fréchet distance")
    for said, name, written in (
        ("non-saturating", "non_saturating", pages.one),
        ("minimax", "minimax", pages.one),
        ("least squares", "least_squares", pages.one),
        ("VAE", "vae", pages.whole),
    ):
        assert f"{said} {pages.cell(of_rows[name], written)}" in line
    assert f"| {floor:.1f} |" in line
    mean = {name: np.mean(found) for name, found in of_rows.items()}
    order = ["non_saturating", "minimax", "least_squares", "vae"]
    assert sorted(order, key=mean.get) == order, "what the page says came out"
    assert min(mean, key=mean.get) == "non_saturating"
    assert mean["wasserstein, weight clip"] > 500
    falling, hinge = mnist.TUNED
    first, second, lost = sorted(distances(falling))
    page = " ".join((RESULTS / "mnist.md").read_text().split())
    assert f"to {first:.1f} and {second:.1f} in two seeds" in page
    assert f"{first:.1f} and {second:.1f} in two seeds of three" in line
    assert 2.0 * floor < first < second < 3 * floor
    assert lost > 4000
    safe = distances(hinge)
    assert f"hinge {pages.cell(safe, pages.one)}" in line
    assert max(safe) < 2.0 * mean["non_saturating"], "loses no seed"
    coverage = {
        row: np.mean([o["coverage"] for o in outcomes("mnist", row, "mnist")])
        for row in (*mnist.ROWS, *mnist.TUNED)
    }
    assert max(coverage, key=coverage.get) == hinge
