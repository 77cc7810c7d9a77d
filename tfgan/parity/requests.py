"""What a run of a script is asked for; it goes from one process to another."""

from pathlib import Path
from typing import NamedTuple


class Request(NamedTuple):
    """A run of a script."""

    script: str
    """Its absolute path."""

    arguments: tuple[str, ...] = ()
    stubs: tuple[tuple[str, str], ...] = ()
    """Names of modules, and the files that stand in for them."""

    calls: int = 600
    """`Session.run` after which it ends."""

    values: bool = False
    """Whether values are told, not digests."""

    inside: tuple[int, ...] = ()
    """Calls, from 0, of which every tensor is told."""

    pinned: bool = True
    """Whether sessions have one thread and no graph rewriter; else, what the script gives them."""

    def moved(self, directory: Path, copy: Path) -> "Request":
        """Returns the request for a copy of a directory; a script elsewhere stays where it is."""
        script = Path(self.script)
        if not script.is_relative_to(directory):
            return self
        return self._replace(script=str(copy / script.relative_to(directory)))


def prefix(session: int) -> str:
    """Returns what the names of a session's variables begin with; "" for the first one."""
    return f"session_{session + 1}/" if session else ""
