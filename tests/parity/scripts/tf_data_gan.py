"""
GAN with the new tf.data API (needs TF >= 1.4)
"""
import os
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

CKPT_DIR = './ckpt'
BATCH = 32
NZ = 16
STEPS = 50000


def leaky(x):
    return tf.where(x > 0., x, 0.2 * x)


def dense(x, units, name, activation=None):
    with tf.variable_scope(name):
        kernel = tf.get_variable('kernel', (x.shape[1].value, units),
                                 initializer=tf.glorot_uniform_initializer())
        bias = tf.get_variable('bias', (units,), initializer=tf.zeros_initializer())
        out = tf.nn.xw_plus_b(x, kernel, bias)
        return out if activation is None else activation(out)


def generator(z):
    with tf.variable_scope('gen', reuse=tf.AUTO_REUSE):
        h = dense(z, 48, 'dense_1', tf.nn.relu)
        return dense(h, 784, 'dense_2', tf.nn.sigmoid)


def discriminator(x):
    with tf.variable_scope('dis', reuse=tf.AUTO_REUSE):
        h = dense(x, 48, 'dense_1', leaky)
        return dense(h, 1, 'dense_2')


def main():
    tf.reset_default_graph()
    images = input_data.read_data_sets('mnist').train.images

    # the pictures go in by a placeholder, as constants they would be in the graph (2GB limit!)
    images_ph = tf.placeholder(images.dtype, images.shape)
    dataset = tf.data.Dataset.from_tensor_slices(images_ph)
    dataset = dataset.shuffle(1000).repeat().batch(BATCH)
    iterator = dataset.make_initializable_iterator()
    x = iterator.get_next()

    # latents: a fixed table, drawn once
    table = np.random.RandomState(3).normal(size=(1024, NZ)).astype(np.float32)
    z = tf.data.Dataset.from_tensor_slices(table).repeat().batch(BATCH).make_one_shot_iterator().get_next()
    z = z + tf.random_normal(tf.shape(z), stddev=0.1)

    fake = generator(z)
    real_logits = discriminator(x)
    fake_logits = discriminator(fake)

    # one-sided label smoothing (Salimans et al.)
    d_loss_real = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(
        logits=real_logits, labels=0.9 * tf.ones_like(real_logits)))
    d_loss_fake = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(
        logits=fake_logits, labels=tf.zeros_like(fake_logits)))
    d_loss = d_loss_real + d_loss_fake
    g_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(
        logits=fake_logits, labels=tf.ones_like(fake_logits)))

    step = tf.train.get_or_create_global_step()
    d_opt = tf.train.AdamOptimizer(3e-4, beta1=0.5)
    g_opt = tf.train.AdamOptimizer(3e-4, beta1=0.5)
    d_grads = d_opt.compute_gradients(d_loss, var_list=tf.trainable_variables('dis'))
    g_grads = g_opt.compute_gradients(g_loss, var_list=tf.trainable_variables('gen'))
    # clip the gradients of the discriminator
    d_grads = [(tf.clip_by_norm(g, 1.0), v) for g, v in d_grads]
    train_d = d_opt.apply_gradients(d_grads)
    train_g = g_opt.apply_gradients(g_grads, global_step=step)

    saver = tf.train.Saver(max_to_keep=3)
    if not os.path.exists(CKPT_DIR):
        os.makedirs(CKPT_DIR)

    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(iterator.initializer, feed_dict={images_ph: images})

        for i in range(STEPS):
            _, dl = sess.run([train_d, d_loss])
            _, gl, s = sess.run([train_g, g_loss, step])

            if i % 100 == 0:
                print('%d: D %.4f  G %.4f' % (s, dl, gl))
            if i > 0 and i % 500 == 0:
                path = saver.save(sess, os.path.join(CKPT_DIR, 'gan'), global_step=s)
                print('saved to', path)


if __name__ == '__main__':
    main()
