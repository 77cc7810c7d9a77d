"""Runs a port beside the session of a recorded script, and compares both call by call."""

import difflib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfgan.core.checks import InputError
from tfgan.parity import findings, recorder, requests
from tfgan.parity.recording import Call, Kind, Recording
from tfgan.parity.report import Report
from tfgan.parity.windows import Done, Windows, iteration

FREE, FORCED = "free running", "forced"
"""The port goes on from its own state; or from the session's, before each call."""

Values = dict[str, np.ndarray]


class PortFile:
    """The port that a Python file holds: `VARIABLES` and `CALLS`.

    Args:
      path: of the file.
      recording: of its script.

    Raises:
      InputError: it cannot be run, or what it holds does not fit the recording.
    """

    def __init__(self, path: Path, recording: Recording):
        self.path, module = path, _load(path)
        self.variables: Mapping[str, Any] = _mapping(module, path, "VARIABLES")
        self.calls: Mapping[str, Callable] = _mapping(module, path, "CALLS")
        kinds = {kind.name: kind for kind in recording.kinds if not kind.initialises}
        self.unknown: list[str] = []
        self.fetches = {
            recording.names(kind.graph).of(tensor)
            for kind in recording.kinds
            for tensor in kind.fetches
        }
        for name, step in self.calls.items():
            if name not in kinds:
                self.unknown.append(name)
            if not callable(step):
                raise InputError(f"{path}: CALLS[{name!r}] is no function.")
        for name, kind in kinds.items():
            if kind.moves and name not in self.calls:
                raise InputError(f"{path}: CALLS lacks {name!r}, which moves variables.")
        known = _session_variables(recording)
        for name, variable in self.variables.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                raise InputError(f"{path}: VARIABLES has {name!r}, the session has not{hint}.")
            if not hasattr(variable, "assign"):
                raise InputError(f"{path}: VARIABLES[{name!r}] is no tf.Variable.")
            theirs = known[name]
            if (variable.dtype.name, tuple(variable.shape)) != (theirs.dtype, theirs.shape):
                raise InputError(
                    f"{path}: {name} is {variable.dtype.name} {[*variable.shape]} in the port, but "
                    f"{theirs.dtype} {[*theirs.shape]} in the session."
                )

    def set(self, values: Mapping[str, np.ndarray]) -> None:
        """Gives the port's variables values, those that it has."""
        for name in self.variables.keys() & values.keys():
            self.variables[name].assign(values[name])

    def state(self) -> Values:
        """Returns the values of the port's variables."""
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def step(self, kind: Kind, call: Call, names) -> Values:
        """Runs the function of a call; returns what it returns, by name."""
        import tensorflow as tf

        inputs = {name: tf.constant(value) for name, value in self.inputs(call, names).items()}
        try:
            returned = self.calls[kind.name](inputs)
        except Exception as error:
            # AutoGraph puts the function's own lines, and the type, before what was said.
            said = "".join(str(error).strip().splitlines()[-1:]).strip()
            kind_of_error = type(error).__name__
            said = said.removeprefix(f"{kind_of_error}: ")
            raise InputError(f"{self.path}: {kind.name} raised {kind_of_error}: {said}") from error
        if returned is not None and not isinstance(returned, Mapping):
            raise InputError(
                f"{self.path}: {kind.name} must return a dict of what the session fetches, by name."
            )
        if unknown := sorted({*(returned or {})} - self.fetches):
            shown = ", ".join(names.of(tensor) for tensor in call.fetches) or "nothing"
            raise InputError(
                f"{self.path}: {kind.name} returns {unknown[0]!r}, but the session fetches {shown}."
            )
        return {name: np.asarray(value) for name, value in (returned or {}).items()}

    def inputs(self, call: Call, names) -> Values:
        """Returns what the function of a call is given, by name."""
        return {names.of(tensor): v for tensor, v in {**call.feeds, **call.draws}.items()}


