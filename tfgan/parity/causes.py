"""Why a port's call differs from its session's, in words: rules over all that both have computed.

The rules are tried in the order of `RULES`, which is that of computing: what comes in, what is
read, the operations, what is written. The first one that fits names the cause.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tfgan.parity import inside
from tfgan.parity.inside import Index, Operation
from tfgan.parity.naming import Names
from tfgan.parity.recording import Call, Kind

Values = Mapping[str, np.ndarray]


class Cause(NamedTuple):
    """What a rule found."""

    rule: str
    text: str


class Seen(NamedTuple):
    """A call on both sides, which began at the same state."""

    number: int
    """From 1."""
    kind: Kind
    call: Call
    names: Names
    session: Sequence[Operation]
    port: Sequence[Operation]
    index: Index
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


def find(seen: Seen) -> Cause:
    """Returns why a call differs."""
    for rule in RULES:
        if text := rule(seen):
            return Cause(rule.__name__, text)
    raise AssertionError("the last rule always fits")


def first_difference(session: Sequence[Operation], index: Index) -> Operation | None:
    """Returns the first operation whose inputs all occur in the port, but whose output does not.

    What depends on nothing that was fed, drawn or held counts as occurring; what goes into no
    variable and no fetch, such as a gradient of the examples, is left out.
    """
    free = {inside.key(v) for op in session if not op.depends for v in op.outputs if v is not None}

    def occurs(value) -> bool:
        return value is None or value in index or inside.key(value) in free

    for op in session:
        if not op.depends or not op.counts:
            continue
        outputs = [v for v in op.outputs if v is not None and (_is_float(v) or op.writes)]
        if all(map(occurs, op.inputs)) and not all(map(occurs, outputs)):
            return op
    return None


# --- what comes in ---------------------------------------------------------------------------


def another_calls_feed(seen: Seen) -> str | None:
    """The port uses what an earlier call was fed, or drew."""
    for name, value in _unused(seen):
        for number, kind, given in reversed(seen.earlier):
            other = given.get(name)
            if other is not None and inside.key(other) in seen.index.taken:
                return (
                    f"the port uses {seen.names.of(name)} of call {number} ({kind}); the session is "
                    f"fed another one in call {seen.number}."
                )
    return None


def feed(seen: Seen) -> str | None:
    """The port does not use what it was fed, or drew."""
    for name, value in _unused(seen):
        consumers = [op for op in seen.session if any(_same(v, value) for v in op.inputs)]
        if consumers and not any(_occur(op.outputs, seen.index) for op in consumers):
            shown = seen.names.of(name)
            nearest = _scaled(value, seen.port)
            more = f"; it uses {nearest[0]:.6g} times that" if nearest else ""
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
        if op.kind == "Identity" and op.reads and op.reads[0] in written:
            if any(inside.key(v) in seen.index.taken for v in op.outputs if v is not None):
                after_in_port.add(op.reads[0])
        written.update(op.writes)
    for names, place in (
        (after_in_port - after_in_session, ("port", "session")),
        (after_in_session - after_in_port, ("session", "port")),
    ):
        known = sorted(names & seen.ported.keys())
        if known and _moved(seen.before, seen.after, known):
            return (
                f"the {place[0]} reads {_listed(known)} after call {seen.number} has moved "
                f"{'it' if len(known) == 1 else 'them'}, the {place[1]} before."
            )
    return None


# --- what is computed ------------------------------------------------------------------------


def keras_adam(seen: Seen) -> str | None:
    """The port's Adam is not the kernel that the session's is."""
    if any(op.kind == "ApplyAdam" for op in seen.port):
        return None
    weights = [op.writes[0] for op in seen.session if op.kind == "ApplyAdam" and op.writes]
    if weights and _moved(seen.before, seen.ported, weights):
        return (
            f"the session moves {_listed(weights)} by ApplyAdam, the port has none: Keras' Adam "
            "takes powers of beta where version 1 keeps products, and adds its epsilon (1e-7, not "
            "1e-8) elsewhere. tfgan.optimizers.Adam is the session's."
        )
    return None


def loss_scale(seen: Seen) -> str | None:
    """All gradients, or the loss, are a multiple of the other side's."""
    ratios = []
    for ours in seen.session:
        theirs = _step_of(seen.port, ours)
        if theirs and (pair := _gradients(ours, theirs)):
            ratios.append(_ratio(*pair))
    if not ratios or None in ratios or np.ptp(ratios) > 1e-4 * abs(ratios[0]):
        return None
    if abs(ratios[0] - 1) < 1e-4:
        return None
    return f"the session's gradients in {seen.kind.name} are {_nice(ratios[0])} times the port's."


