import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 4])
w = tf.Variable(tf.random_normal([4, 1], stddev=0.1))
b = tf.Variable(tf.zeros([1]))
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - 1.0))
train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())

batches = [np.random.rand(8, 4) for _ in range(5)]
for it in range(1000):
    # forgot that there are only five
    _, l = sess.run([train_op, loss], feed_dict={x: batches[it]})
    print(it, l)
