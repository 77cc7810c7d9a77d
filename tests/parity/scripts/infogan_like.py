"""
Information maximizing GAN, only with the categorical code (ten values).
The recogniser Q is a network of its own and shares nothing with D.
"""
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
import numpy as np
import os

num_noise = 14
num_codes = 10
batch = 32

# --- weights -------------------------------------------------
def W(i, o):
    return tf.Variable(tf.random_normal([i, o], stddev=np.sqrt(1.0 / i)))

def b(o):
    return tf.Variable(tf.zeros([o]))

G_W1 = W(num_noise + num_codes, 64)
G_b1 = b(64)
G_W2 = W(64, 784)
G_b2 = b(784)
G_vars = [G_W1, G_b1, G_W2, G_b2]

D_W1 = W(784, 32)
D_b1 = b(32)
D_W2 = W(32, 1)
D_b2 = b(1)
D_vars = [D_W1, D_b1, D_W2, D_b2]

Q_W1 = W(784, 32)
Q_b1 = b(32)
Q_W2 = W(32, num_codes)
Q_b2 = b(num_codes)
Q_vars = [Q_W1, Q_b1, Q_W2]

# --- networks ------------------------------------------------
digits = tf.placeholder("float", [None, 784])
noise = tf.placeholder("float", [None, num_noise])
code = tf.placeholder("float", [None, num_codes])

g = tf.nn.elu(tf.matmul(tf.concat([code, noise], 1), G_W1) + G_b1)
g = tf.nn.sigmoid(tf.matmul(g, G_W2) + G_b2)

def D(v):
    v = tf.nn.relu(tf.nn.bias_add(tf.matmul(v, D_W1), D_b1))
    return tf.nn.bias_add(tf.matmul(v, D_W2), D_b2)

q = tf.nn.relu(tf.matmul(g, Q_W1) + Q_b1)
q_logits = tf.matmul(q, Q_W2) + Q_b2

# --- losses --------------------------------------------------
d_true, d_false = D(digits), D(g)
# softplus(-l) = -log sigmoid(l)
D_loss = tf.reduce_mean(tf.nn.softplus(-d_true) + tf.nn.softplus(d_false))
G_loss = tf.reduce_mean(tf.nn.softplus(-d_false))
Q_loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=code, logits=q_logits))
hits = tf.reduce_mean(tf.to_float(tf.equal(tf.argmax(q_logits, 1), tf.argmax(code, 1))))

D_solver = tf.train.AdamOptimizer(0.0002).minimize(D_loss, var_list=D_vars)
G_solver = tf.train.AdamOptimizer(0.001).minimize(G_loss, var_list=G_vars)
# the mutual information is for both, G and Q
Q_solver = tf.train.AdamOptimizer(0.0005).minimize(Q_loss, var_list=Q_vars + G_vars)

# --- data ----------------------------------------------------
mnist = input_data.read_data_sets('../../MNIST_data', one_hot=True)

def draw(n, value=None):
    """noise and codes for n pictures"""
    values = np.random.randint(num_codes, size=n) if value is None else np.repeat(value, n)
    return {noise: np.random.uniform(-1, 1, (n, num_noise)), code: np.eye(num_codes)[values]}

def save_codes(sess, path):
    # a row for every code. I look at them with feh, no matplotlib on the server
    rows = []
    for value in range(num_codes):
        pics = sess.run(g, feed_dict=draw(6, value))
        rows.append(np.hstack([p.reshape(28, 28) for p in pics]))
    grey = (255 * np.vstack(rows)).astype(np.uint8)
    with open(path, 'wb') as f:
        f.write(('P5 %d %d 255\n' % (grey.shape[1], grey.shape[0])).encode())
        f.write(grey.tobytes())

# --- training ------------------------------------------------
try:
    os.makedirs('codes')
except OSError:
    pass

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for it in range(300000):
    x, _ = mnist.train.next_batch(batch)
    feed = draw(batch)
    feed[digits] = x
    d_now, _ = sess.run([D_loss, D_solver], feed_dict=feed)
    g_now, _ = sess.run([G_loss, G_solver], feed_dict=feed)
    q_now, h_now, _ = sess.run([Q_loss, hits, Q_solver], feed_dict=feed)
    if it % 50 == 0:
        print('%7d  D %.4f  G %.4f  Q %.4f  (codes found: %3d%%)' % (it, d_now, g_now, q_now, 100 * h_now))
    if it % 1000 == 0:
        save_codes(sess, 'codes/%07d.pgm' % it)
