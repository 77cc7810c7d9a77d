"""Ports of v1 scripts are short, and equal to the last bit whatever the scripts' losses and order.

The scripts are written as such scripts are: unnamed variables, x W + b, a generator that ends in a
sigmoid, one `Session.run` for each player or one for both.
"""

import collections
import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.compat.v1 as tf1

import tfgan
from tfgan import training
from tfgan.nn.layers import Dense
from tfgan.parity.comparison import compare
from tfgan.parity.port import Port
from tfgan.parity.session import Session

Iteration = collections.namedtuple("Iteration", "sess g_loss d_loss")
LATENT, HIDDEN, PIXELS = 8, 32, 64
NUM_STEPS, BATCH_SIZE = 200, 16
IMAGES = np.random.RandomState(0).uniform(size=(100, PIXELS)).astype(np.float32)  # in [0, 1]

# What is written the same in a script and in its port: the losses, from logits.


def cross_entropy(logits, label):
    labels = tf.fill(tf.shape(logits), label)
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)


def g_cross_entropy(fake):
    return tf.reduce_mean(cross_entropy(fake, 1.0))


def d_cross_entropy(real, fake):
    return tf.reduce_mean(cross_entropy(real, 1.0)) + tf.reduce_mean(cross_entropy(fake, 0.0))


def g_halves(fake):
    return 0.5 * tf.reduce_mean((fake - 1.0) ** 2)


def d_halves(real, fake):
    return 0.5 * (tf.reduce_mean((real - 1.0) ** 2) + tf.reduce_mean(fake**2))


def g_probabilities(fake):
    return -tf.reduce_mean(tf.math.log(tf.sigmoid(fake)))


def d_probabilities(real, fake):
    d_real, d_fake = tf.sigmoid(real), tf.sigmoid(fake)
    return -tf.reduce_mean(tf.math.log(d_real) + tf.math.log(1.0 - d_fake))


LOSSES = {
    "a sum of two means": (g_cross_entropy, d_cross_entropy),
    "half of a sum of two means": (g_halves, d_halves),
    "of probabilities": (g_probabilities, d_probabilities),
}
OPTIMIZERS = {
    "adam": (tf1.train.AdamOptimizer, tfgan.optimizers.Adam),
    "rmsprop": (tf1.train.RMSPropOptimizer, tfgan.optimizers.RMSProp),
    "adagrad": (tf1.train.AdagradOptimizer, tfgan.optimizers.Adagrad),
}


def script(draw, losses, optimizer, order, prefix):
    """The session."""
    with tf1.Graph().as_default():
        tf1.set_random_seed(1)
        x = tf1.placeholder(tf.float32, [None, PIXELS])
        z = tf1.placeholder(tf.float32, [None, LATENT])

        def player(sizes):
            return [
                tf1.Variable(tf1.random_normal(shape, stddev=0.2))
                for i, o in itertools.pairwise(sizes)
                for shape in ([i, o], [o])
            ]

        def run(x, w1, b1, w2, b2):
            return tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2

        d_vars, g_vars = player([PIXELS, HIDDEN, 1]), player([LATENT, HIDDEN, PIXELS])
        d_real, d_fake = run(x, *d_vars), run(tf.sigmoid(run(z, *g_vars)), *d_vars)
        g_loss, d_loss = losses[0](d_fake), losses[1](d_real, d_fake)
        d_solver = optimizer(0.01).minimize(d_loss, var_list=d_vars)
        g_solver = optimizer(0.01).minimize(g_loss, var_list=g_vars)
        with tf1.Session() as sess:
            sess.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(sess, prefix)
            yield Iteration(sess, None, None)
            while True:
                feed = {x: draw("x"), z: draw("z")}
                if order == "simultaneous":
                    *_, g, d = sess.run([g_solver, d_solver, g_loss, d_loss], feed)
                elif order == "generator_first":
                    _, g = sess.run([g_solver, g_loss], {z: feed[z]})
                    _, d = sess.run([d_solver, d_loss], feed)
                else:
                    _, d = sess.run([d_solver, d_loss], feed)
                    _, g = sess.run([g_solver, g_loss], {z: draw("z")})
                yield Iteration(sess, g, d)


class Network(tf.Module):
    """x W + b, ReLU, x W + b, and a last function: what both ports are made of."""

    def __init__(self, sizes, last=tf.identity, plain_sum=True):
        super().__init__()
        self.layers = [
            Dense(*pair, seed=0, name=f"dense_{i}", plain_sum=plain_sum)
            for i, pair in enumerate(itertools.pairwise(sizes))
        ]
        self.last = last

    def __call__(self, x):
        first, second = self.layers
        return self.last(second(tf.nn.relu(first(x))))

    def weights(self):
        return [weight for layer in self.layers for weight in (layer.kernel, layer.bias)]


def networks(**options):
    generator = Network([LATENT, HIDDEN, PIXELS], tf.sigmoid, **options)
    return generator, Network([PIXELS, HIDDEN, 1], **options)


