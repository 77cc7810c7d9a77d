"""Records a TF1 script, or runs a recorded one again."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tfgan.core.checks import InputError
from tfgan.parity import running
from tfgan.parity.recording import Call, Recording
from tfgan.parity.requests import Request

TIMEOUT_SECONDS = 600.0


def record(request: Request, directory: Path, *, timeout_seconds: float = TIMEOUT_SECONDS):
    """Runs a script in a directory and returns the `Recording`, whatever the script's end was.

    Raises:
      InputError: it never called `Session.run`.
    """
    recording = Recording(request, str(directory))
    with running.messages(request, directory, timeout_seconds=timeout_seconds) as messages:
        recording.calls.extend(recording.hear(messages))
    if not recording.calls:
        raise InputError(f"{request.script} never called Session.run: it {ended(recording)}.")
    recording.name_kinds()
    return recording


@contextlib.contextmanager
def again(
    recording: Recording,
    *,
    calls: int | None = None,
    values: bool = False,
    inside: tuple[int, ...] = (),
    pinned: bool = True,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Iterator[tuple[Recording, Iterator[Call]]]:
    """Runs a recorded script once more, in a copy of its directory, its prints unheard.

    Args:
      recording: of the script.
      calls: at most so many; None: as many as were recorded.
      values, inside, pinned: see `Request`.
      timeout_seconds: without a call.

    Yields:
      A recording without calls, and its calls, as they come.
    """
    directory = Path(recording.directory)
    with running.scratch(directory) as copy:
        request = recording.request.moved(directory, copy)._replace(
            calls=len(recording.calls) if calls is None else calls,
            values=values,
            inside=inside,
            pinned=pinned,
        )
        heard = Recording(request, str(copy))
        with running.messages(
            request, copy, is_quiet=True, timeout_seconds=timeout_seconds
        ) as messages:
            yield heard, _named(heard, recording, messages)


def _named(heard: Recording, recorded: Recording, messages) -> Iterator[Call]:
    """Yields calls; their kinds have the names that they had when they were recorded."""
    for call in heard.hear(messages):
        kind = heard.kinds[call.kind]
        kind.name = next((k.name for k in recorded.kinds if _same(k, kind)), kind.name or "unknown")
        yield call


def _same(a, b) -> bool:
    return dataclasses.replace(a, name="", draws=[]) == dataclasses.replace(b, name="", draws=[])


def ended(recording: Recording) -> str:
    """Returns how a script ended, in the words of a sentence that goes on after "it"."""
    how, text = recording.end
    return {
        "returned": "came to its end",
        "enough": "was ended after the calls that were asked for",
        "raised": f"raised {text}",
        "exited": f"left with {text}",
        "killed": f"was killed ({text})",
        "stuck": f"was stuck ({text})",
    }.get(how, "ended")
