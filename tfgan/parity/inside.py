"""Everything that one call computes, on either side, in the order of computing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan.parity.graphs import VARIABLES, Graph, Order, operation
from tfgan.parity.recording import Call, Kind, Recording

Values = Mapping[str, np.ndarray]


class Operation(NamedTuple):
    """One operation that was executed."""

    kind: str
    """Its type, without what tells variables of a reference from those of a resource."""
    name: str
    """In its graph."""
    inputs: list[np.ndarray | None]
    """None: not known, such as a string's."""
    reads: list[str]
    """For each input the variable whose value or handle it is; "": of none."""
    late: list[str]
    """Variables that it reads after the call has moved them."""
    outputs: list[np.ndarray | None]
    """Of one that writes variables: their values after the call, if it is the last to do so."""
    writes: list[str]
    attributes: Mapping[str, Any]
    depends: bool = True
    """Whether it depends on anything that was fed, drawn, or held by a variable."""
    counts: bool = True
    """Whether its value goes into a variable or a fetch."""


def plain(kind: str) -> str:
    """Returns a type's name, the same for references and resources and for its versions."""
    for prefix in ("Resource", "Ref"):
        kind = kind.removeprefix(prefix)
    kind = kind.rstrip("0123456789").removesuffix("V")
    return {
        "AssignVariableOp": "Assign",
        "AssignAddVariableOp": "AssignAdd",
        "AssignSubVariableOp": "AssignSub",
        "ReadVariableOp": "Identity",
    }.get(kind, kind)


def of_session(
    recording: Recording, kind: Kind, call: Call, before: Values, after: Values
) -> list[Operation]:
    """Returns what a session's call computed.

    Args:
      recording: with the graph.
      kind: of the call.
      call: with everything inside.
      before, after: variables, by their names in the graph.
    """
    graph = recording.graphs[kind.graph]
    given = {**call.feeds, **call.draws}
    numbers = [name for name, value in call.fetches.items() if value.dtype != object]
    executed = graph.executed(kind.executes, given)
    order = Order(graph, executed)
    writers: dict[str, list[str]] = {}
    for name in executed:
        for variable in graph.writes(name):
            writers.setdefault(variable, []).append(name)
    counting = graph.counting(executed, [*kind.targets, *numbers], given)
    live: set[str] = set()
    found: list[Operation] = []

    def is_late(name: str, variable: str) -> bool:
        return any(w != name and order.waits(name, w) for w in writers.get(variable, ()))

    for name in executed:
        node, taken, writes = graph.nodes[name], graph.inputs(name), graph.writes(name)
        if node.op in VARIABLES or f"{name}:0" in given:
            live.add(name)
            continue
        if depends := any(t in given or operation(t) in live for t in taken):
            live.add(name)
        reads = ["" if t in given else graph.value_of(t) or "" for t in taken]
        late = [v for v in dict.fromkeys(reads) if v and is_late(name, v)]
        inputs = [
            (None if v in late else before.get(v)) if v else given.get(t, call.inside.get(t))
            for t, v in zip(taken, reads, strict=True)
        ]
        outputs = [after.get(v) if writers[v][-1] == name else None for v in writes]
        if not writes:
            outputs = [call.inside[t] for t in _outputs(name, call.inside)]
        attributes = {key: graph.attribute(name, key) for key in node.attr if key[0] != "_"}
        found.append(
            Operation(
                plain(node.op),
                name,
                inputs,
                reads,
                late,
                outputs,
                writes,
                attributes,
                depends,
                name in counting,
            )
        )
    return found


def _outputs(name: str, inside: Values) -> list[str]:
    found: list[str] = []
    while (tensor := f"{name}:{len(found)}") in inside:
        found.append(tensor)
    return found


