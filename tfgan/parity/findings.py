"""What can be seen in a recorded script without running it: races, weights that nobody trains."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tfgan.parity.graphs import Graph, Order, operation
from tfgan.parity.naming import Names
from tfgan.parity.recording import Kind, Recording


class Race(NamedTuple):
    """Two operations of one call on one variable, of which neither waits for the other."""

    kind: str
    """Name of the kind of call."""
    variable: str
    earlier: str
    """The operation that the script makes first."""
    later: str
    moves_variables: bool
    """Whether both write, or what is read goes into a variable; else a fetch alone sees it."""


def races(recording: Recording, kind: Kind) -> list[Race]:
    """Returns the races of a kind of call, one for each variable and pair of lines."""
    graph, executed = recording.graphs[kind.graph], recording.executed(kind)
    order, readers = Order(graph, executed), graph.reads(executed)
    writers: dict[str, list[str]] = {}
    for name in executed:
        for variable in graph.writes(name):
            writers.setdefault(variable, []).append(name)
    into_variables = graph.counting(executed, ())
    names, found, seen = recording.names(kind.graph), [], set()
    for variable, writing in writers.items():
        reading = [name for name in readers.get(variable, []) if name not in writing]
        unordered = {
            writer: [w for w in writing if not order.is_given(w, writer)] for writer in writing
        }
        for place, writer in enumerate(writing):
            for other in [*writing[place + 1 :], *reading]:
                if order.is_given(writer, other):
                    continue
                # Once the two writers are ordered, so is who waits for the other one.
                if other in reading and any(order.is_given(other, w) for w in unordered[writer]):
                    continue
                earlier, later = sorted((writer, other), key=graph.order.__getitem__)
                key = variable, names.line(earlier), names.line(later)
                if key not in seen:
                    seen.add(key)
                    moves = other in writing or other in into_variables
                    found.append(Race(kind.name, variable, earlier, later, moves))
    return found


def mending(found: Sequence[Race], names: Names) -> list[str]:
    """Returns where the operations of races were made, and the two lines that order them.

    Args:
      found: whose later operations were made by one statement.
      names: of their graph.
    """
    earlier = list(dict.fromkeys(race.earlier for race in found))
    made = dict.fromkeys(names.statement(name) for name in earlier)
    later = names.statement(found[0].later)
    if not later[0]:
        return [f"    {earlier[0]}", f"    {found[0].later}"]
    about = [f"    {at}: {code}" for at, code in dict.fromkeys([*made, later])]
    if later in made:
        return about  # what one statement makes cannot be ordered from outside
    by_name = [f"tf.get_default_graph().get_operation_by_name({name!r})" for name in earlier]
    handle = names.handle(earlier, [race.later for race in found]) or ", ".join(by_name)
    return [
        *about,
        "  ordered by",
        f"    with tf.control_dependencies([{handle}]):",
        f"        {later[1]}",
    ]


def racing_fetches(recording: Recording, kind: Kind) -> set[str]:
    """Returns the fetches whose values no order of the call settles, though its variables' are."""
    graph = recording.graphs[kind.graph]
    readers = {
        name
        for race in races(recording, kind)
        if not race.moves_variables
        for name in (race.earlier, race.later)
        if race.variable not in graph.writes(name)
    }
    return {f for f in kind.fetches if readers & {*graph.executed([f], kind.feeds)}}


def fetched_while_moved(recording: Recording, kind: Kind) -> list[str]:
    """Returns the variables that a call fetches themselves, by reference, and moves as well."""
    graph = recording.graphs[kind.graph]
    moved = set(graph.moved(recording.executed(kind)))
    return [name for f in kind.fetches if (name := operation(f)) in moved and graph.variable_of(f)]


def untrained(recording: Recording) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yields trainable variables that no recorded call trains, with line and code of their making.

    Variables of a graph in which nothing is trained at all are left out.
    """
    for place, graph in recording.graphs.items():
        moved, trains = set(), False
        for kind in recording.kinds:
            if kind.graph == place and not kind.initialises:
                executed = recording.executed(kind)
                trains |= any(optimizer_of(graph, name) for name in executed)
                moved.update(graph.moved(executed))
        if trains:
            names = recording.names(place)
            for name in recording.trained[place]:
                if name not in moved:
                    yield name, names.statement(name)


def trained_twice(recording: Recording, kind: Kind) -> Iterator[tuple[str, list[str]]]:
    """Yields variables to which a call applies two gradients of one kind, and the operations."""
    graph = recording.graphs[kind.graph]
    applied: dict[tuple[str, ...], list[str]] = {}
    for name in recording.executed(kind):
        if optimizer_of(graph, name):
            applied.setdefault(tuple(graph.writes(name)), []).append(name)
    for variables, operations in applied.items():
        if len(operations) > 1:
            yield variables[0], operations


def optimizer_of(graph: Graph, name: str) -> str | None:
    """Returns which optimizer an operation is a step of, such as "Adam"; None: of none."""
    kind = graph.nodes[name].op.removeprefix("Resource").removeprefix("Sparse")
    return kind.removeprefix("Apply") if kind.startswith("Apply") else None
