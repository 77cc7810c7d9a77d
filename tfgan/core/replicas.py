"""Which share of the global batch is computed here, and means over all shares.

A replica is one of several copies of a model that hold the same bytes and take the same steps: each
computes its slice of the batch, and means over the replicas put them together. Whatever mixes the
examples of a batch (a loss, a gradient, a statistic) takes its mean by `mean`; whatever is drawn
for a batch takes its slice by `drawn`. Where nobody has said that there are replicas, both do
nothing, and add nothing to a graph.

Which devices or processes compute them, and how they reach each other, only `distribution` knows.
"""

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Replica:
    """One of several."""

    index: int
    """From 0."""

    count: int
    """How many there are."""

    mean: Callable[[list[tf.Tensor]], list[tf.Tensor]]
    """Means over all replicas, elementwise, with a gradient; every replica calls it."""

    shares_batch_statistics: bool = False
    """Whether batch normalisation takes its statistics from the batches of all replicas."""


_here = threading.local()


@contextlib.contextmanager
def acting_as(replica: Replica | None) -> Iterator[None]:
    """Makes this thread compute as one of the replicas inside the `with`."""
    before = current()
    _here.replica = replica
    try:
        yield
    finally:
        _here.replica = before


def current() -> Replica | None:
    """Returns which replica this thread computes as; None: there is only one."""
    return getattr(_here, "replica", None)


def mean(value: tf.Tensor) -> tf.Tensor:
    """Returns the mean of a tensor over the replicas, the same on each."""
    replica = current()
    return value if replica is None else replica.mean([value])[0]


def means(values: Sequence[Any]) -> list[Any]:
    """Returns `mean` of each tensor, by one exchange; what is None stays so."""
    replica = current()
    if replica is None:
        return list(values)
    found = iter(replica.mean([value for value in values if value is not None]))
    return [value if value is None else next(found) for value in values]


def variance(values: tf.Tensor, axis: int | Sequence[int] | None = None) -> tf.Tensor:
    """Returns the variance over axes of a batch, of all replicas together."""
    if current() is None:
        return tf.math.reduce_variance(values, axis)
    centre = mean(tf.reduce_mean(values, axis, keepdims=True))
    return mean(tf.reduce_mean(tf.square(values - centre), axis))


def drawn(draw: Callable[[Any], tf.Tensor], shape: Any, axis: int = 0) -> tf.Tensor:
    """Draws for the global batch and returns the slice of this replica.

    Args:
      draw: maps a shape to random numbers.
      shape: of what is wanted here; a sequence, or a tensor.
      axis: of the examples.
    """
    replica = current()
    if replica is None:
        return draw(shape)
    if isinstance(shape, tf.Tensor):
        whole = tf.tensor_scatter_nd_update(shape, [[axis]], [shape[axis] * replica.count])
    else:
        whole = [size * replica.count if i == axis else size for i, size in enumerate(shape)]
    return share(draw(whole), axis)


def share(values: tf.Tensor, axis: int = 0) -> tf.Tensor:
    """Returns the slice of a global batch that this replica computes; the replicas divide it."""
    replica = current()
    if replica is None:
        return values
    if values.shape[axis] is not None:
        return tf.split(values, replica.count, axis)[replica.index]
    size = tf.shape(values)[axis] // replica.count
    return tf.gather(values, replica.index * size + tf.range(size), axis=axis)
