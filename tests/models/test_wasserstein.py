"""A trained Wasserstein discriminator against exact distances of what it was trained on."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import optimize

from tfgan import optimizers
from tfgan.models.gan import GAN
from tfgan.networks import mlp
from tfgan.penalties import PENALTIES
from tfgan.schedules import Schedule

COUNT = 64


class Given(tf.Module):
    """A generator whose latents are its examples."""

    def __init__(self, dtype=tf.float32):
        self.weight = tf.Variable(0.0, dtype=dtype)  # a player has one

    def __call__(self, latents):
        return tf.cast(latents, self.weight.dtype) + 0.0 * self.weight


class Linear(tf.Module):
    def __init__(self, slope, dtype):
        self.slope = tf.Variable([[slope]], dtype=dtype)

    def __call__(self, x):
        return tf.matmul(tf.cast(x, self.slope.dtype), self.slope)


def train(model, real, fake, num_steps):
    """Runs discriminator steps on all examples, paired anew in each.

    Returns:
      E[D(x)] - E[D(G(z))].
    """
    real, fake = tf.constant(real, model.dtype), tf.constant(fake, model.dtype)

    def turn(i):
        order = tf.random.experimental.stateless_shuffle(tf.range(len(fake)), [i, 0], alg="philox")
        model.discriminator_step({"real": real}, {"latents": tf.gather(fake, order)}, i)
        return (i + 1,)

    loop = tf.function(
        lambda: tf.while_loop(lambda i: i < num_steps, turn, (tf.constant(0),)), autograph=False
    )
    loop()
    logits = [model.discriminator(tf.constant(x, model.dtype)) for x in (real, fake)]
    return float(tf.reduce_mean(logits[0]) - tf.reduce_mean(logits[1]))


def steepest(discriminator, low, high):
    """Returns its largest slope, at the points of a fine grid around all examples."""
    sides = [
        np.linspace(a, b, 10_001 if len(low) == 1 else 201) for a, b in zip(low, high, strict=True)
    ]
    grid = tf.constant(np.stack(np.meshgrid(*sides), -1).reshape(-1, len(low)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(grid)
        logits = discriminator(grid)
    return float(tf.reduce_max(tf.norm(tape.gradient(logits, grid), axis=1)))


def sorted_differences(real, fake):
    return np.abs(np.sort(real[:, 0]) - np.sort(fake[:, 0])).mean()


def assignment(real, fake):
    costs = np.linalg.norm(real[:, None] - fake[None], axis=-1)
    return costs[optimize.linear_sum_assignment(costs)].mean()


def samples(name):
    draw = np.random.RandomState(0)
    if name == "a line, side by side":
        return 0.5 + 0.5 * draw.normal(size=(COUNT, 1)), draw.uniform(-1.8, 0.2, size=(COUNT, 1))
    if name == "a line, one inside the other":
        return 0.2 * draw.normal(size=(COUNT, 1)), draw.choice([-1.0, 1.0], size=(COUNT, 1)) + 0.1
    real = [1.0, 0.0] + draw.normal(size=(COUNT, 2)) * [0.5, 0.2]
    return real, [-0.5, -0.3] + draw.normal(size=(COUNT, 2)) * [0.2, 0.6]


@pytest.mark.parametrize(
    ("name", "penalty"),
    [
        ("a line, side by side", "gradient_penalty"),
        ("a plane", "gradient_penalty"),
        # The best slope turns round in the middle, where the two-sided penalty bars the way.
        ("a line, one inside the other", "one_sided_gradient_penalty"),
    ],
)
def test_with_a_gradient_penalty_it_finds_the_distance(name, penalty):
    """The penalty of weight 100 lets the slope be a little above 1, and the value above the
    distance: by a share of about W / (2 weight)."""
    real, fake = samples(name)
    distance = assignment(real, fake)
    if real.shape[1] == 1:
        np.testing.assert_allclose(distance, sorted_differences(real, fake), rtol=1e-12)
    model = GAN(
        Given(),
        mlp.Discriminator(real.shape[1:], hidden_size=64, hidden_layers=2, seed=0),
        latent_size=real.shape[1],
        objective="wasserstein",
        penalties=[(PENALTIES[penalty], 100.0)],
        optimizer=lambda weights, rate: optimizers.Adam(weights, rate, 0.5, 0.9),
        learning_rate=0.002,
        schedule=Schedule("linear", 0, 1000),
    )
    value = train(model, real, fake, 1000)
    ends = np.concatenate([real, fake])
    slope = steepest(model.discriminator, ends.min(0), ends.max(0))
    assert value / slope <= distance * (1 + 1e-5)  # as for every function, however trained
    assert value / distance - 1.0 == pytest.approx(distance / 200.0, rel=0.1)


def test_with_clipped_weights_it_finds_the_distance_times_the_clip():
    """A linear discriminator is the best one where one side lies before the other."""
    real, fake = samples("a line, side by side")
    real = np.sort(real, 0)
    fake = np.minimum(np.sort(fake, 0), real - 0.01)
    model = GAN(
        Given(),
        Linear(0.0, tf.float32),
        latent_size=1,
        objective="wasserstein",
        weight_clip=0.05,
        optimizer="rmsprop",
        learning_rate=0.01,
    )
    value = train(model, real, fake, 20)
    assert value == pytest.approx(0.05 * sorted_differences(real, fake), rel=1e-5)


@pytest.mark.parametrize("distance", [0.5, 2.0])
@pytest.mark.parametrize("penalty", ["gradient_penalty", "one_sided_gradient_penalty"])
def test_wgan_gp_on_two_points(penalty, distance):
    """The best slope is 1 + t / (2 weight), the difference of scores t times that, and what the
    penalty leaves of it t + t^2 / (4 weight)."""
    weight = 10.0
    model = GAN(
        Given(tf.float64),
        Linear(1.5, tf.float64),
        latent_size=1,
        objective="wasserstein",
        penalties=[(PENALTIES[penalty], weight)],
        optimizer=optimizers.SGD,
        learning_rate=0.02,
    )
    real, fake = np.full((4, 1), distance), np.zeros((4, 1))
    value = train(model, real, fake, 100)
    slope = model.discriminator.network.slope.numpy().item()
    assert slope == pytest.approx(1 + distance / (2 * weight), rel=1e-9)
    assert value == pytest.approx(distance + distance**2 / (2 * weight), rel=1e-9)
    loss, _ = model.discriminator_gradients({"real": real}, {"latents": fake}, tf.constant(0))
    assert -float(loss) == pytest.approx(distance + distance**2 / (4 * weight), rel=1e-9)
