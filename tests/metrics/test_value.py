"""V(D, G) and the divergence that it implies."""

import math

import numpy as np
import pytest

from tfgan.core.checks import InputError
from tfgan.metrics import jensen_shannon, value


def test_the_value_is_the_mean_logarithm_of_what_is_right():
    real, fake = np.array([0.3, -1.2, 2.0]), np.array([[0.5], [-0.7]])
    right = [1 / (1 + np.exp(-real)), 1 - 1 / (1 + np.exp(-fake))]
    expected = sum(np.mean(np.log(each)) for each in right)
    assert value(real, fake) == pytest.approx(expected, rel=1e-14)
    assert value(fake, real) != pytest.approx(expected)


def test_large_logits_are_exact():
    assert value([1e6], [-1e6]) == 0.0
    assert value([-1e6], [1e6]) == -2e6
    assert value(np.float32([90.0]), np.float32([90.0])) == -90.0  # softplus in float64


def test_a_discriminator_that_cannot_tell_implies_no_divergence_and_one_that_knows_all_of_it():
    assert jensen_shannon(value(np.zeros(3), np.zeros(5))) == 0.0
    assert jensen_shannon(value([800.0], [-800.0])) == pytest.approx(math.log(2), rel=1e-15)
    assert jensen_shannon(value([-1.0], [1.0])) < 0  # a bound, which a bad one misses by far


@pytest.mark.parametrize(
    ("real", "fake", "said"),
    [
        ([], [0.0], "real_logits must hold a logit or more"),
        ([0.0], [math.nan, 1.0], "1 of 2 fake_logits are not finite"),
        ([math.inf], [1.0], "1 of 1 real_logits are not finite"),
    ],
)
def test_what_is_no_number_is_refused(real, fake, said):
    with pytest.raises(InputError, match=said):
        value(real, fake)
