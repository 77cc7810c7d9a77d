"""Port of queue_lsgan.py; what its queue and its noise yield comes in as inputs."""

import tensorflow as tf

from tfgan import optimizers

SHAPES = {
    "G/fc/W": [8, 128],
    "G/fc/b": [128],
    "G/c1/W": [3, 3, 8, 8],
    "G/c1/b": [8],
    "G/c2/W": [3, 3, 8, 1],
    "G/c2/b": [1],
    "D/c1/W": [3, 3, 1, 8],
    "D/c1/b": [8],
    "D/c2/W": [3, 3, 8, 16],
    "D/c2/b": [16],
    "D/out/W": [64, 1],
    "D/out/b": [1],
}
VARIABLES = {name: tf.Variable(tf.zeros(shape)) for name, shape in SHAPES.items()}
G_NAMES, D_NAMES = [*SHAPES][:6], [*SHAPES][6:]
G_WEIGHTS, D_WEIGHTS = ([VARIABLES[name] for name in names] for names in (G_NAMES, D_NAMES))

g_rmsprop, d_rmsprop = (optimizers.RMSProp(w, learning_rate=5e-4) for w in (G_WEIGHTS, D_WEIGHTS))
VARIABLES |= g_rmsprop.state(G_NAMES) | d_rmsprop.state(D_NAMES)

global_step = VARIABLES["global_step"] = tf.Variable(0, trainable=False)


def conv(x, name, stride):
    kernel, bias = VARIABLES[f"{name}/W"], VARIABLES[f"{name}/b"]
    return tf.nn.conv2d(x, kernel, stride, "SAME") + bias


def dense(x, name):
    return x @ VARIABLES[f"{name}/W"] + VARIABLES[f"{name}/b"]


def generator(z):
    h = tf.reshape(tf.nn.relu(dense(z, "G/fc")), [-1, 4, 4, 8])
    h = tf.image.resize(h, [8, 8], "nearest")
    h = tf.nn.relu(conv(h, "G/c1", 1))
    return tf.tanh(conv(h, "G/c2", 1))


def discriminator(x):
    h = tf.nn.elu(conv(x, "D/c1", 2))
    h = tf.nn.elu(conv(h, "D/c2", 2))
    return dense(tf.reshape(h, [-1, 64]), "D/out")


def half_mean_square(x):
    return 0.5 * tf.reduce_mean(x**2)


@tf.function
def d_op(inputs):
    with tf.GradientTape() as tape:
        real, fake = discriminator(inputs["x"]), discriminator(generator(inputs["z"]))
        loss = half_mean_square(real - 1) + half_mean_square(fake)
    d_rmsprop.apply(tape.gradient(loss, D_WEIGHTS))
    global_step.assign_add(1)
    return {"d_loss": loss, "global_step:0": global_step}


@tf.function
def g_op(inputs):
    with tf.GradientTape() as tape:
        loss = half_mean_square(discriminator(generator(inputs["z"])) - 1)
    g_rmsprop.apply(tape.gradient(loss, G_WEIGHTS))
    return {"g_loss": loss}


CALLS = {"d_op": d_op, "g_op": g_op}
