from multiprocessing import Pool

import numpy as np
import tensorflow as tf

BATCH = 16


def load(seed):
    """Decodes one 'image'. The real thing takes longer."""
    rng = np.random.RandomState(seed)
    return np.tanh(rng.randn(64)).astype(np.float32)


if __name__ == '__main__':
    pool = Pool(2)      # before TensorFlow starts its threads!
    x = tf.placeholder(tf.float32, [BATCH, 64])
    w = tf.Variable(tf.random_normal([64, 64], stddev=0.05))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - x))
    op = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(20000):
            batch = pool.map(load, range(i * BATCH, (i + 1) * BATCH))
            _, l = sess.run([op, loss], feed_dict={x: np.stack(batch)})
            if i % 50 == 0:
                print('iteration', i, 'loss', l)
    pool.close()
    pool.join()
