import numpy as np
import tensorflow as tf

rng = np.random.default_rng()

real = tf.placeholder(tf.float32, [None, 1])
z = tf.placeholder(tf.float32, [None, 4])
gw = tf.Variable(tf.random_normal([4, 1]))
gb = tf.Variable(tf.zeros([1]))
dw = tf.Variable(tf.random_normal([2, 1], stddev=0.1))
fake = tf.matmul(z, gw) + gb
score = lambda v: tf.matmul(tf.concat([v, v ** 2], 1), dw)
d_loss = tf.reduce_mean(tf.nn.softplus(-score(real)) + tf.nn.softplus(score(fake)))
g_loss = tf.reduce_mean(tf.nn.softplus(-score(fake)))
d_op = tf.train.AdamOptimizer(0.01).minimize(d_loss, var_list=[dw])
g_op = tf.train.AdamOptimizer(0.01).minimize(g_loss, var_list=[gw, gb])

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(10000):
        sess.run(d_op, {real: rng.normal(2., .5, (16, 1)), z: rng.standard_normal((16, 4))})
        l, _ = sess.run([g_loss, g_op], {z: rng.standard_normal((16, 4))})
        if i % 500 == 0:
            print(i, l)
