"""What a TF1 graph says without being run: what a call executes, reads and writes, in order."""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

VARIABLES = ("VariableV2", "Variable", "VarHandleOp")
"""Types of the operations that are a variable: two of a reference, one of a resource."""

RANDOM = (
    "RandomUniform",
    "RandomUniformInt",
    "RandomStandardNormal",
    "ParameterizedTruncatedNormal",
    "TruncatedNormal",
    "RandomShuffle",
    "RandomGamma",
    "RandomPoissonV2",
    "Multinomial",
)
"""Types that draw random numbers. They take a seed of the graph's."""

PIPELINES = (
    "IteratorGetNext",
    "QueueDequeueV2",
    "QueueDequeueManyV2",
    "QueueDequeueUpToV2",
    "ReaderReadV2",
    "PyFunc",
    "PyFuncStateless",
    "EagerPyFunc",
)
"""Types that bring values from outside of the graph's arithmetic."""

_PASS_A_REFERENCE_ON = ("Identity", "RefIdentity", "Enter", "RefEnter", "Switch", "RefSwitch")
# These give their input's own memory to whoever consumes them, so that an update in place is seen.
# Which branch a Merge takes is not known: what is behind it counts as no reader.
_SHARE_MEMORY: tuple[str, ...] = (*_PASS_A_REFERENCE_ON, "Exit", "Reshape", "Squeeze")
_SHARE_MEMORY += ("ExpandDims", "StopGradient", "PreventGradient", "Snapshot")
_READ_A_RESOURCE = ("ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape")
_TOUCH_NO_VALUE = ("VarIsInitializedOp", "IsVariableInitialized", "VariableShape")


class Variable(NamedTuple):
    """A variable of the graph."""

    dtype: str
    shape: tuple[int, ...]
    is_resource: bool


