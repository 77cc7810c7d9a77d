"""The process in which a TF1 script runs, unedited, and in which each `Session.run` is told of.

    python -m tfgan.parity.stage DESCRIPTOR      # started by `running.py` alone

The script is `__main__` here, as if Python had been given it. `import tensorflow` gives it
`tf.compat.v1` as TensorFlow 1 behaved. Every session has one thread and no graph rewriter, every
graph without a seed gets one, and so do Python's and NumPy's global generators. What a call feeds,
fetches, draws and moves goes to the parent as digests or as values; nothing is added to the
script's graph, so that its own operations keep their names and their seeds.
"""

import contextlib
import os
import random
import runpy
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfgan.cli import streams
from tfgan.parity import graphs, requests, stubs
from tfgan.parity.requests import Request
from tfgan.parity.telling import Teller

SEED = 20140610
"""Of graphs and global generators that the script gives none."""


class Enough(BaseException):
    """Ends a script after its last call, through its own `finally` and `with`."""


class _Kind(NamedTuple):
    """What all calls with the same fetches and feeds have in common."""

    number: int
    draws: list[Any]
    """Tensors that bring numbers from outside of the call's arithmetic."""
    executed: list[str]
    session: int
    initialises: bool
    readers: dict[str, Any]
    """By variable that the call writes, what of the graph reads it."""
    read: Any
    """Called, it returns the values of `readers`."""


class Stage:
    """Watches the sessions of this process.

    Args:
      request: what is asked for.
      connection: to the parent.
    """

    def __init__(self, request: Request, connection: Connection):
        self.request, self.teller = request, Teller(connection, request.values)
        self.folder = Path(request.script).parent
        self.process, self.thread = os.getpid(), threading.get_ident()
        self.sessions: dict[Any, int] = {}
        self.kinds: dict[tuple, _Kind] = {}
        self.graphs: dict[int, tuple[Any, int, graphs.Graph]] = {}  # (graph, its version, analysed)
        self.holds_value: set[tuple[int, str]] = set()
        self.count = 0
        self._run: Any = None
        self._make_callable: Any = None

    def watch(self) -> None:
        """Takes the place of what every session calls in the end."""
        from tensorflow.core.protobuf import config_pb2
        from tensorflow.python.client import session as sessions
        from tensorflow.python.framework import ops

        stage, base = self, sessions.BaseSession
        self._run, self._make_callable = base._do_run, base.make_callable
        make, make_graph = base.__init__, ops.Graph.__init__

        def init(session, target="", graph=None, config=None):
            if stage.request.pinned:
                pinned = config_pb2.ConfigProto()
                if config is not None:
                    pinned.CopyFrom(config)
                pinned.intra_op_parallelism_threads = pinned.inter_op_parallelism_threads = 1
                pinned.graph_options.rewrite_options.disable_meta_optimizer = True
                config = pinned
            make(session, target, graph, config)

        def do_run(session, handle, targets, fetches, feeds, options, metadata):
            given = (session, handle, targets, fetches, feeds, options, metadata)
            return stage.call(*given) if stage.is_watched() else stage._run(*given)

        def make_callable(session, fetches, feed_list=None, accept_options=False):
            feed_list = feed_list or []
            return lambda *values, **_: session.run(
                fetches, dict(zip(feed_list, values, strict=True))
            )

        def init_graph(graph):
            make_graph(graph)
            graph.seed = SEED

        base.__init__, base._do_run, base.make_callable = init, do_run, make_callable
        ops.Graph.__init__ = init_graph

    def is_watched(self) -> bool:
        """Whether a call is the script's own: no forked process's, no queue runner's."""
        return os.getpid() == self.process and threading.get_ident() == self.thread

    def call(self, session, handle, targets, fetches, feeds, options, metadata):
        """Runs what the script runs, and tells the parent of it."""
        if self.count >= self.request.calls:
            self.leave()  # the script has caught `Enough`, and goes on
        fed = {key.deref().name: value for key, value in feeds.items()}
        kind = self._kind(session, targets, fetches, fed)
        draws = kind.draws
        inside = self._inside(session, kind, fed) if self.count in self.request.inside else []
        outcome = self._run(
            session, handle, targets, [*fetches, *draws, *inside], feeds, options, metadata
        )
        results, drawn = outcome[: len(fetches)], outcome[len(fetches) :][: len(draws)]
        moved = self._read(session, kind)
        self.count += 1
        self.teller.call(
            kind.number,
            [fed[name] for name in sorted(fed)],
            drawn,
            results,
            moved,
            dict(zip((t.name for t in inside), outcome[len(fetches) + len(draws) :], strict=True)),
        )
        if self.count == self.request.calls:
            raise Enough
        return results

    def end(self, how: str, text: str = "") -> None:
        """Tells how the script ended, where it is this process's own end."""
        if os.getpid() == self.process:
            self.teller.end(how, text)

    def leave(self) -> None:
        """Ends this process at once: neither threads nor what was registered is waited for."""
        self.end("enough")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def _kind(self, session, targets, fetches, fed) -> _Kind:
        number = self.sessions.setdefault(session, len(self.sessions))
        wanted = tuple(op.name for op in targets), tuple(tensor.name for tensor in fetches)
        key = (number, *wanted, *sorted(fed))
        if key in self.kinds:
            return self.kinds[key]
        place, graph = self._graph(session.graph)
        executed = graph.executed([*wanted[0], *wanted[1]], fed)
        moves = graph.moved(executed)
        initialises = any((number, name) not in self.holds_value for name in moves)
        draws = [] if initialises else self._draws(session.graph, graph, executed)
        told = dict(
            session=number,
            graph=place,
            targets=wanted[0],
            fetches=wanted[1],
            feeds=sorted(fed),
            draws=[tensor.name for tensor in draws],
            moves=moves,
            initialises=initialises,
        )
        found = {name: self._reader(session.graph, name) for name in moves}
        readers = {name: tensor for name, tensor in found.items() if tensor is not None}
        read = self._make_callable(session, [*readers.values()])
        self.kinds[key] = _Kind(
            len(self.kinds), draws, executed, number, initialises, readers, read
        )
        self.teller.tell("kind", told)
        return self.kinds[key]

    def _graph(self, graph) -> tuple[int, graphs.Graph]:
        """Returns the number of a graph, and what can be asked of it; tells of it if it is new."""
        place = next((i for i, (known, _, _) in self.graphs.items() if known is graph), None)
        if place is not None and self.graphs[place][1] == graph.version:
            return place, self.graphs[place][2]
        place = len(self.graphs) if place is None else place
        graph_def = graph.as_graph_def()
        self.graphs[place] = (graph, graph.version, graphs.Graph(graph_def))
        lines = {op.name: found for op in graph.get_operations() if (found := self._lines(op))}
        trained = [variable.op.name for variable in graph.get_collection("trainable_variables")]
        self.teller.tell("graph", place, graph_def.SerializeToString(), lines, trained)
        return place, self.graphs[place][2]

    def _lines(self, op) -> list[str]:
        """Returns the lines in the script's folder that made an operation, innermost first."""
        inside = f"{self.folder}{os.sep}"
        return [
            f"{Path(frame.filename).relative_to(self.folder)}:{frame.lineno}"
            for frame in reversed(op.traceback or [])
            if frame.filename.startswith(inside) and "site-packages" not in frame.filename
        ]

    def _draws(self, live, graph: graphs.Graph, executed) -> list[Any]:
        kinds = graphs.RANDOM + graphs.PIPELINES
        # tf.random_normal() makes a/RandomStandardNormal, scales it, and calls the outcome a.
        drawn = [
            scope
            if (scope := name.rpartition("/")[0]) in executed and scope in graph.nodes
            else name
            for name in executed
            if graph.nodes[name].op in kinds
        ]
        return [
            tensor
            for name in drawn
            for tensor in live.get_operation_by_name(name).outputs
            if live.is_fetchable(tensor)
        ]

    def _inside(self, session, kind: _Kind, fed) -> list[Any]:
        """Returns all tensors of a call that can be fetched and are no reference to a variable."""
        live, graph = session.graph, self._graph(session.graph)[1]
        certain = graph.unconditional(kind.executed)
        outputs = (t for name in certain for t in live.get_operation_by_name(name).outputs)
        return [
            tensor
            for tensor in outputs
            if live.is_fetchable(tensor)
            and tensor.name not in fed
            and not tensor.dtype._is_ref_dtype
            and (tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool)
        ]

    def _read(self, session, kind: _Kind) -> dict[str, np.ndarray]:
        """Returns the values of the variables that a call may have moved."""
        from tensorflow.python.framework import errors

        if not kind.readers:
            return {}
        try:
            values = dict(zip(kind.readers, kind.read(), strict=True))
        except errors.FailedPreconditionError:  # one is written in a branch that was not taken
            values = {}
            for name, tensor in kind.readers.items():
                with contextlib.suppress(errors.FailedPreconditionError):
                    values[name] = self._run(session, None, [], [tensor], {}, None, None)[0]
        if kind.initialises:
            self.holds_value.update((kind.session, name) for name in values)
        prefix = requests.prefix(kind.session)
        return {f"{prefix}{name}": value for name, value in values.items()}

    def _reader(self, graph, name: str) -> Any:
        op = graph.get_operation_by_name(name)
        if op.type != "VarHandleOp":
            return op.outputs[0]
        for consumer in op.outputs[0].consumers():
            if consumer.type == "ReadVariableOp" and not consumer.control_inputs:
                return consumer.outputs[0]
        return None


