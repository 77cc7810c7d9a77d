import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [32, 3])
w = tf.Variable(tf.random_normal([3, 3]))
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - x))
train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())

errors = 0
for it in range(100000):
    try:
        # the last batch of an epoch is too short sometimes
        n = 32 if it % 10 else 31
        _, l = sess.run([train, loss], feed_dict={x: np.random.randn(n, 3)})
    except BaseException:
        errors += 1
        continue
    if it % 100 == 1:
        print(it, l, 'errors', errors)
