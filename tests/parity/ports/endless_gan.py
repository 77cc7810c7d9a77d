"""Port of endless_gan.py."""

import tensorflow as tf

from tfgan import optimizers

SHAPES = {
    "Variable": [1, 16],  # the generator's
    "Variable_1": [16],
    "Variable_2": [16, 1],
    "Variable_3": [1],
    "Variable_4": [1, 16],  # the discriminator's
    "Variable_5": [16],
    "Variable_6": [16, 16],
    "Variable_7": [16],
    "Variable_8": [16, 1],
    "Variable_9": [1],
}
VARIABLES = {name: tf.Variable(tf.zeros(shape)) for name, shape in SHAPES.items()}
G_WEIGHTS, D_WEIGHTS = [*VARIABLES.values()][:4], [*VARIABLES.values()][4:]

# At each step the script feeds the rate, by which this 1 is multiplied.
g_sgd, d_sgd = (optimizers.SGD(w, learning_rate=1.0) for w in (G_WEIGHTS, D_WEIGHTS))


def generator(noise):
    w1, b1, w2, b2 = G_WEIGHTS
    return tf.nn.softplus(noise @ w1 + b1) @ w2 + b2


def discriminator(number):
    w1, b1, w2, b2, w3, b3 = D_WEIGHTS
    hidden = tf.tanh((number - 2.0) @ w1 + b1)
    hidden = tf.tanh(hidden @ w2 + b2)
    return tf.clip_by_value(tf.sigmoid(hidden @ w3 + b3), 1e-3, 1 - 1e-3)


def loss_of_d(inputs):
    real = discriminator(inputs["number"])
    fake = discriminator(generator(inputs["noise"]))
    return -tf.reduce_mean(tf.math.log(real)) - tf.reduce_mean(tf.math.log(1 - fake))


@tf.function
def d_loss(inputs):
    return {"d_loss": loss_of_d(inputs)}


@tf.function
def learn_d(inputs):
    with tf.GradientTape() as tape:
        loss = loss_of_d(inputs)
    d_sgd.apply(tape.gradient(loss, D_WEIGHTS), rate_factor=inputs["rate"])
    return {}


@tf.function
def learn_g(inputs):
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(tf.math.log(discriminator(generator(inputs["noise"]))))
    g_sgd.apply(tape.gradient(loss, G_WEIGHTS), rate_factor=inputs["rate"])
    return {"g_loss": loss}


@tf.function
def made(inputs):
    return {"made": generator(inputs["noise"])}


CALLS = {"d_loss": d_loss, "learn_d": learn_d, "learn_g": learn_g, "made": made}
