"""LSGAN (least squares GAN), input via queues. Data: 8x8 pictures of a bright spot."""
from __future__ import print_function
import numpy as np
import tensorflow as tf

NUM_IMAGES = 2000
BATCH_SIZE = 32
NUM_EPOCHS = 200
Z_DIM = 8


def make_spots(n):
    """White gaussian spots somewhere in the middle of the picture."""
    rng = np.random.RandomState(7)
    yy, xx = np.mgrid[0:8, 0:8]
    cy = rng.uniform(2, 5, size=(n, 1, 1))
    cx = rng.uniform(2, 5, size=(n, 1, 1))
    r = rng.uniform(0.8, 1.6, size=(n, 1, 1))
    img = np.exp(-((yy - cy) ** 2 + (xx - cx) ** 2) / (2 * r ** 2))
    return img[..., np.newaxis].astype(np.float32)


def spot_batch(batch_size, num_epochs):
    with tf.name_scope('input'), tf.device('/cpu:0'):
        images = tf.constant(make_spots(NUM_IMAGES))
        # slice_input_producer wants a list!
        image, = tf.train.slice_input_producer([images], num_epochs=num_epochs, shuffle=True)
        image = tf.image.random_flip_left_right(image)
        image = image * 2.0 - 1.0
        return tf.train.shuffle_batch([image], batch_size=batch_size, num_threads=2,
                                      capacity=1000, min_after_dequeue=400)


def conv(x, filters, name, stride=2):
    with tf.variable_scope(name):
        W = tf.get_variable('W', [3, 3, int(x.shape[3]), filters],
                            initializer=tf.random_normal_initializer(0, 0.05))
        b = tf.get_variable('b', [filters], initializer=tf.constant_initializer(0.))
        return tf.nn.conv2d(x, W, [1, stride, stride, 1], 'SAME') + b


def fc(x, n, name):
    with tf.variable_scope(name):
        W = tf.get_variable('W', [int(x.shape[1]), n],
                            initializer=tf.random_normal_initializer(0, 0.05))
        b = tf.get_variable('b', [n], initializer=tf.constant_initializer(0.))
        return tf.matmul(x, W) + b


def generator(z):
    with tf.variable_scope('G'):
        h = tf.nn.relu(fc(z, 4 * 4 * 8, 'fc'))
        h = tf.reshape(h, [-1, 4, 4, 8])
        h = tf.image.resize_nearest_neighbor(h, [8, 8])   # no checkerboard
        h = tf.nn.relu(conv(h, 8, 'c1', stride=1))
        return tf.tanh(conv(h, 1, 'c2', stride=1))


def discriminator(x):
    with tf.variable_scope('D', reuse=tf.AUTO_REUSE):
        h = tf.nn.elu(conv(x, 8, 'c1'))
        h = tf.nn.elu(conv(h, 16, 'c2'))
        return fc(tf.reshape(h, [-1, 2 * 2 * 16]), 1, 'out')


def main():
    with tf.Graph().as_default():
        x = spot_batch(BATCH_SIZE, NUM_EPOCHS)
        z = tf.random_uniform([BATCH_SIZE, Z_DIM], -1, 1)
        g = generator(z)
        d_real, d_fake = discriminator(x), discriminator(g)

        # a = 0, b = c = 1
        d_loss = 0.5 * tf.reduce_mean((d_real - 1) ** 2) + 0.5 * tf.reduce_mean(d_fake ** 2)
        g_loss = 0.5 * tf.reduce_mean((d_fake - 1) ** 2)

        global_step = tf.Variable(0, trainable=False, name='global_step')
        t_vars = tf.trainable_variables()
        d_op = tf.train.RMSPropOptimizer(5e-4).minimize(
            d_loss, global_step=global_step, var_list=[v for v in t_vars if v.name.startswith('D/')])
        g_op = tf.train.RMSPropOptimizer(5e-4).minimize(
            g_loss, var_list=[v for v in t_vars if v.name.startswith('G/')])

        # the epoch counter of the queue is a local variable
        init_op = tf.group(tf.global_variables_initializer(), tf.local_variables_initializer())

        sess = tf.Session()
        sess.run(init_op)
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess=sess, coord=coord)

        try:
            while not coord.should_stop():
                _, dl, step = sess.run([d_op, d_loss, global_step])
                _, gl = sess.run([g_op, g_loss])
                if step % 100 == 0:
                    print('Step %d: d_loss = %.3f, g_loss = %.3f' % (step, dl, gl))
        except tf.errors.OutOfRangeError:
            print('the queue is empty, %d times through the spots' % NUM_EPOCHS)
        finally:
            coord.request_stop()

        coord.join(threads)
        sess.close()


if __name__ == '__main__':
    main()