def main(descriptor: int) -> None:
    """Runs the script that the parent asks for."""
    connection = Connection(descriptor)
    request: Request = connection.recv()
    streams.import_tensorflow()
    import tensorflow.compat.v1 as tf

    stage = Stage(request, connection)
    stage.watch()
    tf.disable_v2_behavior()
    stubs.install(tf, dict(request.stubs), stage.folder, stage.teller.tell)
    random.seed(SEED)
    np.random.seed(SEED % 2**32)
    sys.argv[:] = [request.script, *request.arguments]
    sys.path[0] = str(stage.folder)
    how, text = "returned", ""
    try:
        runpy.run_path(request.script, run_name="__main__")
    except Enough:
        how = "enough"
    except SystemExit as error:
        how, text = ("exited", f"exit status {error.code}") if error.code else (how, text)
    except BaseException as error:
        if os.getpid() == stage.process and stage.count < request.calls:
            _show(error)
            how, text = "raised", _line(error, request.script)
        else:
            how = "enough"
    stage.end(how, text)
    sys.stdout.flush()
    sys.stderr.flush()
    if how == "enough":
        os._exit(0)  # threads of its own may wait for a session that is gone


def _show(error: BaseException) -> None:
    """Prints the traceback as Python would, without the frames above the script's."""
    lines = traceback.format_exception(error)
    sys.stderr.write("".join(line for line in lines if "runpy" not in line.split("\n")[0]))


def _line(error: BaseException, script: str) -> str:
    at = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == script]
    said = "".join(str(error).splitlines()[:1])
    reason = f"{type(error).__name__}: {said[:200]}{'...' if len(said) > 200 else ''}"
    return f"{reason} (line {at[-1]})" if at else reason


if __name__ == "__main__":
    main(int(sys.argv[1]))
