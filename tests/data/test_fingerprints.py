"""Digests of content, and the memo that saves reading it again."""

import hashlib
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from tfgan.data import fingerprints

ANSWER, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def cache(own_cache):
    return own_cache / "sha256"


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text(path.name)
    return paths


class Counted:
    """Computes, and counts how often."""

    def __init__(self, answer=ANSWER):
        self.answer, self.calls = answer, 0

    def __call__(self):
        self.calls += 1
        return self.answer


def asked(paths, what="pictures", answer=OTHER):
    """Returns whether the content is computed, and not taken from the memo."""
    compute = Counted(answer)
    assert fingerprints.cached(paths, what, compute) == (answer if compute.calls else ANSWER)
    return compute.calls == 1


def test_a_digest_knows_where_its_parts_end():
    assert fingerprints.digest([b"ab", b"c"]) == fingerprints.digest(iter([b"ab", b"c"]))
    digests = [fingerprints.digest(p) for p in ([b"ab", b"c"], [b"a", b"bc"], [b"abc"], [])]
    assert len({*digests}) == 4
    expected = b"\2" + bytes(7) + b"ab" + b"\1" + bytes(7) + b"c"
    assert digests[0] == hashlib.sha256(expected).hexdigest()


def test_what_is_known_is_not_computed_again(cache, paths):
    compute = Counted()
    for _ in range(3):
        assert fingerprints.cached(paths, "pictures", compute) == ANSWER
    assert compute.calls == 1
    (memo,) = cache.iterdir()
    assert memo.read_text() == ANSWER


def test_the_memo_lies_in_the_home_where_nothing_else_is_said(cache, paths, monkeypatch):
    for place, nothing in (("one", ""), ("two", None), ("three", "relative/is/not/valid")):
        monkeypatch.setenv("HOME", str(cache / place))
        if nothing is None:
            monkeypatch.delenv("XDG_CACHE_HOME")
        else:
            monkeypatch.setenv("XDG_CACHE_HOME", nothing)
        assert asked(paths, answer=ANSWER)
        assert len([*(cache / place / ".cache/tfgan/sha256").iterdir()]) == 1
    assert not Path("relative").exists()


def test_it_is_of_these_files_in_this_order_for_this_purpose(cache, paths, tmp_path):
    assert asked(paths, answer=ANSWER)
    assert asked(paths[::-1])
    assert asked(paths[:1])
    assert asked(paths, "their edges")
    (tmp_path / "moved").mkdir()
    assert asked([path.rename(tmp_path / "moved" / path.name) for path in paths])


def test_relative_names_are_of_their_directory(cache, paths, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert asked([Path("a"), Path("b")], answer=ANSWER)
    assert not asked(paths)


def _rewritten(path):
    """Other content of the same size at the same time of change, in the same file."""
    before = path.stat()
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # until the clock has ticked
        path.write_text("x")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        time.sleep(0.001)
    after = path.stat()
    for what in ("st_size", "st_mtime_ns", "st_ino"):
        assert getattr(after, what) == getattr(before, what)


def _replaced(path):
    """Other content of the same size at the same time of change, under the same name."""
    before = path.stat()
    other = path.with_name("other")
    other.write_text("x")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(path)


@pytest.mark.parametrize("change", [_rewritten, _replaced, lambda path: path.write_text("longer")])
def test_a_change_that_hides_is_seen(change, cache, paths):
    assert asked(paths, answer=ANSWER)
    change(paths[1])
    assert asked(paths)


def test_files_that_have_just_changed_are_no_ground_for_a_memo(cache, paths, monkeypatch):
    """Git's racy problem: within one tick of the clock a second change would leave no trace."""
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parents[1]))
    assert fingerprints.SETTLED_SECONDS == 2
    assert asked(paths)
    assert asked(paths)
    for path in paths:
        os.utime(path, (0, 0))  # the change itself is new all the same
    assert asked(paths)
    assert not cache.exists()


