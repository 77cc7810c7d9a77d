"""The tool that plants bugs: each mutant has its place, and a test that kills it."""

import ast

import pytest

from tfgan.core.checks import InputError
from tools.mutants import __main__ as command
from tools.mutants.mutant import ROOT, Mutant

MUTANTS = command.MUTANTS
SAMPLE = ("the norm is one of the whole batch", "the generator hides the class")

HARMLESS = Mutant(
    "a docstring",
    "tfgan/core/pairs.py",
    "What every loss does",
    "What all losses do",
    ("tests/test_losses.py::test_what_is_smoothed_is_known_before_tensorflow_is",),
)


def test_there_are_enough_of_them_with_names_of_their_own():
    assert len(MUTANTS) >= 30
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_its_text_is_once_in_its_file_and_what_it_becomes_is_python(mutant):
    text = (ROOT / mutant.file).read_text()
    assert text.count(mutant.old) == 1
    changed = text.replace(mutant.old, mutant.new)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_its_killers_exist(mutant):
    for killer in mutant.killers:
        path, _, rest = killer.partition("::")
        assert f"def {rest.partition('[')[0]}(" in (ROOT / path).read_text()


def test_a_sample_is_killed_and_what_changes_nothing_survives(capsys):
    chosen = [mutant for mutant in MUTANTS if mutant.name in SAMPLE]
    lost = HARMLESS._replace(name="lost", old="of which there is nothing")
    verdicts = command.judge([*chosen, HARMLESS, lost])
    assert [verdict.outcome for verdict in verdicts] == ["killed", "killed", "survived", "lost"]
    expected = [f"{mutant.killers[0]} (AssertionError)" for mutant in chosen]
    assert [verdict.detail for verdict in verdicts[:2]] == expected
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["killed", "killed", "survived", "lost"]
    assert "its text is 0 times in tfgan/core/pairs.py, not once" in lines[3]


def test_a_survivor_is_a_failure(monkeypatch, capsys):
    monkeypatch.setattr(command, "MUTANTS", (HARMLESS,))
    assert command.main(list=False, only="") == 1
    assert "1 mutants, 0 killed" in capsys.readouterr().out


def test_a_killer_that_fails_by_itself_is_no_killer():
    absent = HARMLESS._replace(killers=("tests/test_losses.py::test_of_nothing",))
    with pytest.raises(InputError, match="without a mutant these fail: pytest: 4: .*not found"):
        command.judge([absent])


def test_some_are_chosen_by_words(capsys):
    assert command.main(list=True, only="gamma,is smoothed") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    with pytest.raises(InputError, match="no mutant has such a word in its name: see --list"):
        command.chosen("of nothing")


@pytest.mark.slow
def test_all_are_killed():
    assert [v for v in command.judge(MUTANTS) if v.outcome != "killed"] == []
