"""The Dirac-GAN (Mescheder et al. 2018): D(x) = psi x, data in one point, G(z) = theta.

Both players have one weight, and so closed-form gradients, for every objective with every penalty.
They are read off the players' own steps: gradient descent with learning rate 1. In the paper the
data lie at 0, where the discriminator's loss of real examples has no gradient; here also beside it.
"""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import optimizers
from tfgan.losses import OBJECTIVES
from tfgan.models.gan import GAN
from tfgan.penalties import PENALTIES
from tools.make_results.dirac import Point, Slope

STEP = tf.constant(0, tf.int64)
THETA, WEIGHT = 0.7, 3.0
AVERAGES = (0.3, -0.2)  # of the logits of real and of fake examples


def dirac(objective, **options):
    common = dict(latent_size=1, optimizer=optimizers.SGD, learning_rate=1.0)
    return GAN(Point(THETA), Slope(1.0), objective=objective, **common, **options)


def steps(model, psi, data):
    """Returns minus the gradients: how far theta and psi move in one step each."""
    theta_at, psi_at = model.generator.network.weight, model.discriminator.network.weight
    theta_at.assign(THETA)
    psi_at.assign(psi)
    for average, value in zip(model.game.averages or (), AVERAGES, strict=False):
        average.assign(value)
    batch, inputs = {"real": tf.fill([4, 1], data)}, {"latents": tf.zeros([4, 1])}
    model.discriminator_step(batch, inputs, STEP)
    moved = psi_at.numpy() - psi
    psi_at.assign(psi)
    model.generator_step(inputs, batch)
    return theta_at.numpy() - THETA, moved


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def sech2(x):
    return 1.0 / np.cosh(x) ** 2


# By the logits r and f of real and of generated examples: the derivatives of the generator's loss
# by f, and of the discriminator's by r and by f.
SLOPES = {
    "minimax": lambda r, f: (-sigmoid(f), sigmoid(r) - 1, sigmoid(f)),
    "non_saturating": lambda r, f: (sigmoid(f) - 1, sigmoid(r) - 1, sigmoid(f)),
    "wasserstein": lambda r, f: (-1, -1, 1),
    "least_squares": lambda r, f: (f - 1, r - 1, f),
    "hinge": lambda r, f: (-1, -(r < 1), f > -1),
    "relativistic": lambda r, f: (-sigmoid(r - f), -sigmoid(f - r), sigmoid(f - r)),
    "relativistic_average": lambda r, f: (
        -2 * sigmoid(r - f),
        -2 * sigmoid(f - r),
        2 * sigmoid(f - r),
    ),
    "kullback_leibler": lambda r, f: (-np.exp(f - 1), -1, np.exp(f - 1)),
    "reverse_kullback_leibler": lambda r, f: (-1, -np.exp(-r), 1),
    "pearson": lambda r, f: (-f / 2 - 1, -1, f / 2 + 1),
    "squared_hellinger": lambda r, f: (-np.exp(f), -np.exp(-r), np.exp(f)),
    "total_variation": lambda r, f: (-sech2(f) / 2, -sech2(r) / 2, sech2(f) / 2),
}

# By psi and the place of the data: the derivative by psi.
PENALTY_SLOPES = {
    "gradient_penalty": lambda psi, data: 2 * (abs(psi) - 1) * np.sign(psi),
    "one_sided_gradient_penalty": lambda psi, data: 2 * max(abs(psi) - 1, 0) * np.sign(psi),
    "dragan": lambda psi, data: 2 * (abs(psi) - 1) * np.sign(psi),
    "r1": lambda psi, data: psi,
    "r2": lambda psi, data: psi,
    "lecam": lambda psi, data: (
        2 * (psi * data - AVERAGES[1]) * data + 2 * (psi * THETA - AVERAGES[0]) * THETA
    ),
}


def test_every_objective_and_penalty_is_tested():
    assert SLOPES.keys() == OBJECTIVES.keys()
    assert PENALTY_SLOPES.keys() == PENALTIES.keys()


