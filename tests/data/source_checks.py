"""What every source has to do, whatever it is made of."""

import numpy as np
import tensorflow as tf


def eager(source, steps):
    """Returns the batches of some steps, asked for one by one."""
    return np.stack([source.batch(tf.constant(step, tf.int64))["real"].numpy() for step in steps])


def in_a_loop(source, first_step, num_steps):
    """Returns the batches of a window, drawn by a loop inside one tf.function as training does."""

    @tf.function(
        input_signature=[tf.TensorSpec([], tf.int64), tf.TensorSpec([], tf.int32)], autograph=False
    )
    def loop(first_step, num_steps):
        def step(i):
            return first_step + tf.cast(i, tf.int64)

        def body(i, batches):
            return i + 1, batches.write(i, source.batch(step(i))["real"])

        start = tf.constant(0), tf.TensorArray(tf.float32, num_steps)
        _, batches = tf.while_loop(lambda i, _: i < num_steps, body, start, parallel_iterations=1)
        return batches.stack()

    return loop(tf.constant(first_step, tf.int64), tf.constant(num_steps)).numpy()


def check_pure(make):
    """Checks that batches depend on (seed, step): not on order, repetition, loop or object."""
    expected = eager(make(seed=3), range(6))
    source = make(seed=3)
    order = [5, 0, 3, 3, 1, 4, 2, 0]
    np.testing.assert_array_equal(eager(source, order), expected[order])
    np.testing.assert_array_equal(in_a_loop(source, 0, 6), expected)
    np.testing.assert_array_equal(in_a_loop(make(seed=3), 2, 4), expected[2:])
    assert len({batch.tobytes() for batch in expected}) == 6
    assert not np.array_equal(eager(make(seed=4), range(6)), expected)
    assert expected.dtype == np.float32
    assert expected.shape[2:] == source.specs["real"].shape
    assert expected.shape[1] == source.batch_size
    assert np.abs(expected).max() <= 1
