"""A directory of the user's: a run, an export, and much that is nobody else's business."""

import dataclasses
import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.survival.rig import forget
from tfgan.evaluation import records
from tfgan.serving import card
from tools import crash_points, zygote

TRAIN = [*crash_points.RUN, "--keep_checkpoints=3"]
EVALUATE = ["--metrics=modes_covered,reverse_kl", "--num_samples=100"]

USERS = {
    "thesis.tmp/chapter.txt": b"years of work",
    "results.tmp": b"of many weeks",
    "notes.txt": b"of one day",
    os.fsdecode(b"caf\xe9.txt"): b"in Latin-1",
    "run/my notes.txt": b"about this run",
    "run/backup.tmp/weights.bin": b"mine",
    "run/samples/best.png": b"a favourite",
    "run/samples/old.tmp": b"mine",
    "run/checkpoints/kept/state.index": b"mine",
    "run/checkpoints/0000000099.tmp/mine.txt": b"mine",
    "exports/run/README": b"what these are",
    "exports/run/7.tmp/mine.txt": b"mine",
}
"""Files that no command may touch, by path."""


def plant(world: Path) -> None:
    """Puts the user's files into a world, where their directory is there."""
    for name, data in USERS.items():
        top = name.partition("/")[0]
        if "/" not in name or top.endswith(".tmp") or (world / top).is_dir():
            (world / name).parent.mkdir(parents=True, exist_ok=True)
            (world / name).write_bytes(data)


def digests(world: Path) -> dict[str, str]:
    """Returns what each path below a world is: its kind, and the digest of its bytes or target."""
    found = {}
    for path in sorted(world.rglob("*")):
        mode = path.lstat().st_mode
        what = stat.filemode(mode)[0]
        if path.is_symlink():
            what += os.readlink(path)
        elif stat.S_ISREG(mode):
            what += hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(world))] = what
    return found


@dataclasses.dataclass(frozen=True)
class Command:
    """A command in a world: one row of the table."""

    name: str
    """The module's: `tfgan.NAME`."""

    arguments: Callable[[Path], list[str]]
    """Its command line in a world."""

    template: str
    """The world that it needs: one of TEMPLATES."""

    made: tuple[str, ...]
    """Paths that it may make or change, themselves and all below."""

    result: Callable[[Path], dict[str, Any]]
    """What has to be right at the end, by name."""

    shows_progress: bool = False
    """Whether a library of its own draws a bar on the standard error."""


def _run(world: Path) -> dict[str, bytes]:
    """Returns the bytes of a run that a finished command leaves, without the user's files."""
    users = {name.removeprefix("run/") for name in USERS}
    found = crash_points.read(world / "run")
    return {name: data for name, data in found.items() if name not in users}


def _export(world: Path) -> dict[str, Any]:
    """Returns the tensors of an export that is whole: their order in its files is TensorFlow's."""
    version = world / "exports" / "run" / "4"
    signatures = card.read(version)["signatures"]
    reader = tf.train.load_checkpoint(str(version / "variables" / "variables"))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("state/")]
    return {name: reader.get_tensor(name).tobytes() for name in names} | {"offers": signatures}


def _picture(world: Path) -> dict[str, bytes]:
    return {"grid.png": (world / "grid.png").read_bytes()}


def _report(world: Path) -> dict[str, int]:
    """Returns how much of what stands on a page: the paths on it are those of its world."""
    text = (world / "report.html").read_text()
    return {part: text.count(part) for part in ("<img ", "<path ", "<td", "<li>", "</html>")}


def _numbers(world: Path) -> dict[str, list]:
    """Returns what was measured last."""
    found = records.read(world / "run" / "evaluations.jsonl")[-2:]
    return {record["metric"]: [record["value"], record["floor"]] for record in found}


def _set(world: Path) -> dict[str, bytes]:
    (info,) = (world / "tfds").glob("*/*/dataset_info.json")
    shards = sorted(info.parent.glob("*.tfrecord*"))
    return {"shards": b"".join(shard.read_bytes() for shard in shards)}


COMMANDS = {
    "train": Command(
        "train", lambda world: [*TRAIN, f"--run_dir={world}/run"], "empty", ("run",), _run
    ),
    "resume": Command(
        "train", lambda world: [*TRAIN, f"--run_dir={world}/run"], "half", ("run",), _run
    ),
    "export": Command(
        "export",
        lambda world: [f"--run_dir={world}/run", f"--export_dir={world}/exports/run"],
        "finished",
        ("exports/run/4", "exports/run/4.tmp", "exports", "exports/run"),
        _export,
    ),
    "sample": Command(
        "sample",
        lambda world: [f"--run_dir={world}/run", f"--out={world}/grid.png", "--seeds=0-3"],
        "finished",
        ("grid.png", "grid.png.tmp"),
        _picture,
    ),
    "sample_export": Command(
        "sample",
        lambda world: [f"--export={world}/exports/run", f"--out={world}/grid.png", "--seeds=0-3"],
        "exported",
        ("grid.png", "grid.png.tmp"),
        _picture,
    ),
    "report": Command(
        "report",
        lambda world: [f"{world}/run", f"--out={world}/report.html"],
        "finished",
        ("report.html", "report.html.tmp"),
        _report,
    ),
    "evaluate": Command(
        "evaluate",
        lambda world: [f"--run_dir={world}/run", *EVALUATE],
        "finished",
        ("run/evaluations.jsonl",),
        _numbers,
        shows_progress=True,
    ),
    "prepare": Command(
        "prepare",
        lambda world: ["--data=digits", f"--data_dir={world}/tfds"],
        "empty",
        ("tfds",),
        _set,
        shows_progress=True,
    ),
}
"""The rows of the table. A new command is one more."""


class Worlds:
    """Makes worlds, and knows what is right in them.

    Args:
      folder: for the templates.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._right: dict[str, dict[str, Any]] = {}
        for name in ("empty", "half", "finished", "exported"):
            (folder / name).mkdir()
        self._do("train", folder / "finished")
        shutil.copytree(folder / "finished" / "run", folder / "half" / "run")
        forget(folder / "half" / "run", 2)
        shutil.copytree(folder / "finished" / "run", folder / "exported" / "run")
        self._do("export", folder / "exported")

    def make(self, command: str, path: Path) -> Path:
        """Makes the world of a command at a path, with the user's files in it."""
        shutil.copytree(self._folder / COMMANDS[command].template, path)
        plant(path)
        return path

    def right(self, command: str) -> dict[str, Any]:
        """Returns what a command makes where nothing is in its way."""
        if command not in self._right:
            world = self.make(command, self._folder / f"right-{command}")
            self._do(command, world)
            self._right[command] = COMMANDS[command].result(world)
        return self._right[command]

    def _do(self, command: str, world: Path) -> None:
        row = COMMANDS[command]
        child = zygote.Child(row.arguments(world), world.with_suffix(".said"), command=row.name)
        assert child.wait() == 0, child.stderr
