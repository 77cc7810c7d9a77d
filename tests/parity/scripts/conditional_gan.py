# Conditional GAN (Mirza & Osindero 2014) for MNIST digits
import tensorflow as tf
import numpy as np
import sys
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("/tmp/data/")   # labels as integers

## Hyper-parameters
batchSize = 50
noiseDim = 20
numClasses = 10
gHidden = 64
dHidden = 64
maxSteps = 150000
displayStep = 250

xavier = lambda i, o: tf.random_normal([i, o], stddev=(2.0 / (i + o)) ** 0.5)

realImages = tf.placeholder(tf.float32, [None, 784])
noise = tf.placeholder(tf.float32, [None, noiseDim])
labels = tf.placeholder(tf.int32, [None])
keep_prob = tf.placeholder(tf.float32)
y = tf.one_hot(labels, numClasses)

## Parameters
gw = {'h': tf.Variable(xavier(noiseDim + numClasses, gHidden)), 'out': tf.Variable(xavier(gHidden, 784))}
gb = {'h': tf.Variable(tf.zeros([gHidden])), 'out': tf.Variable(tf.zeros([784]))}
dw = {'h': tf.Variable(xavier(784 + numClasses, dHidden)), 'out': tf.Variable(xavier(dHidden, 1))}
db = {'h': tf.Variable(tf.zeros([dHidden])), 'out': tf.Variable(tf.zeros([1]))}

def makeImages(noise, y):
    net = tf.concat([noise, y], 1)
    net = tf.nn.relu(tf.matmul(net, gw['h']) + gb['h'])
    return tf.sigmoid(tf.matmul(net, gw['out']) + gb['out'])

def judge(images, y):
    net = tf.concat([images, y], axis=1)
    net = tf.nn.relu(tf.matmul(net, dw['h']) + db['h'])
    net = tf.nn.dropout(net, keep_prob)
    return tf.matmul(net, dw['out']) + db['out']

fakeImages = makeImages(noise, y)
realLogits = judge(realImages, y)
fakeLogits = judge(fakeImages, y)

def bce(logits, value):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(
        logits=logits, labels=tf.fill(tf.shape(logits), value)))

dLoss = 0.5 * (bce(realLogits, 1.0) + bce(fakeLogits, 0.0))
gLoss = bce(fakeLogits, 1.0)
dAccuracy = 0.5 * (tf.reduce_mean(tf.cast(realLogits > 0, tf.float32)) +
                   tf.reduce_mean(tf.cast(fakeLogits < 0, tf.float32)))

# SGD with momentum for the discriminator, as in the paper. Adam works better for G
dTrain = tf.train.MomentumOptimizer(0.05, momentum=0.5).minimize(
    dLoss, var_list=list(dw.values()) + list(db.values()))
gTrain = tf.train.AdamOptimizer(0.0005).minimize(
    gLoss, var_list=list(gw.values()) + list(gb.values()))

init = tf.global_variables_initializer()

def ascii_digit(img):
    img = img.reshape(28, 28)[::2, ::2]
    chars = " .:+#"
    return "\n".join("".join(chars[int(p * 4.99)] for p in row) for row in img)

with tf.Session() as sess:
    sess.run(init)

    for step in range(1, maxSteps + 1):
        batch_x, batch_y = mnist.train.next_batch(batchSize)
        n = np.random.randn(batchSize, noiseDim)

        # Generator, with random labels
        fake_y = np.random.randint(0, numClasses, batchSize)
        _, gl = sess.run([gTrain, gLoss], feed_dict={noise: n, labels: fake_y, keep_prob: 0.5})

        # Discriminator, with the labels of the batch
        sess.run(dTrain, feed_dict={realImages: batch_x, noise: n, labels: batch_y, keep_prob: 0.5})

        if step % displayStep == 0 or step == 1:
            # no dropout for the report
            dl, acc = sess.run([dLoss, dAccuracy], feed_dict={
                realImages: batch_x, noise: n, labels: batch_y, keep_prob: 1.0})
            sys.stdout.write("Step %i: G loss %f, D loss %f, D accuracy %.2f\n" % (step, gl, dl, acc))
            digit = sess.run(fakeImages, feed_dict={noise: np.random.randn(1, noiseDim),
                                                    labels: [step // displayStep % 10]})
            print(ascii_digit(digit[0]))
            sys.stdout.flush()

    print("that was all")