def of_port(
    step: Callable[[Mapping[str, Any]], Any], inputs: Values, variables: Mapping[str, Any]
) -> list[Operation]:
    """Runs a port's step in one graph, of which it takes every tensor; returns what it computed.

    Args:
      step: the port's function.
      inputs: what it is given.
      variables: of the port, by their names in the session.

    Raises:
      Exception: whatever the step raises that cannot be traced.
    """
    import tensorflow as tf

    given = {name: tf.constant(value) for name, value in inputs.items()}
    made: list[tuple[Any, list[Any]]] = []

    def everything():
        step(given)
        operations = tf.compat.v1.get_default_graph().get_operations()
        made.extend((op, [t for t in op.outputs if _is_number(t)]) for op in operations)
        return [tensors for _, tensors in made]

    eager = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)  # functions inside of it become part of this graph
    try:
        traced = tf.function(everything, autograph=False).get_concrete_function()
        results = traced()
    finally:
        tf.config.run_functions_eagerly(eager)
    owners = {id(variable.handle): name for name, variable in variables.items()}
    handles = {
        inner.op.name: owners[id(outer)]
        for outer, inner in zip(traced.captured_inputs, traced.graph.internal_captures, strict=True)
        if id(outer) in owners
    }
    values = {
        tensor.name: value.numpy()
        for (_, tensors), numbers in zip(made, results, strict=True)
        for tensor, value in zip(tensors, numbers, strict=True)
    }
    return _of_graph(
        Graph(traced.graph.as_graph_def()), [op.name for op, _ in made], handles, values, variables
    )


def _of_graph(
    graph: Graph,
    executed: Sequence[str],
    handles: Mapping[str, str],
    values: Values,
    variables: Mapping[str, Any],
) -> list[Operation]:
    after = {name: variable.numpy() for name, variable in variables.items()}
    readings: dict[str, tuple[str, bool]] = {}  # (variable, whether it had been moved)
    moved: dict[str, int] = {}
    found: list[Operation] = []
    for name in executed:
        node, taken = graph.nodes[name], graph.inputs(name)
        owners = [handles.get(operation(tensor), "") for tensor in taken]
        is_read = node.op == "ReadVariableOp"
        if is_read and owners[0]:
            readings[name] = owners[0], owners[0] in moved
        elif node.op == "Identity" and operation(taken[0]) in readings:
            readings[name] = readings[operation(taken[0])]
        read = [readings.get(operation(tensor), ("", False)) for tensor in taken]
        writes = [] if is_read else [variable for variable in owners if variable]
        found.append(
            Operation(
                plain(node.op),
                name,
                [values.get(tensor) for tensor in taken],
                [owner or variable for owner, (variable, _) in zip(owners, read, strict=True)],
                [variable for variable, is_late in read if is_late],
                [values[t] for t in _outputs(name, values)],
                writes,
                {key: graph.attribute(name, key) for key in node.attr if key[0] != "_"},
            )
        )
        moved |= dict.fromkeys(writes, len(found) - 1)
    for place in set(moved.values()):
        outputs = [after[v] if moved[v] == place else None for v in found[place].writes]
        found[place] = found[place]._replace(outputs=outputs)
    return found


def _is_number(tensor: Any) -> bool:
    return bool(tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool)


class Index:
    """Finds values by their bytes.

    Args:
      operations: whose inputs and outputs are to be found.
      more: values that are there as well.
    """

    def __init__(self, operations: Sequence[Operation], more: Sequence[np.ndarray] = ()):
        self._keys = {key(value) for value in more}
        self.taken: set = set()
        for op in operations:
            self.taken.update(key(value) for value in op.inputs if value is not None)
            self._keys.update(key(value) for value in op.outputs if value is not None)
        self._keys |= self.taken

    def __contains__(self, value: np.ndarray) -> bool:
        return key(value) in self._keys


def key(value: np.ndarray) -> tuple[str, bytes]:
    """Returns what arrays have in common whose elements have the same bytes, in order."""
    return str(value.dtype), np.ascontiguousarray(value).tobytes()


def iterate(operations: Sequence[Operation]) -> Iterator[np.ndarray]:
    """Yields every value of operations."""
    for op in operations:
        yield from (v for v in [*op.inputs, *op.outputs] if v is not None)
