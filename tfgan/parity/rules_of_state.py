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
    session = {v for op in seen.session if op.counts for v in op.late if v not in op.writes}
    port = {v for op in seen.port for v in op.late if v not in op.writes}
    for late, (one, other) in (
        (port - session, ("port", "session")),
        (session - port, ("session", "port")),
    ):
        names = [
            name
            for name in sorted(late & seen.ported.keys() & seen.trainable)
            if likeness.moved(seen.before, seen.after, [name])
            and likeness.moved(seen.before, seen.ported, [name])
        ]
        if names:
            them = "it" if len(names) == 1 else "them"
            return (
                f"the {one} reads {likeness.listed(names)} after call {seen.number} has moved "
                f"{them}, the {other} before."
            )
    for name, before in seen.before.items():
        theirs, ours = seen.call.fetches.get(f"{name}:0"), seen.fetched.get(f"{name}:0")
        values = before, seen.after[name]
        if not likeness.moved(seen.before, seen.ported, [name]):
            continue
        if likeness.same(theirs, values[1]) and likeness.same(ours, values[0]):
            return f"the session fetches {name} after the call has moved it, the port before."
        if likeness.same(theirs, values[0]) and likeness.same(ours, values[1]):
            return f"the port returns {name} after the call has moved it, the session before."
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
