"""Port of vanilla_gan.py."""

import tensorflow as tf

from tfgan import optimizers

SHAPES = {
    "Variable": [16, 48],  # the generator's
    "Variable_1": [48],
    "Variable_2": [48, 784],
    "Variable_3": [784],
    "Variable_4": [784, 48],  # the discriminator's
    "Variable_5": [48],
    "Variable_6": [48, 1],
    "Variable_7": [1],
}
VARIABLES = {name: tf.Variable(tf.zeros(shape)) for name, shape in SHAPES.items()}
G_NAMES, D_NAMES = [*SHAPES][:4], [*SHAPES][4:]
G_WEIGHTS, D_WEIGHTS = ([VARIABLES[name] for name in names] for names in (G_NAMES, D_NAMES))

g_adam, d_adam = optimizers.Adam(G_WEIGHTS), optimizers.Adam(D_WEIGHTS)
VARIABLES |= {f"{name}_1": power for name, power in g_adam.powers().items()}
VARIABLES |= g_adam.state(G_NAMES) | d_adam.state(D_NAMES)


def paint(noise):
    w_in, b_in, w_out, b_out = G_WEIGHTS
    return tf.sigmoid(tf.nn.relu(noise @ w_in + b_in) @ w_out + b_out)


def look(picture):
    w_in, b_in, w_out, b_out = D_WEIGHTS
    return tf.nn.relu(picture @ w_in + b_in) @ w_out + b_out


def xent(logits, target):
    labels = tf.fill(tf.shape(logits), target)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, logits))


@tf.function
def train_d(inputs):
    with tf.GradientTape() as tape:
        loss = xent(look(inputs["real"]), 1.0) + xent(look(paint(inputs["Z"])), 0.0)
    d_adam.apply(tape.gradient(loss, D_WEIGHTS))
    return {"loss_D": loss}


@tf.function
def train_g(inputs):
    with tf.GradientTape() as tape:
        loss = xent(look(paint(inputs["Z"])), 1.0)
    g_adam.apply(tape.gradient(loss, G_WEIGHTS))
    return {"loss_G": loss}


@tf.function
def painted(inputs):
    return {"painted": paint(inputs["Z"])}


CALLS = {"train_D": train_d, "train_G": train_g, "painted": painted}
