"""A covering array: few rows in which every two values of different axes meet.

Greedy, as in Cohen et al., "The AETG System: An Approach to Testing Based on Combinatorial Design",
1997: each row is the best of some that are put together value by value. Deterministic.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
"""A value of each axis, or of some of them."""

CANDIDATES = 8
"""Rows that are put together for each one that is taken."""


class Rule:
    """Values of some axes that do not go together.

    Args:
      values: by axis; those of a tuple do not go with those of the others.
    """

    def __init__(self, **values: tuple):
        self.values = {axis: frozenset(several) for axis, several in values.items()}

    def forbids(self, row: Mapping[str, Any]) -> bool:
        """Says whether a row, whole or not, has such values."""
        return all(axis in row and row[axis] in some for axis, some in self.values.items())

    def cases(self) -> Iterator[Row]:
        """Yields each combination."""
        for chosen in itertools.product(*(sorted(some, key=str) for some in self.values.values())):
            yield dict(zip(self.values, chosen, strict=True))


class Array:
    """The rows, and the pairs that no row can have.

    Args:
      axes: values by axis.
      rules: what does not go together.

    Attributes:
      rows: one value of every axis each.
      excused: pairs that cannot be in any row, as ((axis, value), (axis, value)).
    """

    def __init__(self, axes: Mapping[str, Sequence[Any]], rules: Sequence[Rule]):
        self.axes, self._rules = axes, {axis: [] for axis in axes}
        for rule in rules:
            for axis in rule.values:
                self._rules[axis].append(rule)
        self._place = {axis: i for i, axis in enumerate(axes)}
        self._random = random.Random(0)
        pairs = self.pairs()
        self.excused = [pair for pair in pairs if self._complete(dict(pair)) is None]
        self._open = dict.fromkeys(pair for pair in pairs if pair not in set(self.excused))
        self.rows: list[Row] = []
        while self._open:
            best = max((self._candidate() for _ in range(CANDIDATES)), key=self._worth)
            for pair in list(itertools.combinations(self._items(best), 2)):
                self._open.pop(pair, None)
            self.rows.append(best)

    def pairs(self) -> list[tuple]:
        """Returns all pairs of values of different axes, in the axes' order."""
        return [
            ((a, x), (b, y))
            for a, b in itertools.combinations(self.axes, 2)
            for x in self.axes[a]
            for y in self.axes[b]
        ]

    def _items(self, row: Row) -> list[tuple]:
        return [(axis, row[axis]) for axis in self.axes if axis in row]

    def _worth(self, row: Row) -> int:
        return sum(pair in self._open for pair in itertools.combinations(self._items(row), 2))

    def _fits(self, row: Row, axis: str) -> bool:
        return not any(rule.forbids(row) for rule in self._rules[axis])

    def _complete(self, row: Row, prefer: Callable[[Row, str], list] | None = None) -> Row | None:
        """Returns a row with values for all axes; None: there is none.

        Axes with rules come first, so that a dead end is seen early.
        """
        if not all(self._fits(row, axis) for axis in row):
            return None
        left = [axis for axis in self.axes if axis not in row]
        self._random.shuffle(left)
        left.sort(key=lambda axis: not self._rules[axis])

        def extend(row: Row, left: list[str]) -> Row | None:
            if not left:
                return row
            axis, *others = left
            for value in prefer(row, axis) if prefer else self.axes[axis]:
                longer = row | {axis: value}
                if self._fits(longer, axis) and (found := extend(longer, others)):
                    return found
            return None

        return extend(row, left)

    def _candidate(self) -> Row:
        """Returns a row with one of the open pairs, and with many others."""

        def prefer(row: Row, axis: str) -> list:
            before = [item for item in row.items() if self._place[item[0]] < self._place[axis]]
            after = [item for item in row.items() if self._place[item[0]] > self._place[axis]]

            def gain(value):
                here = (axis, value)
                met = sum((other, here) in self._open for other in before)
                return met + sum((here, other) in self._open for other in after)

            values = list(self.axes[axis])
            self._random.shuffle(values)
            return sorted(values, key=gain, reverse=True)

        first = self._random.choice(list(self._open))
        found = self._complete(dict(first), prefer)
        assert found is not None
        return found
