"""Everything that one call computes, on either side, in the order of computing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan.parity.graphs import VARIABLES, operation
from tfgan.parity.recording import Call, Kind, Recording

Values = Mapping[str, np.ndarray]


class Operation(NamedTuple):
    """One operation that was executed."""

    kind: str
    """Its type, without what tells variables of a reference from those of a resource."""
    name: str
    """In the session's graph; "" in a port."""
    inputs: list[np.ndarray | None]
    """None: not known, such as a string's."""
    reads: list[str]
    """Variables among its inputs, as far as they are known; "" for other inputs."""
    outputs: list[np.ndarray | None]
    """Of one that writes variables: their values after the call."""
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
    executed = graph.executed(kind.executes, given)
    writers: dict[str, str] = {v: name for name in executed for v in graph.writes(name)}
    written: set[str] = set()
    holds: dict[str, str] = {}
    live: set[str] = set()
    found = []
    counting = graph.counting(executed, kind.executes, given)

    def value(tensor: str):
        if tensor in given:
            return given[tensor]
        variable = holds.get(operation(tensor))
        if variable is not None:
            return None if variable in written else before.get(variable)
        return call.inside.get(tensor)

    for name in executed:
        node = graph.nodes[name]
        taken, writes = graph.inputs(name), graph.writes(name)
        if node.op in VARIABLES:
            live.add(name)
            if node.op != "VarHandleOp":
                holds[name] = name
            continue
        if f"{name}:0" in given:
            live.add(name)
            continue
        if taken and operation(taken[0]) in holds and plain(node.op) in ("Identity", "Enter"):
            holds[name] = holds[operation(taken[0])]
        depends = any(t in given or operation(t) in live for t in taken)
        if depends:
            live.add(name)
        outputs = [after.get(v) if writers[v] == name else None for v in writes]
        if not writes:
            outputs = [value(t) for t in _outputs(name, call.inside)] or [value(f"{name}:0")]
        found.append(
            Operation(
                plain(node.op),
                name,
                [value(tensor) for tensor in taken],
                [graph.value_of(tensor) or "" for tensor in taken],
                outputs,
                writes,
                {key: graph.attribute(name, key) for key in node.attr if not key.startswith("_")},
                depends,
                name in counting,
            )
        )
        written.update(writes)
    return found


def _outputs(name: str, inside: Values) -> list[str]:
    found: list[str] = []
    while (tensor := f"{name}:{len(found)}") in inside:
        found.append(tensor)
    return found


def of_port(
    step: Callable[[], Values], variables: Mapping[str, Any]
) -> tuple[list[Operation], Values]:
    """Runs a port's step operation by operation, and returns what it computed.

    Args:
      step: takes one step, and returns what the port returns.
      variables: of the port, by their names in the session.
    """
    import tensorflow as tf
    from tensorflow.python.framework import op_callbacks

    handles = {id(variable.handle): name for name, variable in variables.items()}
    read: dict[int, tuple[str, Any]] = {}  # values of variables, kept so that an id stays theirs
    found: list[Operation] = []

    def heard(op_type, inputs, attrs, outputs, op_name=None, graph=None):
        del op_name
        if graph is not None or not all(hasattr(t, "numpy") for t in [*inputs, *outputs]):
            return
        op = _text(op_type)
        owners = [handles.get(id(tensor), "") for tensor in inputs]
        is_read = op == "ReadVariableOp"
        if is_read and owners[0]:
            read.update((id(tensor), (owners[0], tensor)) for tensor in outputs)
        pairs = zip(attrs[::2], attrs[1::2], strict=False) if attrs else ()
        found.append(
            Operation(
                plain(op),
                "",
                [_array(tensor) for tensor in inputs],
                [name or read.get(id(t), ("",))[0] for name, t in zip(owners, inputs, strict=True)],
                [_array(tensor) for tensor in outputs],
                [] if is_read else [name for name in owners if name],
                {_text(key): _text(value) for key, value in pairs},
            )
        )

    eager = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    op_callbacks.add_op_callback(heard)
    try:
        fetched = step()
    finally:
        op_callbacks.remove_op_callback(heard)
        tf.config.run_functions_eagerly(eager)
    after = {name: variable.numpy() for name, variable in variables.items()}
    last = {name: place for place, op in enumerate(found) for name in op.writes}
    whole = [
        op._replace(outputs=[after[v] if last[v] == place else None for v in op.writes])
        if op.writes
        else op
        for place, op in enumerate(found)
    ]
    return whole, fetched


def _array(tensor: Any) -> np.ndarray | None:
    dtype = tensor.dtype
    return tensor.numpy() if dtype.is_floating or dtype.is_integer or dtype.is_bool else None


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


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
