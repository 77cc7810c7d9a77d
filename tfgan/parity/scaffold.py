"""Writes a port to fill in: all that a recording knows of a script, as the code of a TF2 port."""

import collections
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tfgan.parity import naming, requests
from tfgan.parity.findings import optimizer_of
from tfgan.parity.graphs import Graph, hyperparameters, operation
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
    "RMSProp": ("RMSProp", {"lr": "learning_rate"}, ("RMSProp", "RMSProp_1")),
    "GradientDescent": ("SGD", {"alpha": "learning_rate"}, ()),
    "Momentum": ("SGD", {"lr": "learning_rate", "use_nesterov": "nesterov"}, ("Momentum",)),
    "Adagrad": ("Adagrad", {"lr": "learning_rate"}, ("Adagrad",)),
}
_VARIABLE = """
def variable(shape, start=0.0, dtype=tf.float32, trainable=True):
    value = tf.cast(tf.fill(shape, tf.constant(start, tf.float64)), dtype)
    return tf.Variable(value, trainable=trainable)

"""


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
    return "\n".join([*parts, f"\n{order}\nCALLS = {{\n{names}}}\n"])


def optimizer_steps(recording: Recording, kind: Kind) -> list[Step]:
    """Returns the optimizers that a kind of call runs."""
    graph, prefix = recording.graphs[kind.graph], requests.prefix(kind.session)
    found: dict[tuple, Step] = {}
    for name in recording.executed(kind):
        if not (optimizer := optimizer_of(graph, name)):
            continue
        settings, powers = {}, []
        for key, value in hyperparameters(graph, name).items():
            variable = graph.value_of(value) if isinstance(value, str) else None
            if variable and key.endswith("_power"):
                powers.append(f"{prefix}{variable}")
            else:
                settings[key] = value
        weight, *slots = (f"{prefix}{variable}" for variable in graph.writes(name))
        what = tuple(settings.items())
        same = optimizer, what, tuple(powers)
        step = found.setdefault(same, Step(optimizer, what, [], [], powers))
        step.weights.append(weight)
        step.slots.append(slots)
    return list(found.values())


def _variables(recording: Recording, compared: list[Kind], steps) -> str:
    made = {slot for each in steps.values() for s in each for row in s.slots for slot in row}
    made |= {power for each in steps.values() for s in each for power in s.powers}
    lines: dict[str, str] = {}
    for kind in recording.kinds:
        if not kind.initialises:
            continue
        graph, names = recording.graphs[kind.graph], recording.names(kind.graph)
        prefix = requests.prefix(kind.session)
        for name in kind.moves:
            if f"{prefix}{name}" not in made | lines.keys():
                variable, start = graph.variables[name], _start(graph, kind, name)
                about = [names.of_variable(name), names.line(name), "random" * (start is None)]
                more = f", {start}" if start else ""
                if variable.dtype != "float32":
                    more += f", dtype=tf.{variable.dtype}"
                if name not in recording.trained[kind.graph]:
                    more += ", trainable=False"
                lines[f"{prefix}{name}"] = (
                    f'    "{prefix}{name}": variable({[*variable.shape]}{more}),'
                    f"  # {', '.join(filter(None, about))}"
                )
    head = [_VARIABLE, "# By their names in the session, which gives them their values."]
    return "\n".join([*head, "VARIABLES = {", *lines.values(), "}"])


def _start(graph: Graph, kind: Kind, variable: str) -> float | None:
    """Returns the number with which a variable starts; None: it has several, or a random start."""
    for name in graph.executed(kind.executes, kind.feeds):
        if variable in graph.writes(name):
            return graph.uniform(graph.inputs(name)[-1])
    return None


