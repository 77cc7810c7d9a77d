"""Port of tf_data_gan.py; what its two datasets and its noise yield comes in as inputs."""

import tensorflow as tf

from tfgan import optimizers

SHAPES = {
    "gen/dense_1/kernel": [16, 48],
    "gen/dense_1/bias": [48],
    "gen/dense_2/kernel": [48, 784],
    "gen/dense_2/bias": [784],
    "dis/dense_1/kernel": [784, 48],
    "dis/dense_1/bias": [48],
    "dis/dense_2/kernel": [48, 1],
    "dis/dense_2/bias": [1],
}
VARIABLES = {name: tf.Variable(tf.zeros(shape)) for name, shape in SHAPES.items()}
G_NAMES, D_NAMES = [*SHAPES][:4], [*SHAPES][4:]
G_WEIGHTS, D_WEIGHTS = ([VARIABLES[name] for name in names] for names in (G_NAMES, D_NAMES))

d_adam = optimizers.Adam(D_WEIGHTS, learning_rate=3e-4, beta1=0.5)
g_adam = optimizers.Adam(G_WEIGHTS, learning_rate=3e-4, beta1=0.5)
VARIABLES |= {f"{name}_1": power for name, power in g_adam.powers().items()}
VARIABLES |= g_adam.state(G_NAMES) | d_adam.state(D_NAMES)

global_step = VARIABLES["global_step"] = tf.Variable(0, trainable=False, dtype=tf.int64)


def leaky(x):
    return tf.where(x > 0, x, 0.2 * x)


def dense(x, name):
    return tf.nn.bias_add(x @ VARIABLES[f"{name}/kernel"], VARIABLES[f"{name}/bias"])


def generator(z):
    return tf.sigmoid(dense(tf.nn.relu(dense(z, "gen/dense_1")), "gen/dense_2"))


def discriminator(x):
    return dense(leaky(dense(x, "dis/dense_1")), "dis/dense_2")


def latents(inputs):
    return inputs["IteratorGetNext_1:0"] + inputs["random_normal:0"]


def cross_entropy(logits, label):
    labels = label * tf.ones_like(logits)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))


@tf.function
def train_d(inputs):
    with tf.GradientTape() as tape:
        fake = generator(latents(inputs))
        loss_real = cross_entropy(discriminator(inputs["x"]), 0.9)
        loss_fake = cross_entropy(discriminator(fake), 0.0)
        loss = loss_real + loss_fake
    gradients = tape.gradient(loss, D_WEIGHTS)
    d_adam.apply([tf.clip_by_norm(gradient, 1.0) for gradient in gradients])
    return {"d_loss": loss}


@tf.function
def train_g(inputs):
    with tf.GradientTape() as tape:
        loss = cross_entropy(discriminator(generator(latents(inputs))), 1.0)
    g_adam.apply(tape.gradient(loss, G_WEIGHTS))
    global_step.assign_add(1)
    return {"g_loss": loss, "global_step:0": global_step}


CALLS = {"train_d": train_d, "train_g": train_g}