class Graph:
    """A GraphDef, asked by names: of an operation "a/b", or of a tensor "a/b:0".

    Args:
      graph_def: a `tf.compat.v1.GraphDef`.
    """

    def __init__(self, graph_def: Any):
        self.nodes = {node.name: node for node in graph_def.node}
        self.order = {name: place for place, name in enumerate(self.nodes)}

    @functools.cached_property
    def variables(self) -> dict[str, Variable]:
        """All variables by the names of their operations, in the order of their making."""
        import tensorflow as tf

        found = {}
        for name, node in self.nodes.items():
            if node.op in VARIABLES:
                shape = tuple(dim.size for dim in node.attr["shape"].shape.dim)
                dtype = tf.dtypes.as_dtype(node.attr["dtype"].type).name
                found[name] = Variable(dtype, shape, node.op == "VarHandleOp")
        return found

    def inputs(self, name: str) -> list[str]:
        """Returns the tensors that an operation takes."""
        given = (entry for entry in self.nodes[name].input if not entry.startswith("^"))
        return [entry if ":" in entry else f"{entry}:0" for entry in given]

    def before(self, name: str) -> Iterator[str]:
        """Yields the operations that an operation waits for; a loop's way back is left out."""
        node = self.nodes[name]
        for entry in node.input:
            source = operation(entry)
            if node.op in ("Merge", "RefMerge") and self.nodes[source].op.endswith("NextIteration"):
                continue
            yield source

    def executed(self, fetches: Iterable[str], feeds: Collection[str] = ()) -> list[str]:
        """Returns the operations of a call, each after those that it waits for.

        Of those that do not wait for each other the one that was made first is first.

        Args:
          fetches: operations and tensors.
          feeds: tensors whose values are given: what made them is not executed.
        """
        reached, stack = set(), [operation(name) for name in fetches if name not in feeds]
        while stack:
            name = stack.pop()
            if name in reached:
                continue
            reached.add(name)
            node = self.nodes[name]
            for entry in node.input:
                tensor = entry if ":" in entry or entry.startswith("^") else f"{entry}:0"
                if tensor not in feeds:
                    stack.append(operation(entry))
        done: dict[str, None] = {}
        for first in sorted(reached, key=self.order.__getitem__):
            waiting = [first]
            while waiting:
                name = waiting[-1]
                left = [n for n in self.before(name) if n in reached and n not in done]
                if name in done or not left:
                    done[waiting.pop()] = None
                else:
                    waiting += sorted(left, key=self.order.__getitem__, reverse=True)
        return list(done)

    def variable_of(self, tensor: str) -> str | None:
        """Returns the variable whose reference or handle a tensor is; None: it is neither."""
        name = operation(tensor)
        while self.nodes[name].op in _PASS_A_REFERENCE_ON:
            name = operation(self.inputs(name)[0])
        return name if self.nodes[name].op in VARIABLES else None

    def value_of(self, tensor: str) -> str | None:
        """Returns the variable whose reference, handle or value a tensor is; None: it is none."""
        node = self.nodes[operation(tensor)]
        while node.op == "Identity" and self.nodes[operation(node.input[0])].op == "ReadVariableOp":
            node = self.nodes[operation(node.input[0])]
        return self.variable_of(
            self.inputs(node.name)[0] if node.op == "ReadVariableOp" else tensor
        )

    def writes(self, name: str) -> list[str]:
        """Returns the variables that an operation writes, in the order of its inputs."""
        node = self.nodes[name]
        if node.op in _TOUCH_NO_VALUE + _READ_A_RESOURCE + _SHARE_MEMORY:
            return []
        by_reference = _reference_inputs(node.op)
        written = []
        for index, tensor in enumerate(self.inputs(name)):
            variable = self.variable_of(tensor)
            if variable and (self.variables[variable].is_resource or index in by_reference):
                written.append(variable)
        return written

    def moved(self, executed: Iterable[str]) -> list[str]:
        """Returns the variables that operations write, in the order of their making."""
        written = {variable for name in executed for variable in self.writes(name)}
        return sorted(written, key=self.order.__getitem__)

    def reads(self, executed: Collection[str]) -> dict[str, list[str]]:
        """Returns by variable the operations that take its value.

        A reference is read by whatever consumes it, directly or through operations that pass on its
        own memory; a resource by the operation that makes a copy.
        """
        readers: dict[str, list[str]] = {}
        holds: dict[str, str] = {}  # an operation whose output is a reference's own memory
        for name in executed:
            node = self.nodes[name]
            if node.op in _TOUCH_NO_VALUE:
                continue
            if node.op in VARIABLES:
                if node.op != "VarHandleOp":
                    holds[name] = name
                continue
            by_reference = _reference_inputs(node.op)
            is_training = node.op.startswith("FusedBatchNorm") and node.attr["is_training"].b
            for index, tensor in enumerate(self.inputs(name)):
                source = operation(tensor)
                if is_training and index > 2:  # moving statistics, which it does not look at
                    continue
                if source in holds:
                    if node.op in _SHARE_MEMORY:
                        holds[name] = holds[source]
                    elif index not in by_reference:
                        readers.setdefault(holds[source], []).append(name)
                elif node.op in _READ_A_RESOURCE and (variable := self.variable_of(tensor)):
                    readers.setdefault(variable, []).append(name)
        return readers

    def unconditional(self, executed: Iterable[str]) -> list[str]:
        """Returns the operations of a call that are in no branch of a `tf.cond` or loop."""
        inside: set[str] = set()
        for name in executed:
            kind = self.nodes[name].op.removeprefix("Ref")
            begins, ends = kind in ("Switch", "Enter"), kind in ("Merge", "Exit")
            if begins or not ends and any(source in inside for source in self.before(name)):
                inside.add(name)
        return [name for name in executed if name not in inside]

    def counting(
        self, executed: Collection[str], fetches: Iterable[str], feeds: Collection[str] = ()
    ) -> set[str]:
        """Returns the operations whose values go into a variable or a fetch.

        Others are executed because something waits for them: a gradient of the examples, say.
        """
        reached = {operation(name) for name in fetches}
        for name in reversed(list(executed)):
            if name in reached or self.writes(name):
                reached.add(name)
                given = (tensor for tensor in self.inputs(name) if tensor not in feeds)
                reached.update(map(operation, given))
        return reached

    def attribute(self, name: str, attribute: str) -> Any:
        """Returns an attribute's value as Python has it; None: it has none, or another kind."""
        value = self.nodes[name].attr.get(attribute)
        kind = value.WhichOneof("value") if value is not None else None
        if kind in ("i", "f", "b"):
            return getattr(value, kind)
        if kind == "s":
            return value.s.decode(errors="replace")
        return [*value.list.i] if kind == "list" else None

    def uniform(self, tensor: str) -> float | None:
        """Returns the number that each element of a tensor is, whatever is fed; None: unknown."""
        node = self.nodes[operation(tensor)]
        if node.op in ("Fill", "Identity"):
            return self.uniform(self.inputs(node.name)[-1])
        value = self.constant(tensor)
        if value is None or not value.size or (value != value.flat[0]).any():
            return None
        return float(str(value.flat[0]))

    def constant(self, tensor: str) -> Any:
        """Returns a constant's value, as NumPy has it; None: the tensor is none."""
        import tensorflow as tf

        name = operation(tensor)
        while self.nodes[name].op in ("Identity", "Cast"):
            name = operation(self.inputs(name)[0])
        node = self.nodes[name]
        return tf.make_ndarray(node.attr["value"].tensor) if node.op == "Const" else None


