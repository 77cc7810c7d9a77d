"""Checks a recording: whether its script repeats itself, and what in it no port can equal."""

from collections.abc import Iterator
from typing import NamedTuple

from tfgan.parity import findings, recorder
from tfgan.parity.graphs import operation
from tfgan.parity.recording import Recording, differences

_WHAT = {"feeds": "feed", "draws": "draw", "fetches": "fetch", "variables": "variable"}


class Finding(NamedTuple):
    """Something that was seen."""

    is_problem: bool
    """Whether it keeps a port from being compared; else it is good to know."""
    text: str


def check(recording: Recording) -> Iterator[Finding]:
    """Yields what is found, as it is found; runs the script twice more."""
    for note in recording.notes:
        yield Finding("seed" in note, note)
    yield from _races(recording)
    for kind in recording.kinds:
        for name in findings.fetched_while_moved(recording, kind):
            yield Finding(
                False, f"{kind.name} moves {name} and fetches it, before or after is open."
            )
    for name, (line, code) in findings.untrained(recording):
        yield Finding(
            False, f"{name} is trainable, and no recorded call trains it:\n    {line}: {code}"
        )
    for kind in recording.kinds:
        for name, operations in findings.trained_twice(recording, kind):
            yield Finding(
                True,
                f"{kind.name} applies {len(operations)} gradients to {name}, which stands twice in "
                f"a var_list, or in two: {', '.join(operations)}.",
            )
    yield _repeats(recording)
    yield _defaults(recording)


def _races(recording: Recording) -> Iterator[Finding]:
    for kind in recording.kinds:
        if kind.initialises:
            continue  # what begins from another one's start has it in either order
        names = recording.names(kind.graph)
        by_later: dict[str, list[findings.Race]] = {}
        for race in findings.races(recording, kind):
            by_later.setdefault(names.statement(race.later)[0], []).append(race)
        for found in by_later.values():
            variables = ", ".join(dict.fromkeys(race.variable for race in found))
            moves = any(race.moves_variables for race in found)
            seen = "so each run may differ" if moves else "which a fetched value shows"
            yield Finding(
                moves,
                f"race in {kind.name}: {found[0].earlier} and {found[0].later} use {variables}; "
                f"neither waits for the other, {seen}:\n"
                + "\n".join(findings.mending(found, names)),
            )


def _repeats(recording: Recording) -> Finding:
    with recorder.again(recording) as (heard, calls):
        again = list(calls)
    first = next(differences(recording.calls, again), None)
    if first is None and len(again) == len(recording.calls):
        return Finding(False, f"A second run is equal: {len(again)} calls, 0 differing bits.")
    if first is None:
        return Finding(
            True,
            f"A second run had {len(again)} calls, not {len(recording.calls)}: it "
            f"{recorder.ended(heard)}.",
        )
    return Finding(True, f"A second run differs: {_place(recording, first)}{_why(first[1])}")


def _defaults(recording: Recording) -> Finding:
    with recorder.again(recording, pinned=False) as (_, calls):
        first = next(differences(recording.calls, list(calls)), None)
    if first is None:
        return Finding(False, "With the script's own threads and graph rewriter: the same bits.")
    return Finding(
        False,
        "With the script's own threads and graph rewriter, which the recording turns off: "
        f"{_place(recording, first)} A port is compared with the recording's settings.",
    )


def _place(recording: Recording, difference: tuple[int, str, str]) -> str:
    number, what, name = difference
    kind = recording.kinds[recording.calls[number].kind]
    if what == "kind":
        return f"call {number + 1} is of another kind than {kind.name}."
    shown = recording.names(kind.graph).of(name) if what != "variables" else name
    if what == "draws":
        shown += f", which {recording.graphs[kind.graph].nodes[operation(name)].op} makes"
    return f"first in call {number + 1} ({kind.name}), in the {_WHAT[what]} {shown}."


def _why(what: str) -> str:
    return {
        "feeds": " Its values come from where no seed reaches: a generator without a seed, the "
        "time, a thread, a directory's order.",
        "draws": " It is drawn in the graph by an operation whose order or source varies.",
        "kind": " What the script does next depends on something that varies.",
    }.get(what, " See the races, if there are any.")
