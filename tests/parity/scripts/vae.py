# Variational autoencoder for MNIST, with TensorBoard:
#     tensorboard --logdir logs
import tensorflow as tf
import numpy as np
import time
from tensorflow.examples.tutorials.mnist import input_data

np.random.seed(0)
tf.set_random_seed(0)

mnist = input_data.read_data_sets('MNIST')
batch_size = 64
n_hidden = 48
n_latent = 5
n_batches = mnist.train.num_examples // batch_size


def affine(x, n_out, name):
    n_in = int(x.get_shape()[-1])
    with tf.name_scope(name):
        r = (6.0 / (n_in + n_out)) ** 0.5   # Glorot
        w = tf.Variable(tf.random_uniform([n_in, n_out], -r, r), name='w')
        b = tf.Variable(tf.constant(0.0, tf.float32, [n_out]), name='b')
        return tf.matmul(x, w) + b


x = tf.placeholder(tf.float32, [None, 784], name='x')

with tf.name_scope('encoder'):
    h_enc = tf.nn.softplus(affine(x, n_hidden, 'hidden'))
    mu = affine(h_enc, n_latent, 'mu')
    log_var = affine(h_enc, n_latent, 'log_var')

with tf.name_scope('sampling'):
    # the reparametrisation trick: the noise does not depend on any weight
    noise = tf.random_normal(tf.shape(mu))
    z = mu + tf.exp(0.5 * log_var) * noise

with tf.name_scope('decoder'):
    h_dec = tf.nn.softplus(affine(z, n_hidden, 'hidden'))
    logits = affine(h_dec, 784, 'pixels')
    picture = tf.sigmoid(logits)

with tf.name_scope('elbo'):
    # sum over pixels, mean over batch. Do not forget: KL is a sum as well
    per_pixel = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
    reconstruction = tf.reduce_mean(tf.reduce_sum(per_pixel, axis=1))
    kl = 0.5 * tf.reduce_sum(tf.exp(log_var) + mu ** 2 - log_var - 1.0, axis=1)
    kl = tf.reduce_mean(kl)
    loss = reconstruction + kl

with tf.name_scope('train'):
    global_step = tf.Variable(0, trainable=False, name='global_step')
    learning_rate = tf.train.exponential_decay(2e-3, global_step, 100, 0.95, staircase=True)
    train_op = tf.train.AdamOptimizer(learning_rate).minimize(loss, global_step=global_step)

tf.summary.scalar('loss', loss)
tf.summary.scalar('reconstruction', reconstruction)
tf.summary.scalar('KL', kl)
tf.summary.scalar('learning_rate', learning_rate)
tf.summary.histogram('mu', mu)
tf.summary.image('decoded', tf.reshape(picture, [-1, 28, 28, 1]), max_outputs=2)
merged = tf.summary.merge_all()

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    train_writer = tf.summary.FileWriter('logs/train', sess.graph)
    test_writer = tf.summary.FileWriter('logs/test')

    for epoch in range(60):
        began = time.time()
        total = 0.0
        for n in range(n_batches):
            images, _ = mnist.train.next_batch(batch_size)
            if n % 10 == 0:
                _, l, s, step = sess.run([train_op, loss, merged, global_step], feed_dict={x: images})
                train_writer.add_summary(s, step)
            else:
                _, l = sess.run([train_op, loss], feed_dict={x: images})
            total += l

            if n % 40 == 0:
                # test set: loss only
                s, tl = sess.run([merged, loss], feed_dict={x: mnist.test.images[:batch_size]})
                test_writer.add_summary(s, global_step.eval())
                print('epoch %d, batch %d: train %.2f test %.2f' % (epoch, n, l, tl))

        print('epoch %d took %.1f s, mean loss %.3f' % (epoch, time.time() - began, total / n_batches))
        train_writer.flush()