def check(model, objective, penalties):
    for psi, data in ((0.4, 0.0), (-1.7, 0.25)):  # its slope below and above 1, up and down
        of_generator, of_real, of_fake = SLOPES[objective](psi * data, psi * THETA)
        penalty = sum(w * PENALTY_SLOPES[name](psi, data) for name, w in penalties.items())
        expected = -of_generator * psi, -(of_real * data + of_fake * THETA + penalty)
        np.testing.assert_allclose(steps(model, psi, data), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("penalty", ["", *PENALTIES])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_both_players_follow_the_closed_form(objective, penalty):
    penalties = {penalty: WEIGHT} if penalty else {}
    built = [(PENALTIES[name], weight) for name, weight in penalties.items()]
    check(dirac(objective, penalties=built), objective, penalties)


def test_penalties_add_up_each_with_its_weight():
    weights = {"r1": 5.0, "r2": 0.5, "gradient_penalty": 2.0, "lecam": 0.1}
    model = dirac("relativistic", penalties=[(PENALTIES[n], w) for n, w in weights.items()])
    check(model, "relativistic", weights)


def test_smoothing_touches_the_real_side_alone():
    model = dirac("non_saturating", label_smoothing=0.2)
    psi, data = -1.7, 0.25
    expected = -(sigmoid(psi * data) - 0.8) * data - sigmoid(psi * THETA) * THETA
    theta_step, psi_step = steps(model, psi, data)
    np.testing.assert_allclose(psi_step, expected, rtol=1e-12)
    np.testing.assert_allclose(theta_step, (1 - sigmoid(psi * THETA)) * psi, rtol=1e-12)


@pytest.mark.parametrize(
    ("order", "area"),
    [("generator_first", 1.0), ("discriminator_first", 1.0), ("simultaneous", 1.0 + 0.1**2)],
)
def test_in_turn_the_players_keep_an_area_and_together_they_leave_the_middle(order, area):
    """One iteration of the game theta psi is a matrix (Mescheder et al. 2018, lemmas 2.3, 2.4)."""

    class Zeros:
        batch_size = 1

        def batch(self, step):
            return {"real": tf.zeros([1, 1], tf.float64)}

    columns = []
    for theta, psi in ((1.0, 0.0), (0.0, 1.0)):
        model = GAN(
            Point(theta),
            Slope(psi),
            latent_size=1,
            objective="wasserstein",
            optimizer=optimizers.SGD,
            learning_rate=0.1,
            update_order=order,
        )
        model.iteration(STEP, Zeros())
        columns.append([model.generator.network.weight, model.discriminator.network.weight])
    matrix = np.array(columns).T
    np.testing.assert_allclose(np.linalg.det(matrix), area, rtol=1e-14)
    if order == "simultaneous":
        np.testing.assert_array_equal(matrix, [[1.0, 0.1], [-0.1, 1.0]])


def distance(penalties, count=400):
    """Runs both players in turn at a small rate; returns how far from the data theta ends."""
    common = dict(latent_size=1, objective="minimax", optimizer=optimizers.SGD, learning_rate=0.1)
    model = GAN(Point(THETA), Slope(1.0), penalties=penalties, **common)
    batch, inputs = {"real": tf.zeros([1, 1])}, {"latents": tf.zeros([1, 1])}

    def turn(i):
        model.generator_step(inputs, batch)
        model.discriminator_step(batch, inputs, STEP)
        return (i + 1,)

    tf.function(lambda: tf.while_loop(lambda i: i < count, turn, (0,)), autograph=False)()
    ends = [model.generator.network.weight.numpy(), model.discriminator.network.weight.numpy()]
    return np.linalg.norm(ends)


def test_the_paper_s_result_unregularised_it_circles_and_with_r1_it_converges():
    """Mescheder et al. 2018, theorem 4.1 and lemmas 2.3 and 4.2."""
    assert distance(()) > 0.5
    assert distance([(PENALTIES["r1"], 1.0)]) < 1e-6
