"""What the rules look at: digests, ratios, distances."""

import numpy as np
import pytest

from tfgan.parity import likeness
from tfgan.parity.report import ulps
from tfgan.parity.telling import digest

RNG = np.random.RandomState(0)
X = RNG.normal(size=(4, 3)).astype(np.float32)


def test_a_digest_is_of_type_shape_and_bytes():
    made = [
        X,
        X.T,
        X.reshape(3, 4),
        X.astype(np.float64),
        X.view(np.int32),
        np.nextafter(X, np.float32(9)),
        np.float32(0),
        np.float32(-0.0),
        np.zeros([0, 3]),
        np.zeros([3, 0]),
        np.array([b"a", b"b"], object),
    ]
    digests = [digest(np.asarray(each)) for each in made]
    assert len(set(digests)) == len(made)
    assert digest(X.copy()) == digests[0]


@pytest.mark.parametrize(("a", "b", "found"), [(X, X / 2, 2.0), (-X, X, -1.0), (X, X[::-1], None)])
def test_a_constant_ratio(a, b, found):
    ratio = likeness.ratio(a, b)
    assert ratio is None if found is None else ratio == pytest.approx(found)


def test_factors_are_shown_as_people_say_them():
    shown = [likeness.nice(x) for x in (-1.0000001, 2.0001, 0.015625, 0.3333, 1.37, 0.0)]
    assert shown == ["-1", "2", "0.015625", "0.333333", "1.37", "0"]


def test_ulps_of_whole_numbers_and_of_nothing():
    assert ulps(np.int64(-3).reshape(()), np.int64(4).reshape(())) == 7
    assert ulps(np.array([True]), np.array([False])) == 1
    assert ulps(np.zeros(0, np.float32), np.zeros(0, np.float32)) == 0
