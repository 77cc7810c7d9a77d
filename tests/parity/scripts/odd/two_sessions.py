"""Compare two learning rates side by side."""
import numpy as np
import tensorflow as tf


def make(lr):
    g = tf.Graph()
    with g.as_default():
        x = tf.placeholder(tf.float32, [None, 5])
        y = tf.placeholder(tf.float32, [None, 1])
        w = tf.Variable(tf.random_normal([5, 1]))
        loss = tf.reduce_mean((tf.matmul(x, w) - y) ** 2)
        op = tf.train.GradientDescentOptimizer(lr).minimize(loss)
        init = tf.global_variables_initializer()
    sess = tf.Session(graph=g)
    sess.run(init)
    return sess, x, y, loss, op


models = [make(0.1), make(0.01)]
for it in range(5000):
    data = np.random.randn(16, 5)
    target = data.sum(axis=1, keepdims=True)
    losses = []
    for sess, x, y, loss, op in models:
        losses.append(sess.run([loss, op], feed_dict={x: data, y: target})[0])
    if it % 100 == 0:
        print(it, losses)
