"""Port of vae.py: a variational autoencoder whose learning rate decays by steps."""

import tensorflow as tf

from tfgan import optimizers

LAYERS = {
    "encoder/hidden": (784, 48),
    "encoder/mu": (48, 5),
    "encoder/log_var": (48, 5),
    "decoder/hidden": (5, 48),
    "decoder/pixels": (48, 784),
}

WEIGHTS = {}
for layer, (num_inputs, num_outputs) in LAYERS.items():
    WEIGHTS[f"{layer}/w"] = tf.Variable(tf.zeros([num_inputs, num_outputs]))
    WEIGHTS[f"{layer}/b"] = tf.Variable(tf.zeros([num_outputs]))
global_step = tf.Variable(0, trainable=False)
adam = optimizers.Adam(WEIGHTS.values(), learning_rate=2e-3)
powers = {f"train/{name}": variable for name, variable in adam.powers().items()}
slots = {name: v for name, v in adam.state(WEIGHTS).items() if name not in adam.powers()}
VARIABLES = WEIGHTS | slots | powers | {"train/global_step": global_step}


def affine(x, layer):
    return tf.matmul(x, WEIGHTS[f"{layer}/w"]) + WEIGHTS[f"{layer}/b"]


def loss_of(x, noise):
    hidden = tf.nn.softplus(affine(x, "encoder/hidden"))
    mu, log_var = affine(hidden, "encoder/mu"), affine(hidden, "encoder/log_var")
    z = mu + tf.exp(0.5 * log_var) * noise
    logits = affine(tf.nn.softplus(affine(z, "decoder/hidden")), "decoder/pixels")
    per_pixel = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
    reconstruction = tf.reduce_mean(tf.reduce_sum(per_pixel, axis=1))
    kl = 0.5 * tf.reduce_sum(tf.exp(log_var) + mu**2 - log_var - 1.0, axis=1)
    return reconstruction + tf.reduce_mean(kl)


@tf.function
def train(inputs):
    with tf.GradientTape() as tape:
        loss = loss_of(inputs["x"], inputs["noise"])
    decay = tf.pow(0.95, tf.floor(tf.cast(global_step, tf.float32) / 100.0))
    adam.apply(tape.gradient(loss, adam.variables_to_train), rate_factor=decay)
    global_step.assign_add(1)
    return {"loss": loss, "train/global_step:0": global_step.read_value()}


@tf.function
def test(inputs):
    return {"loss": loss_of(inputs["x"], inputs["noise"])}


@tf.function
def read_step(inputs):
    return {"train/global_step:0": global_step.read_value()}


CALLS = {"train_op": train, "train_op_2": train, "merged": test, "train_global_step": read_step}
