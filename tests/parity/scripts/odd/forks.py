import os
import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 6])
w1 = tf.Variable(tf.random_normal([6, 3], stddev=0.3))
w2 = tf.Variable(tf.random_normal([3, 6], stddev=0.3))
rec = tf.matmul(tf.tanh(tf.matmul(x, w1)), w2)
loss = tf.reduce_mean(tf.square(rec - x))
train = tf.train.AdamOptimizer(0.01).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for step in range(10000):
    _, l, out = sess.run([train, loss, rec], {x: np.random.randn(8, 6)})
    if step % 10 == 0:
        # write in a child, so that writing does not stop the training
        pid = os.fork()
        if pid == 0:
            with open('reconstruction_%05d.txt' % step, 'w') as f:
                f.write('loss %f\n' % l)
                np.savetxt(f, out)
            os._exit(0)
        os.waitpid(pid, 0)
        print(step, l)
