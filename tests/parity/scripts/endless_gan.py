# GAN for numbers: learns a bell curve.  Stop me with Ctrl-C when it looks good enough
import numpy as np
import tensorflow as tf

mu, sigma = 3.0, 0.6		# what G should find out
M = 64
H = 16

sess = tf.InteractiveSession()

def params(nin, nout, s=None):
	s = s or (1.0 / nin) ** 0.5
	return tf.Variable(tf.random_normal([nin, nout], stddev=s)), tf.Variable(tf.zeros([nout]))

# G: number -> number
gW1, gB1 = params(1, H)
gW2, gB2 = params(H, 1)

# D: number -> probability of being real
dW1, dB1 = params(1, H)
dW2, dB2 = params(H, H)
dW3, dB3 = params(H, 1, s=0.05)

def G(noise):
	return tf.matmul(tf.nn.softplus(tf.matmul(noise, gW1) + gB1), gW2) + gB2

def D(number):
	a = tf.tanh(tf.matmul(number - 2.0, dW1) + dB1)
	a = tf.tanh(tf.matmul(a, dW2) + dB2)
	p = tf.nn.sigmoid(tf.matmul(a, dW3) + dB3)
	return tf.clip_by_value(p, 1e-3, 1 - 1e-3)	# log(0)!

number = tf.placeholder(tf.float32, [M, 1])
noise = tf.placeholder(tf.float32, [M, 1])
rate = tf.placeholder(tf.float32)

made = G(noise)
d_loss = -tf.reduce_mean(tf.log(D(number))) - tf.reduce_mean(tf.log(1 - D(made)))
g_loss = -tf.reduce_mean(tf.log(D(made)))

sgd = tf.train.GradientDescentOptimizer(rate)
learn_d = sgd.minimize(d_loss, var_list=[dW1, dB1, dW2, dB2, dW3, dB3])
learn_g = sgd.minimize(g_loss, var_list=[gW1, gB1, gW2, gB2])

tf.global_variables_initializer().run()

def real_numbers():
	return np.random.normal(mu, sigma, M)[:, np.newaxis]

def some_noise():
	return np.random.uniform(-4, 4, size=[M, 1])

d_history = []
g_history = []
means = []
r = 0.1
i = 0
while True:
	f = {number: real_numbers(), noise: some_noise(), rate: r}
	before = d_loss.eval(feed_dict=f)
	learn_d.run(feed_dict=f)
	d_history.append(before)

	# new noise for G, D is not fed here
	now, _ = sess.run([g_loss, learn_g], feed_dict={noise: some_noise(), rate: r})
	g_history.append(now)

	i = i + 1
	if i in (1000, 5000, 20000):
		r = r / 2
		print('learning rate is', r, 'now')

	if i % 50 == 0:
		sample = np.concatenate([made.eval({noise: some_noise()}) for _ in range(4)])
		means.append(sample.mean())
		print('%d: d %.3f g %.3f; sample %.3f +- %.3f, should be %.3f +- %.3f' % (
			i, np.mean(d_history[-50:]), np.mean(g_history[-50:]),
			sample.mean(), sample.std(), mu, sigma))
