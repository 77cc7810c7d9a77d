"""Port of conditional_gan.py: a conditional GAN with dropout, momentum for the discriminator."""

import tensorflow as tf

from tfgan import optimizers

CLASSES = 10
SHAPES = [[30, 64], [64, 784], [64], [784], [794, 64], [64, 1], [64], [1]]
NAMES = ["Variable", *(f"Variable_{n}" for n in range(1, 8))]
VARIABLES = {name: tf.Variable(tf.zeros(shape)) for name, shape in zip(NAMES, SHAPES, strict=True)}

weights = list(VARIABLES.values())
g_optimizer = optimizers.Adam(weights[:4], learning_rate=0.0005)
d_optimizer = optimizers.SGD(weights[4:], learning_rate=0.05, momentum=0.5)
VARIABLES |= g_optimizer.state(NAMES[:4]) | d_optimizer.state(NAMES[4:])


def make_images(inputs):
    W1, W2, b1, b2 = weights[:4]
    net = tf.concat([inputs["noise"], tf.one_hot(inputs["labels"], CLASSES)], 1)
    return tf.sigmoid(tf.matmul(tf.nn.relu(tf.matmul(net, W1) + b1), W2) + b2)


def judge(images, inputs, drawn):
    W1, W2, b1, b2 = weights[4:]
    net = tf.concat([images, tf.one_hot(inputs["labels"], CLASSES)], 1)
    net = tf.nn.relu(tf.matmul(net, W1) + b1)
    net = dropout(net, inputs["keep_prob"], inputs[f"{drawn}/random_uniform/RandomUniform:0"])
    return tf.matmul(net, W2) + b2


def dropout(x, keep_prob, uniform):
    rate = 1.0 - keep_prob
    return tf.where(uniform >= rate, x * (1.0 / (1.0 - rate)), 0.0)


def judge_real(inputs):
    return judge(inputs["realImages"], inputs, "dropout")


def judge_fake(inputs):
    return judge(make_images(inputs), inputs, "dropout_1")


def cross_entropy(logits, label):
    labels = tf.fill(tf.shape(logits), label)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


def d_loss_of(real, fake):
    return 0.5 * (cross_entropy(real, 1.0) + cross_entropy(fake, 0.0))


@tf.function
def g_train(inputs):
    with tf.GradientTape() as tape:
        loss = cross_entropy(judge_fake(inputs), 1.0)
    g_optimizer.apply(tape.gradient(loss, g_optimizer.variables_to_train))
    return {"gLoss": loss}


@tf.function
def d_train(inputs):
    with tf.GradientTape() as tape:
        loss = d_loss_of(judge_real(inputs), judge_fake(inputs))
    d_optimizer.apply(tape.gradient(loss, d_optimizer.variables_to_train))


@tf.function
def report(inputs):
    real, fake = judge_real(inputs), judge_fake(inputs)
    hits = [tf.reduce_mean(tf.cast(hit, tf.float32)) for hit in (real > 0, fake < 0)]
    return {"dLoss": d_loss_of(real, fake), "dAccuracy": 0.5 * (hits[0] + hits[1])}


@tf.function
def show(inputs):
    return {"fakeImages": make_images(inputs)}


CALLS = {"gTrain": g_train, "dTrain": d_train, "dLoss": report, "fakeImages": show}