class Order:
    """Which of the operations of a call wait for which.

    Args:
      graph: that they are of.
      executed: as `Graph.executed` returns them.
    """

    def __init__(self, graph: Graph, executed: list[str]):
        self._place = {name: place for place, name in enumerate(executed)}
        self._waits_for: list[int] = []  # a bit for each operation
        for place, name in enumerate(executed):
            bits = 0
            for source in graph.before(name):
                if (at := self._place.get(source, place)) < place:
                    bits |= self._waits_for[at] | 1 << at
            self._waits_for.append(bits)

    def waits(self, later: str, earlier: str) -> bool:
        """Whether an operation waits for another one."""
        return bool(self._waits_for[self._place[later]] >> self._place[earlier] & 1)

    def is_given(self, a: str, b: str) -> bool:
        """Whether one of two operations waits for the other."""
        return a == b or self.waits(a, b) or self.waits(b, a)


def operation(name: str) -> str:
    """Returns the operation of a tensor, an operation, or a control input."""
    return name.removeprefix("^").split(":")[0]


@functools.cache
def _reference_inputs(kind: str) -> frozenset[int]:
    """Returns which inputs of a type of operations are references, which it may write."""
    from tensorflow.python.framework import op_def_registry

    op_def = op_def_registry.get(kind)
    if op_def is None:
        return frozenset()
    return frozenset(place for place, arg in enumerate(op_def.input_arg) if arg.is_ref)


def hyperparameters(graph: Graph, name: str) -> Mapping[str, Any]:
    """Returns what an operation of an optimizer takes beside variables and gradient, by name.

    A number where it is a constant, else the tensor's name.
    """
    from tensorflow.python.framework import op_def_registry

    op_def, written = op_def_registry.get(graph.nodes[name].op), graph.writes(name)
    taken = {}
    for arg, tensor in zip(op_def.input_arg, graph.inputs(name), strict=False):
        if arg.name in ("grad", "delta", "indices") or graph.variable_of(tensor) in written:
            continue
        value = graph.constant(tensor)
        taken[arg.name] = tensor if value is None else float(str(value))  # 0.0002, not its float64
    for attr in ("use_nesterov",):
        if graph.attribute(name, attr):
            taken[attr] = True
    return taken
