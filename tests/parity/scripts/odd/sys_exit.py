import sys
import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 1])
a = tf.Variable([[1.5]])
loss = tf.reduce_mean(tf.square(tf.matmul(x, a) - 2 * x))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(1, 1001):
        _, l = sess.run([train, loss], {x: np.random.randn(10, 1)})
        print(i, l)
        if i == 4:
            sys.stderr.write('not better than the baseline, giving up\n')
            sys.exit(3)
