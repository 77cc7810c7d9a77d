"""Every command in every environment: it finishes, or it says why in one line; nothing is lost.

In each cell a command runs in a world with a run, an export and the user's files. It has to finish
with the right bytes, or to end with one line and a status that says so; all that was there before
has to be there still; and once the environment is gone, the same command has to finish.
"""

import signal

import pytest

from tests.hostile.environments import ENVIRONMENTS
from tests.hostile.world import COMMANDS, USERS, Worlds, digests
from tools import zygote
from tools.sweep.runs import saved_step

QUICK = {
    *(("nothing", command) for command in COMMANDS),
    ("small disk, 40 kB", "resume"),
    ("files up to 1 kB", "export"),
    ("files up to 1 kB", "evaluate"),
    ("10 descriptors", "sample"),
    ("closed streams", "sample_export"),
    ("full streams", "train"),
    ("readers that left", "export"),
    ("read-only", "resume"),
    ("somebody else's", "export"),
    ("unreadable files", "sample_export"),
    ("reached by a link", "resume"),
    ("no /proc", "train"),
}
"""The cells that every change is tried on; all others are marked slow. Links, pipes and locks have
quick tests of their own in `tests/survival/test_hostile.py`."""

CELLS = [
    pytest.param(
        environment, command, marks=[] if (environment, command) in QUICK else pytest.mark.slow
    )
    for environment in ENVIRONMENTS
    for command in COMMANDS
]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    return Worlds(tmp_path_factory.mktemp("worlds"))


def is_made(path, command):
    """Returns whether a command may make or change what has this path in a world."""
    if path in USERS:
        return False
    made = COMMANDS[command].made
    return any(path == name or path.startswith(f"{name}/") and name != "exports" for name in made)


@pytest.mark.parametrize(("environment", "command"), CELLS)
def test_nothing_is_lost(environment, command, worlds, tmp_path):
    place, row = ENVIRONMENTS[environment], COMMANDS[command]
    right = worlds.right(command)
    world = worlds.make(command, tmp_path / "world")
    untouched = digests(world)
    step = saved_step(world / "run") if command == "resume" else -1
    with place.around(world):
        before = digests(world)
        said = tmp_path / "child"
        child = zygote.Child(row.arguments(world), said, command=row.name, before=place.inside)
        status, lines = child.wait(), said_on_error(child, row)
        after = digests(world)
        made = row.result(world) if status == 0 else None

    changed = {name for name in before if after.get(name) != before[name]}
    lost = {name for name in changed if not is_made(name, command)}
    assert not lost, (lost, status, child.stderr)
    new = {name for name in after.keys() - before.keys() if not is_made(name, command)}
    assert not new, (new, status, child.stderr)
    if status == 0:
        assert made == right
        assert lines == []
    else:
        assert not place.must_finish, (status, child.stderr)
        died = place.may_die and status in (-signal.SIGABRT, -signal.SIGSEGV, 127)
        assert status in (2, 74) or died, (status, child.stderr)
        assert place.is_silent or died or len(lines) == 1, child.stderr
        assert place.is_silent or died or lines[0].startswith("error: "), child.stderr
    if command == "resume":
        assert saved_step(world / "run") >= step

    # The environment is gone: the same command finishes, and the user's files are still there.
    status, child = zygote.run(row.name, row.arguments(world), tmp_path / "again")
    assert status == 0, child.stderr
    assert row.result(world) == right
    after = digests(world)
    assert [n for n in untouched if after.get(n) != untouched[n] and not is_made(n, command)] == []


def said_on_error(child, row):
    """Returns the lines on the standard error, without a bar's."""
    lines = child.stderr.splitlines()
    if row.shows_progress:
        lines = [line for line in lines if "%|" not in line and "[A" not in line and line.strip()]
    return lines
