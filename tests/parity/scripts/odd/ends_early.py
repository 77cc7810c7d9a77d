import numpy as np
import tensorflow as tf

N_ITER = 7   # just to see whether it runs at all

X = tf.placeholder(tf.float32, [16, 2])
W = tf.Variable(tf.truncated_normal([2, 2], stddev=0.1), name='W')
cost = tf.reduce_sum((X - tf.matmul(X, W)) ** 2)
step = tf.train.AdamOptimizer(0.01).minimize(cost)


def train():
    with tf.Session() as sess:
        tf.global_variables_initializer().run()
        for i in range(N_ITER):
            _, c = sess.run([step, cost], {X: np.random.randn(16, 2)})
            print('%d/%d cost %g' % (i + 1, N_ITER, c))
    return c


print('finished, cost', train())
