"""Which calls are an iteration of a script."""

import pytest

from tfgan.parity import windows


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (["d", "g"] * 10, ["d", "g"]),
        ((["d"] * 5 + ["g"]) * 10, ["d"] * 5 + ["g"]),
        (["d"] * 20, ["d"]),
        ((["d", "clip"] * 25 + ["g"]) + (["d", "clip"] * 5 + ["g"]) * 40, None),
        (["a", "b", "c"], []),
        ([], []),
    ],
)
def test_the_sequence_that_is_repeated(kinds, found):
    pattern = windows.iteration(kinds)
    assert pattern == found or (found is None and sorted(pattern) == sorted(kinds[-11:]))
