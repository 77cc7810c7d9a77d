"""Damaged checkpoints: none is accepted, and each is named."""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import numpy as np

from tfgan.runs.checkpoints import Checkpoints
from tools.sweep.trials import Sweep, need


def state(step: int) -> dict[str, np.ndarray]:
    """Returns a small one, another one each step."""
    draw = np.random.RandomState(step)
    return {
        "generator/dense_0/kernel": draw.normal(size=[7, 5]).astype(np.float32),
        "generator/dense_0/bias": np.zeros([5], np.float32),
        "generator_optimizer/beta1_power": np.float32(0.5**step),
    }


# Each changes the directory of step 20, given that of step 10, and returns what the library has to
# name, unless it blames the manifest.


def flip(path: Path, other: Path, draw: random.Random) -> str:
    """Turns a bit over."""
    file = pick(path, draw)
    data = bytearray(file.read_bytes())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    file.write_bytes(data)
    return file.name


def cut(path: Path, other: Path, draw: random.Random) -> str:
    """Cuts a file short."""
    file = pick(path, draw)
    os.truncate(file, draw.randrange(file.stat().st_size))
    return file.name


def grow(path: Path, other: Path, draw: random.Random) -> str:
    """Appends bytes."""
    file = pick(path, draw)
    with file.open("ab") as appended:
        appended.write(draw.randbytes(draw.randint(1, 9)))
    return file.name


def swap_bytes(path: Path, other: Path, draw: random.Random) -> str:
    """Swaps two bytes of a file."""
    file = pick(path, draw)
    data = bytearray(file.read_bytes())
    while True:
        i, j = (draw.randrange(len(data)) for _ in range(2))
        if data[i] != data[j]:
            break
    data[i], data[j] = data[j], data[i]
    file.write_bytes(data)
    return file.name


def swap_files(path: Path, other: Path, draw: random.Random) -> str:
    """Swaps the contents of two files."""
    a, b = draw.sample(sorted(path.iterdir()), 2)
    a_data, b_data = a.read_bytes(), b.read_bytes()
    a.write_bytes(b_data)
    b.write_bytes(a_data)
    return ""


def lose(path: Path, other: Path, draw: random.Random) -> str:
    """Removes a file."""
    file = pick(path, draw)
    file.unlink()
    return file.name


def add(path: Path, other: Path, draw: random.Random) -> str:
    """Adds an empty file."""
    (path / f"state.{draw.randrange(99)}").write_bytes(b"")
    return ""


def mix(path: Path, other: Path, draw: random.Random) -> str:
    """Files of two generations: one, or two of the three, come from step 10."""
    names = sorted(file.name for file in path.iterdir())
    for name in draw.sample(names, draw.randint(1, 2)):
        shutil.copy(other / name, path / name)
    return ""


def rename(path: Path, other: Path, draw: random.Random) -> str:
    """A whole good checkpoint under the name of another step."""
    shutil.rmtree(path)
    shutil.copytree(other, path)
    return "step 10"


DAMAGES = [flip, cut, grow, swap_bytes, swap_files, lose, add, mix, rename]


def pick(path: Path, draw: random.Random) -> Path:
    """Returns one of the files."""
    return draw.choice(sorted(path.iterdir()))


def content(path: Path) -> dict[str, bytes]:
    """Returns all files by name."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


class Damages(Sweep):
    """A trial is one damage to the newer of two checkpoints."""

    title = "damaged checkpoints, nine kinds of damage"
    promise = "none accepted, each named"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._kept = two(folder / "checkpoints")
        self._old, self._new = (self._kept.folder / f"{step:010d}" for step in (10, 20))
        self._good = content(self._new)

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Damages it, lets the library look for the newest one, and mends it."""
        damage = draw.choice(DAMAGES)
        where = damage(self._new, self._old, draw)
        need(content(self._new) != self._good, f"{damage.__name__} did nothing")
        newest, damaged = self._kept.newest()
        need(newest is not None and newest.step == 10, f"{damage.__name__} was accepted")
        need(damaged.keys() == {self._new}, f"{damage.__name__}: named are {list(damaged)}")
        reason = damaged[self._new]
        is_named = where in reason or "manifest.json" in reason
        need(is_named, f"{damage.__name__} of {where} is called {reason}")
        outcomes[damage.__name__] += 1
        shutil.rmtree(self._new)
        self._new.mkdir()
        for name, data in self._good.items():
            (self._new / name).write_bytes(data)


def two(folder: Path) -> Checkpoints:
    """Returns the checkpoints of steps 10 and 20."""
    kept = Checkpoints(folder, keep=5)
    for step in (10, 20):
        kept.save(step, state(step), {"rollbacks": 0, "config": {"seed": 3}})
    return kept