def as_gan(losses, optimizer, update_order, plain_sum=True, objective=None):
    """A port by our GAN: what runs its steps, what moves, and what draws its arrays."""
    source = tfgan.data.Arrays({"real": IMAGES}, batch_size=BATCH_SIZE)
    model = tfgan.GAN(
        *networks(plain_sum=plain_sum),
        latent_size=LATENT,
        objective=objective or tfgan.Objective(*losses),
        optimizer=optimizer,
        learning_rate=0.01,
        update_order=update_order,
    )
    own = ["generator_latents"] if update_order == "discriminator_first" else []

    def draw(step):
        z = [
            model.inputs(BATCH_SIZE, stream, step)["latents"].numpy()
            for stream in ["latents", *own]
        ]
        return {"z": z, "x": [source.batch(tf.constant(step, tf.int64))["real"].numpy()]}

    players = model.generator.network, model.discriminator.network
    optimizers = model.generator_optimizer, model.discriminator_optimizer
    return training.make_loop(model, source), by_names_of_v1(players, optimizers), draw


def as_steps(losses, optimizer, draw):
    """A port by a function that takes a step, for arrays of any origin: discriminator first."""
    generator, discriminator = networks()
    g_weights, d_weights = generator.weights(), discriminator.weights()
    g_optimizer, d_optimizer = optimizer(g_weights, 0.01), optimizer(d_weights, 0.01)

    @tf.function(autograph=False)
    def step(x, d_latents, g_latents):
        with tf.GradientTape() as tape:
            d_loss = losses[1](discriminator(x), discriminator(generator(d_latents)))
        d_optimizer.apply(tape.gradient(d_loss, d_weights))
        with tf.GradientTape() as tape:
            g_loss = losses[0](discriminator(generator(g_latents)))
        g_optimizer.apply(tape.gradient(g_loss, g_weights))
        return g_loss, d_loss

    def run_steps(first_step, num_steps):
        arrays = map(draw, range(first_step, first_step + num_steps))
        pairs = [step(*each["x"], *each["z"]) for each in arrays]
        return dict(zip(("g_loss", "d_loss"), np.transpose(pairs), strict=True))

    moved = by_names_of_v1((generator, discriminator), (g_optimizer, d_optimizer))
    return run_steps, moved


def by_names_of_v1(players, optimizers):
    """Returns what moves by the names that version 1 gives where the script gives none."""
    (generator, discriminator), found = players, {}
    weights = [*discriminator.weights(), *generator.weights()]
    names = {id(v): f"Variable_{i}".removesuffix("_0") for i, v in enumerate(weights)}
    for number, optimizer in enumerate(reversed(optimizers)):
        own = [names[id(v)] for v in optimizer.variables_to_train]
        found |= dict(zip(own, optimizer.variables_to_train, strict=True))
        for name, variable in optimizer.state(own).items():
            is_power = name in optimizer.powers()
            found[f"{name}_{number}".removesuffix("_0") if is_power else name] = variable
    return found


def compared(
    tmp_path, losses="a sum of two means", optimizer="adam", order="simultaneous", **other
):
    """Compares a script with its ports, or with one that is made with an `other` option."""
    theirs, ours = OPTIMIZERS[optimizer]
    losses, prefix = LOSSES[losses], str(tmp_path / "start")
    *by_gan, draw = as_gan(losses, ours, **({"update_order": order} | other))
    ports = [Port(*by_gan, window=7)]
    if order == "discriminator_first":
        ports.append(Port(*as_steps(losses, ours, draw), window=1))
    with Session(lambda drawn: script(drawn, losses, theirs, order, prefix)) as session:
        start = session.start()
        for port in ports:
            port.take_over(prefix, start.variables)
        return compare(session, ports, draw, NUM_STEPS)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_port_by_gan_and_one_by_steps_differ_in_no_bit(optimizer, tmp_path):
    """A sum of two means, discriminator first, with latents of its own for each player."""
    report = compared(tmp_path, optimizer=optimizer, order="discriminator_first")
    assert report.equal, report.markdown()
    assert {"Variable", "Variable_7", "g_loss", "d_loss"} < set(report.rows)
    assert (
        len(report.rows)
        == {"adam": 2 + 3 * 8 + 4, "rmsprop": 2 + 3 * 8, "adagrad": 2 + 2 * 8}[optimizer]
    )
    assert report.rows["d_loss"].compared == 2 * NUM_STEPS


@pytest.mark.parametrize("order", ["generator_first", "simultaneous"])
@pytest.mark.parametrize("losses", LOSSES)
def test_no_bit_differs(losses, order, tmp_path):
    report = compared(tmp_path, losses, order=order)
    assert report.equal, report.markdown()


@pytest.mark.parametrize(
    "other",
    [dict(plain_sum=False), dict(objective="non_saturating"), dict(update_order="generator_first")],
)
def test_each_of_these_counts(other, tmp_path):
    """The bias by `bias_add`, the mean of the sums, another order: none is the script's."""
    assert not compared(tmp_path, **other).equal
