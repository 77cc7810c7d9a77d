"""What tells one set of data from another: a digest of its content, and a memo of it.

To read a large set takes minutes, so its digest is remembered in $XDG_CACHE_HOME/tfgan/sha256 (else
~/.cache/tfgan/sha256). The name of a memo is what is known of the files without reading them, so
that it is not found any more once one of them has changed: even one that hides it behind its old
size and time of modification, since nothing but the system sets a file's ctime. A memo only saves
time: it is safe to remove them all.
"""

import contextlib
import hashlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

CONTENT = "content:"
"""How a fingerprint of today begins. Those of 0.1.0 were digests of decoded pixels in memory, or of
the names and sizes of files on disk."""

SETTLED_SECONDS = 2
"""Age from which a file's times tell a later change: a clock that ticks may show it no younger
change (git calls that "racily clean"), and the coarsest file systems tick every two seconds."""

ANNOUNCED_BYTES = 10**9

DIGEST = "[0-9a-f]{64}"
"""As what is remembered reads, as a rule."""

MOST_BYTES = 1 << 20
"""Of a memo."""


def digest(parts: Iterable[bytes]) -> str:
    """Returns the SHA-256 of some parts, each behind its length, as 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()


def cached(
    paths: Sequence[Path], what: str, compute: Callable[[], str], pattern: str = DIGEST
) -> str:
    """Returns a digest of the content of files, from the memo where they are as they were.

    Args:
      paths: all files that the digest depends on, in their order.
      what: the rest that it depends on, the way in which it is computed included.
      compute: reads the files; returns a text of the pattern.
      pattern: of what is remembered.
    """
    now = time.time_ns()
    try:
        stats = [path.stat() for path in paths]
    except OSError:
        return compute()  # which says what is wrong with it
    memo = cache("sha256") / _key(paths, stats, what)
    newest = max((max(stat.st_mtime_ns, stat.st_ctime_ns) for stat in stats), default=now)
    if now - newest < SETTLED_SECONDS * 1e9 or not memo.is_absolute():
        return compute()
    known = _read(memo, pattern)
    if known is None:
        known = compute()
        _write(memo, known)
    return known


def cache(kind: str) -> Path:
    """Returns where what is remembered lies, of one kind, such as "sha256".

    It is a relative path where the user has no home: nothing is remembered then.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # the specification of XDG: to be ignored then
        base = os.path.expanduser("~/.cache")
    return Path(base, "tfgan", kind)


def announce(name: str, paths: Iterable[Path]) -> None:
    """Says why it takes a while to begin, where files are so large that it does."""
    size = sum(path.stat().st_size for path in paths if path.exists())
    if size > ANNOUNCED_BYTES:
        text = f"{name}: reading {size / 1e9:.1f} GB once, for the fingerprint of the data"
        print(text, file=sys.stderr, flush=True)


def _key(paths: Sequence[Path], stats: Sequence[os.stat_result], what: str) -> str:
    parts = [os.fsencode(what)]
    for path, stat in zip(paths, stats, strict=True):
        state = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
        parts += [os.fsencode(os.path.abspath(path)), repr(state).encode()]
    return digest(parts)


def _read(memo: Path, pattern: str) -> str | None:
    """Returns the text of a memo; None if there is none, or anything else."""
    try:
        # A link may lead anywhere, and a pipe would be waited for.
        descriptor = os.open(memo, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            size = min(os.fstat(descriptor).st_size, MOST_BYTES)
            text = file.read(size + 1).decode("ascii", "replace")
    except OSError:
        return None
    return text if re.fullmatch(pattern, text) else None


def _write(memo: Path, text: str) -> None:
    """Writes a memo, or none where that cannot be: it only saves time.

    It is not flushed to the disk either: what a power failure leaves of it is no digest.
    """
    with contextlib.suppress(OSError):
        memo.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: another process may write the same memo now.
        descriptor, temporary = tempfile.mkstemp(dir=memo.parent, prefix=f"{memo.name}.")
        try:
            with open(descriptor, "w") as file:
                file.write(text)
            os.replace(temporary, memo)
        except BaseException:
            os.unlink(temporary)
            raise
