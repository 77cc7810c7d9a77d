"""Which samples might be copies: those that lie nearest to the training set, beside what is there.

The statistic of `metrics.copying` says whether samples as a whole are too near; this is to look at.
"""

from pathlib import Path
from typing import Any

import numpy as np

from tfgan.core import files, paths
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Kind
from tfgan.data import drawing
from tfgan.evaluation.examples import Generated, Real
from tfgan.evaluation.real_features import RealFeatures
from tfgan.metrics.neighbours import nearest_neighbours, squared_distances

ROWS, NEIGHBOURS = 10, 5
"""Samples that are shown, and training examples beside each."""


def nearest(
    known: RealFeatures, samples: Generated | Real, real: Real, count: int
) -> tuple[np.ndarray, int]:
    """Returns the samples nearest to the training set, each before its nearest training examples.

    Args:
      known: the features of `real`, by whose distances it goes.
      samples: are compared.
      real: the training examples, of which `real_features.MOST_TRAINING` are looked at.
      count: how many samples.

    Returns:
      Examples [R (1 + K), *shape], the nearest first in both directions, and the columns, 1 + K, of
      their picture; fewer where there are not as many.
    """
    fake, training = known.of(samples, 0, count).features, known.training
    _, distances = nearest_neighbours(fake, training)
    chosen = np.argsort(distances, kind="stable")[:ROWS]
    beside = np.empty([len(chosen), min(NEIGHBOURS, len(training))], np.int64)
    for block, squares in squared_distances(fake[chosen], training):
        beside[block] = np.argsort(squares, axis=1, kind="stable")[:, : beside.shape[1]]
    left = _picked(samples, count, chosen)[:, None]
    shown = np.concatenate([left, _picked(real, len(training), beside)], 1)
    return shown.reshape(-1, *shown.shape[2:]), shown.shape[1]


def path_of(text: str) -> Path:
    """Returns where the picture goes that --neighbours names.

    Raises:
      InputError: it is no .png, or cannot be written there.
    """
    path = paths.output("neighbours", text)
    if path.suffix != ".png":
        raise InputError(f"--neighbours={text} must end in .png.")
    return path


def write(path: Path, found: tuple[np.ndarray, int], kind: Kind) -> None:
    """Writes the picture of what `nearest` returned, of examples of a kind.

    Raises:
      StorageError: the disk refuses.
    """
    files.write(path, drawing.png(kind.draw(*found)))


def _picked(examples: Any, count: int, indices: np.ndarray) -> np.ndarray:
    """Returns examples of some indices below `count`, [*indices.shape, *shape]."""
    found: dict[int, np.ndarray] = {}
    wanted, first = np.unique(indices), 0
    for chunk in examples.chunks(0, count):
        here = wanted[(wanted >= first) & (wanted < first + len(chunk))]
        found |= {int(index): chunk[index - first] for index in here}
        first += len(chunk)
    flat = np.stack([found[int(index)] for index in indices.ravel()])
    return flat.reshape(*indices.shape, *flat.shape[1:])
