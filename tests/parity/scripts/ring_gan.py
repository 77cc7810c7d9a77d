import numpy as np
import tensorflow as tf

X = tf.placeholder(tf.float32, [None, 2])
Z = tf.placeholder(tf.float32, [None, 16])


def weight(rows, columns):
    return tf.Variable(tf.random_normal([rows, columns], stddev=1. / np.sqrt(rows)))


G_W1 = weight(16, 64)
G_b1 = tf.Variable(tf.zeros([64]))
G_W2 = weight(64, 2)
G_b2 = tf.Variable(tf.zeros([2]))

D_W1 = weight(2, 64)
D_b1 = tf.Variable(tf.zeros([64]))
D_W2 = weight(64, 1)
D_b2 = tf.Variable(tf.zeros([1]))


def generator(z):
    h = tf.nn.relu(tf.matmul(z, G_W1) + G_b1)
    return tf.matmul(h, G_W2) + G_b2


def discriminator(x):
    h = tf.nn.relu(tf.matmul(x, D_W1) + D_b1)
    return tf.matmul(h, D_W2) + D_b2


def bce(logits, labels):
    return tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels)


G_sample = generator(Z)
D_real = discriminator(X)
D_fake = discriminator(G_sample)
D_loss_real = tf.reduce_mean(bce(D_real, tf.ones_like(D_real)))
D_loss_fake = tf.reduce_mean(bce(D_fake, tf.zeros_like(D_fake)))
D_loss = D_loss_real + D_loss_fake
G_loss = tf.reduce_mean(bce(D_fake, tf.ones_like(D_fake)))
D_solver = tf.train.AdamOptimizer(1e-3, beta1=0.5).minimize(
    D_loss, var_list=[D_W1, D_b1, D_W2, D_b2])
G_solver = tf.train.AdamOptimizer(1e-3, beta1=0.5).minimize(
    G_loss, var_list=[G_W1, G_b1, G_W2, G_b2])


def sample_X(n):
    angle = 2 * np.pi * np.random.randint(8, size=n) / 8
    return np.stack([np.cos(angle), np.sin(angle)], 1) + 0.01 * np.random.randn(n, 2)


def sample_Z(n):
    return np.random.uniform(-1., 1., size=[n, 16])


sess = tf.Session()
sess.run(tf.global_variables_initializer())
for it in range(100000):
    _, d = sess.run([D_solver, D_loss], feed_dict={X: sample_X(60), Z: sample_Z(60)})
    _, g = sess.run([G_solver, G_loss], feed_dict={Z: sample_Z(60)})
    if it % 1000 == 0:
        print('%d D_loss %.4f G_loss %.4f' % (it, d, g))
