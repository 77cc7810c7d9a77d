# only the model, the training will be in train.py
import tensorflow as tf

z = tf.placeholder(tf.float32, [None, 10], name='z')
x = tf.placeholder(tf.float32, [None, 64], name='x')

with tf.variable_scope('G'):
    w = tf.get_variable('w', [10, 64])
    fake = tf.sigmoid(tf.matmul(z, w))

with tf.variable_scope('D'):
    v = tf.get_variable('v', [64, 1])
    p_real, p_fake = tf.matmul(x, v), tf.matmul(fake, v)

d_loss = tf.reduce_mean(tf.nn.softplus(-p_real)) + tf.reduce_mean(tf.nn.softplus(p_fake))
g_loss = tf.reduce_mean(tf.nn.softplus(-p_fake))
d_train = tf.train.AdamOptimizer().minimize(d_loss, var_list=[v])
g_train = tf.train.AdamOptimizer().minimize(g_loss, var_list=[w])

for var in tf.trainable_variables():
    print(var.name, var.get_shape())
