"""Port of legacy/gan_session.py with legacy/document.flags.

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
    "generator/dense_0/kernel": variable([64, 256]),  # gan_session.py:54, random
    "generator/dense_0/bias": variable([256]),  # gan_session.py:55
    "generator/dense_1/kernel": variable([256, 256]),  # gan_session.py:54, random
    "generator/dense_1/bias": variable([256]),  # gan_session.py:55
    "generator/dense_2/kernel": variable([256, 64]),  # gan_session.py:54, random
    "generator/dense_2/bias": variable([64]),  # gan_session.py:55
    "discriminator/dense_0/kernel": variable([64, 256]),  # gan_session.py:54, random
    "discriminator/dense_0/bias": variable([256]),  # gan_session.py:55
    "discriminator/dense_1/kernel": variable([256, 256]),  # gan_session.py:54, random
    "discriminator/dense_1/bias": variable([256]),  # gan_session.py:55
    "discriminator/dense_2/kernel": variable([256, 1]),  # gan_session.py:54, random
    "discriminator/dense_2/bias": variable([1]),  # gan_session.py:55
}

OPTIMIZER_G = (
    "generator/dense_0/kernel",
    "generator/dense_0/bias",
    "generator/dense_1/kernel",
    "generator/dense_1/bias",
    "generator/dense_2/kernel",
    "generator/dense_2/bias",
)
optimizer_g_optimizer = optimizers.Adam(
    [VARIABLES[name] for name in OPTIMIZER_G],
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-08,
)
VARIABLES |= zip([f"{name}/Adam" for name in OPTIMIZER_G], optimizer_g_optimizer.slots["Adam"])
VARIABLES |= zip([f"{name}/Adam_1" for name in OPTIMIZER_G], optimizer_g_optimizer.slots["Adam_1"])
VARIABLES["beta1_power_1"] = optimizer_g_optimizer.beta1_power
VARIABLES["beta2_power_1"] = optimizer_g_optimizer.beta2_power

OPTIMIZER_D = (
    "discriminator/dense_0/kernel",
    "discriminator/dense_0/bias",
    "discriminator/dense_1/kernel",
    "discriminator/dense_1/bias",
    "discriminator/dense_2/kernel",
    "discriminator/dense_2/bias",
)
optimizer_d_optimizer = optimizers.Adam(
    [VARIABLES[name] for name in OPTIMIZER_D],
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-08,
)
VARIABLES |= zip([f"{name}/Adam" for name in OPTIMIZER_D], optimizer_d_optimizer.slots["Adam"])
VARIABLES |= zip([f"{name}/Adam_1" for name in OPTIMIZER_D], optimizer_d_optimizer.slots["Adam_1"])
VARIABLES["beta1_power"] = optimizer_d_optimizer.beta1_power
VARIABLES["beta2_power"] = optimizer_d_optimizer.beta2_power


def dense(x, name):
    y = tf.matmul(x, VARIABLES[f"{name}/kernel"])
    return tf.nn.bias_add(y, VARIABLES[f"{name}/bias"])


def generator(z):
    for i in range(2):
        z = tf.nn.relu(dense(z, f"generator/dense_{i}"))
    return tf.reshape(tf.tanh(dense(z, "generator/dense_2")), [-1, 8, 8, 1])


def discriminator(x):
    x = tf.reshape(x, [-1, 64])
    for i in range(2):
        x = tf.nn.relu(dense(x, f"discriminator/dense_{i}"))
    return dense(x, "discriminator/dense_2")


def cross_entropy(logits, labels):
    return tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels)


@tf.function
def optimizer_g(inputs):
    """100 calls, first call 2.

    Adam moves generator/dense_0/kernel, generator/dense_0/bias, generator/dense_1/kernel,
    generator/dense_1/bias, generator/dense_2/kernel, generator/dense_2/bias.
    """
    z_placeholder = inputs["z_placeholder"]  # fed, placeholder
    with tf.GradientTape() as tape:
        logits = discriminator(generator(z_placeholder))
        loss = tf.reduce_mean(cross_entropy(logits, tf.ones_like(logits)))
    weights = optimizer_g_optimizer.variables_to_train
    optimizer_g_optimizer.apply(tape.gradient(loss, weights))
    return {"g_loss": loss}


@tf.function
def optimizer_d(inputs):
    """99 calls, first call 3.

    Adam moves discriminator/dense_0/kernel, discriminator/dense_0/bias,
    discriminator/dense_1/kernel, discriminator/dense_1/bias, discriminator/dense_2/kernel,
    discriminator/dense_2/bias.
    """
    z_placeholder = inputs["z_placeholder"]  # fed, placeholder
    x_placeholder = inputs["x_placeholder"]  # fed, placeholder
    with tf.GradientTape() as tape:
        real = discriminator(x_placeholder)
        fake = discriminator(generator(z_placeholder))
        loss = tf.reduce_mean(
            cross_entropy(real, tf.ones_like(real)) + cross_entropy(fake, tf.zeros_like(fake))
        )
    weights = optimizer_d_optimizer.variables_to_train
    optimizer_d_optimizer.apply(tape.gradient(loss, weights))
    return {"d_loss": loss}


# In this order: init, optimizer_g, optimizer_d, optimizer_g, optimizer_d, optimizer_g,
# optimizer_d, optimizer_g, optimizer_d, optimizer_g, optimizer_d, optimizer_g, ... (200 calls)
CALLS = {
    "optimizer_g": optimizer_g,
    "optimizer_d": optimizer_d,
}
