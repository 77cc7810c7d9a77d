"""Rules about what a call computes: each returns a sentence, or None where it does not fit."""

import itertools

import numpy as np

from tfgan.parity import inside, likeness
from tfgan.parity.inside import Operation
from tfgan.parity.seen import Seen


def keras_adam(seen: Seen) -> str | None:
    """The port's Adam is not the kernel that the session's is."""
    if any(op.kind == "ApplyAdam" for op in seen.port):
        return None
    weights = [op.writes[0] for op in seen.session if op.kind == "ApplyAdam" and op.writes]
    if weights and likeness.moved(seen.before, seen.ported, weights):
        return (
            f"the session moves {likeness.listed(weights)} by ApplyAdam, the port has none: "
            "Keras' Adam takes powers of beta where version 1 keeps products, and its epsilon is "
            "1e-7, not 1e-8. tfgan.optimizers.Adam is the session's."
        )
    return None


def loss_scale(seen: Seen) -> str | None:
    """All gradients, or the loss, are a multiple of the other side's."""
    ratios: list[float] = []
    for ours in seen.session:
        theirs = likeness.step_of(seen.port, ours)
        if theirs and (pair := likeness.gradients(ours, theirs)):
            ratio = likeness.ratio(*pair)
            if ratio is None:
                ratios = []
                break
            ratios.append(ratio)
    if ratios and np.ptp(ratios) <= 1e-3 * abs(ratios[0]) and abs(ratios[0] - 1) >= 1e-2:
        by = likeness.nice(ratios[0])
        return f"the session's gradients in {seen.kind.name} are {by} times the port's."
    if seen.first and "_grad/" in seen.first.name and (by_input := _scaled_input(seen)):
        by = likeness.nice(1 / by_input)
        return (
            f"the session's gradients are {by} times the port's where they begin: "
            f"{seen.describe(seen.first)}."
        )
    return None if seen.kind.moves else _scaled_fetch(seen)


def _scaled_fetch(seen: Seen) -> str | None:
    """Names a value that is twice the other side's, half of it, or of the other sign."""
    for tensor, theirs in seen.call.fetches.items():
        name = seen.names.of(tensor)
        ours = seen.fetched.get(name)
        if ours is not None and ours.size == theirs.size == 1 and likeness.is_float(ours):
            factor = float(theirs) / float(ours) if float(ours) else 0.0
            if any(abs(factor - nice) < 1e-5 for nice in (-1, 0.5, 2, -0.5, -2)):
                return f"the session's {name} is {likeness.nice(factor)} times the port's."
    return None


def dtype(seen: Seen) -> str | None:
    """The port computes in another floating point type."""
    if seen.first is None:
        return None
    for output in seen.first.outputs:
        for value in inside.iterate(seen.port):
            if output is None or value.dtype == output.dtype or value.size != output.size:
                continue
            if (
                value.size > 1
                and likeness.is_float(value)
                and likeness.is_near(value, output, 0.02)
            ):
                return (
                    f"the session computes {seen.describe(seen.first)} in {output.dtype}, the port "
                    f"in {value.dtype}."
                )
    return None


def missing_bias(seen: Seen) -> str | None:
    """The port never reads a weight that the session uses."""
    read = {name for op in seen.port if not op.writes for name in op.reads}
    for name in seen.before:
        uses = [op for op in seen.session if name in op.reads and op.counts and not op.writes]
        uses = [op for op in uses if op.kind not in ("Identity", "Shape")]
        if uses and name not in read and name in seen.trainable and name in seen.ported:
            is_bias = likeness.is_bias(uses, seen.before[name])
            how = "a bias is missing" if is_bias else "a weight is missing"
            return f"the port never reads {name}, {how}: {seen.describe(uses[-1])}."
    return None


