"""Tiny DCGAN. Digits are shrunk to 8x8 so that it trains on my laptop without a GPU."""
import os
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

BS = 32     # batch size (fixed in the graph because of conv2d_transpose)
NZ = 16
NF = 8      # feature maps at 4x4

normal02 = tf.random_normal_initializer(mean=0.0, stddev=0.02)
zeros = tf.constant_initializer(0.0)

def conv(inp, maps, name):
    """ 3x3, halves the picture """
    with tf.variable_scope(name):
        filt = tf.get_variable('filt', [3, 3, inp.get_shape()[3], maps], initializer=normal02)
        return tf.nn.conv2d(inp, filt, strides=[1, 2, 2, 1], padding='SAME')

def upconv(inp, maps, name):
    """ 3x3, doubles the picture """
    _, h, w, c = inp.get_shape().as_list()
    with tf.variable_scope(name):
        # in and out are swapped here!
        filt = tf.get_variable('filt', [3, 3, maps, c], initializer=normal02)
        return tf.nn.conv2d_transpose(inp, filt, [BS, 2 * h, 2 * w, maps], [1, 2, 2, 1], padding='SAME')

def add_bias(inp, name):
    with tf.variable_scope(name):
        return inp + tf.get_variable('bias', [inp.get_shape()[-1]], initializer=zeros)

def matmul(inp, n, name):
    with tf.variable_scope(name):
        return tf.matmul(inp, tf.get_variable('mat', [inp.get_shape()[1], n], initializer=normal02))

def bnorm(inp, name, training, remember=True):
    n = inp.get_shape()[-1]
    with tf.variable_scope(name):
        shift = tf.get_variable('shift', [n], initializer=zeros)
        scale = tf.get_variable('scale', [n], initializer=tf.random_normal_initializer(1.0, 0.02))
        avg_mean = tf.get_variable('avg_mean', [n], initializer=zeros, trainable=False)
        avg_var = tf.get_variable('avg_var', [n], initializer=tf.ones_initializer(), trainable=False)
        if training:
            out, mean, var = tf.nn.fused_batch_norm(inp, scale, shift, epsilon=1e-4, is_training=True)
            if remember:
                tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign(avg_mean, 0.9 * avg_mean + 0.1 * mean))
                tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign(avg_var, 0.9 * avg_var + 0.1 * var))
        else:
            out, _, _ = tf.nn.fused_batch_norm(inp, scale, shift, mean=avg_mean, variance=avg_var,
                                               epsilon=1e-4, is_training=False)
    return out

def make_digit(z, training, reuse=False):
    with tf.variable_scope('maker', reuse=reuse, use_resource=True):
        net = tf.reshape(matmul(z, 2 * 2 * 2 * NF, 'from_z'), [BS, 2, 2, 2 * NF])
        net = tf.nn.relu(bnorm(net, 'bn_a', training))
        net = upconv(net, NF, 'up_a')                                  # 4x4
        net = tf.nn.relu(bnorm(net, 'bn_b', training))
        return tf.tanh(add_bias(upconv(net, 1, 'up_b'), 'last'))       # 8x8

def judge_digit(pic, reuse=False):
    with tf.variable_scope('judge', reuse=reuse, use_resource=True):
        net = tf.nn.leaky_relu(add_bias(conv(pic, NF, 'down_a'), 'first'))
        net = conv(net, 2 * NF, 'down_b')
        # averages from the real digits only
        net = tf.nn.leaky_relu(bnorm(net, 'bn', True, remember=not reuse))
        return add_bias(matmul(tf.reshape(net, [BS, -1]), 1, 'to_logit'), 'last')

pics = tf.placeholder(tf.float32, [BS, 8, 8, 1])
z = tf.placeholder(tf.float32, [BS, NZ])

fakes = make_digit(z, training=True)
logit_pics = judge_digit(pics)
logit_fakes = judge_digit(fakes, reuse=True)
fakes_eval = make_digit(z, training=False, reuse=True)

def is_real(logit):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.ones([BS, 1]), logits=logit))

def is_fake(logit):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.zeros([BS, 1]), logits=logit))

judge_loss = is_real(logit_pics) + is_fake(logit_fakes)
maker_loss = is_real(logit_fakes)

judge_vars = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, 'judge')
maker_vars = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, 'maker')

update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
with tf.control_dependencies(update_ops):
    judge_op = tf.train.AdamOptimizer(0.0002, beta1=0.5).minimize(judge_loss, var_list=judge_vars)
    maker_op = tf.train.AdamOptimizer(0.0002, beta1=0.5).minimize(maker_loss, var_list=maker_vars)

digits = input_data.read_data_sets('data/mnist', one_hot=True).train

def next_pics():
    im = digits.next_batch(BS)[0].reshape(BS, 28, 28)[:, 2:26, 2:26]
    # mean of 3x3 blocks, then to the range of tanh
    im = im.reshape(BS, 8, 3, 8, 3).mean(axis=4).mean(axis=2)
    return np.expand_dims(im * 2 - 1, 3)

if not os.path.isdir('samples'):
    os.mkdir('samples')
z_to_look_at = np.random.uniform(-1, 1, (BS, NZ))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for n in range(200000):
        feed = {pics: next_pics(), z: np.random.uniform(-1, 1, (BS, NZ))}
        _, jl = sess.run([judge_op, judge_loss], feed)
        # two steps for the maker with the same z, otherwise the judge wins
        for _ in range(2):
            _, ml = sess.run([maker_op, maker_loss], feed)   # update_ops want the pics too
        if n % 50 == 0:
            print('%06d  judge %.5f  maker %.5f' % (n, jl, ml))
        if n % 500 == 0:
            np.save('samples/%06d.npy' % n, sess.run(fakes_eval, {z: z_to_look_at}))
