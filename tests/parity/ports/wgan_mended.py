"""Port of wgan_mended.py."""

import tensorflow as tf

from tfgan import optimizers

SHAPES = {
    "Variable": [10, 32],  # W and b: generator in, generator out, critic in, critic out
    "Variable_1": [32, 784],
    "Variable_2": [784, 32],
    "Variable_3": [32, 1],
    "Variable_4": [32],
    "Variable_5": [784],
    "Variable_6": [32],
    "Variable_7": [1],
}
VARIABLES = {name: tf.Variable(tf.zeros(shape)) for name, shape in SHAPES.items()}
G_NAMES = ["Variable", "Variable_1", "Variable_4", "Variable_5"]
D_NAMES = ["Variable_2", "Variable_3", "Variable_6", "Variable_7"]
G_WEIGHTS, D_WEIGHTS = ([VARIABLES[name] for name in names] for names in (G_NAMES, D_NAMES))

g_rmsprop, d_rmsprop = (optimizers.RMSProp(w, learning_rate=1e-4) for w in (G_WEIGHTS, D_WEIGHTS))
VARIABLES |= g_rmsprop.state(G_NAMES) | d_rmsprop.state(D_NAMES)


def generator(z):
    w1, w2, b1, b2 = G_WEIGHTS
    return tf.sigmoid(tf.nn.relu(z @ w1 + b1) @ w2 + b2)


def critic(x):
    w1, w2, b1, b2 = D_WEIGHTS
    return tf.nn.relu(x @ w1 + b1) @ w2 + b2


@tf.function
def d_solver(inputs):
    with tf.GradientTape() as tape:
        fake_score = tf.reduce_mean(critic(generator(inputs["z"])))
        d_loss = tf.reduce_mean(critic(inputs["x"])) - fake_score
        loss = -d_loss
    d_rmsprop.apply(tape.gradient(loss, D_WEIGHTS))
    for weight in D_WEIGHTS:
        weight.assign(tf.clip_by_value(weight, -0.01, 0.01))
    names = ("Assign:0", "Assign_1:0", "Assign_2:0", "Assign_3:0")
    return {"D_loss": d_loss} | dict(zip(names, D_WEIGHTS, strict=True))


@tf.function
def g_solver(inputs):
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(critic(generator(inputs["z"])))
    g_rmsprop.apply(tape.gradient(loss, G_WEIGHTS))
    return {"G_loss": loss}


@tf.function
def fake(inputs):
    return {"fake": generator(inputs["z"])}


CALLS = {"D_solver": d_solver, "G_solver": g_solver, "fake": fake}
