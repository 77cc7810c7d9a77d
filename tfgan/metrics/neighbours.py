"""Nearest neighbours among rows, by blocks of distances: exact for copies, and of bounded memory.

A squared distance is |a|^2 + |b|^2 - 2 a.b, which one product of matrices gives for many pairs. Of
rows that lie close together little is left but rounding. So rows are centred, equal rows have
distance 0 by comparison, and pairs that are close for their lengths are subtracted.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tfgan.metrics.estimates import at_least, same_width

_BLOCK = 2**22  # distances at once: 32 MB
_CLOSE = 1e-5  # of |a|^2 + |b|^2: nearer pairs are subtracted; others have ten digits or so
_SLACK = 1.0 + 1e-9  # a ball holds the neighbour that its radius reaches to, whatever rounds


class Neighbourhoods(NamedTuple):
    """Who lies in whose ball; the ball of an example reaches to its k-th neighbour in its own set.

    Balls are closed, as in both papers: an example that is repeated more than k times has a radius
    of 0, and its ball holds its copies.
    """

    k: int

    real_balls: np.ndarray
    """How many balls of real examples hold each fake one, int64 [M]."""

    fake_balls: np.ndarray
    """How many balls of fake examples hold each real one, int64 [N]."""

    fakes_inside: np.ndarray
    """How many fake examples the ball of each real one holds, int64 [N]."""


def neighbourhoods(
    real: np.ndarray, fake: np.ndarray, ks: tuple[int, ...]
) -> dict[int, Neighbourhoods]:
    """Returns the neighbourhoods for each k of `ks`; all together cost little more than one.

    Args:
      real: [N, F], N > max(ks).
      fake: [M, F], M > max(ks).
      ks: which neighbour a ball reaches to, each >= 1.

    Raises:
      InputError: the rows are too few, do not fit or are not finite.
    """
    real, fake = same_width(real=real, fake=fake)
    at_least(max(ks) + 1, real=real, fake=fake)
    real_reach = {k: d * _SLACK for k, d in _own_squares(real, ks).items()}
    fake_reach = {k: d * _SLACK for k, d in _own_squares(fake, ks).items()}
    found = {
        k: Neighbourhoods(
            k,
            np.zeros(len(fake), np.int64),
            np.zeros(len(real), np.int64),
            np.zeros(len(real), np.int64),
        )
        for k in ks
    }
    for block, squares in squared_distances(real, fake):
        for k, counts in found.items():
            in_real_ball = squares <= real_reach[k][block, None]
            counts.real_balls[:] += in_real_ball.sum(0)
            counts.fakes_inside[block] = in_real_ball.sum(1)
            counts.fake_balls[block] = (squares <= fake_reach[k][None, :]).sum(1)
    return found


def nearest_neighbours(queries: np.ndarray, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns which row of `examples` is nearest to each of `queries`, and its distance.

    Args:
      queries: [M, F].
      examples: [N, F].

    Returns:
      Indices into `examples`, int64 [M], the first of those at the same distance, and Euclidean
      distances, float64 [M], exactly 0 for copies.

    Raises:
      InputError: the rows do not fit or are not finite.
    """
    queries, examples = same_width(queries=queries, examples=examples)
    indices, nearest = np.empty(len(queries), np.int64), np.empty(len(queries))
    for block, squares in squared_distances(queries, examples):
        indices[block] = squares.argmin(1)
        nearest[block] = squares.min(1)
    return indices, np.sqrt(nearest)


def _own_squares(examples: np.ndarray, ks: tuple[int, ...]) -> dict[int, np.ndarray]:
    """Returns the squared distance of each row to its k-th other row, float64 [N], for each k."""
    found = {k: np.empty(len(examples)) for k in ks}
    for block, squares in squared_distances(examples, examples):
        squares.partition(ks, 1)  # one of the zeros is the row itself
        for k in ks:
            found[k][block] = squares[:, k]
    return found


def squared_distances(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yields blocks of |a_i - b_j|^2, [rows, M], each with its rows of `a` [N, F].

    The blocks are float64 and the caller's to overwrite.
    """
    centre = b.mean(0, dtype=np.float64)
    names_a, names_b = _names(a), _names(b)
    b = b - centre  # [M, F]
    lengths_b = np.einsum("ij,ij->i", b, b)
    rows = max(_BLOCK // len(b), 1)
    for start in range(0, len(a), rows):
        block = slice(start, min(start + rows, len(a)))
        part = a[block] - centre
        lengths = np.einsum("ij,ij->i", part, part)[:, None] + lengths_b
        squares = part @ b.T
        squares *= -2.0
        squares += lengths
        lengths *= _CLOSE
        equal = names_a[block, None] == names_b
        _subtract(squares, part, b, (squares < lengths) & ~equal)
        squares[equal] = 0.0
        yield block, squares


def _subtract(squares: np.ndarray, a: np.ndarray, b: np.ndarray, where: np.ndarray) -> None:
    """Writes the sum of squared differences into `squares` [N, M], `where` that is true."""
    i, j = np.nonzero(where)
    pairs = max(_BLOCK // a.shape[1], 1)
    for start in range(0, len(i), pairs):
        few = slice(start, start + pairs)
        differences = a[i[few]] - b[j[few]]
        squares[i[few], j[few]] = np.einsum("ij,ij->i", differences, differences)


def _names(examples: np.ndarray) -> np.ndarray:
    """Returns a hash of each row, uint64 [N], the same for equal rows."""
    digests = [
        hashlib.blake2b(row.astype(np.float64).tobytes(), digest_size=8).digest()
        for row in examples
    ]
    return np.frombuffer(b"".join(digests), np.uint64)
