"""Port of infogan_like.py: an InfoGAN with a categorical code and a recogniser of its own."""

import tensorflow as tf

from tfgan import optimizers

SIZES = {"G": [24, 64, 784], "D": [784, 32, 1], "Q": [784, 32, 10]}

VARIABLES, names = {}, {}
for player, (num_inputs, num_hidden, num_outputs) in SIZES.items():
    names[player] = []
    for shape in ([num_inputs, num_hidden], [num_hidden], [num_hidden, num_outputs], [num_outputs]):
        name = f"Variable_{len(VARIABLES)}".removesuffix("_0")
        VARIABLES[name] = tf.Variable(tf.zeros(shape))
        names[player].append(name)
G, D, Q = ([VARIABLES[name] for name in names[player]] for player in "GDQ")


SECOND = {"Adam": "Adam_2", "Adam_1": "Adam_3"}  # slots of a weight's second optimizer


def make_adam(names, learning_rate, number):
    """Returns an optimizer of weights, its slots and powers of beta among VARIABLES."""
    adam = optimizers.Adam([VARIABLES[name] for name in names], learning_rate)
    for name, variable in adam.state(names).items():
        weight, _, slot = name.partition("/")
        if name in adam.powers():
            name = f"{name}{number}"
        elif name in VARIABLES:
            name = f"{weight}/{SECOND[slot]}"
        VARIABLES[name] = variable
    return adam


d_adam = make_adam(names["D"], 0.0002, "")
g_adam = make_adam(names["G"], 0.001, "_1")
q_adam = make_adam(names["Q"][:3] + names["G"], 0.0005, "_2")


def generator(inputs):
    W1, b1, W2, b2 = G
    hidden = tf.nn.elu(tf.matmul(tf.concat([inputs["code"], inputs["noise"]], 1), W1) + b1)
    return tf.nn.sigmoid(tf.matmul(hidden, W2) + b2)


def discriminator(x):
    W1, b1, W2, b2 = D
    return tf.nn.bias_add(tf.matmul(tf.nn.relu(tf.nn.bias_add(tf.matmul(x, W1), b1)), W2), b2)


def recogniser(x):
    W1, b1, W2, b2 = Q
    return tf.matmul(tf.nn.relu(tf.matmul(x, W1) + b1), W2) + b2


@tf.function
def d_solver(inputs):
    with tf.GradientTape() as tape:
        true, false = discriminator(inputs["digits"]), discriminator(generator(inputs))
        loss = tf.reduce_mean(tf.nn.softplus(-true) + tf.nn.softplus(false))
    d_adam.apply(tape.gradient(loss, d_adam.variables_to_train))
    return {"D_loss": loss}


@tf.function
def g_solver(inputs):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.softplus(-discriminator(generator(inputs))))
    g_adam.apply(tape.gradient(loss, g_adam.variables_to_train))
    return {"G_loss": loss}


@tf.function
def q_solver(inputs):
    code = inputs["code"]
    with tf.GradientTape() as tape:
        logits = recogniser(generator(inputs))
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=code, logits=logits)
        loss = tf.reduce_mean(losses)
    q_adam.apply(tape.gradient(loss, q_adam.variables_to_train))
    hits = tf.equal(tf.argmax(logits, 1), tf.argmax(code, 1))
    return {"Q_loss": loss, "hits": tf.reduce_mean(tf.cast(hits, tf.float32))}


@tf.function
def show(inputs):
    return {"Sigmoid:0": generator(inputs)}


CALLS = {"D_solver": d_solver, "G_solver": g_solver, "Q_solver": q_solver, "Sigmoid": show}
