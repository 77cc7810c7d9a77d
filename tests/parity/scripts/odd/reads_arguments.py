import numpy as np
import tensorflow as tf

flags = tf.app.flags
flags.DEFINE_integer('batch_size', 16, 'The size of batch images [16]')
flags.DEFINE_float('learning_rate', 0.01, 'Learning rate of adam [0.01]')
flags.DEFINE_boolean('verbose', True, 'True for printing [True]')
FLAGS = flags.FLAGS


def main(_):
    x = tf.placeholder(tf.float32, [FLAGS.batch_size, 4])
    w = tf.get_variable('w', [4, 4], initializer=tf.random_normal_initializer(stddev=0.1))
    loss = tf.reduce_mean(tf.abs(tf.matmul(x, w) - x))
    optim = tf.train.AdamOptimizer(FLAGS.learning_rate, beta1=0.5).minimize(loss)

    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(2000):
            _, l = sess.run([optim, loss], {x: np.random.randn(FLAGS.batch_size, 4)})
            if FLAGS.verbose and i % 20 == 0:
                print('batch size %d, step %d, loss %.4f' % (FLAGS.batch_size, i, l))


if __name__ == '__main__':
    tf.app.run()
