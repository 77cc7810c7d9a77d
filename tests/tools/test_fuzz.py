"""What others hand us: damaged and malicious runs, exports, pictures, data sets, flag files."""

import random
from collections import Counter

import pytest

from tests.tools import planted
from tools import syscalls
from tools.fuzz import __main__ as fuzz
from tools.fuzz import mutations, targets

needs_strace = pytest.mark.skipif(
    not syscalls.is_there(), reason="strace is not installed (apt-get install strace)"
)

QUICK = 60


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz")
    fuzz.make_originals(path)
    return path


@needs_strace
def test_mutants_of_every_target_end_well(out):
    results = fuzz.fuzz(out, QUICK, seed=1)
    assert [each for each in results if each.outcome == "fault"] == []
    assert {each.target for each in results} == targets.TARGETS.keys()
    counts = Counter(each.outcome for each in results)
    assert counts["accepted"] > 5
    assert counts["refused"] > 5
    # The same command goes on where it was: there is nothing left to do.
    assert fuzz.fuzz(out, QUICK, seed=1) == results


@needs_strace
@pytest.mark.slow
def test_each_planted_fault_is_seen(out):
    (out / "results-0.jsonl").touch()
    worker = fuzz.Worker(out / "planted", out / "originals", 0, "tests.tools.planted")
    try:
        names = [*planted.TARGETS, "accepts"]
        results = worker.try_all([(name, i) for i, name in enumerate(names)])
    finally:
        worker.close()
    found = {each.target: each for each in results}
    for target, begins in planted.FAULTS.items():
        assert found[target.__name__].outcome == "fault", target
        assert found[target.__name__].detail.startswith(begins), found[target.__name__]
    assert found["refuses"].detail == "no. Really not."
    assert found["refuses"].outcome == "refused"
    assert [each.outcome for each in results if each.target == "accepts"] == ["accepted"] * 2


def tree(folder):
    paths = sorted(folder.rglob("*"))
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() and not p.is_symlink() else b""
        for p in paths
    }


@pytest.mark.parametrize("target", targets.TARGETS)
def test_a_mutant_is_a_function_of_seed_target_and_number(target, out, tmp_path):
    """In one directory: what leads outside holds its path."""
    made = []
    for number in (3, 4, 3):
        folder = tmp_path / "mutant"
        folder.mkdir()
        said = mutations.make(folder, out / "originals", target, 0, number)
        made.append((said, tree(folder)))
        folder.rename(tmp_path / f"{len(made)}")
    assert made[0] == made[2] != made[1]


def test_the_plan_has_each_mutant_once_wherever_it_is_cut():
    whole = fuzz.plan(0, 1000)
    assert whole == fuzz.plan(0, 333) + fuzz.plan(333, 667)
    assert len(set(whole)) == 1000
    for name, (_, share) in targets.TARGETS.items():
        numbers = [number for target, number in whole if target == name]
        assert numbers == list(range(50 * share))


def test_every_mutation_works_on_its_own(out, tmp_path):
    for target, chosen in mutations.MUTATIONS.items():
        for mutation in dict.fromkeys(chosen):
            for number in range(5):
                folder = tmp_path / f"{target}-{mutation.__name__}-{number}"
                folder.mkdir()
                mutations.copy(folder, out / "originals", target, random.Random(number))
                assert mutation(folder, random.Random(number))


@needs_strace
@pytest.mark.slow
def test_two_thousand_mutants(out, capsys):
    results = fuzz.fuzz(out, 2_000, seed=0)
    with capsys.disabled():
        print(f"\n{fuzz.table(results)}")
    assert [each for each in results if each.outcome == "fault"] == []
