"""Examples that are measured: generated ones, and real ones, a chunk at a time.

Both are functions of a seed and of the place in the row, and a chunk has the same size everywhere:
so the numbers do not depend on who asks for them, and a large count needs no more memory.
"""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Model, Source

CHUNK = 250
"""Examples that are made at once."""

STREAM = "evaluation"
"""Of the inputs of samples."""


class UnmeasurableError(InputError):
    """Samples, or what an extractor says of them, are not finite."""


class Generated:
    """What a model generates.

    Args:
      model: generates.
      seed: of the inputs, beside the model's own.

    Attributes:
      num_examples: None: as many as are asked for.
      shape: of one.
    """

    num_examples: int | None = None

    def __init__(self, model: Model, seed: int = 0):
        stream = f"{STREAM}/{seed}"

        @tf.function(input_signature=[tf.TensorSpec([], tf.int64)], autograph=False)
        def chunk(number):
            return model.sample(model.inputs(CHUNK, stream, number))

        self._chunk = chunk
        traced = chunk.get_concrete_function()
        self.shape = tuple(traced.structured_outputs.shape[1:])

    def chunks(self, first: int, count: int) -> Iterator[np.ndarray]:
        """Yields examples `first` to `first + count` in order, float32 [up to CHUNK, *shape].

        Raises:
          UnmeasurableError: one is not finite; the message says how many.
        """
        for number, part in _parts(first, count, CHUNK):
            examples = self._chunk(tf.constant(number, tf.int64)).numpy()[part].astype(np.float32)
            bad = ~np.isfinite(examples.reshape(len(examples), -1)).all(1)
            if bad.any():
                raise UnmeasurableError(
                    f"{bad.sum()} of {len(bad)} samples are not finite: there is nothing to "
                    "measure; take an earlier checkpoint (--step)."
                )
            yield examples


class Real:
    """The examples of a source, in the order of its first epoch: each stands there once.

    Args:
      source: gives them.
    """

    def __init__(self, source: Source):
        self.num_examples, self.shape = source.num_examples, tuple(source.specs["real"].shape)
        self._batch_size = source.batch_size
        self._batch = tf.function(source.batch, autograph=False)

    def chunks(self, first: int, count: int) -> Iterator[np.ndarray]:
        """Yields examples `first` to `first + count` in order, float32 [up to a batch, *shape]."""
        for batch in self._batches(first, count):
            yield batch["real"]

    def labelled(self, first: int, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the same with the numbers of their classes, int32 [up to a batch]."""
        for batch in self._batches(first, count):
            yield batch["real"], batch["labels"]

    def _batches(self, first: int, count: int) -> Iterator[dict[str, np.ndarray]]:
        last = first + count
        if self.num_examples is not None and last > self.num_examples:
            raise ValueError(f"{last} examples are asked for, there are {self.num_examples}.")
        for step, part in _parts(first, count, self._batch_size):
            batch = self._batch(tf.constant(step, tf.int64))
            yield {name: values.numpy()[part] for name, values in batch.items()}


def _parts(first: int, count: int, size: int) -> Iterator[tuple[int, slice]]:
    """Yields number, and part, of the chunks of `size` that hold `first` to `first + count`."""
    last = first + count
    for number in range(first // size, math.ceil(last / size)):
        start = number * size
        yield number, slice(max(first - start, 0), min(last - start, size))
