"""A call that differs, with all that both sides have computed in it."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tfgan.parity import inside
from tfgan.parity.graphs import Graph, operation
from tfgan.parity.inside import Index, Operation
from tfgan.parity.naming import Names
from tfgan.parity.recording import Call, Kind

Values = Mapping[str, np.ndarray]


class Seen(NamedTuple):
    """A call on both sides, which began at the same state."""

    number: int
    """From 1."""
    kind: Kind
    call: Call
    names: Names
    session: Sequence[Operation]
    port: Sequence[Operation]
    computed: Index
    """What the port computed."""
    before: Values
    after: Values
    """The session's variables."""
    ported: Values
    """The port's variables after the call."""
    fetched: Values
    """What the port returned."""
    trainable: frozenset[str]
    earlier: Sequence[tuple[int, str, Values]]
    """Calls before this one: number, kind, and what they were fed and drew."""
    first: Operation | None
    """The session's first operation whose inputs are all in the port, but whose output is not."""

    def describe(self, op: Operation) -> str:
        """Returns an operation with its line in the script."""
        line, code = self.names.statement(op.name)
        return f"{op.kind} {op.name}" + (f" ({line}: {code})" if line else "")


def first_difference(
    session: Sequence[Operation], computed: Index, graph: Graph, differing: Collection[str]
) -> Operation | None:
    """Returns the first operation whose inputs all occur in the port, but whose output does not.

    What depends on nothing that was fed, drawn or held counts as occurring; what goes into no
    variable and no fetch, such as a gradient of the examples, is left out, and so is what the
    differing values have only through values that the port has as well.

    Args:
      session: its operations, in the order of computing.
      computed: what the port computed.
      graph: the session's.
      differing: variables and tensors whose values differ after the call.
    """
    shaped = ("ZerosLike", "OnesLike", "Fill")  # what hangs on a shape alone
    free = {
        inside.key(value)
        for op in session
        if not op.depends or op.kind in shaped
        for value in op.outputs
        if value is not None
    }

    def occurs(value) -> bool:
        return value is None or value in computed or inside.key(value) in free

    def is_same(op: Operation) -> bool:
        known = [v for v in op.outputs if v is not None]
        return bool(known) and op.kind != "Identity" and all(map(occurs, known))

    by_name = {op.name: op for op in session}
    waiting = [op.name for op in session if {*op.writes} & {*differing}]
    waiting += [operation(name) for name in differing]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        op = by_name.get(name)
        if op is None or name in reached or (is_same(op) and not op.writes):
            continue
        reached.add(name)
        waiting += map(operation, graph.inputs(name))
    for op in session:
        # What reads a reference passes its memory on: by the end of the call it holds the step.
        if op.name not in reached or not op.depends or not op.counts or op.kind == "Identity":
            continue
        outputs = [
            v for v in op.outputs if v is not None and (v.dtype.kind not in "iu" or op.writes)
        ]
        if all(map(occurs, op.inputs)) and not all(map(occurs, outputs)):
            return op
    return None