def fused_bias(seen: Seen) -> str | None:
    """One side adds a bias by BiasAdd, whose gradient sums in another order than `+` does."""
    pairs = {"Sum": "BiasAddGrad", "BiasAddGrad": "Sum"}
    if seen.first is None or seen.first.kind not in pairs:
        return None
    other = pairs[seen.first.kind]
    for op in seen.port:
        if op.kind == other and likeness.same(op.inputs[0], seen.first.inputs[0]):
            with_plus, fused = (
                ("session", "port") if other == "BiasAddGrad" else ("port", "session")
            )
            return (
                f"the {with_plus} adds a bias by +, whose gradient is a Sum, the {fused} by "
                f"tf.nn.bias_add, whose gradient is a BiasAddGrad: {seen.describe(seen.first)}."
            )
    return None


def scaled_input(seen: Seen) -> str | None:
    """The same operation, on a multiple of what the session gives it."""
    if seen.first is None or (ratio := _scaled_input(seen)) is None:
        return None
    return f"{seen.describe(seen.first)} takes {likeness.nice(ratio)} times that in the port."


def _scaled_input(seen: Seen) -> float | None:
    """Returns the factor of the port's input; None: it is the same, or no multiple."""
    if seen.first is None or seen.first.writes or (match := _match(seen)) is None:
        return None
    for ours, theirs in zip(seen.first.inputs, match.inputs, strict=False):
        if ours is None or theirs is None or ours.size < 2 or ours.shape != theirs.shape:
            continue
        ratio = likeness.ratio(theirs, ours)
        if ratio and abs(ratio - 1) > 1e-4:
            return ratio
    return None


def wrong_variable(seen: Seen) -> str | None:
    """The same operation, on another variable."""
    for ours in seen.session:
        variables = [name for name in ours.reads if name]
        if ours.writes or not ours.counts or len(variables) != 1 or len(ours.inputs) != 2:
            continue
        place = 1 - ours.reads.index(variables[0])  # of the other input
        same = [
            op
            for op in seen.port
            if likeness.alike(op.kind, ours.kind) and len(op.inputs) == 2
            if likeness.same(op.inputs[place], ours.inputs[place])
        ]
        others = sorted({op.reads[1 - place] for op in same} - {""})
        if others and variables[0] not in others:
            return f"{seen.describe(ours)} takes {variables[0]}, the port's takes {others[0]}."
    steps = {op.writes[0]: op for op in seen.session if op.kind.startswith("Apply") and op.writes}
    found = {name: (op, likeness.step_of(seen.port, op)) for name, op in steps.items()}
    pairs = {name: (ours, theirs) for name, (ours, theirs) in found.items() if theirs}
    for a, b in itertools.combinations(pairs, 2):
        if likeness.exchanged(pairs[a], pairs[b]):
            return f"the gradients of {a} and {b} are exchanged in the port."
    return None


def number(seen: Seen) -> str | None:
    """The same operation, with another number: a learning rate, an epsilon, a slope."""
    if seen.first is None:
        return None
    match = likeness.step_of(seen.port, seen.first) or _match(seen)
    if match is None:
        return None
    names = likeness.argument_names(seen.first, match)
    found = []
    pairs = zip(names, seen.first.inputs, match.inputs, strict=False)
    for name, ours, theirs in pairs:
        if ours is None or theirs is None or likeness.same(ours, theirs):
            continue
        if ours.size != 1 or theirs.size != 1:
            return None
        found.append(
            f"{name} is {likeness.shown(ours)} in the session, {likeness.shown(theirs)} in the port"
        )
    for name, value in seen.first.attributes.items():
        theirs = match.attributes.get(name)
        if likeness.is_other_number(value, theirs):
            held, other = likeness.shown(value), likeness.shown(theirs)
            found.append(f"{name} is {held} in the session, {other} in the port")
    return f"{', '.join(found)}: {seen.describe(seen.first)}." if found else None