def test_files_of_the_future_are_no_ground_for_a_memo(cache, paths):
    os.utime(paths[0], (4e9, 4e9))
    assert asked(paths)
    assert asked(paths)


def _link(memo):
    (memo.parent / "elsewhere").write_text(ANSWER)
    memo.unlink()
    memo.symlink_to(memo.parent / "elsewhere")


def _unreadable(memo):
    memo.unlink()
    memo.mkdir()


def _pipe(memo):
    memo.unlink()
    os.mkfifo(memo)


@pytest.mark.parametrize(
    "spoil",
    [
        *(_link, _unreadable, _pipe),
        *(lambda memo, junk=junk: memo.write_bytes(junk) for junk in (b"", b"\0" * 64, b"\xff")),
        lambda memo: memo.write_text(ANSWER[:-1]),
        lambda memo: memo.write_text(ANSWER + "\n"),
        lambda memo: memo.write_text(ANSWER.upper()),
    ],
)
def test_what_is_no_memo_is_computed_anew(spoil, cache, paths):
    assert asked(paths, answer=ANSWER)
    (memo,) = cache.iterdir()
    spoil(memo)
    assert asked(paths)
    assert memo.is_dir() or memo.read_text() == OTHER
    assert memo.is_dir() or not memo.is_symlink()
    assert {path.name for path in cache.iterdir()} <= {memo.name, "elsewhere"}


@pytest.mark.parametrize("place", ["file/cache", "full"])
def test_where_no_memo_can_be_written_there_is_none(place, cache, paths, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / place))
    if place == "full":  # and read-only: root may write into any directory of a test
        monkeypatch.setattr(fingerprints.os, "replace", _refuse)
    assert asked(paths)
    assert asked(paths)
    assert not [path for path in (tmp_path / place).rglob("*") if path.is_file()]


def _refuse(*_):
    raise OSError(30, "Read-only file system")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_is_no_error(cache, paths):
    cache.mkdir(parents=True)
    cache.chmod(0o500)
    assert asked(paths)


def test_names_need_not_be_utf_8(cache, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path / "caf") + b"\xe9"))
    path.touch()
    assert asked([path], f"pictures of {path}", ANSWER)
    assert not asked([path], f"pictures of {path}")


def test_what_cannot_be_looked_at_is_the_computation_s_business(cache, tmp_path):
    assert asked([tmp_path / "missing"])
    assert not cache.exists()


def test_another_process_may_be_faster(cache, paths):
    """It begins and ends while this one computes."""

    def compute():
        assert asked(paths, answer=ANSWER)
        return ANSWER

    assert fingerprints.cached(paths, "pictures", compute) == ANSWER
    assert not asked(paths)
    assert len([*cache.iterdir()]) == 1


def test_two_that_write_one_memo_do_not_share_a_file(cache, paths, monkeypatch):
    replace, names = os.replace, []

    def interrupted(temporary, memo):
        names.append(temporary)
        if len(names) == 1:
            assert asked(paths, answer=ANSWER)
        replace(temporary, memo)

    monkeypatch.setattr(fingerprints.os, "replace", interrupted)
    assert asked(paths, answer=ANSWER)
    assert len({*names}) == 2
    assert not asked(paths)


def _hammer(paths, start):
    start.wait(30)
    for i in range(200):
        compute = Counted(f"{i:064x}")
        assert fingerprints.cached(paths, str(i), compute) == compute.answer


def test_two_processes_at_once(cache, paths):
    forks = multiprocessing.get_context("fork")
    start = forks.Barrier(2)
    children = [forks.Process(target=_hammer, args=(paths, start)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    assert sorted(memo.read_text() for memo in cache.iterdir()) == [f"{i:064x}" for i in range(200)]


def test_long_reading_is_announced_on_one_line(paths, monkeypatch, capsys):
    fingerprints.announce("photos", paths)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(fingerprints, "ANNOUNCED_BYTES", 1)
    fingerprints.announce("photos", paths)
    line = "photos: reading 0.0 GB once, for the fingerprint of the data\n"
    assert capsys.readouterr() == ("", line)
