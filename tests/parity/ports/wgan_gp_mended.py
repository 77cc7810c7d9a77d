"""Port of wgan_gp_mended.py: a Wasserstein GAN whose critic has a penalty on its gradient.

The script races with itself: a critic's bias may move before the penalty has read it. The port is
equal to the script once its critic_step waits for the losses, as `check` asks for.
"""

import itertools

import tensorflow as tf

from tfgan import optimizers

PENALTY_WEIGHT = 10.0
SIZES = {"gen": [24, 40, 40, 784], "critic": [784, 40, 40, 1]}

VARIABLES = {}
for player, sizes in SIZES.items():
    for n, (num_inputs, num_outputs) in enumerate(itertools.pairwise(sizes)):
        VARIABLES[f"{player}/W{n}"] = tf.Variable(tf.zeros([num_inputs, num_outputs]))
        VARIABLES[f"{player}/b{n}"] = tf.Variable(tf.zeros([num_outputs]))


def make_adam(player, number):
    """Returns an optimizer of a player's weights, its slots and powers among VARIABLES."""
    weights = {name: v for name, v in VARIABLES.items() if name.startswith(player)}
    adam = optimizers.Adam(weights.values(), learning_rate=1e-4, beta1=0.5, beta2=0.9)
    for name, variable in adam.state(weights).items():
        is_power = name in adam.powers()
        VARIABLES[f"optimizers/{name}{number}" if is_power else name] = variable
    return adam


critic_adam, gen_adam = make_adam("critic", ""), make_adam("gen", "_1")


def run_net(h, weights, activation):
    *hidden, (last_W, last_b) = zip(weights[0::2], weights[1::2], strict=True)
    for W, b in hidden:
        h = activation(tf.matmul(h, W) + b)
    return tf.matmul(h, last_W) + last_b


def gen(noise):
    return tf.sigmoid(run_net(noise, gen_adam.variables_to_train, tf.nn.relu))


def critic(pictures, weights):
    return run_net(pictures, weights, lambda h: tf.maximum(h, 0.2 * h))


def gradient_penalty(between, weights):
    (grad,) = tf.gradients(critic(between, weights), between)
    norm = tf.sqrt(tf.reduce_sum(grad * grad, axis=1) + 1e-10)
    return tf.reduce_mean(tf.square(norm - 1.0))


@tf.function
def critic_step(inputs):
    pictures, t, made = inputs["pictures"], inputs["t"], gen(inputs["noise"])
    # Each weight is on three paths. Read once, and by tf.gradients rather than by a tape, their
    # gradients are added in the session's order.
    weights = [tf.identity(weight) for weight in critic_adam.variables_to_train]
    scores = critic(pictures, weights), critic(made, weights)
    wasserstein = tf.reduce_mean(scores[0]) - tf.reduce_mean(scores[1])
    penalty = gradient_penalty(t * pictures + (1.0 - t) * made, weights)
    critic_adam.apply(tf.gradients(-wasserstein + PENALTY_WEIGHT * penalty, weights))
    return {"wasserstein": wasserstein, "penalty": penalty}


@tf.function
def gen_step(inputs):
    with tf.GradientTape() as tape:
        score = critic(gen(inputs["noise"]), critic_adam.variables_to_train)
        loss = -tf.reduce_mean(score)
    gen_adam.apply(tape.gradient(loss, gen_adam.variables_to_train))


CALLS = {"critic_step": critic_step, "gen_step": gen_step}
