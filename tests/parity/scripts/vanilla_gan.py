import os
import numpy as np
import tensorflow as tf
import matplotlib.pyplot as plt
from tensorflow.examples.tutorials.mnist import input_data

# the simplest GAN I could think of, everything is fully connected.
# Written for the reading group, tuesday

mb = 32
nz, nh, nx = 16, 48, 28 * 28


def xavier_init(n_in, n_out):
    # variance 2 / (in + out)
    return tf.random_normal([n_in, n_out], mean=0.0, stddev=(2.0 / (n_in + n_out)) ** 0.5)


def sample_Z(how_many):
    return np.random.uniform(low=-1, high=1, size=(how_many, nz)).astype('float32')


real = tf.placeholder(tf.float32, [None, nx])
Z = tf.placeholder(tf.float32, [None, nz])

# generator: noise -> hidden -> picture
Wg_in = tf.Variable(xavier_init(nz, nh))
bg_in = tf.Variable(tf.zeros([nh]))
Wg_out = tf.Variable(xavier_init(nh, nx))
bg_out = tf.Variable(tf.zeros([nx]))

# discriminator: picture -> hidden -> one number
Wd_in = tf.Variable(xavier_init(nx, nh))
bd_in = tf.Variable(tf.zeros([nh]))
Wd_out = tf.Variable(xavier_init(nh, 1))
bd_out = tf.Variable(tf.zeros([1]))


def paint(noise):
    hidden = tf.nn.relu(tf.matmul(noise, Wg_in) + bg_in)
    return tf.nn.sigmoid(tf.matmul(hidden, Wg_out) + bg_out)


def look(picture):
    hidden = tf.nn.relu(tf.matmul(picture, Wd_in) + bd_in)
    return tf.matmul(hidden, Wd_out) + bd_out


def xent(logits, target):
    # on the logits, log(sigmoid) by hand gave me NaNs after a while
    t = tf.ones_like(logits) * target
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=t))


painted = paint(Z)
logits_real = look(real)
logits_painted = look(painted)

loss_D = xent(logits_real, 1.0) + xent(logits_painted, 0.0)
loss_G = xent(logits_painted, 1.0)          # not -loss_D! see the paper, end of section 3

train_D = tf.train.AdamOptimizer().minimize(loss_D, var_list=[Wd_in, bd_in, Wd_out, bd_out])
train_G = tf.train.AdamOptimizer().minimize(loss_G, var_list=[Wg_in, bg_in, Wg_out, bg_out])

mnist = input_data.read_data_sets('MNIST_data', one_hot=True)
print(mnist.train.num_examples, 'training pictures')


def save_wall(pictures, filename):
    """4 x 4 pictures in one"""
    wall = np.zeros((4 * 28, 4 * 28))
    for n, p in enumerate(pictures):
        r, c = divmod(n, 4)
        wall[r * 28:(r + 1) * 28, c * 28:(c + 1) * 28] = p.reshape(28, 28)
    plt.figure(figsize=(3, 3))
    plt.imshow(wall, cmap='gray', vmin=0, vmax=1)
    plt.axis('off')
    plt.savefig(filename)
    plt.close()


if not os.path.exists('out/'):
    os.makedirs('out/')

sess = tf.Session()
sess.run(tf.global_variables_initializer())

for it in range(1000000):
    batch, _ = mnist.train.next_batch(mb)
    _, ld = sess.run([train_D, loss_D], feed_dict={real: batch, Z: sample_Z(mb)})
    _, lg = sess.run([train_G, loss_G], feed_dict={Z: sample_Z(mb)})

    if it % 1000 == 0:
        print('iteration', it, ' loss of D', ld, ' loss of G', lg)
        save_wall(sess.run(painted, feed_dict={Z: sample_Z(16)}), 'out/%06d.png' % it)
