import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2])
w = tf.Variable(tf.random_uniform([2, 1], -1., 1.))
b = tf.Variable(0.)
y = tf.matmul(x, w) + b
loss = tf.reduce_mean(tf.square(y - 3.))
step = tf.train.AdagradOptimizer(0.2).minimize(loss)

# start with an empty file
with open('results.txt', 'w') as f:
    f.write('# iteration loss\n')

sess = tf.Session()
sess.run(tf.initialize_all_variables())
for i in range(3000):
    _, l = sess.run([step, loss], {x: np.random.rand(16, 2)})
    with open('results.txt', 'a') as f:
        f.write('%d %.6f\n' % (i, l))