def dtype(seen: Seen) -> str | None:
    """The port computes in another floating point type."""
    if seen.first is None:
        return None
    for output in seen.first.outputs:
        for value in inside.iterate(seen.port):
            if output is None or value.dtype == output.dtype or value.size != output.size:
                continue
            if value.size > 1 and _is_float(value) and _is_near(value, output, 0.02):
                return (
                    f"the session computes {seen.describe(seen.first)} in {output.dtype}, the port "
                    f"in {value.dtype}."
                )
    return None


def missing_bias(seen: Seen) -> str | None:
    """The port never reads a variable that the session uses."""
    read = {name for op in seen.port for name in op.reads if name}
    used = {name for op in seen.session for name in op.reads if name and not op.writes}
    for name in sorted(used - read):
        if name in seen.ported:
            lines = [op for op in seen.session if name in op.reads and not op.writes]
            how = "a bias is missing" if _is_bias(lines, seen.before[name]) else "a weight is missing"
            return f"the port never reads {name}, {how}: {seen.describe(lines[-1])}."
    return None


def fused_bias(seen: Seen) -> str | None:
    """One side adds a bias by BiasAdd, whose gradient sums in another order than `+` does."""
    pairs = {"Sum": "BiasAddGrad", "BiasAddGrad": "Sum"}
    if seen.first is None or seen.first.kind not in pairs:
        return None
    other = pairs[seen.first.kind]
    for op in seen.port:
        if op.kind == other and _same(op.inputs[0], seen.first.inputs[0]):
            with_plus, fused = ("session", "port") if other == "BiasAddGrad" else ("port", "session")
            return (
                f"the {with_plus} adds a bias by +, whose gradient is a Sum, the {fused} by "
                f"tf.nn.bias_add, whose gradient is a BiasAddGrad: {seen.describe(seen.first)}."
            )
    return None


def scaled_input(seen: Seen) -> str | None:
    """The same operation, on a multiple of what the session gives it."""
    if seen.first is None or seen.first.writes or (match := _match(seen)) is None:
        return None
    for ours, theirs in zip(seen.first.inputs, match.inputs, strict=False):
        if ours is None or theirs is None or ours.size < 2 or ours.shape != theirs.shape:
            continue
        ratio = _ratio(theirs, ours)
        if ratio is not None and abs(ratio - 1) > 1e-4:
            return f"{seen.describe(seen.first)} takes {_nice(ratio)} times that in the port."
    return None


def wrong_variable(seen: Seen) -> str | None:
    """The same operation, on another variable."""
    if seen.first is None or (match := _match(seen)) is None:
        return None
    for name, ours, theirs in zip(seen.first.reads, seen.first.inputs, match.inputs, strict=False):
        if not name or ours is None or theirs is None or _same(ours, theirs) or ours.size < 2:
            continue
        others = [n for n, value in seen.before.items() if n != name and _same(value, theirs)]
        if others:
            return f"{seen.describe(seen.first)} takes {name}, the port's takes {others[0]}."
    return None


def number(seen: Seen) -> str | None:
    """The same operation, with another number: a learning rate, an epsilon, a slope."""
    if seen.first is None:
        return None
    match = _step_of(seen.port, seen.first) or _match(seen)
    if match is None:
        return None
    names = _argument_names(seen.first, match)
    found = []
    pairs = zip(names, seen.first.inputs, match.inputs, strict=False)
    for name, ours, theirs in pairs:
        if ours is None or theirs is None or _same(ours, theirs):
            continue
        if ours.size != 1 or theirs.size != 1:
            return None
        found.append(f"{name} is {_shown(ours)} in the session, {_shown(theirs)} in the port")
    for name, value in seen.first.attributes.items():
        theirs = match.attributes.get(name)
        if isinstance(value, (bool, int, float, str)) and isinstance(theirs, (bool, int, float, str)):
            if np.float32(value) != np.float32(theirs) if _are_numbers(value, theirs) else value != theirs:
                found.append(f"{name} is {_shown(value)} in the session, {_shown(theirs)} in the port")
    return f"{', '.join(found)}: {seen.describe(seen.first)}." if found else None


