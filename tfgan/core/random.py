"""Randomness as a function of (seed, stream, step), and of nothing else.

A stream is a name ("latents", "mode", "generator/dense_0/kernel"). Numbers come from Philox, a
counter-based generator (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011): its
64-bit key is a hash of (seed, stream), the upper half of its 128-bit counter is the step, and the
lower half counts within one draw. So no two draws overlap, and a draw is one operation. The
generator is named in every draw: the numbers do not depend on the device.
"""

import hashlib

import tensorflow as tf

ALGORITHM = "philox"
_PHILOX = 1  # the same, as the raw operations want it


def key(seed: int, stream: str) -> int:
    """Returns the signed 64-bit key of a stream: BLAKE2b of `seed` and `stream`."""
    digest = hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def fold(seed: int, stream: str, step: tf.Tensor | int = 0) -> tf.Tensor:
    """Returns a seed for `tf.random.stateless_*`, int64 [2], of one step of a stream."""
    return tf.stack([tf.constant(key(seed, stream), tf.int64), tf.cast(step, tf.int64)])


def _generator(shape, seed: int, stream: str, step) -> dict:
    """Arguments of a raw draw: the key of the stream, the counter of the step."""
    upper = tf.cast(step, tf.uint64)
    return dict(
        shape=shape,
        key=tf.constant([key(seed, stream) % 2**64], tf.uint64),
        counter=tf.stack([tf.zeros_like(upper), upper]),
        alg=_PHILOX,
    )


def uniform(shape, seed: int, stream: str, step=0):
    """Draws float32 of `shape`, uniform on [-1, 1), in steps of 2^-22: every value is exact."""
    return tf.raw_ops.StatelessRandomUniformV2(**_generator(shape, seed, stream, step)) * 2.0 - 1.0


def normal(shape, seed: int, stream: str, step=0, *, stddev: float = 1.0):
    """Draws float32 of `shape`, normal with mean 0 and standard deviation `stddev`."""
    draw = tf.raw_ops.StatelessRandomNormalV2(**_generator(shape, seed, stream, step))
    return draw if stddev == 1.0 else draw * stddev


def integers(shape, seed: int, stream: str, step=0, *, below: int):
    """Draws int32 of `shape`, uniform on 0 .. below - 1."""
    return tf.raw_ops.StatelessRandomUniformIntV2(
        **_generator(shape, seed, stream, step), minval=0, maxval=below
    )


LATENT_DISTRIBUTIONS = {"uniform": uniform, "normal": normal}
"""Where latents come from: uniform on [-1, 1) (the document's) or standard normal."""


class EpochOrder(tf.Module):
    """Which examples make up batch `step`, when every epoch is a permutation of the whole set.

    Position p = step * batch_size + i lies in epoch p // num_examples; a batch may straddle two
    epochs, so nothing is ever dropped and each epoch holds each example exactly once.

    The permutations of the two epochs in reach are kept in a variable, because sorting a whole set
    costs more than a small training iteration. The variable is a cache, not state: it is keyed by
    the epoch and filled again whenever the epoch differs, so any step may be asked for in any
    order.

    Args:
      num_examples: size of the set.
      batch_size: examples in a batch, at most `num_examples`.
      seed: seed of the run.
    """

    def __init__(self, num_examples: int, batch_size: int, seed: int):
        if not 1 <= batch_size <= num_examples:
            raise ValueError(
                f"batch_size must be 1 to num_examples ({num_examples}), got {batch_size}."
            )
        self.num_examples = num_examples
        self.batch_size = batch_size
        self.seed = seed
        self._cached_epoch = tf.Variable(-1, trainable=False, dtype=tf.int64, name="cached_epoch")
        self._cache = tf.Variable(
            tf.zeros([2 * num_examples], tf.int32), trainable=False, name="cached_order"
        )

    def permutation(self, epoch: tf.Tensor) -> tf.Tensor:
        """Returns the order of one epoch, int32 [num_examples]."""
        return tf.random.experimental.stateless_shuffle(
            tf.range(self.num_examples), fold(self.seed, "epoch", epoch), alg=ALGORITHM
        )

    def indices(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the indices of batch `step`, int32 [batch_size]."""
        first = tf.cast(step, tf.int64) * self.batch_size
        epoch = first // self.num_examples

        def fill():
            both = tf.concat([self.permutation(epoch), self.permutation(epoch + 1)], 0)
            with tf.control_dependencies([self._cache.assign(both)]):
                return self._cached_epoch.assign(epoch).value()

        with tf.control_dependencies(
            [tf.cond(tf.equal(self._cached_epoch, epoch), lambda: tf.identity(epoch), fill)]
        ):
            start = tf.cast(first - epoch * self.num_examples, tf.int32)
            return tf.slice(self._cache.read_value(), [start], [self.batch_size])
