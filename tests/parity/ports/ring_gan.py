"""Port of ring_gan.py, step by step in tfgan/MOVING_FROM_TF1.md.

A function for each kind of Session.run: `inputs` are what the session was fed and what
it drew, by name, as tensors; it moves the same variables and returns the same values.

    python -m tfgan.parity compare RECORDING port.py
"""

import tensorflow as tf

from tfgan import optimizers


def variable(shape, start=0.0, dtype=tf.float32, trainable=True):
    return tf.Variable(tf.fill(shape, tf.constant(start, dtype)), trainable=trainable)


# By their names in the session, which gives them their values.
VARIABLES = {
    "Variable": variable([16, 64]),  # G_W1, ring_gan.py:9, random
    "Variable_1": variable([64]),  # G_b1, ring_gan.py:13
    "Variable_2": variable([64, 2]),  # G_W2, ring_gan.py:9, random
    "Variable_3": variable([2]),  # G_b2, ring_gan.py:15
    "Variable_4": variable([2, 64]),  # D_W1, ring_gan.py:9, random
    "Variable_5": variable([64]),  # D_b1, ring_gan.py:18
    "Variable_6": variable([64, 1]),  # D_W2, ring_gan.py:9, random
    "Variable_7": variable([1]),  # D_b2, ring_gan.py:20
}

D_SOLVER = ("Variable_4", "Variable_5", "Variable_6", "Variable_7")
D_solver_optimizer = optimizers.Adam(
    [VARIABLES[name] for name in D_SOLVER],
    learning_rate=0.001,
    beta1=0.5,
    beta2=0.999,
    epsilon=1e-08,
)
VARIABLES |= zip([f"{name}/Adam" for name in D_SOLVER], D_solver_optimizer.slots["Adam"])
VARIABLES |= zip([f"{name}/Adam_1" for name in D_SOLVER], D_solver_optimizer.slots["Adam_1"])
VARIABLES["beta1_power"] = D_solver_optimizer.beta1_power
VARIABLES["beta2_power"] = D_solver_optimizer.beta2_power

G_SOLVER = ("Variable", "Variable_1", "Variable_2", "Variable_3")
G_solver_optimizer = optimizers.Adam(
    [VARIABLES[name] for name in G_SOLVER],
    learning_rate=0.001,
    beta1=0.5,
    beta2=0.999,
    epsilon=1e-08,
)
VARIABLES |= zip([f"{name}/Adam" for name in G_SOLVER], G_solver_optimizer.slots["Adam"])
VARIABLES |= zip([f"{name}/Adam_1" for name in G_SOLVER], G_solver_optimizer.slots["Adam_1"])
VARIABLES["beta1_power_1"] = G_solver_optimizer.beta1_power
VARIABLES["beta2_power_1"] = G_solver_optimizer.beta2_power

V = VARIABLES


def generator(z):
    h = tf.nn.relu(tf.matmul(z, V["Variable"]) + V["Variable_1"])
    return tf.matmul(h, V["Variable_2"]) + V["Variable_3"]


def discriminator(x):
    h = tf.nn.relu(tf.matmul(x, V["Variable_4"]) + V["Variable_5"])
    return tf.matmul(h, V["Variable_6"]) + V["Variable_7"]


def bce(logits, labels):
    return tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels)


@tf.function
def D_solver(inputs):
    """500 calls, first call 2.

    Adam moves Variable_4, Variable_5, Variable_6, Variable_7.
    """
    X = inputs["X"]  # fed, placeholder
    Z = inputs["Z"]  # fed, placeholder
    with tf.GradientTape() as tape:
        real, fake = discriminator(X), discriminator(generator(Z))
        loss = tf.reduce_mean(bce(real, tf.ones_like(real)))
        loss += tf.reduce_mean(bce(fake, tf.zeros_like(fake)))
    weights = D_solver_optimizer.variables_to_train
    D_solver_optimizer.apply(tape.gradient(loss, weights))
    return {"D_loss": loss}


@tf.function
def G_solver(inputs):
    """500 calls, first call 3.

    Adam moves Variable, Variable_1, Variable_2, Variable_3.
    """
    Z = inputs["Z"]  # fed, placeholder
    with tf.GradientTape() as tape:
        fake = discriminator(generator(Z))
        loss = tf.reduce_mean(bce(fake, tf.ones_like(fake)))
    weights = G_solver_optimizer.variables_to_train
    G_solver_optimizer.apply(tape.gradient(loss, weights))
    return {"G_loss": loss}


# In this order: init, D_solver, G_solver, D_solver, G_solver, D_solver, G_solver, D_solver,
# G_solver, D_solver, G_solver, D_solver, ... (1,001 calls)
CALLS = {
    "D_solver": D_solver,
    "G_solver": G_solver,
}
