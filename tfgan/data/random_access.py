"""Images that do not fit into memory: each batch is read when it is needed, one ahead."""

import copy
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core import random, replicas
from tfgan.core.interfaces import Kind, LabelSpec, Specs
from tfgan.data import kinds, pixels


class RandomAccessImages:
    """A `Source` over a function that reads; the same bytes as `Arrays` over the same images.

    While a step trains, a thread reads the batch of the next step. That is a guess, never state: a
    batch that was not guessed is read when it is asked for.

    Args:
      name: what the user called it.
      read: maps indices, int32 [B], to uint8 [B, H, W, C]; with a `label_spec`, to a pair of these
        images and their labels, int32 [B]. A pure function, called from one thread. What it raises
        reaches the caller of the graph as a `tf.errors.OpError` with its message.
      num_examples: how many images there are.
      shape: [H, W, C].
      batch_size: images in a batch, at most `num_examples`.
      seed: seed of the run.
      fingerprint: changes when the images do.
      former_fingerprint: returns what the fingerprint was in the records of older versions.
      label_spec: of the labels; None: there are none.

    Raises:
      InputError: `batch_size` is more than `num_examples`.
    """

    reads_share = True

    def __init__(
        self,
        name: str,
        read: Callable[[np.ndarray], Any],
        num_examples: int,
        shape: tuple[int, int, int],
        batch_size: int,
        seed: int,
        fingerprint: str,
        former_fingerprint: Callable[[], str],
        label_spec: LabelSpec | None = None,
    ):
        self.name = name
        self.notes: tuple[str, ...] = ()
        self.fingerprint, self.former_fingerprint = fingerprint, former_fingerprint
        self.num_examples: int | None = num_examples
        self.batch_size = batch_size
        self.kind: Kind = kinds.of_shape(shape)
        self._label_spec = label_spec
        self.specs: Specs = {"real": tf.TensorSpec(shape, tf.float32, "real")} | (
            {"labels": label_spec} if label_spec else {}
        )
        self._read = read
        pixels.check_batch_size(name, num_examples, batch_size)
        self._order = random.EpochOrder(num_examples, batch_size, seed)
        self._start()

    def _start(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read_ahead")
        self._lock = threading.Lock()
        self._guess: tuple[bytes, Future] | None = None

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the images of `step` (int64 scalar): "real" float32 [B, H, W, C] in [-1, 1].

        With replicas, those of this one.

        "labels" int32 [B] are there if there are labels.
        """
        # A replica reads its own examples alone.
        wanted = replicas.share(self._order.indices(step))
        following = replicas.share(self._order.indices(step + 1))
        # Stateful by default, so that the batches of one iteration come in order, as guessed.
        labels = {}
        if self._label_spec is None:
            images = tf.numpy_function(self._take, [wanted, following], tf.uint8)
        else:
            both = tf.numpy_function(self._take, [wanted, following], [tf.uint8, tf.int32])
            images, labels = both[0], {"labels": tf.ensure_shape(both[1], wanted.shape)}
        images = tf.ensure_shape(images, [*wanted.shape, *self.specs["real"].shape])
        return {"real": pixels.to_float(images)} | labels

    def with_seed(self, seed: int) -> "RandomAccessImages":
        """Returns the same images in the order of another seed."""
        other = copy.copy(self)
        other._order = random.EpochOrder(self._order.num_examples, self.batch_size, seed)
        other._start()
        return other

    def _take(self, wanted: np.ndarray, following: np.ndarray) -> Any:
        with self._lock:
            guess, self._guess = self._guess, None
            if guess and guess[0] == wanted.tobytes():
                taken = guess[1]
            else:
                if guess:
                    guess[1].cancel()
                taken = self._thread.submit(self._read, wanted.copy())
            self._guess = following.tobytes(), self._thread.submit(self._read, following.copy())
        return taken.result()
