import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 8])
y = tf.placeholder(tf.float32, [None, 1])
w1 = tf.get_variable('w1', [8, 16], initializer=tf.contrib.layers.xavier_initializer())
w2 = tf.get_variable('w2', [16, 1], initializer=tf.contrib.layers.xavier_initializer())
out = tf.matmul(tf.nn.relu(tf.matmul(x, w1)), w2)
loss = tf.reduce_mean(tf.square(out - y)) + 1e-4 * tf.nn.l2_loss(w1)
train = tf.train.AdamOptimizer(1e-3).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(10000):
        a = np.random.randn(32, 8)
        l, _ = sess.run([loss, train], {x: a, y: a[:, :1] * a[:, 1:2]})
        if i % 100 == 0:
            print(i, l)
