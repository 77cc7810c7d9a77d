"""The bytes of tensors as one vector of whole numbers, and back: for whoever passes them on."""

from collections.abc import Sequence

import tensorflow as tf

_WORD = tf.int32


def packed(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Returns the bits of tensors, int32 [words]: one or two words an element, padded with zeros.

    Raises:
      TypeError: a tensor holds no numbers.
    """
    return tf.concat([_words(tf.convert_to_tensor(x)) for x in tensors], 0)


def unpacked(words: tf.Tensor, like: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Returns the tensors of `packed`.

    Args:
      words: int32 [words].
      like: tensors or variables of static shape, of which shapes and dtypes are taken.
    """
    sizes = [x.shape.num_elements() * max(1, x.dtype.size // _WORD.size) for x in like]
    return [
        _values(part, tf.as_dtype(x.dtype).base_dtype, x.shape)
        for part, x in zip(tf.split(words, sizes), like, strict=True)
    ]


def _words(x: tf.Tensor) -> tf.Tensor:
    if x.dtype.size % _WORD.size == 0 and (x.dtype.is_floating or x.dtype.is_integer):
        return tf.reshape(tf.bitcast(x, _WORD), [-1])
    if x.dtype.is_floating and x.dtype.size == 2:
        x = tf.bitcast(x, tf.int16)
    if not (x.dtype.is_integer or x.dtype.is_bool):
        raise TypeError(f"a tensor of {x.dtype.name} has no bits to pass on.")
    return tf.reshape(tf.cast(x, _WORD), [-1])


def _values(words: tf.Tensor, dtype: tf.DType, shape: tf.TensorShape) -> tf.Tensor:
    if dtype.size % _WORD.size == 0:
        inner = [] if dtype.size == _WORD.size else [dtype.size // _WORD.size]
        return tf.bitcast(tf.reshape(words, [*shape, *inner]), dtype)
    words = tf.reshape(words, shape)
    return (
        tf.bitcast(tf.cast(words, tf.int16), dtype) if dtype.is_floating else tf.cast(words, dtype)
    )