def reduction(seen: Seen) -> str | None:
    """The same number up to rounding: summed in another order."""
    if seen.first is None:
        return None
    output = next((v for v in seen.first.outputs if v is not None), None)
    if output is None or seen.first.writes or _match_exactly(seen):
        return None
    near = [
        (op, value)
        for op in seen.port
        for value in op.outputs
        if value is not None and value.shape == output.shape and value.dtype == output.dtype
        if _is_near(value, output, 1e-5)
    ]
    # A loss that was put together elsewhere: its value is among what the call returns.
    if not near:
        near = [
            (op, v)
            for tensor, theirs in seen.call.fetches.items()
            if (ours := seen.fetched.get(seen.names.of(tensor))) is not None
            and ours.size == 1 and _is_near(ours, theirs, 1e-5) and not _same(ours, theirs)
            for op in seen.port
            for v in op.outputs
            if v is not None and _same(v, ours)
        ]
    if not near:
        return None
    port = near[0][0]
    return (
        f"the same up to rounding, computed in another order: in the session "
        f"{_formula(seen.first, seen.session)} ({seen.describe(seen.first)}), in the port "
        f"{_formula(port, seen.port)}."
    )


def threads(seen: Seen) -> str | None:
    """The same operation on the same inputs has another output."""
    if seen.first is None or not _match_exactly(seen):
        return None
    return (
        f"{seen.describe(seen.first)} has the same inputs and other bits: it runs with other "
        "threads, or another compiler, than the recording (one thread, no graph rewriter, no XLA)."
    )


# --- what is written -------------------------------------------------------------------------


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
    return f"VARIABLES has no {_listed(lacking)}, which {seen.kind.name} moves in the session."


def operation(seen: Seen) -> str | None:
    """No rule fits: the first operation that differs, and how far."""
    if seen.first is None:
        return None
    output = next(v for v in seen.first.outputs if v is not None)
    sizes = [v for v in inside.iterate(seen.port) if (v.dtype, v.size) == (output.dtype, output.size)]
    distance = min((_distance(v, output) for v in sizes), default=None)
    near = f"; the nearest value of the port is {distance:.3g} away" if distance is not None else ""
    shown = ", ".join(_shown(v) for v in seen.first.inputs if v is not None)
    takers = {op.kind for op in seen.port if _takes_the_same(op, seen.first)} - {seen.first.kind}
    if takers:
        near += f"; the port gives what goes in to {', '.join(sorted(takers))}"
    return (
        f"{seen.describe(seen.first)} is the first whose inputs are all in the port ({shown}), but "
        f"whose output ({_shown(output)}) is not{near}."
    )


def compiler(seen: Seen) -> str:
    """Operation by operation both are equal."""
    return (
        f"operation by operation the port's {seen.kind.name} computes what the session does: what "
        "differs is how its function is compiled (jit_compile, graph rewriter), or what it keeps "
        "outside of VARIABLES."
    )


RULES: tuple[Callable[[Seen], str | None], ...] = (
    another_calls_feed,
    feed,
    update_order,
    keras_adam,
    loss_scale,
    missing_bias,
    dtype,
    fused_bias,
    scaled_input,
    wrong_variable,
    number,
    batch_statistics,
    moved,
    threads,
    reduction,
    missing_variable,
    operation,
    compiler,
)
"""In the order in which they are tried; the last one always fits."""


def _unused(seen: Seen):
    given = {**seen.call.feeds, **seen.call.draws}
    for name, value in given.items():
        if value.size > 1 and inside.key(value) not in seen.index.taken:
            yield name, value


def _moves(seen: Seen, is_asked: Callable[[str], bool]) -> str | None:
    lists: dict[bool, list[str]] = {True: [], False: []}
    for name, value in seen.ported.items():
        by_session = not _same(seen.after[name], seen.before[name])
        by_port = not _same(value, seen.before[name])
        if by_session != by_port and is_asked(name):
            lists[by_session].append(name)
    for by_session, names in lists.items():
        if names:
            one, other = ("session", "port") if by_session else ("port", "session")
            return f"the {one} moves {_listed(names)} in {seen.kind.name}, the {other} does not."
    return None


def _step_of(port: Sequence[Operation], ours: Operation) -> Operation | None:
    """Returns the port's step of an optimizer on the same weight."""
    if not ours.writes or not ours.kind.startswith("Apply"):
        return None
    same = (op for op in port if op.kind == ours.kind and op.writes[:1] == ours.writes[:1])
    return next(same, None)


def _match(seen: Seen) -> Operation | None:
    """Returns the port's operation that takes most of what the first differing one takes."""
    assert seen.first is not None
    counts = [
        (sum(_same(a, b) for a, b in zip(seen.first.inputs, op.inputs, strict=False)), -place)
        for place, op in enumerate(seen.port)
        if _alike(op.kind, seen.first.kind) and len(op.inputs) == len(seen.first.inputs)
        and not (op.writes and seen.first.writes and op.writes[0] != seen.first.writes[0])
    ]
    places = [
        place
        for place, op in enumerate(seen.port)
        if _alike(op.kind, seen.first.kind) and len(op.inputs) == len(seen.first.inputs)
        and not (op.writes and seen.first.writes and op.writes[0] != seen.first.writes[0])
    ]
    best = max(zip(counts, places, strict=True), default=None)
    return seen.port[best[1]] if best and best[0][0] > 0 else None


