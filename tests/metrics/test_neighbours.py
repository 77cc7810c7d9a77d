"""Distances and neighbourhoods: brute force, the authors' package, copies, theory."""

import numpy as np
import pytest
from prdc import compute_prdc
from scipy.spatial.distance import cdist

from tfgan.core.checks import InputError
from tfgan.metrics import density_coverage, neighbours, precision_recall


def squared(a, b):
    blocks = list(neighbours.squared_distances(a, b))
    covered = np.concatenate([np.arange(len(a))[block] for block, _ in blocks])
    np.testing.assert_array_equal(covered, np.arange(len(a)))
    return np.concatenate([squares for _, squares in blocks])


@pytest.fixture(params=["one block", "many blocks"])
def _blocks(request, monkeypatch):
    if request.param == "many blocks":
        monkeypatch.setattr(neighbours, "_BLOCK", 200)


@pytest.mark.usefixtures("_blocks")
def test_distances_are_those_of_subtraction():
    draw = np.random.RandomState(0)
    a, b = draw.standard_normal([37, 5]) + 100, draw.standard_normal([23, 5]) + 100
    np.testing.assert_allclose(squared(a, b), cdist(a, b, "sqeuclidean"), rtol=1e-10)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64])
def test_copies_have_no_distance(kind):
    draw = np.random.RandomState(1)
    a = (draw.uniform(size=[30, 50]) * 255).astype(kind)
    b = a[draw.permutation(30)]
    found = squared(a, np.concatenate([b, b[:7]]))
    assert np.count_nonzero(found == 0.0) == 37
    assert found[found > 0].min() > 1
    assert not squared(a[:1].repeat(9, 0), a[:1].repeat(8, 0)).any()
    zeros = np.array([[0.0, 1.0], [-0.0, 1.0]])
    assert not squared(zeros, zeros).any()


@pytest.mark.usefixtures("_blocks")
def test_rows_that_nearly_agree():
    """Far from the mean, and so close that a product of matrices sees nothing of it."""
    a = np.zeros([60, 3])
    a[:, 0] = np.repeat([1e4, -1e4], 30)
    a[:, 1] = np.tile(np.arange(30) * 1e-6, 2)
    expected = cdist(a, a, "sqeuclidean")
    np.testing.assert_allclose(squared(a, a), expected, rtol=1e-9, atol=1e-30)


def test_nearest_neighbours():
    examples = np.array([[0.0, 0], [3, 4], [3, 4], [10, 0]])
    indices, distances = neighbours.nearest_neighbours(
        np.array([[3.0, 4], [0, 1], [9, 0], [0, 0]]), examples
    )
    np.testing.assert_array_equal(indices, [1, 0, 3, 0])
    np.testing.assert_array_equal(distances, [0, 1, 1, 0])


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("k", [1, 3, 5])
def test_against_the_authors_package(k):
    draw = np.random.RandomState(k)
    real = draw.standard_normal([150, 6])
    fake = draw.standard_normal([110, 6]) * 0.8 + 0.3
    expected = compute_prdc(real, fake, k)
    found = neighbours.neighbourhoods(real, fake, (2, k))[k]
    assert precision_recall.precision(found) == pytest.approx(expected["precision"], rel=1e-12)
    assert precision_recall.recall(found) == pytest.approx(expected["recall"], rel=1e-12)
    assert density_coverage.density(found) == pytest.approx(expected["density"], rel=1e-12)
    assert density_coverage.coverage(found) == pytest.approx(expected["coverage"], rel=1e-12)
    assert precision_recall.precision_and_recall(real, fake, k=k) == (
        precision_recall.precision(found),
        precision_recall.recall(found),
    )
    assert density_coverage.density_and_coverage(real, fake, k=k) == (
        density_coverage.density(found),
        density_coverage.coverage(found),
    )


def test_the_papers_numbers_of_neighbours():
    draw = np.random.RandomState(9)
    real, fake = draw.standard_normal([2, 60, 3])
    three, five = compute_prdc(real, fake, 3), compute_prdc(real, fake, 5)
    found = precision_recall.precision_and_recall(real, fake)
    assert found == pytest.approx((three["precision"], three["recall"]), rel=1e-12)
    found = density_coverage.density_and_coverage(real, fake)
    assert found == pytest.approx((five["density"], five["coverage"]), rel=1e-12)


