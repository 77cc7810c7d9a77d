import tensorflow as tf
import numpy as np
from tensorflow.examples.tutorials.mnist import input_data

# ------------------------------------------------------------
#  My first GAN with tf.layers (so much shorter than before!)
# ------------------------------------------------------------

N = 16          # minibatch
LATENT = 12


def generator_net(latent, training, again=False):
    with tf.variable_scope('generator', reuse=again):
        t = tf.layers.dense(latent, 64, use_bias=False, name='project')
        t = tf.layers.batch_normalization(t, training=training, name='project_bn')
        t = tf.reshape(tf.nn.relu(t), (-1, 2, 2, 16))

        t = tf.layers.conv2d_transpose(t, filters=8, kernel_size=4, strides=2, padding='same',
                                       use_bias=False, name='up1')
        t = tf.layers.batch_normalization(t, training=training, momentum=0.95, name='up1_bn')
        t = tf.nn.relu(t)

        return tf.layers.conv2d_transpose(t, filters=1, kernel_size=4, strides=2, padding='same',
                                          activation=tf.tanh, name='up2')


def discriminator_net(image, training, again=False):
    with tf.variable_scope('discriminator', reuse=again):
        t = tf.layers.conv2d(image, filters=8, kernel_size=4, strides=2, padding='same',
                             activation=tf.nn.leaky_relu, name='down1')
        t = tf.layers.conv2d(t, filters=16, kernel_size=4, strides=2, padding='same', name='down2')
        t = tf.nn.leaky_relu(tf.layers.batch_normalization(t, training=training, name='down2_bn'))
        return tf.layers.dense(tf.layers.flatten(t), 1, name='answer')


training = tf.placeholder_with_default(False, shape=(), name='training')
image = tf.placeholder(tf.float32, (None, 8, 8, 1), name='image')
latent = tf.placeholder(tf.float32, (None, LATENT), name='latent')

generated = generator_net(latent, training)
answer_real = discriminator_net(image, training)
answer_generated = discriminator_net(generated, training, again=True)

disc_loss = (tf.losses.sigmoid_cross_entropy(tf.ones_like(answer_real), answer_real) +
             tf.losses.sigmoid_cross_entropy(tf.zeros_like(answer_generated), answer_generated))
gen_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(answer_generated), answer_generated)

gen_vars, disc_vars = [], []
for v in tf.trainable_variables():
    if v.name.startswith('generator'):
        gen_vars.append(v)
    elif v.name.startswith('discriminator'):
        disc_vars.append(v)
    print('%-45s %s' % (v.name, v.shape))

# the moving averages are not updated unless one asks for it (took me a day)
disc_updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope='discriminator/')
gen_updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope='generator')
with tf.control_dependencies(disc_updates):
    disc_step = tf.train.AdamOptimizer(5e-4, beta1=0.5).minimize(disc_loss, var_list=disc_vars)
with tf.control_dependencies(gen_updates):
    gen_step = tf.train.AdamOptimizer(5e-4, beta1=0.5).minimize(gen_loss, var_list=gen_vars)

# every third pixel from the middle, scaled to [-1, 1]
all_images = input_data.read_data_sets("MNIST_data/", one_hot=True).train.images
all_images = all_images.reshape([-1, 28, 28, 1])[:, 2:26:3, 2:26:3] * 2 - 1


def show(pic):
    for row in pic[:, :, 0]:
        print('   ' + ''.join('#' if p > 0.3 else '+' if p > -0.3 else '.' for p in row))


sess = tf.InteractiveSession()
tf.global_variables_initializer().run()

for epoch in range(100):
    order = np.random.permutation(len(all_images))
    d_sum = g_sum = 0
    for k, start in enumerate(range(0, len(order) - N + 1, N)):
        these = all_images[order[start:start + N]]
        feed = {image: these, latent: np.random.randn(N, LATENT), training: True}
        d_now, _ = sess.run([disc_loss, disc_step], feed)
        feed[latent] = np.random.randn(N, LATENT)
        g_now, _ = sess.run([gen_loss, gen_step], feed)
        d_sum += d_now
        g_sum += g_now

        if k % 100 == 0:
            print('epoch', epoch, 'batch', k, 'D', d_sum / (k + 1), 'G', g_sum / (k + 1))
            show(generated.eval({latent: np.random.randn(1, LATENT)})[0])
