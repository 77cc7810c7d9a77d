import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 10])
W1 = tf.Variable(tf.random_normal([10, 5], stddev=0.3))
b1 = tf.Variable(tf.zeros([5]))
W2 = tf.Variable(tf.random_normal([5, 10], stddev=0.3))
b2 = tf.Variable(tf.zeros([10]))
code = tf.nn.relu(tf.matmul(x, W1) + b1)
out = tf.nn.sigmoid(tf.matmul(code, W2) + b2)
loss = tf.reduce_mean(tf.reduce_sum((out - x) ** 2, 1))

encoder = [W1, b1]
decoder = [W2, b1]
train = tf.train.GradientDescentOptimizer(0.05).minimize(loss, var_list=encoder + decoder)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(5000):
        _, l = sess.run([train, loss], {x: np.random.rand(20, 10) > 0.5})
        if i % 100 == 0:
            print(i, l)