class Proof:
    """What was seen while a port ran beside the session.

    Args:
      recording: of the script.
      port: of it.
      num_calls: to compare; 0: all.
      window: iterations of the script that the port is run in one `tf.function`, too; 0: none.

    Raises:
      InputError: there is no iteration to be seen, for a window.
    """

    def __init__(self, recording: Recording, port: PortFile, num_calls: int = 0, window: int = 0):
        self.recording, self.port = recording, port
        self.num_calls = min(num_calls or len(recording.calls), len(recording.calls))
        ways: list[int | str] = [FREE, FORCED, *([window] if window else [])]
        self.report = Report(self.num_calls, ways, unit="call")
        self.windows = _windows(recording, port, self.num_calls, window) if window else None
        self.names = {place: recording.names(place) for place in recording.graphs}
        self.first: dict[str, int] = {}
        """By kind of call the first one, from 0, that differs from the session's own state on."""
        self.differing: dict[str, int] = {}
        self.compared: dict[str, int] = {}
        self.left_out = dict.fromkeys(port.unknown, "the recording has no such call")
        """What is not compared, and why."""
        self.missing: set[str] = set()
        self.racing = {
            kind.name: findings.racing_fetches(recording, kind)
            for kind in recording.kinds
            if not kind.initialises
        }
        """By kind of call the fetches that differ between two runs of the session, too."""
        self.initial: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    @property
    def equal(self) -> bool:
        """Whether every bit agreed, and nothing that moves was left out."""
        return self.report.equal and not self.missing and not self.initial

    def run(self) -> None:
        """Runs the session and the port, call by call."""
        session: Values = {}
        with recorder.again(self.recording, calls=self.num_calls, values=True) as (heard, calls):
            started = False
            for number, call in enumerate(calls):
                kind = heard.kinds[call.kind]
                before, session = session, {**session, **call.variables}
                if kind.initialises:
                    self._initial(kind, call, heard) if not started else None
                    self.port.set(call.variables)
                    if self.windows:
                        self.windows.begin(call.variables)
                elif kind.name not in self.port.calls:
                    self.left_out[kind.name] = "not in CALLS; it moves nothing"
                else:
                    started = True
                    self._compare(number, kind, call, before, session)
            if self.windows:
                self.windows.flush()
            if heard.end[0] not in ("returned", "enough"):
                raise InputError(
                    f"the script {recorder.ended(heard)}, unlike when it was recorded."
                )
        if not self.compared:
            raise InputError(
                "nothing was compared: the recording has no call that moves variables."
            )

    def _initial(self, kind: Kind, call: Call, heard: Recording) -> None:
        """Looks at the port's own values of what the session starts from constants."""
        graph = heard.graphs[kind.graph]
        for variable, name in zip(kind.moves, kind.variables, strict=True):
            if name in self.port.variables and _is_constant(graph, kind, variable):
                ours, theirs = self.port.variables[name].numpy(), call.variables.get(name)
                if theirs is not None and ours.tobytes() != theirs.tobytes():
                    self.initial[name] = (theirs, ours)

    def _compare(self, number: int, kind: Kind, call: Call, before: Values, after: Values) -> None:
        names, port = self.names[kind.graph], self.port
        self.missing.update(name for name in kind.variables if name not in port.variables)
        held = port.state()
        is_forced = all(held[name].tobytes() == before[name].tobytes() for name in held)
        fetched = port.step(kind, call, names)
        ended = port.state()
        same = self._add(number, FREE, kind, call, after, fetched, ended)
        if self.windows and kind.moves:
            length = self.windows.length

            def add(outputs, state):
                self._add(number, length, kind, call, after, outputs, state or {})

            inputs = port.inputs(call, names)
            self.windows.add(Done(number, kind.name, inputs, tuple(fetched), add))
        if not is_forced:
            port.set(before)
            fetched = port.step(kind, call, names)
            forced = port.state()
            same = self._add(number, FORCED, kind, call, after, fetched, forced)
            port.set(ended)
        self.compared[kind.name] = self.compared.get(kind.name, 0) + 1
        if not same:
            self.differing[kind.name] = self.differing.get(kind.name, 0) + 1
            self.first.setdefault(kind.name, number)

    def _add(self, number, mode, kind, call, after, fetched, state) -> bool:
        """Adds all values of a call to the report; returns whether they are equal."""
        names, same = self.names[kind.graph], True
        for tensor, value in call.fetches.items():
            name = names.of(tensor)
            if value.dtype == object or value.dtype.kind in "SU":
                self.left_out[name] = "text"
            elif tensor in self.racing[kind.name]:
                self.left_out[f"{name} of {kind.name}"] = "it races: see `check`"
            elif name not in fetched:
                if kind.moves:
                    self.left_out[f"{name} of {kind.name}"] = "the port does not return it"
                else:
                    self.missing.add(name)
            else:
                ours = fetched[name]
                if ours.shape != value.shape or ours.dtype != value.dtype:
                    raise InputError(
                        f"{name} of {kind.name} is {value.dtype} {[*value.shape]} in the session, "
                        f"but {ours.dtype} {[*ours.shape]} in the port."
                    )
                self.report.add(number + 1, mode, name, value, ours)
                same &= value.tobytes() == ours.tobytes()
        for name, ours in state.items():
            self.report.add(number + 1, mode, name, after[name], ours)
            same &= after[name].tobytes() == ours.tobytes()
        return same


def _windows(recording: Recording, port: PortFile, num_calls: int, length: int) -> Windows:
    kinds = [recording.kinds[call.kind] for call in recording.calls[:num_calls]]
    pattern = iteration([k.name for k in kinds if k.name in port.calls and k.moves])
    if not pattern:
        raise InputError("the script repeats no sequence of calls, so there is none for --window.")
    return Windows(port, pattern, length)


def _is_constant(graph, kind: Kind, variable: str) -> bool:
    """Whether a variable starts from what no random operation made."""
    from tfgan.parity.graphs import PIPELINES, RANDOM

    for name in graph.executed(kind.executes, kind.feeds):
        if variable in graph.writes(name):
            made = graph.executed(graph.inputs(name)[1:], kind.feeds)
            return not any(graph.nodes[n].op in RANDOM + PIPELINES for n in made) and not kind.feeds
    return False


def _session_variables(recording: Recording) -> dict[str, Any]:
    known = {}
    for kind in recording.kinds:
        prefix = requests.prefix(kind.session)
        for name, variable in recording.graphs[kind.graph].variables.items():
            known[f"{prefix}{name}"] = variable
    return known


def _mapping(module, path: Path, name: str) -> Mapping[str, Any]:
    found = getattr(module, name, None)
    if not isinstance(found, Mapping):
        raise InputError(f"{path} must define {name}, a dict: see `scaffold`.")
    return found


def _load(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    spec = importlib.util.spec_from_file_location(f"port_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        reason = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
        raise InputError(f"{path} cannot be run: {reason}") from error
    return module
