"""Writes a port to fill in: all that a recording knows of a script, as the code of a TF2 port."""

import collections
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tfgan.parity import naming
from tfgan.parity.findings import optimizer_of
from tfgan.parity.graphs import RANDOM, Graph, hyperparameters, operation
from tfgan.parity.recording import Kind, Recording


class Step(NamedTuple):
    """One optimizer of one kind of call."""

    optimizer: str
    settings: tuple[tuple[str, object], ...]
    weights: list[str]
    slots: list[list[str]]
    """Of each weight."""
    powers: list[str]
    """Variables that it reads as numbers: Adam's powers of beta."""


# (our class, our names of the kernel's numbers, our names of slots)
_OURS = {
    "Adam": ("Adam", {"lr": "learning_rate"}, ("Adam", "Adam_1")),
    "RMSProp": (
        "RMSProp",
        {"lr": "learning_rate", "rho": "rho", "momentum": "momentum"},
        ("RMSProp", "RMSProp_1"),
    ),
    "GradientDescent": ("GradientDescent", {"alpha": "learning_rate"}, ()),
    "Momentum": ("Momentum", {"lr": "learning_rate"}, ("Momentum",)),
}


def scaffold(recording: Recording) -> str:
    """Returns the source of the port."""
    script = Path(recording.request.script).name
    parts = [
        f'"""Port of {script}, to fill in.\n\n'
        "A function for each kind of Session.run: `inputs` are what the session was fed and what\n"
        "it drew, by name, as tensors; it moves the same variables and returns the same values.\n\n"
        "    python -m tfgan.parity compare RECORDING port.py\n"
        '"""\n\n'
        "import tensorflow as tf\n\nfrom tfgan import optimizers\n"
    ]
    compared = [kind for kind in recording.kinds if not kind.initialises]
    steps = {kind.name: optimizer_steps(recording, kind) for kind in compared}
    parts += [_variables(recording, compared, steps), *_optimizers(recording, steps)]
    parts += [_function(recording, kind, steps[kind.name]) for kind in compared]
    names = "".join(f'    "{kind.name}": {kind.name},\n' for kind in compared)
    order = _order(recording)
    return "\n".join([*parts, f"\n# {order}\nCALLS = {{\n{names}}}\n"])


def optimizer_steps(recording: Recording, kind: Kind) -> list[Step]:
    """Returns the optimizers that a kind of call runs."""
    graph = recording.graphs[kind.graph]
    found: dict[tuple, Step] = {}
    for name in recording.executed(kind):
        if not (optimizer := optimizer_of(graph, name)):
            continue
        settings, powers = {}, []
        for key, value in hyperparameters(graph, name).items():
            variable = graph.value_of(value) if isinstance(value, str) else None
            if variable and key.endswith("_power"):
                powers.append(variable)
            else:
                settings[key] = value
        weight, *slots = graph.writes(name)
        what = tuple(settings.items())
        same = optimizer, what, tuple(powers)
        step = found.setdefault(same, Step(optimizer, what, [], [], powers))
        step.weights.append(weight)
        step.slots.append(slots)
    return list(found.values())


def _variables(recording: Recording, compared: list[Kind], steps) -> str:
    made = {slot for each in steps.values() for s in each for row in s.slots for slot in row}
    made |= {power for each in steps.values() for s in each for power in s.powers}
    lines = ["", "# By their names in the session, which gives them their values.", "VARIABLES = {"]
    for kind in recording.kinds:
        if not kind.initialises:
            continue
        graph, names = recording.graphs[kind.graph], recording.names(kind.graph)
        trainable = recording.trained[kind.graph]
        prefix = f"session_{kind.session + 1}/" if kind.session else ""
        for name in kind.moves:
            if name in made or any(line.startswith(f'    "{prefix}{name}":') for line in lines):
                continue
            variable = graph.variables[name]
            called = names.assigned(names.statement(name)[0]) or ""
            about = ", ".join(filter(None, [called, names.statement(name)[0]]))
            kept = "" if name in trainable else ", trainable=False"
            start = _start(graph, kind, name)
            value = "0.0" if start is None else repr(start)
            lines.append(
                f'    "{prefix}{name}": tf.Variable('
                f"tf.fill({[*variable.shape]}, tf.constant({value}, tf.{variable.dtype})){kept}"
                f"),  # {about}{', random' if start is None else ''}"
            )
    return "\n".join([*lines, "}"])


