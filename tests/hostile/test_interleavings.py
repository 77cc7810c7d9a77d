"""Two commands on one directory at once, the first one stopped behind a call of its own."""

import pytest

from tools import interleavings, syscalls

needs_strace = pytest.mark.skipif(
    not syscalls.is_there(), reason="strace is not installed (apt-get install strace)"
)


def meet(pair, choose, folder):
    meeting = interleavings.Meeting(folder / "worlds", pair)
    results = interleavings.try_all(meeting, choose(meeting.points))
    assert [ended.problem for ended in results if ended.problem] == []
    return results


@needs_strace
def test_a_second_start_runs_to_its_end_before_the_first_has_its_lock(tmp_path):
    """The directory is there, and empty: the first one has made it, and does not hold it yet."""
    meeting = interleavings.Meeting(tmp_path / "worlds", "train,train")
    making = next(i for i, call in enumerate(meeting.points) if call.name.startswith("mkdir"))
    assert meeting.meet(making) == interleavings.Ended(2, 0, is_missed=False)
    meeting._right["run/losses.csv"] = b"something else"
    assert meeting.meet(making).problem == "these files differ in the end: ['run/losses.csv']"


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("pair", interleavings.PAIRS)
def test_a_sample_of_every_pair(pair, tmp_path, capsys):
    def spread(points):
        first = [i for i in range(len(points)) if i < 4]  # before and behind the lock
        return sorted({*first, *interleavings.choose(len(points), 8)})

    results = meet(pair, spread, tmp_path)
    with capsys.disabled():
        print(f"\n{interleavings.table({pair: results})}")
    assert any(not ended.is_missed for ended in results)
