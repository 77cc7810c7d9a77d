import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

# Wasserstein GAN where the critic is kept Lipschitz by a penalty on its gradient
# (Gulrajani et al. 2017, arXiv:1704.00028). No batch norm in the critic!
# TODO: convolutions

m = 32                  # pictures in a batch
weight_of_penalty = 10.
critic_steps = 5
adam = dict(learning_rate=1e-4, beta1=0.5, beta2=0.9)

mnist = input_data.read_data_sets('/tmp/mnist')


def make_params(sizes, scope):
    params = []
    with tf.name_scope(scope):
        for n, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
            he = np.sqrt(2.0 / a).astype('float32')
            params.append(tf.Variable(tf.truncated_normal([a, b], stddev=he), name='W%d' % n))
            params.append(tf.Variable(tf.zeros([b]), name='b%d' % n))
    return params


def run_net(h, params, act, scope):
    with tf.name_scope(scope):
        Ws, bs = params[0::2], params[1::2]
        for W, b in list(zip(Ws, bs))[:-1]:
            h = act(tf.matmul(h, W) + b)
        return tf.matmul(h, Ws[-1]) + bs[-1]


def leaky(h):
    return tf.maximum(h, 0.2 * h)


with tf.name_scope('inputs'):
    pictures = tf.placeholder(tf.float32, [m, 784], name='pictures')
    noise = tf.placeholder(tf.float32, [m, 24], name='noise')

gen_vars = make_params([24, 40, 40, 784], 'gen')
critic_vars = make_params([784, 40, 40, 1], 'critic')


def gen(n):
    return tf.sigmoid(run_net(n, gen_vars, tf.nn.relu, 'gen_forward'))


def critic(p):
    return run_net(p, critic_vars, leaky, 'critic_forward')


made = gen(noise)
score_pictures = critic(pictures)
score_made = critic(made)

with tf.name_scope('penalty'):
    # a point somewhere on the line between a real and a made picture, one for each pair
    t = tf.random_uniform([m, 1])
    between = t * pictures + (1. - t) * made
    grad, = tf.gradients(critic(between), between)
    norm = tf.sqrt(tf.reduce_sum(grad * grad, axis=1) + 1e-10)   # sqrt'(0) = inf
    penalty = tf.reduce_mean(tf.square(norm - 1.))

with tf.name_scope('losses'):
    wasserstein = tf.reduce_mean(score_pictures) - tf.reduce_mean(score_made)
    critic_loss = -wasserstein + weight_of_penalty * penalty
    gen_loss = -tf.reduce_mean(score_made)

with tf.name_scope('optimizers'):
    with tf.control_dependencies([critic_loss]):
        critic_step = tf.train.AdamOptimizer(**adam).minimize(critic_loss, var_list=critic_vars)
    gen_step = tf.train.AdamOptimizer(**adam).minimize(gen_loss, var_list=gen_vars)


def feed(with_pictures=True):
    d = {noise: np.random.randn(m, 24)}
    if with_pictures:
        d[pictures] = mnist.train.next_batch(m)[0]
    return d


curve = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for it in range(200000):
        for _ in range(critic_steps):
            _, w, pen = sess.run([critic_step, wasserstein, penalty], feed_dict=feed())
        sess.run(gen_step, feed_dict=feed(with_pictures=False))
        curve.append(w)

        if it % 50 == 0:
            print('it {:>6}: distance {:+.4f} (smooth {:+.4f}), penalty {:.4f}'.format(
                it, w, np.mean(curve[-50:]), pen))
        if it % 5000 == 0:
            np.savetxt('wgan_gp_curve.txt', curve)
