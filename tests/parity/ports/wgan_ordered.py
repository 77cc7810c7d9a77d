"""Port of wgan_ordered.py: a Wasserstein GAN whose critic's weights are clipped."""

import tensorflow as tf

from tfgan import optimizers

LAYERS = {
    "generator/fc1": (20, 64),
    "generator/out": (64, 784),
    "critic/fc1": (784, 64),
    "critic/fc2": (64, 32),
    "critic/out": (32, 1),
}
CLIP = 0.02

VARIABLES = {}
for layer, (num_inputs, num_outputs) in LAYERS.items():
    VARIABLES[f"{layer}/w"] = tf.Variable(tf.zeros([num_inputs, num_outputs]))
    VARIABLES[f"{layer}/b"] = tf.Variable(tf.zeros([num_outputs]))


def weights(player):
    return {name: v for name, v in VARIABLES.items() if name.startswith(player)}


generator_weights, critic_weights = weights("generator"), weights("critic")
generator_optimizer = optimizers.RMSProp(generator_weights.values(), learning_rate=5e-5)
critic_optimizer = optimizers.RMSProp(critic_weights.values(), learning_rate=5e-5)
VARIABLES |= generator_optimizer.state(generator_weights)
VARIABLES |= critic_optimizer.state(critic_weights)


def linear(x, layer):
    return tf.nn.bias_add(tf.matmul(x, VARIABLES[f"{layer}/w"]), VARIABLES[f"{layer}/b"])


def lrelu(x):
    return tf.maximum(x, 0.1 * x)


def generator(z):
    return tf.nn.sigmoid(linear(tf.nn.relu(linear(z, "generator/fc1")), "generator/out"))


def critic(images):
    return linear(lrelu(linear(lrelu(linear(images, "critic/fc1")), "critic/fc2")), "critic/out")


def losses(images, z):
    fake_score = critic(generator(z))
    return {
        "c_loss": tf.reduce_mean(fake_score - critic(images)),
        "g_loss": tf.reduce_mean(-fake_score),
    }


@tf.function
def c_optim(inputs):
    with tf.GradientTape() as tape:
        loss = losses(inputs["images"], inputs["z"])["c_loss"]
    critic_optimizer.apply(tape.gradient(loss, critic_optimizer.variables_to_train))


@tf.function
def clip(inputs):
    for weight in critic_weights.values():
        weight.assign(tf.clip_by_value(weight, -CLIP, CLIP))


@tf.function
def g_optim(inputs):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(-critic(generator(inputs["z"])))
    generator_optimizer.apply(tape.gradient(loss, generator_optimizer.variables_to_train))


@tf.function
def report(inputs):
    return losses(inputs["images"], inputs["z"])


CALLS = {"c_optim": c_optim, "clip_op": clip, "g_optim": g_optim, "c_loss": report}
