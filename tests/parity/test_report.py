"""The report counts distances right and says where the first difference arose."""

import matplotlib
import numpy as np
import pytest

from tfgan.core.checks import InputError
from tfgan.parity.report import PICTURE_SUFFIXES, Report, plot, ulps


def test_the_distance_counts_representable_numbers():
    one = np.float32(1.0)
    above = np.nextafter(one, np.float32(2))
    assert ulps(one, one) == 0
    assert ulps(one, above) == 1
    assert ulps(np.float32(0.0), np.float32(-0.0)) == 1
    tiny = np.nextafter(np.float32(0), np.float32(1))
    assert ulps(tiny, -tiny) == 3
    assert ulps(np.float32([1, 2]), np.float32([1, np.nextafter(np.float32(2), 3)])) == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_distance_knows_every_precision(dtype):
    one, bits = dtype(1), 8 * np.dtype(dtype).itemsize
    assert ulps(one, np.nextafter(one, dtype(0))) == 1
    assert ulps(one, one + np.finfo(dtype).eps) == 1
    assert ulps(one, dtype(2)) == 1 / np.finfo(dtype).eps
    # From -inf to inf: all patterns of bits but the NaNs.
    exponents = 2 ** np.finfo(dtype).nmant
    assert ulps(dtype("-inf"), dtype("inf")) == 2**bits - 2 * exponents + 1
    assert type(ulps(one, one)) is int


def test_bits_are_compared_not_values():
    report = Report(1, [1])
    report.add(1, 1, "zero", np.float32(0.0), np.float32(-0.0))
    assert not report.equal


def test_equal_bits_are_equal_even_where_values_are_not():
    report = Report(1, [1])
    report.add(1, 1, "nan", np.float32([np.nan]), np.float32([np.nan]))
    assert report.equal
    assert report.verdict() == "EQUAL: 0 differing bits. 1 steps, 1 tensors, windows of 1."


def test_the_first_difference_is_where_it_can_have_arisen():
    report = Report(20, [7])
    zero, one = np.float32(0), np.float32(1)
    for step in (7, 14, 20):
        report.add(step, 7, "kernel", zero, zero if step == 7 else one)
    assert report.first == (14, 8, "kernel", 7)
    assert report.verdict().startswith(
        "DIFFERENT: first in steps 8 to 14, in kernel (window 7); 1 "
    )
    report.add(3, 7, "loss", zero, zero)
    report.add(4, 7, "loss", zero, one)  # seen later, but it arose earlier
    assert report.first == (4, 4, "loss", 7)
    assert "first at step 4, in loss (window 7); 2 tensors differ" in report.verdict()
    distance = ulps(zero, one)
    assert report.ulps == {7: [distance if step in (4, 14, 20) else 0 for step in range(1, 21)]}
    assert f"| kernel | 1 | 3 | {distance} | 14 |" in report.markdown().splitlines()


@pytest.mark.parametrize("other", [np.zeros(2, np.float64), np.zeros([2, 1], np.float32)])
def test_shapes_and_dtypes_must_agree(other):
    report = Report(1, [1])
    with pytest.raises(InputError, match=r"kernel is float32 \[2\] in the session, but "):
        report.add(1, 1, "kernel", np.zeros(2, np.float32), other)


@pytest.mark.parametrize("suffix", [*PICTURE_SUFFIXES, ".PNG"])
def test_a_plot_is_written_in_its_format(suffix, tmp_path):
    report = Report(3, [1, 2])
    report.add(2, 1, "loss", np.float32(0), np.float32(1))
    path = tmp_path / f"plot{suffix}"
    backend = matplotlib.rcParams._get_backend_or_none()
    plot(report, path)
    assert matplotlib.rcParams._get_backend_or_none() == backend
    start = {".jpg": b"\xff\xd8", ".pdf": b"%PDF", ".png": b"\x89PNG", ".svg": b"<?xml"}
    assert path.read_bytes().startswith(start[suffix.lower()])


def test_what_is_no_picture_is_not_written(tmp_path):
    with pytest.raises(InputError, match="it must end in one of .jpg, .pdf, .png, .svg"):
        plot(Report(1, [1]), tmp_path / "plot.foo")
    assert not list(tmp_path.iterdir())