def _match_exactly(seen: Seen) -> bool:
    match = _match(seen)
    return match is not None and seen.first is not None and all(
        a is None or b is None or _same(a, b)
        for a, b in zip(seen.first.inputs, match.inputs, strict=False)
    ) and match.kind == seen.first.kind


def _alike(a: str, b: str) -> bool:
    return a == b or {a, b} <= {"Add", "AddV", "BiasAdd"}


def _gradients(ours: Operation, theirs: Operation) -> tuple[np.ndarray, np.ndarray] | None:
    names = _argument_names(ours, theirs)
    place = names.index("grad") if "grad" in names else -1
    a, b = ours.inputs[place], theirs.inputs[place]
    return (a, b) if a is not None and b is not None and a.shape == b.shape else None


def _argument_names(ours: Operation, theirs: Operation) -> list[str]:
    from tensorflow.python.framework import op_def_registry

    for kind in (ours.kind, f"Resource{ours.kind}", f"{ours.kind}V2"):
        op_def = op_def_registry.get(kind)
        if op_def is not None and len(op_def.input_arg) == len(theirs.inputs):
            return [arg.name for arg in op_def.input_arg]
    return [f"input {place + 1}" for place in range(len(theirs.inputs))]


def _ratio(a: np.ndarray, b: np.ndarray) -> float | None:
    """Returns by how much `b` has to be multiplied to be `a`; None: there is no such number."""
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    if not a.any() and not b.any():
        return 1.0
    norm = float(b @ b)
    if norm == 0 or not np.isfinite(norm):
        return None
    ratio = float(a @ b) / norm
    return ratio if np.linalg.norm(a - ratio * b) <= 1e-3 * np.linalg.norm(a) else None


def _scaled(value: np.ndarray, port: Sequence[Operation]) -> tuple[float] | None:
    for op in port:
        for theirs in op.inputs:
            if theirs is not None and theirs.shape == value.shape and _is_float(theirs):
                if (ratio := _ratio(theirs, value)) is not None:
                    return (ratio,)
    return None


def _formula(op: Operation, operations: Sequence[Operation]) -> str:
    """Returns an operation and those that made its inputs: AddV(Mean, Mean)."""
    makers = {}
    for each in operations:
        for value in each.outputs:
            if value is not None and each.kind not in ("Identity", "Const"):
                makers.setdefault(inside.key(value), each.kind)
    inner = [makers.get(inside.key(v), "_") for v in op.inputs if v is not None and _is_float(v)]
    return f"{op.kind}({', '.join(inner)})"


def _is_bias(operations: Sequence[Operation], value: np.ndarray) -> bool:
    return value.ndim == 1 and any(op.kind in ("Add", "AddV", "BiasAdd") for op in operations)


def _moved(before: Values, after: Values, names: Sequence[str]) -> bool:
    return any(name in after and not _same(before[name], after[name]) for name in names)


def _takes_the_same(op: Operation, first: Operation) -> bool:
    large = [v for v in first.inputs if v is not None and v.size > 1]
    return bool(large) and all(any(_same(v, taken) for taken in op.inputs) for v in large)


def _occur(values: Sequence[np.ndarray | None], index: Index) -> bool:
    return any(value is not None and value in index for value in values)


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and inside.key(a) == inside.key(b)


def _is_float(value: np.ndarray) -> bool:
    return value.dtype.kind in "fV"


def _is_near(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    return _distance(a, b) <= tolerance * float(np.abs(b.astype(np.float64)).max(initial=0.0))


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return float(np.abs(a - b).max(initial=0.0))


def _are_numbers(a: object, b: object) -> bool:
    return isinstance(a, (int, float)) and isinstance(b, (int, float))


def _nice(ratio: float) -> str:
    nearest = round(ratio) if abs(ratio) >= 1 else 1 / round(1 / ratio)
    return f"{nearest if abs(ratio - nearest) < 1e-3 * abs(ratio) else ratio:.6g}"


def _shown(value: object) -> str:
    if isinstance(value, np.ndarray):
        return str(value.item()) if value.size == 1 and value.dtype != np.float32 else (
            str(np.float32(value.item())) if value.size == 1 else f"{value.dtype} {[*value.shape]}"
        )
    return f"{np.float32(value)}" if isinstance(value, float) else str(value)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
