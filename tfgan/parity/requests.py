"""What a run of a script is asked for; it goes from one process to another."""

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
