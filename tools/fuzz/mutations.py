"""What may be wrong with what others hand us: one small function each, `(folder, draw) -> str`.

Each changes the copy of an original below `folder` and says what it did.
"""

import contextlib
import os
import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from tools.fuzz import inputs, originals, places, recorded

Mutation = Callable[[Path, random.Random], str]


def make(folder: Path, originals_: Path, target: str, seed: int, number: int) -> str:
    """Makes mutant `number` of a target in an empty directory; returns what is wrong with it."""
    draw = random.Random(f"{seed}/{target}/{number}")
    copy(folder, originals_, target, draw)
    said = []
    chosen = [draw.choice(MUTATIONS[target]) for _ in range(draw.choice([1, 1, 1, 2, 3]))]
    contents = [mutation for mutation in chosen if mutation not in NAMES]
    contents.sort(
        key=lambda mutation: mutation is not recorded.tensors
    )  # TensorFlow reads what is whole
    # Of names one at most, and last: the others would follow a link, or wait for a pipe.
    for mutation in [*contents, *[m for m in chosen if m in NAMES][:1]]:
        # A second one may find nothing that it can read any more.
        with contextlib.suppress(Exception if said else ()):
            said.append(f"{mutation.__name__.removesuffix('_')}: {mutation(folder, draw)}")
    return "; ".join(said)


def copy(folder: Path, originals_: Path, target: str, draw: random.Random) -> None:
    """Copies one of the originals of a target to an empty directory."""
    if target == "flag_file":
        return
    if target == "images":
        shutil.copytree(originals_ / "images", folder / "images")
        return
    which = draw.choice(list(originals.SETS) if target == "dataset" else ["ring", "ring", "pixels"])
    (folder / "which").write_text(which)
    if target == "dataset":
        shutil.copytree(originals_ / "sets" / which, folder / "sets" / which)
    elif target == "sample_export":
        shutil.copytree(originals_ / "exports" / which, folder / "export")
    else:
        shutil.copytree(originals_ / "runs" / which, folder / "run")


def link(folder: Path, draw: random.Random) -> str:
    """Puts a link to a canary, or to itself, in the place of a file or a directory."""
    path = places.anything(folder, draw)
    where = draw.choice([places.canary(folder, draw), path.name, "/dev/zero", "missing"])
    if draw.random() < 0.5 and isinstance(where, Path):
        where = os.path.relpath(where, path.parent)
    places.remove(path)
    path.symlink_to(where)
    return f"{path.name} leads to {where}"


def pipe(folder: Path, draw: random.Random) -> str:
    """Puts a FIFO or a socket in the place of a file."""
    path = places.anything(folder, draw)
    places.remove(path)
    if draw.random() < 0.7:
        os.mkfifo(path)
        return f"{path.name} is a FIFO"
    _socket(path)
    return f"{path.name} is a socket"


def directory(folder: Path, draw: random.Random) -> str:
    """Puts a directory in the place of a file, or a file in the place of a directory."""
    path = places.anything(folder, draw)
    is_directory = path.is_dir()
    places.remove(path)
    if is_directory:
        path.write_bytes(b"x")
        return f"{path.name} is a file"
    path.mkdir()
    return f"{path.name} is a directory"


def names(folder: Path, draw: random.Random) -> str:
    """Adds odd names."""
    path = places.anything(folder, draw)
    path = path if path.is_dir() else path.parent
    odd = [
        b"\xff\xfe.png",
        b"a\nb.png",
        b"-rf.png",
        b" .png",
        b"x" * 250 + b".png",
        b"\xe2\x80\xae.png",
    ]
    name = os.fsdecode(draw.choice([*odd, b"STARTING", b"results.tmp", b"flags.txt.tmp", b".png"]))
    if draw.random() < 0.03:
        for i in range(3000):
            (path / f"{i:08d}.png").touch()
        return f"3000 names in {path.name}"
    (path / name).write_bytes(b"x")
    return f"{name!r} in {path.name}" + places.sign(folder, draw)


def gone(folder: Path, draw: random.Random) -> str:
    """Removes a file or a directory."""
    path = places.anything(folder, draw)
    places.remove(path)
    return f"{path.name} is gone" + places.sign(folder, draw)


NAMES = (link, pipe, directory, names, gone)
_READ = (
    *(recorded.record,) * 8,
    *(recorded.tensors,) * 4,
    recorded.tensor_bytes,
    recorded.tensor_index,
    recorded.tensor_index,
    recorded.record_text,
    recorded.step,
)

MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    "sample_run": (*_READ, recorded.version, *NAMES),
    "resume": (*_READ, recorded.version, *(recorded.log,) * 5, *NAMES),
    "export_run": (*_READ, recorded.log),
    "sample_export": (*_READ, recorded.version, recorded.graph, recorded.graph, *NAMES),
    "images": (
        *(inputs.picture,) * 6,
        *(inputs.picture_bytes,) * 4,
        *(inputs.picture_format,) * 3,
        inputs.suffix,
        *NAMES,
    ),
    "dataset": (*(inputs.set_record,) * 6, inputs.set_text, *(inputs.shard,) * 4, *NAMES),
    "flag_file": (inputs.flags,),
}
"""The mutations of each target, the frequent ones several times."""


def _socket(path: Path) -> None:
    # A socket's path may have 107 characters at most: it is bound from its directory.
    before = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name[:100])
    finally:
        os.chdir(before)