def reduction(seen: Seen) -> str | None:
    """The same number up to rounding: summed in another order."""
    if seen.first is None:
        return None
    output = next((v for v in seen.first.outputs if v is not None), None)
    if output is None or not output.any() or seen.first.writes or _match_exactly(seen):
        return None
    near = [
        op
        for op in seen.port
        for value in op.outputs
        if value is not None and value.shape == output.shape and value.dtype == output.dtype
        if likeness.is_near(value, output, 1e-5)
    ]
    if near:
        about = seen.describe(seen.first)
        return _in_another_order(seen, about, seen.first, near[0])
    # A loss that was put together elsewhere: its value is among what the call returns.
    for tensor, theirs in seen.call.fetches.items():
        ours = seen.fetched.get(seen.names.of(tensor))
        if ours is None or likeness.same(ours, theirs) or not likeness.is_near(ours, theirs, 1e-5):
            continue
        session = next((op for op in seen.session if tensor.startswith(f"{op.name}:")), None)
        made = (op for op in seen.port if any(likeness.same(v, ours) for v in op.outputs))
        port = next(made, None)
        if session and port:
            return _in_another_order(seen, seen.names.of(tensor), session, port)
    return None


def _in_another_order(seen: Seen, what: str, session: Operation, port: Operation) -> str:
    ours, theirs = likeness.formula(session, seen.session), likeness.formula(port, seen.port)
    if ours == theirs:
        return f"{what} is the same up to rounding: {ours} in both, of terms in another order."
    return (
        f"{what} is the same up to rounding, computed in another order: {ours} in the session, "
        f"{theirs} in the port."
    )


def threads(seen: Seen) -> str | None:
    """The same operation on the same inputs has another output."""
    if seen.first is None or not _match_exactly(seen):
        return None
    return (
        f"{seen.describe(seen.first)} has the same inputs and other bits: it runs with other "
        "threads, or another compiler, than the recording (one thread, no graph rewriter, no XLA)."
    )


def operation(seen: Seen) -> str | None:
    """No rule fits: the first operation that differs, and how far."""
    if seen.first is None:
        return None
    output = next(v for v in seen.first.outputs if v is not None)
    sizes = [
        v for v in inside.iterate(seen.port) if (v.dtype, v.size) == (output.dtype, output.size)
    ]
    distance = min((likeness.distance(v, output) for v in sizes), default=None)
    near = f"; the nearest value of the port is {distance:.3g} away" if distance is not None else ""
    shown = ", ".join(likeness.shown(v) for v in seen.first.inputs if v is not None)
    takers = {op.kind for op in seen.port if likeness.takes_the_same(op, seen.first)} - {
        seen.first.kind
    }
    if takers:
        near += f"; the port gives what goes in to {', '.join(sorted(takers))}"
    return (
        f"{seen.describe(seen.first)} is the first whose inputs are all in the port ({shown}), but "
        f"whose output ({likeness.shown(output)}) is not{near}."
    )


def compiler(seen: Seen) -> str:
    """Operation by operation both are equal."""
    return (
        f"operation by operation the port's {seen.kind.name} computes what the session does: what "
        "differs is how its function is compiled (jit_compile, graph rewriter), or what it keeps "
        "outside of VARIABLES."
    )


def _match(seen: Seen) -> Operation | None:
    """Returns the port's operation that takes most of what the first differing one takes."""
    first, best, most = seen.first, None, 0
    assert first is not None
    for op in seen.port:
        is_elsewhere = op.writes and first.writes and op.writes[0] != first.writes[0]
        if not likeness.alike(op.kind, first.kind) or len(op.inputs) != len(first.inputs):
            continue
        count = sum(likeness.same(a, b) for a, b in zip(first.inputs, op.inputs, strict=True))
        if count > most and not is_elsewhere:
            best, most = op, count
    return best


def _match_exactly(seen: Seen) -> bool:
    match = _match(seen)
    return (
        match is not None
        and seen.first is not None
        and all(
            a is None or b is None or likeness.same(a, b)
            for a, b in zip(seen.first.inputs, match.inputs, strict=False)
        )
        and match.kind == seen.first.kind
    )
