"""Rules about what comes into a call, what it reads of variables, and which of them it moves.

Each returns a sentence, or None where it does not fit.
"""

from collections.abc import Callable, Iterator

from tfgan.parity import inside, likeness
from tfgan.parity.seen import Seen


def another_calls_feed(seen: Seen) -> str | None:
    """The port uses what an earlier call was fed, or drew."""
    for name in _unused(seen):
        for number, kind, given in reversed(seen.earlier):
            other = given.get(name)
            if other is not None and inside.key(other) in seen.computed.taken:
                return (
                    f"the port uses {seen.names.of(name)} of call {number} ({kind}), in place of "
                    f"that of call {seen.number}."
                )
    return None


def feed(seen: Seen) -> str | None:
    """The port does not use what it was fed, or drew."""
    for name in _unused(seen):
        value = {**seen.call.feeds, **seen.call.draws}[name]
        consumers = [op for op in seen.session if any(likeness.same(v, value) for v in op.inputs)]
        if consumers and not any(likeness.occur(op.outputs, seen.computed) for op in consumers):
            shown = seen.names.of(name)
            nearest = likeness.scaled(value, seen.port)
            more = f"; it uses {nearest:.6g} times that" if nearest else ""
            return f"the port never uses inputs[{shown!r}]{more}."
    return None


def update_order(seen: Seen) -> str | None:
    """One side reads a variable before the call moves it, the other one after that."""
    after_in_session = {
        name
        for op in seen.session
        for name, value in zip(op.reads, op.inputs, strict=True)
        if name and value is None and name not in op.writes and seen.before.get(name) is not None
    }
    after_in_port, written = set(), set()
    for op in seen.port:
        is_used = any(inside.key(v) in seen.computed.taken for v in op.outputs if v is not None)
        if op.kind == "Identity" and op.reads and op.reads[0] in written and is_used:
            after_in_port.add(op.reads[0])
        written.update(op.writes)
    for names, place in (
        (after_in_port - after_in_session, ("port", "session")),
        (after_in_session - after_in_port, ("session", "port")),
    ):
        known = sorted(names & seen.ported.keys())
        if known and likeness.moved(seen.before, seen.after, known):
            return (
                f"the {place[0]} reads {likeness.listed(known)} after call {seen.number} has moved "
                f"{'it' if len(known) == 1 else 'them'}, the {place[1]} before."
            )
    return None


def batch_statistics(seen: Seen) -> str | None:
    """One side moves a variable in this call that no optimizer trains, the other does not."""
    return _moves(seen, lambda name: name not in seen.trainable)


def moved(seen: Seen) -> str | None:
    """One side moves a weight in this call, the other does not."""
    return _moves(seen, lambda name: name in seen.trainable)


def missing_variable(seen: Seen) -> str | None:
    """A variable that the call moves has none in the port."""
    lacking = [name for name in seen.kind.moves if name not in seen.ported]
    if not lacking:
        return None
    return (
        f"VARIABLES has no {likeness.listed(lacking)}, which {seen.kind.name} moves in the session."
    )


def _unused(seen: Seen) -> Iterator[str]:
    """Yields what the call was fed or drew, and no operation of the port takes."""
    given = {**seen.call.feeds, **seen.call.draws}
    for name, value in given.items():
        if value.size > 1 and inside.key(value) not in seen.computed.taken:
            yield name


def _moves(seen: Seen, is_asked: Callable[[str], bool]) -> str | None:
    lists: dict[bool, list[str]] = {True: [], False: []}
    for name, value in seen.ported.items():
        by_session = not likeness.same(seen.after[name], seen.before[name])
        by_port = not likeness.same(value, seen.before[name])
        if by_session != by_port and is_asked(name):
            lists[by_session].append(name)
    for by_session, names in lists.items():
        if names:
            one, other = ("session", "port") if by_session else ("port", "session")
            moved = likeness.listed(names)
            return f"the {one} moves {moved} in {seen.kind.name}, the {other} does not."
    return None
