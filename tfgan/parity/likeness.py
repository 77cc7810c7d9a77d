"""How alike two values or two operations are, and how they are shown."""

from collections.abc import Mapping, Sequence

import numpy as np

from tfgan.parity import inside
from tfgan.parity.inside import Index, Operation

Values = Mapping[str, np.ndarray]


def step_of(port: Sequence[Operation], ours: Operation) -> Operation | None:
    """Returns the port's step of an optimizer on the same weight."""
    if not ours.writes or not ours.kind.startswith("Apply"):
        return None
    same = (op for op in port if op.kind == ours.kind and op.writes[:1] == ours.writes[:1])
    return next(same, None)


def alike(a: str, b: str) -> bool:
    """Whether two types of operations compute the same."""
    return a == b or {a, b} <= {"Add", "AddV", "BiasAdd"}


def gradients(ours: Operation, theirs: Operation) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns the gradients that two steps of an optimizer take."""
    names = argument_names(ours, theirs)
    place = next((names.index(n) for n in ("grad", "delta") if n in names), -1)
    a, b = ours.inputs[place], theirs.inputs[place]
    return (a, b) if a is not None and b is not None and a.shape == b.shape else None


def exchanged(a: tuple[Operation, Operation], b: tuple[Operation, Operation]) -> bool:
    """Whether two weights get each other's gradients, by (session's, port's) steps of each."""
    first, second = gradients(*a), gradients(*b)
    if first is None or second is None or same(*first):
        return False
    return same(first[0], second[1]) and same(first[1], second[0])


def argument_names(ours: Operation, theirs: Operation) -> list[str]:
    """Returns what TensorFlow calls the inputs of an operation."""
    from tensorflow.python.framework import op_def_registry

    for kind in (ours.kind, f"Resource{ours.kind}", f"{ours.kind}V2"):
        op_def = op_def_registry.get(kind)
        if op_def is not None and len(op_def.input_arg) == len(theirs.inputs):
            return [arg.name for arg in op_def.input_arg]
    return [f"input {place + 1}" for place in range(len(theirs.inputs))]


def ratio(a: np.ndarray, b: np.ndarray) -> float | None:
    """Returns by how much `b` has to be multiplied to be `a`; None: there is no such number."""
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    if not a.any() and not b.any():
        return 1.0
    norm = float(b @ b)
    if norm == 0 or not np.isfinite(norm):
        return None
    ratio = float(a @ b) / norm
    return ratio if np.linalg.norm(a - ratio * b) <= 1e-3 * np.linalg.norm(a) else None


def scaled(value: np.ndarray, port: Sequence[Operation]) -> float | None:
    """Returns the factor by which a port takes a multiple of a value; None: it takes none."""
    taken = (v for op in port for v in op.inputs if v is not None and v.shape == value.shape)
    factors = (ratio(v, value) for v in taken if is_float(v))
    return next((factor for factor in factors if factor is not None), None)


def formula(op: Operation, operations: Sequence[Operation]) -> str:
    """Returns an operation and those that made its inputs: AddV(Mean, Mean)."""
    makers: dict[tuple[str, bytes], str] = {}
    for each in operations:
        for value in each.outputs:
            if value is not None and each.kind not in ("Identity", "Const"):
                makers.setdefault(inside.key(value), each.kind)
    inner = [makers.get(inside.key(v), "_") for v in op.inputs if v is not None and is_float(v)]
    return f"{op.kind}({', '.join(inner)})"


def is_bias(operations: Sequence[Operation], value: np.ndarray) -> bool:
    """Whether operations add a variable as a bias."""
    return value.ndim == 1 and any(op.kind in ("Add", "AddV", "BiasAdd") for op in operations)


def moved(before: Values, after: Values, names: Sequence[str]) -> bool:
    """Whether any of some variables has another value afterwards."""
    return any(name in after and not same(before[name], after[name]) for name in names)


def takes_the_same(op: Operation, first: Operation) -> bool:
    """Whether an operation takes all arrays that another one takes; numbers do not count."""
    large = [v for v in first.inputs if v is not None and v.size > 1]
    return bool(large) and all(any(same(v, taken) for taken in op.inputs) for v in large)


def occur(values: Sequence[np.ndarray | None], index: Index) -> bool:
    """Whether any of some values occurs."""
    return any(value is not None and value in index for value in values)


def same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    """Whether two values are known and have the same bytes."""
    return a is not None and b is not None and inside.key(a) == inside.key(b)


def is_float(value: np.ndarray) -> bool:
    """Whether a value is of floating point, bfloat16 included."""
    return value.dtype.kind in "fV"


def is_near(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether two values differ by at most a part of the second one's largest element."""
    return distance(a, b) <= tolerance * float(np.abs(b.astype(np.float64)).max(initial=0.0))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the largest difference of two elements."""
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return float(np.abs(a - b).max(initial=0.0))


def is_other_number(a: object, b: object) -> bool:
    """Whether two attributes of one name are known, and differ in float32."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return bool(np.float32(a) != np.float32(b))
    return isinstance(a, str) and isinstance(b, str) and a != b


def nice(ratio: float) -> str:
    """Returns a factor as text; one that is nearly whole, or one over that, is rounded."""
    nearest: float = round(ratio) if abs(ratio) >= 1 else 1 / round(1 / ratio) if ratio else 0
    return f"{nearest if abs(ratio - nearest) < 1e-3 * abs(ratio) else ratio:.6g}"


def shown(value: object) -> str:
    """Returns a number, or dtype and shape of an array, as text."""
    if isinstance(value, np.ndarray) and value.size != 1:
        return f"{value.dtype} {[*value.shape]}"
    if isinstance(value, np.ndarray):
        return str(value.flat[0])
    return str(np.float32(value)) if isinstance(value, float) else str(value)


def listed(names: Sequence[str]) -> str:
    """Returns some names as text; the first three, where they are many."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
