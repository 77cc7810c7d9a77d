"""Proves a port of a TF1 session script: records the script, compares any TF2 step with it.

    python -m tfgan.parity record train.py --calls=600 --out=recording [-- the script's arguments]
    python -m tfgan.parity check recording
    python -m tfgan.parity scaffold recording > port.py
    python -m tfgan.parity compare recording port.py

The script is not edited, and runs as it is. MOVING_FROM_TF1.md leads through a whole move.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tfgan.cli import streams
from tfgan.core.checks import CommandError, InputError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line, given without the program's name; returns the exit status."""
    parser, argv = _parser(), list(sys.argv[1:] if argv is None else argv)
    at = argv.index("--") if "--" in argv else len(argv)
    argv, rest = argv[:at], argv[at + 1 :]
    given = parser.parse_args(argv)
    if rest and given.run is not _record:
        parser.error("only record takes arguments for the script, after --")
    with streams.lasting():
        try:
            streams.import_tensorflow()
            return given.run(given, rest)
        except KeyboardInterrupt:
            streams.say_last("interrupted")
            return 130
        except CommandError as error:
            streams.say_last(f"error: {error.line()}")
            return error.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tfgan.parity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run, name, about):
        made = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    record = command(_record, "record", "run a script as it is, and keep what its sessions did")
    record.add_argument("script")
    record.add_argument("--calls", type=int, default=600, help="Session.run to record (600)")
    record.add_argument("--out", required=True, help="the recording: a directory that is not there")
    record.add_argument(
        "--stub",
        action="append",
        default=[],
        metavar="MODULE:FILE",
        help="a file that stands in for a module that is gone; may be given again",
    )
    record.add_argument(
        "--scratch",
        action="store_true",
        help="run it in a copy of this directory, which goes; else its files go where they go",
    )
    record.add_argument(
        "--timeout_s", type=float, default=600.0, help="without a call, then it is stuck (600)"
    )
    check = command(_check, "check", "tell whether it repeats itself, its races, odd weights")
    scaffold = command(_scaffold, "scaffold", "print a port to fill in")
    compare = command(_compare, "compare", "run a port beside it; status 0: not a bit differs")
    for each in (check, scaffold, compare):
        each.add_argument("recording")
    compare.add_argument("port", help="a Python file: see `scaffold`")
    compare.add_argument("--calls", type=int, default=0, help="compare so many; 0: all")
    compare.add_argument(
        "--window", type=int, default=0, help="also run so many iterations in one tf.function"
    )
    compare.add_argument("--markdown", default="", help="also write the table to this file")
    compare.add_argument("--json", default="", help="also write what was found to this file")
    compare.add_argument("--plot", default="", help="also plot the distance to this picture")
    return parser


def _record(given: argparse.Namespace, rest: list[str]) -> int:
    from tfgan.parity import recorder, running
    from tfgan.parity.requests import Request

    script, out = Path(given.script).resolve(), Path(given.out)
    if not script.is_file():
        raise InputError(f"{given.script}: no such file.")
    if given.calls < 1 or given.timeout_s <= 0:
        raise InputError("--calls and --timeout_s must be positive.")
    if out.exists():
        raise InputError(f"{out} is there already: give another --out, or remove it.")
    if not out.absolute().parent.is_dir():
        raise InputError(f"{out.absolute().parent}: no such directory, for --out.")
    request = Request(str(script), tuple(rest), _stubs(given.stub), given.calls)
    directory = Path.cwd()
    if given.scratch:
        with running.scratch(directory) as copy:
            moved = request.moved(directory, copy)
            recording = recorder.record(moved, copy, timeout_seconds=given.timeout_s)
        recording.request, recording.directory = request, str(directory)
    else:
        recording = recorder.record(request, directory, timeout_seconds=given.timeout_s)
    recording.write(out)
    for note in recording.notes:
        print(f"note: {note}")
    print(f"{len(recording.calls)} calls in {out}; the script {recorder.ended(recording)}.")
    for kind in recording.kinds:
        fetched = f", fetches {len(kind.fetches)}" if kind.fetches else ""
        what = "initialises" if kind.initialises else "moves" if kind.moves else ""
        count = f", {what} {len(kind.moves)} variables" if what else ""
        print(f"  {len(recording.of_kind(kind)):>6} x {kind.name}{fetched}{count}")
    return 0 if recording.end[0] in ("returned", "enough") else 1


def _check(given: argparse.Namespace, rest: list[str]) -> int:
    from tfgan.parity import check, recording

    problems = 0
    for finding in check.check(recording.Recording.read(Path(given.recording))):
        problems += finding.is_problem
        print(f"{'PROBLEM' if finding.is_problem else 'note'}: {finding.text}", flush=True)
    count = "1 problem." if problems == 1 else f"{problems} problems."
    print(count if problems else "No problem: a port can be compared with it.")
    return 1 if problems else 0


def _scaffold(given: argparse.Namespace, rest: list[str]) -> int:
    from tfgan.parity import recording, scaffold

    print(scaffold.scaffold(recording.Recording.read(Path(given.recording))), end="")
    return 0


def _compare(given: argparse.Namespace, rest: list[str]) -> int:
    from tfgan.core import paths, runtime
    from tfgan.parity import outcome, proof, recording, report

    if given.calls < 0 or given.window < 0:
        raise InputError("--calls and --window must not be negative.")
    wanted = {name: getattr(given, name) for name in ("markdown", "json", "plot")}
    files = {name: paths.output(name, text) for name, text in wanted.items() if text}
    if "plot" in files:
        report.picture_suffix(files["plot"])
    runtime.configure(1)  # as the recording's sessions
    recorded = recording.Recording.read(Path(given.recording))
    port = proof.PortFile(Path(given.port), recorded)
    found = outcome.compare(recorded, port, given.calls, given.window)
    print(found.markdown())
    if "markdown" in files:
        files["markdown"].write_text(found.markdown() + "\n")
    if "json" in files:
        files["json"].write_text(found.json() + "\n")
    if "plot" in files:
        report.plot(found.proof.report, files["plot"])
    return 0 if found.equal else 1


def _stubs(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for text in given:
        module, _, file = text.partition(":")
        if not module or not Path(file).is_file():
            raise InputError(f"--stub={text}: must be MODULE:FILE, and the file must be there.")
        found.append((module, str(Path(file).resolve())))
    return tuple(found)


if __name__ == "__main__":
    sys.exit(main())
