"""A class label as a part of what goes into a network."""

import tensorflow as tf


def concatenate(x: tf.Tensor, labels: tf.Tensor | None, num_classes: int) -> tf.Tensor:
    """Returns `x` with each example's label behind its last axis, as num_classes zeros and a one.

    Args:
      x: float [B, ..., C], such as latents [B, Z], or images [B, H, W, C], each pixel of which gets
        the label.
      labels: int32 [B], in 0 .. num_classes - 1.
      num_classes: how many there are; 0: nothing is to be added.

    Returns:
      [B, ..., C + num_classes].

    Source: Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014, section 3.2.
    """
    if not num_classes:
        return x
    of_class = tf.one_hot(labels, num_classes, dtype=x.dtype)  # [B, num_classes]
    of_class = tf.reshape(of_class, [-1, *[1] * (x.shape.rank - 2), num_classes])
    shape = tf.concat([tf.shape(x)[:-1], [num_classes]], 0)
    return tf.concat([x, tf.broadcast_to(of_class, shape)], -1)
