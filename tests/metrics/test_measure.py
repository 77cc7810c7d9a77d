"""The catalogue: every metric by name, shared work, and what cannot be measured."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tfgan import metrics
from tfgan.core.checks import InputError
from tfgan.metrics import catalog, copying, kernel, modes, neighbours
from tfgan.metrics.catalog import ARRAYS, METRICS, measure


def arrays(rows=400, width=12, seed=0):
    """One of each array; every random array its own."""
    draw = np.random.RandomState(seed)
    made = {}
    for name in ARRAYS:
        if name.endswith("features"):
            made[name] = draw.standard_normal([rows, width]).astype(np.float32)
        elif name.endswith("pixels"):
            made[name] = draw.uniform(size=[rows, width]).astype(np.float32)
    made["fake_probabilities"] = draw.dirichlet(np.ones(10), rows)
    made["centres"], made["stddev"] = np.array([[0.0, 0.0], [9.0, 0.0]]), 1.0
    made["fake_points"] = draw.standard_normal([rows, 2])
    return made


def test_each_metric_is_the_function_of_its_file():
    given = arrays()
    real, fake = given["real_features"], given["fake_features"]
    sorted_points = modes.sort_by_mode(given["fake_points"], given["centres"], 1.0)
    distances = copying.training_distances(
        given["training_features"], given["held_out_features"], fake
    )
    precision, recall = metrics.precision_and_recall(real, fake)
    density, coverage = metrics.density_and_coverage(real, fake)
    expected = {
        "frechet_distance": metrics.frechet_distance(real, fake),
        "kernel_distance": metrics.kernel_distance(real, fake),
        "precision": precision,
        "recall": recall,
        "density": density,
        "coverage": coverage,
        "inception_score": metrics.inception_score(given["fake_probabilities"]),
        "parzen_log_likelihood": metrics.parzen_log_likelihood(
            given["validation_pixels"], given["test_pixels"], given["fake_pixels"]
        ),
        "sliced_wasserstein_distance": metrics.sliced_wasserstein_distance(real, fake),
        "copying": copying.copying(distances),
        "near_copies": copying.near_copies(distances),
        "modes_covered": 1.0,
        "good_share": modes.good_share(sorted_points),
        "reverse_kl": pytest.approx(np.log(2)),
        "shared_mass": 0.5,
    }
    found = measure(METRICS, **given)
    assert list(found) == list(METRICS) == list(expected)
    for name, value in expected.items():
        estimate = found[name]
        assert isinstance(estimate, metrics.Estimate)
        assert type(estimate.value) is float
        assert estimate == value if isinstance(value, tuple) else estimate == (value, None)
    assert list(measure(["recall", "density"], **given)) == ["recall", "density"]


def test_metrics_that_stand_on_the_same_work_share_it(monkeypatch):
    calls = []
    blocks = neighbours.squared_distances

    def counted(a, b):
        calls.append((a.shape, b.shape))
        return blocks(a, b)

    monkeypatch.setattr(neighbours, "squared_distances", counted)
    measure(["precision", "recall", "density", "coverage"], **arrays())
    assert len(calls) == 3  # real and real, fake and fake, real and fake
    measure(["copying", "near_copies"], **arrays())
    assert len(calls) == 5


def test_what_the_catalogue_says_of_each():
    for name, metric in METRICS.items():
        assert set(metric.needs) <= set(ARRAYS)
        assert metric.better in ("lower", "higher", "target"), name
        assert metric.better != "target" or metric.target is not None
    assert METRICS["frechet_distance"].badness(3.0) < METRICS["frechet_distance"].badness(4.0)
    assert METRICS["recall"].badness(0.9) < METRICS["recall"].badness(0.8)
    badness = METRICS["density"].badness
    assert badness(1.0) < badness(0.9) < badness(1.2)
    assert badness(0.9) == pytest.approx(badness(1.1))


@pytest.mark.parametrize(
    ("name", "array", "rows"),
    [
        ("frechet_distance", "fake_features", 12),
        ("kernel_distance", "real_features", 19),
        ("precision", "real_features", 5),
        ("coverage", "fake_features", 5),
        ("inception_score", "fake_probabilities", 99),
        ("parzen_log_likelihood", "test_pixels", 1),
        ("copying", "held_out_features", 19),
    ],
)
def test_too_few_samples(name, array, rows):
    given = arrays()
    enough = given | {array: given[array][: rows + 1]}
    assert np.isfinite(measure([name], **enough)[name].value)
    width = given[array].shape[1]
    message = f"{name} of width {width} needs {rows + 1} samples or more, and {array} has {rows}"
    with pytest.raises(InputError, match=message):
        measure([name], **(given | {array: given[array][:rows]}))


@pytest.mark.parametrize("name", list(METRICS))
def test_a_number_that_is_not_finite(name):
    for array in METRICS[name].needs:
        if array in ("centres", "stddev"):
            continue
        given = arrays()
        given[array][[3, 3, 8], [0, 1, 0]] = [np.nan, np.inf, -np.inf]
        message = f"2 of 400 rows of {array} are not finite, the first is row 3"
        with pytest.raises(InputError, match=message):
            measure([name], **given)


@pytest.mark.parametrize(
    ("names", "given", "message"),
    [
        (["recal"], {}, "unknown metric 'recal'; did you mean 'recall'?"),
        (["recall"], {"real_features": np.ones([9, 2])}, "recall needs fake_features"),
        (
            ["recall"],
            {"real_features": np.ones([9, 2]), "fake_features": np.ones([9, 3])},
            r"real \[9, 2\] and fake \[9, 3\] must have rows of one width",
        ),
        (
            ["recall"],
            {"real_features": np.ones([9, 2]), "fake_features": np.ones([9, 3, 3])},
            r"fake_features must be rows of numbers \[N, F\], got \[9, 3, 3\]",
        ),
        (
            ["recall"],
            {"real_features": np.ones([9, 2]), "fake_features": np.ones([0, 2])},
            r"fake_features must be rows of numbers \[N, F\], got \[0, 2\]",
        ),
        (
            ["recall"],
            {"real_features": np.full([9, 2], "a"), "fake_features": np.ones([9, 2])},
            "real_features must be real numbers, got <U1",
        ),
    ],
)
def test_what_cannot_be_measured(names, given, message):
    with pytest.raises(InputError, match=message):
        measure(names, **given)


def test_numbers_do_not_depend_on_threads_or_on_what_was_measured_before():
    given = arrays(rows=1500, width=64)
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    with threadpool_limits(1):
        one = measure(METRICS, **given)
    with threadpool_limits(2):
        two = measure(METRICS, **given)
    for name in METRICS:
        for a, b in zip(one[name], two[name], strict=True):
            assert a == b or a == pytest.approx(b, rel=1e-9, abs=1e-12)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_numbers_of_stated_seeds_are_recorded():
    """The same in every process, and on every machine up to rounding."""
    given = arrays(rows=100)
    found = measure(["kernel_distance", "sliced_wasserstein_distance"], **given)
    assert kernel.SEED == 0
    assert found["kernel_distance"].value == pytest.approx(-0.01994061362, rel=1e-6)
    assert found["sliced_wasserstein_distance"].value == pytest.approx(0.1591683811, rel=1e-6)
    assert catalog.METRICS is metrics.METRICS
