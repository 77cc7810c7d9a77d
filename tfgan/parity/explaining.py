"""Runs the calls that differ once more, with everything inside of them, and names the cause."""

from collections.abc import Collection
from typing import NamedTuple

from tfgan.parity import causes, inside, recorder, requests, seen
from tfgan.parity.causes import Cause
from tfgan.parity.proof import PortFile, Proof, Values
from tfgan.parity.recording import Recording

MOST_CALLS = 4
"""Of so many kinds of call at most, the earliest first: every tensor of a call is kept."""

_EARLIER = 12
"""Calls whose feeds are remembered, for one that the port has kept."""


class Explained(NamedTuple):
    """Why a kind of call differs."""

    kind: str
    number: int
    """The call that was looked into, from 1: the first that differs from the session's state on."""
    cause: Cause


def explain(
    recording: Recording, port: PortFile, proof: Proof, leave_out: Collection[str] = ()
) -> list[Explained]:
    """Returns a cause for each kind of call that differs, in the order in which they came.

    Args:
      recording, port, proof: of the comparison.
      leave_out: kinds that are not looked into.
    """
    first = (number for name, number in proof.first.items() if name not in leave_out)
    numbers = sorted(first)[:MOST_CALLS]
    found: list[Explained] = []
    if not numbers:
        return found
    session: Values = {}
    earlier: list[tuple[int, str, Values]] = []
    last = numbers[-1] + 1
    with recorder.again(recording, calls=last, values=True, inside=tuple(numbers)) as (
        heard,
        calls,
    ):
        for number, call in enumerate(calls):
            kind = heard.kinds[call.kind]
            before, session = session, {**session, **call.variables}
            names = proof.names[kind.graph]
            is_near = any(0 < other - number <= _EARLIER for other in numbers)
            if (
                is_near
                and number not in numbers
                and not kind.initialises
                and kind.name in port.calls
            ):
                port.set(before)  # what the port keeps of earlier calls is as it was
                port.step(kind, call, names)
            if number in numbers and kind.name in port.calls:
                port.set(before)
                found.append(_explained(heard, port, names, number, call, before, session, earlier))
            earlier = [*earlier[-_EARLIER:], (number + 1, kind.name, {**call.feeds, **call.draws})]
        if heard.end[0] not in ("returned", "enough"):
            text = f"the script {recorder.ended(heard)} when every tensor of a call was fetched"
            found.append(Explained("", numbers[0] + 1, Cause("unseen", f"{text}.")))
    return found


def _explained(heard, port, names, number, call, before, after, earlier) -> Explained:
    """Returns the cause of one call."""
    kind = heard.kinds[call.kind]
    prefix = requests.prefix(kind.session)
    own_before, own_after = _own(before, prefix), _own(after, prefix)
    theirs = inside.of_session(heard, kind, call, own_before, own_after)
    fetched = port.step(kind, call, names)
    port.set(before)
    try:
        inputs = port.inputs(call, names)
        ours = inside.of_port(port.calls[kind.name], inputs, _own(port.variables, prefix))
    except Exception as error:  # whatever a user's function raises where it is traced
        said = f"{type(error).__name__}: {str(error).strip().splitlines()[-1]}"
        text = f"the port's {kind.name} cannot be looked into: {said}"
        return Explained(kind.name, number + 1, Cause("unseen", text))
    computed = inside.Index(ours, [*before.values()])
    ported = _own(port.state(), prefix)
    differing = [n for n in ported if ported[n].tobytes() != own_after[n].tobytes()]
    for tensor, value in call.fetches.items():
        returned = fetched.get(names.of(tensor))
        if returned is not None and returned.tobytes() != value.tobytes():
            differing.append(tensor)
    both = seen.Seen(
        number=number + 1,
        kind=kind,
        call=call,
        names=names,
        session=theirs,
        port=ours,
        computed=computed,
        before=own_before,
        after=own_after,
        ported=ported,
        fetched=fetched,
        trainable=frozenset(heard.trained[kind.graph]),
        earlier=list(earlier),
        first=seen.first_difference(theirs, computed, heard.graphs[kind.graph], differing),
    )
    return Explained(kind.name, number + 1, causes.find(both))


def _own(values, prefix: str):
    """Returns the variables of one session, by their names in its graph."""
    if prefix:
        return {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}
    return {n: v for n, v in values.items() if not n.startswith("session_")}
