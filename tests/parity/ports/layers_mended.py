"""Port of layers_mended.py, whose batch norms are those of tf.layers."""

import tensorflow as tf

from tfgan import optimizers

SHAPES = {
    "generator/project/kernel": [12, 64],
    "generator/project_bn/gamma": [64],
    "generator/project_bn/beta": [64],
    "generator/up1/kernel": [4, 4, 8, 16],
    "generator/up1_bn/gamma": [8],
    "generator/up1_bn/beta": [8],
    "generator/up2/kernel": [4, 4, 1, 8],
    "generator/up2/bias": [1],
    "discriminator/down1/kernel": [4, 4, 1, 8],
    "discriminator/down1/bias": [8],
    "discriminator/down2/kernel": [4, 4, 8, 16],
    "discriminator/down2/bias": [16],
    "discriminator/down2_bn/gamma": [16],
    "discriminator/down2_bn/beta": [16],
    "discriminator/answer/kernel": [64, 1],
    "discriminator/answer/bias": [1],
}
VARIABLES = {
    name: tf.Variable(tf.ones(shape) if name.endswith("gamma") else tf.zeros(shape))
    for name, shape in SHAPES.items()
}
G_NAMES, D_NAMES = [*SHAPES][:8], [*SHAPES][8:]
G_WEIGHTS, D_WEIGHTS = ([VARIABLES[name] for name in names] for names in (G_NAMES, D_NAMES))

d_adam = optimizers.Adam(D_WEIGHTS, learning_rate=5e-4, beta1=0.5)
g_adam = optimizers.Adam(G_WEIGHTS, learning_rate=5e-4, beta1=0.5)
VARIABLES |= {f"{name}_1": power for name, power in g_adam.powers().items()}
VARIABLES |= g_adam.state(G_NAMES) | d_adam.state(D_NAMES)

SIZES = {"generator/project_bn": 64, "generator/up1_bn": 8, "discriminator/down2_bn": 16}
for layer, size in SIZES.items():
    VARIABLES[f"{layer}/moving_mean"] = tf.Variable(tf.zeros([size]), trainable=False)
    VARIABLES[f"{layer}/moving_variance"] = tf.Variable(tf.ones([size]), trainable=False)


def of_layer(layer, *names):
    return [VARIABLES[f"{layer}/{name}"] for name in names]


def averages(layer):
    return of_layer(layer, "moving_mean", "moving_variance")


def move_averages(layer, moments, rate):
    for average, moment in zip(averages(layer), moments, strict=True):
        average.assign_sub((average - moment) * rate)


def vector_norm(x, layer, *averages):
    """Trains where no averages are given; also returns the moments."""
    gamma, beta = of_layer(layer, "gamma", "beta")
    if averages:
        return tf.nn.batch_normalization(x, *averages, beta, gamma, 1e-3), *averages
    mean = tf.reduce_mean(x, 0)
    # What is used of x from here on has a sum of gradients of its own: version 1 adds the mean's
    # gradient last, a tape second.
    x = tf.identity(x)
    variance = tf.reduce_mean(tf.math.squared_difference(x, tf.stop_gradient(mean)), 0)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3), mean, variance


def image_norm(x, layer, *averages):
    """Trains where no averages are given; also returns the moments."""
    gamma, beta = of_layer(layer, "gamma", "beta")
    mean, variance = averages or (None, None)
    return tf.compat.v1.nn.fused_batch_norm(
        x, gamma, beta, mean, variance, epsilon=1e-3, is_training=not averages
    )


def generator(latent, training, moves=False):
    def given(layer):
        return [] if training else averages(layer)

    t = latent @ VARIABLES["generator/project/kernel"]
    t, *moments = vector_norm(t, "generator/project_bn", *given("generator/project_bn"))
    if moves:
        move_averages("generator/project_bn", moments, 0.01)

    t = tf.reshape(tf.nn.relu(t), [-1, 2, 2, 16])
    t = tf.nn.conv2d_transpose(t, VARIABLES["generator/up1/kernel"], [len(t), 4, 4, 8], 2)
    t, *moments = image_norm(t, "generator/up1_bn", *given("generator/up1_bn"))
    if moves:
        move_averages("generator/up1_bn", moments, 1 - tf.constant(0.95))

    kernel, bias = of_layer("generator/up2", "kernel", "bias")
    t = tf.nn.conv2d_transpose(tf.nn.relu(t), kernel, [len(t), 8, 8, 1], 2)
    return tf.tanh(tf.nn.bias_add(t, bias))


def conv(x, layer):
    kernel, bias = of_layer(layer, "kernel", "bias")
    return tf.nn.bias_add(tf.nn.conv2d(x, kernel, 2, "SAME"), bias)


def discriminator(image, moves=False):
    t = conv(tf.nn.leaky_relu(conv(image, "discriminator/down1")), "discriminator/down2")
    t, *moments = image_norm(t, "discriminator/down2_bn")
    if moves:
        move_averages("discriminator/down2_bn", moments, 1 - tf.constant(0.99))
    kernel, bias = of_layer("discriminator/answer", "kernel", "bias")
    return tf.nn.bias_add(tf.reshape(tf.nn.leaky_relu(t), [-1, 64]) @ kernel, bias)


def cross_entropy(label, logits):
    labels = tf.fill(tf.shape(logits), label)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, logits))


@tf.function
def disc_step(inputs):
    with tf.GradientTape() as tape:
        real = discriminator(inputs["image"], moves=True)
        fake = discriminator(generator(inputs["latent"], training=True))
        loss = cross_entropy(1.0, real) + cross_entropy(0.0, fake)
    d_adam.apply(tape.gradient(loss, D_WEIGHTS))
    return {"disc_loss": loss}


@tf.function
def gen_step(inputs):
    with tf.GradientTape() as tape:
        made = generator(inputs["latent"], training=True, moves=True)
        loss = cross_entropy(1.0, discriminator(made))
    g_adam.apply(tape.gradient(loss, G_WEIGHTS))
    return {"gen_loss": loss}


@tf.function
def generated(inputs):
    return {"generated": generator(inputs["latent"], training=False)}


CALLS = {"disc_step": disc_step, "gen_step": gen_step, "generated": generated}