def _start(graph: Graph, kind: Kind, variable: str) -> float | None:
    """Returns the number with which a variable starts; None: it has several, or a random start."""
    for name in graph.executed(kind.executes, kind.feeds):
        if variable in graph.writes(name):
            return graph.uniform(graph.inputs(name)[-1])
    return None


def _optimizers(recording: Recording, steps: dict[str, list[Step]]) -> Iterator[str]:
    """Yields the code that makes each optimizer, and puts its slots among the variables."""
    seen: set[str] = set()
    for name, each in steps.items():
        for number, step in enumerate(each):
            handle = _handle(name, number)
            weights = ", ".join(f'"{weight}"' for weight in step.weights)
            if weights in seen:
                continue
            seen.add(weights)
            ours, renamed, slot_names = _OURS.get(step.optimizer, (None, {}, ()))
            settings = ", ".join(f"{renamed.get(k, k)}={v!r}" for k, v in step.settings)
            if ours is None:
                yield f"\n# {name}: {step.optimizer}({settings}) of {weights}"
                continue
            code = [
                f"\n{handle}_weights = [VARIABLES[name] for name in ({weights},)]",
                f"{handle}_optimizer = optimizers.{ours}({handle}_weights, {settings})",
            ]
            for place, slot in enumerate(slot_names):
                rows = [row[place] for row in step.slots if place < len(row)]
                if rows:
                    shown = ", ".join(f'"{row}"' for row in rows)
                    code.append(f'VARIABLES |= zip(({shown},), {handle}_optimizer.slots["{slot}"])')
            for power in step.powers:
                attribute = "beta2_power" if "beta2" in power else "beta1_power"
                code.append(f'VARIABLES["{power}"] = {handle}_optimizer.{attribute}')
            yield "\n".join(code)


def _handle(name: str, number: int) -> str:
    return f"{name}_{number + 1}" if number else name


def _function(recording: Recording, kind: Kind, steps: list[Step]) -> str:
    graph, names = recording.graphs[kind.graph], recording.names(kind.graph)
    numbers = recording.of_kind(kind)
    ending = "s" if len(numbers) > 1 else ""
    lines = [
        "\n@tf.function",
        f"def {kind.name}(inputs):",
        f'    """{len(numbers):,} call{ending}, first call {numbers[0] + 1}.',
    ]
    for step in steps:
        lines.append(f"\n    {step.optimizer} moves {', '.join(step.weights)}.")
    known = {v for s in steps for v in s.weights} | {v for s in steps for r in s.slots for v in r}
    others = [
        v for v in kind.moves if v not in known and v not in {p for s in steps for p in s.powers}
    ]
    if others:
        lines.append(f"\n    It moves {', '.join(others)}, too.")
    lines.append('    """')
    for what, tensors in (("fed", kind.feeds), ("drawn", kind.draws)):
        for tensor in tensors:
            name = names.of(tensor)
            about = _about(graph, tensor)
            lines.append(
                f'    {naming.identifier(name, set())} = inputs["{name}"]  # {what}, {about}'
            )
    lines.append("    raise NotImplementedError")
    values = ", ".join(f'"{names.of(t)}": ...' for t in kind.fetches)
    lines.append(f"    return {{{values}}}\n")
    return "\n".join(lines)


def _about(graph: Graph, tensor: str) -> str:
    node = graph.nodes[operation(tensor)]
    return (
        f"by {node.op}"
        if node.op in RANDOM
        else node.op
        if node.op != "Placeholder"
        else "placeholder"
    )


def _order(recording: Recording) -> str:
    """Returns the order of the calls in words: the first ones, runs of a kind counted."""
    shown: list[list] = []
    for call in recording.calls:
        name = recording.kinds[call.kind].name
        if shown and shown[-1][0] == name:
            shown[-1][1] += 1
        elif len(shown) == 12:
            shown.append(["...", 1])
            break
        else:
            shown.append([name, 1])
    counts = collections.Counter(recording.kinds[call.kind].name for call in recording.calls)
    first = ", ".join(name if count == 1 else f"{count} x {name}" for name, count in shown)
    return f"In this order: {first} ({sum(counts.values()):,} calls)"