def test_balls_on_the_line():
    real = np.array([[0.0], [1.0], [3.0], [9.0]])  # radii for k = 1: 1, 1, 2, 6
    fake = np.array([[1.5], [3.0], [20.0]])  # radii: 1.5, 1.5, 17
    found = neighbours.neighbourhoods(real, fake, (1,))[1]
    np.testing.assert_array_equal(found.real_balls, [2, 2, 0])
    np.testing.assert_array_equal(found.fakes_inside, [0, 1, 2, 1])
    np.testing.assert_array_equal(found.fake_balls, [1, 1, 3, 1])  # balls are closed


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("seed", range(5))
def test_a_copy_of_the_data_is_in_its_own_ball_and_in_those_that_reach_to_it(seed):
    """The farthest neighbour lies on the ball's border: rounding must not throw it out."""
    draw = np.random.RandomState(seed)
    real = draw.standard_normal([200, 40]) * 0.1 + 5
    fake = real[draw.permutation(200)].astype(np.float64)
    found = neighbours.neighbourhoods(real, fake, (3, 5))
    for k in (3, 5):
        np.testing.assert_array_equal(found[k].fakes_inside, np.full(200, k + 1))
        assert density_coverage.density(found[k]) == (k + 1) / k
        assert density_coverage.coverage(found[k]) == 1.0
        assert precision_recall.precision(found[k]) == precision_recall.recall(found[k]) == 1.0


def test_a_collapsed_generator_and_repeated_data():
    real = np.random.RandomState(0).standard_normal([300, 20])
    frozen = np.tile(real[7], [300, 1])
    assert precision_recall.precision_and_recall(real, frozen) == (1.0, 1 / 300)
    density, coverage = density_coverage.density_and_coverage(real, frozen)
    balls = np.sort(cdist(real, real), 1)[:, 5] * (1 + 1e-9) >= cdist(real, real[7:8])[:, 0]
    assert (density, coverage) == (balls.sum() / 5, balls.mean())
    same = np.repeat(real[:30], 10, 0)  # every radius is 0
    assert precision_recall.precision_and_recall(same, same) == (1.0, 1.0)
    assert precision_recall.precision_and_recall(same, same + 1e-6) == (0.0, 0.0)


def test_expected_coverage():
    assert density_coverage.expected_coverage(3, 1, 1) == pytest.approx(1 - 2 / 3)
    assert density_coverage.expected_coverage(10_000, 10_000) == pytest.approx(0.96877, abs=5e-6)
    draw, numbers = np.random.RandomState(0), []
    for _ in range(300):
        real, fake = draw.uniform(size=[40, 3]), draw.uniform(size=[25, 3])
        numbers.append(density_coverage.density_and_coverage(real, fake, k=3))
    density, coverage = np.mean(numbers, 0)
    error = np.std(numbers, 0) / 300**0.5
    assert coverage == pytest.approx(
        density_coverage.expected_coverage(40, 25, 3), abs=4 * error[1]
    )
    assert density == pytest.approx(1.0, abs=4 * error[0])  # k of N places, in each of N balls


def in_high_dimension(seeds):
    """Precision, recall, density, coverage of two samples of 10,000 of N(0, I_1000), k = 5."""
    numbers = []
    for seed in seeds:
        real, fake = np.random.RandomState(seed).standard_normal([2, 10_000, 1000])
        found = neighbours.neighbourhoods(real, fake, (5,))[5]
        numbers.append(
            [
                precision_recall.precision(found),
                precision_recall.recall(found),
                density_coverage.density(found),
                density_coverage.coverage(found),
            ]
        )
    return np.array(numbers)


@pytest.mark.slow
def test_the_papers_figures_of_a_normal_in_high_dimension():
    """Naeem et al. 2020 print 0.4772, 0.4705, 1.0555, 0.9735, of one seed.

    Ten seeds of ours: 0.476 +- 0.010, 0.478 +- 0.010, 0.997 +- 0.080, 0.9688 +- 0.0071 (standard
    deviations). In theory the density is 1 and the coverage 0.96877; the others are equal.
    """
    numbers = in_high_dimension(range(3))
    theirs, deviation = [0.4772, 0.4705, 1.0555, 0.9735], np.array([0.010, 0.010, 0.080, 0.0071])
    for row in numbers:
        assert (np.abs(row - theirs) < 3 * deviation).all()
    theory = [0.477, 0.477, 1.0, 0.96877]
    assert (np.abs(numbers.mean(0) - theory) < 2 * deviation / 3**0.5).all()


@pytest.mark.parametrize("rows", [4, 5])
def test_too_few_rows(rows):
    with pytest.raises(InputError, match=f"fake must have 6 rows or more, got {rows}"):
        neighbours.neighbourhoods(np.zeros([9, 2]), np.zeros([rows, 2]), (3, 5))
