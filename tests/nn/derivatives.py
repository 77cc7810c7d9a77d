"""Derivatives by differences, in float64, beside those of a tape."""

import numpy as np
import tensorflow as tf

DELTA = 1e-5


def check(layer, x, call=None, atol=1e-8):
    """Compares the gradients of a layer's output, for what goes in and for each of its weights.

    Args:
      layer: a `tf.Module` in float64.
      x: what goes in, float64, away from kinks.
      call: maps x to what comes out; None: the layer itself.
      atol: how far the two may lie apart.
    """
    call = call or layer
    found, expected = tf.test.compute_gradient(call, [x], delta=DELTA)
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=atol)
    weights = layer.trainable_variables
    share = tf.constant(np.random.RandomState(3).normal(size=call(x).shape))
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(share * call(x))
    for weight, gradient in zip(weights, tape.gradient(value, weights), strict=True):
        start, expected = np.array(weight), np.zeros(weight.shape)
        for place in np.ndindex(*weight.shape):
            ends = []
            for sign in (1.0, -1.0):
                moved = start.copy()
                moved[place] += sign * DELTA
                weight.assign(moved)
                ends.append(float(tf.reduce_sum(share * call(x))))
            expected[place] = (ends[0] - ends[1]) / (2.0 * DELTA)
        weight.assign(start)
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=atol, err_msg=weight.name)
