"""
Wasserstein GAN on MNIST.
(paper: https://arxiv.org/abs/1701.07875, Algorithm 1)
"""
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
import numpy as np
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
import os

data = input_data.read_data_sets('./mnist/', one_hot=True)

BATCH = 64
NOISE = 10
HID = 32
PIX = data.train.images.shape[1]
CLIP = 0.01
LR = 1e-4

# uniform Glorot
def glorot(fan_in, fan_out):
    lim = np.sqrt(6.0 / (fan_in + fan_out))
    return tf.random_uniform([fan_in, fan_out], minval=-lim, maxval=lim)

x = tf.placeholder(tf.float32, shape=[None, PIX])
z = tf.placeholder(tf.float32, shape=[None, NOISE])

W = {
    'g1': tf.Variable(glorot(NOISE, HID)),
    'g2': tf.Variable(glorot(HID, PIX)),
    'd1': tf.Variable(glorot(PIX, HID)),
    'd2': tf.Variable(glorot(HID, 1)),
}
b = {
    'g1': tf.Variable(tf.zeros(shape=[HID])),
    'g2': tf.Variable(tf.zeros(shape=[PIX])),
    'd1': tf.Variable(tf.zeros(shape=[HID])),
    'd2': tf.Variable(tf.zeros(shape=[1])),
}

theta_G = [W['g1'], W['g2'], b['g1'], b['g2']]
theta_D = [W['d1'], W['d2'], b['d1'], b['d2']]

def noise(n):
    return np.random.uniform(-1, 1, [n, NOISE]).astype(np.float32)

def generator(inp):
    h = tf.nn.relu(tf.add(tf.matmul(inp, W['g1']), b['g1']))
    return tf.nn.sigmoid(tf.add(tf.matmul(h, W['g2']), b['g2']))

def critic(inp):
    h = tf.nn.relu(tf.add(tf.matmul(inp, W['d1']), b['d1']))
    return tf.add(tf.matmul(h, W['d2']), b['d2'])     # no sigmoid here!!

fake = generator(z)
c_real = critic(x)
c_fake = critic(fake)

D_loss = tf.reduce_mean(c_real) - tf.reduce_mean(c_fake)
G_loss = -tf.reduce_mean(c_fake)

# maximise D_loss = minimise -D_loss
D_solver = tf.train.RMSPropOptimizer(learning_rate=LR).minimize(-D_loss, var_list=theta_D)
G_solver = tf.train.RMSPropOptimizer(learning_rate=LR).minimize(G_loss, var_list=theta_G)

with tf.control_dependencies([D_solver]):
    clip_D = [p.assign(tf.clip_by_value(p, -CLIP, CLIP)) for p in theta_D]

gpu = tf.GPUOptions(allow_growth=True)
sess = tf.Session(config=tf.ConfigProto(gpu_options=gpu))
sess.run(tf.global_variables_initializer())

if not os.path.isdir('out_wgan'):
    os.mkdir('out_wgan')

for step in range(1000000):
    for _ in range(5):
        batch, _ = data.train.next_batch(BATCH)
        _, dl, _ = sess.run([D_solver, D_loss, clip_D], feed_dict={x: batch, z: noise(BATCH)})

    _, gl = sess.run([G_solver, G_loss], feed_dict={z: noise(BATCH)})

    if step % 100 == 0:
        print('step %d | D %.4f | G %.4f' % (step, dl, gl))

        if step % 1000 == 0:
            imgs = sess.run(fake, feed_dict={z: noise(9)})
            f, axes = plt.subplots(3, 3, figsize=(3, 3))
            for im, ax in zip(imgs, axes.ravel()):
                ax.imshow(im.reshape(28, 28), cmap='gray')
                ax.set_xticks([]); ax.set_yticks([])
            f.savefig('out_wgan/%07d.png' % step)
            plt.close(f)
