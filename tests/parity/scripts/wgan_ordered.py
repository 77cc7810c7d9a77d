# -*- coding: utf-8 -*-
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import time

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data


def linear(inputs, num_outputs, scope):
  with tf.variable_scope(scope):
    w = tf.get_variable(
        'w', [inputs.get_shape()[-1], num_outputs],
        initializer=tf.truncated_normal_initializer(stddev=0.05))
    b = tf.get_variable(
        'b', [num_outputs], initializer=tf.constant_initializer(0.0))
    return tf.nn.bias_add(tf.matmul(inputs, w), b)


def lrelu(x, leak=0.1):
  return tf.maximum(x, leak * x)


class WGAN(object):
  """Wasserstein GAN with weight clipping."""

  def __init__(self, sess, image_size=784, batch_size=32, z_dim=20,
               n_critic=5, clip=0.02, learning_rate=5e-5):
    self.sess = sess
    self.image_size = image_size
    self.batch_size = batch_size
    self.z_dim = z_dim
    self.n_critic = n_critic
    self.clip = clip
    self.learning_rate = learning_rate
    self.build()

  def critic(self, image, reuse=False):
    with tf.variable_scope('critic') as scope:
      if reuse:
        scope.reuse_variables()
      net = lrelu(linear(image, 64, 'fc1'))
      net = lrelu(linear(net, 32, 'fc2'))
      return linear(net, 1, 'out')

  def generator(self, z):
    with tf.variable_scope('generator'):
      net = tf.nn.relu(linear(z, 64, 'fc1'))
      return tf.nn.sigmoid(linear(net, self.image_size, 'out'))

  def build(self):
    self.images = tf.placeholder(
        tf.float32, [self.batch_size, self.image_size], name='images')
    self.z = tf.placeholder(tf.float32, [None, self.z_dim], name='z')

    self.fakes = self.generator(self.z)
    real_score = self.critic(self.images)
    fake_score = self.critic(self.fakes, reuse=True)

    self.c_loss = tf.reduce_mean(fake_score - real_score)
    self.g_loss = tf.reduce_mean(-fake_score)

    c_vars = tf.get_collection(
        tf.GraphKeys.TRAINABLE_VARIABLES, scope='critic')
    g_vars = tf.get_collection(
        tf.GraphKeys.TRAINABLE_VARIABLES, scope='generator')
    for v in c_vars + g_vars:
      print(v.op.name, v.get_shape().as_list())

    self.c_optim = tf.train.RMSPropOptimizer(
        self.learning_rate).minimize(self.c_loss, var_list=c_vars)
    self.g_optim = tf.train.RMSPropOptimizer(
        self.learning_rate).minimize(self.g_loss, var_list=g_vars)
    self.clip_op = tf.group(*[
        tf.assign(v, tf.clip_by_value(v, -self.clip, self.clip))
        for v in c_vars])

  def train(self, dataset, num_steps=200000):
    tf.global_variables_initializer().run(session=self.sess)
    start = time.time()
    for step in range(num_steps):
      # more critic steps in the beginning and now and then, as in the paper
      n_critic = 25 if step < 3 or step % 500 == 0 else self.n_critic
      for _ in range(n_critic):
        images, _ = dataset.next_batch(self.batch_size)
        z = np.random.normal(size=(self.batch_size, self.z_dim))
        self.sess.run(self.c_optim, {self.images: images, self.z: z})
        self.sess.run(self.clip_op)

      z = np.random.normal(size=(self.batch_size, self.z_dim))
      self.sess.run(self.g_optim, {self.z: z})

      if step % 50 == 0:
        c_loss, g_loss = self.sess.run(
            [self.c_loss, self.g_loss], {self.images: images, self.z: z})
        print('[%6d] %5.1fs  W: %.5f  g: %.5f'
              % (step, time.time() - start, -c_loss, g_loss))


def main():
  np.random.seed(1234)
  tf.set_random_seed(1234)
  mnist = input_data.read_data_sets('MNIST_data')
  with tf.Session() as sess:
    model = WGAN(sess)
    model.train(mnist.train)


if __name__ == '__main__':
  main()