def _optimizers(recording: Recording, steps: dict[str, list[Step]]) -> Iterator[str]:
    """Yields the code that makes each optimizer, and puts its slots among the variables."""
    seen: list[tuple[list[str], list[list[str]]]] = []
    for name, each in steps.items():
        for number, step in enumerate(each):
            if (step.weights, step.slots) in seen:
                continue  # other fetches of the same step
            seen.append((step.weights, step.slots))
            handle = _handle(name, number)
            ours, renamed, slot_names = _OURS.get(step.optimizer, (None, {}, ()))
            computed = {k: v for k, v in step.settings if isinstance(v, str)}
            given = {renamed.get(k, k): 1.0 if k in computed else v for k, v in step.settings}
            settings = ", ".join(f"{key}={value!r}" for key, value in given.items())
            if ours is None:
                yield f"\n# {name}: {step.optimizer}({settings}) of {', '.join(step.weights)}"
                continue
            about = [
                f"\n# Its {renamed.get(k, k)} is the session's {recording.names(0).of(v)}: "
                "apply(gradients, rate_factor=that)."
                for k, v in computed.items()
            ]
            code = [
                *about,
                f"{'' if about else chr(10)}{_wrapped(f'{handle.upper()} = (', step.weights)}",
                f"{handle}_optimizer = optimizers.{ours}(\n"
                f"    [VARIABLES[name] for name in {handle.upper()}],\n    {settings},\n)",
            ]
            for place, slot in enumerate(slot_names):
                rows = [row[place] for row in step.slots if place < len(row)]
                if rows == [f"{weight}/{slot}" for weight in step.weights]:
                    keys = f'[f"{{name}}/{slot}" for name in {handle.upper()}]'
                elif rows:
                    keys = _wrapped("(", rows)
                else:
                    continue
                code.append(f'VARIABLES |= zip({keys}, {handle}_optimizer.slots["{slot}"])')
            for power in step.powers:
                attribute = "beta2_power" if "beta2" in power else "beta1_power"
                code.append(f'VARIABLES["{power}"] = {handle}_optimizer.{attribute}')
            yield "\n".join(code)


def _wrapped(opening: str, names: Sequence[str]) -> str:
    """Returns a tuple of names in lines of a fair length."""
    text = " ".join(f'"{name}",' for name in names)
    if len(names) > 1 and len(opening) + len(text) < 96:
        return f"{opening}{text.removesuffix(',')})"
    lines = textwrap.wrap(text, 90, break_long_words=False, break_on_hyphens=False)
    return "\n".join([opening, *(f"    {line}" for line in lines), ")"])


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
        lines += ["", *_told(f"{step.optimizer} moves {', '.join(step.weights)}.")]
    known = {v for s in steps for v in s.weights} | {v for s in steps for r in s.slots for v in r}
    others = [
        v
        for v in kind.variables
        if v not in known and v not in {p for s in steps for p in s.powers}
    ]
    if others:
        lines += ["", *_told(f"It moves {', '.join(others)}, too.")]
    lines.append('    """')
    taken: set[str] = set()
    for what, tensors in (("fed", kind.feeds), ("drawn", kind.draws)):
        for tensor in tensors:
            name = names.of(tensor)
            lines.append(f"    # {what} ({', '.join(_about(graph, names, tensor))})")
            lines.append(f'    {naming.identifier(name, taken)} = inputs["{name}"]')
    lines.append("    raise NotImplementedError")
    values = ", ".join(f'"{names.of(t)}": ...' for t in kind.fetches)
    lines.append(f"    return {{{values}}}\n")
    return "\n".join(lines)


def _told(text: str) -> list[str]:
    indent = "    "
    return textwrap.wrap(
        text, 96, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _about(graph: Graph, names: naming.Names, tensor: str) -> Iterator[str]:
    """Yields what makes an input of a call, and where."""
    node = graph.nodes[operation(tensor)]
    if not node.op.startswith("Placeholder"):
        yield node.op
    line, code = names.statement(tensor)
    if line:
        yield f"{line}: {textwrap.shorten(code, 60, placeholder=' ...')}"


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
    text = f"In this order: {first} ({sum(counts.values()):,} calls)"
    return "\n".join(
        textwrap.wrap(text, 98, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    )
