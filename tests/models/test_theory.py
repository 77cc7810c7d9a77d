"""What theory says of GANs, by the library's own losses, gradients and steps.

The Dirac-GAN is composed from both players' gradients at one point: Mescheder et al., "Which
Training Methods for GANs do actually Converge?", 2018, sections 2 and 4. With D(x) = psi x the
penalty r1:w is w psi^2 / 2, so that w is the paper's gamma.
"""

import cmath
import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from tfgan import optimizers
from tfgan.losses import OBJECTIVES
from tfgan.metrics import game
from tfgan.models.gan import GAN
from tfgan.networks import mlp
from tfgan.schedules import Schedule
from tools.make_results.dirac import Dirac

SPEED = {
    "minimax": 0.5,
    "non_saturating": 0.5,
    "wasserstein": 1.0,
    "hinge": 1.0,
    "relativistic": 0.5,
    "relativistic_average": 1.0,
    "kullback_leibler": math.exp(-1.0),
    "reverse_kullback_leibler": 1.0,
    "pearson": 1.0,
    "squared_hellinger": 1.0,
    "total_variation": 0.5,
}
"""f'(0), of objectives for which (0, 0) is the equilibrium."""


def jacobian(objective, penalties=""):
    dirac = Dirac(objective, penalties)
    dirac.place(0.0, 0.0)
    return dirac.jacobian()


def eigenvalues(matrix):
    return sorted(np.linalg.eigvals(matrix), key=lambda value: (value.real, value.imag))


def test_every_objective_is_there_but_the_one_whose_discriminator_needs_a_bias():
    assert SPEED.keys() == OBJECTIVES.keys() - {"least_squares"}
    assert not jacobian("least_squares")[1].any()  # every (theta, 0) is at rest


@pytest.mark.parametrize("objective", SPEED)
def test_without_a_penalty_the_players_turn_about_each_other(objective):
    low, high = eigenvalues(jacobian(objective))
    np.testing.assert_allclose(
        [low, high], [-1j * SPEED[objective], 1j * SPEED[objective]], 0, 1e-9
    )


@pytest.mark.parametrize("objective", ["minimax", "non_saturating"])
@pytest.mark.parametrize("names", [("r1",), ("r2",), ("r1", "r2")])
@pytest.mark.parametrize("gamma", [0.4, 1.0, 1.6])
def test_r1_and_r2_draw_them_in_and_add_up(gamma, names, objective):
    penalties = ",".join(f"{name}:{gamma / len(names)}" for name in names)
    found = jacobian(objective, penalties)
    # Sum and product of the eigenvalues; the root itself is ill-conditioned at gamma = 1.
    np.testing.assert_allclose([np.trace(found), np.linalg.det(found)], [-gamma, 0.25], 0, 1e-9)
    root = cmath.sqrt(gamma**2 / 4 - 1 / 4)
    expected = [-gamma / 2 - root, -gamma / 2 + root]
    np.testing.assert_allclose(eigenvalues(found), expected, 0, 1e-9 if gamma != 1.0 else 1e-7)


def test_gamma_1_is_critical():
    def turns(gamma):
        return [
            bool(abs(each.imag) > 1e-3) for each in eigenvalues(jacobian("minimax", f"r1:{gamma}"))
        ]

    assert turns(0.999) == [True, True]
    assert turns(1.001) == [False, False]


def test_the_jacobian_is_what_small_differences_of_the_gradients_say():
    dirac = Dirac("kullback_leibler", "r1:0.3")
    columns = []
    for at in ((1e-5, 0.0), (0.0, 1e-5)):
        ends = []
        for sign in (1.0, -1.0):
            dirac.place(sign * at[0], sign * at[1])
            ends.append(-np.array([float(each) for each in dirac.gradients()]))
        columns.append((ends[0] - ends[1]) / 2e-5)
    found = jacobian("kullback_leibler", "r1:0.3")
    np.testing.assert_allclose(found, np.transpose(columns), 0, 1e-9)


def one_step(learning_rate, order):
    """Returns the matrix of one step near the equilibrium."""
    dirac, small = Dirac("minimax", learning_rate=learning_rate), 1e-6
    ends = dirac.trajectory(order, [(small, 0.0), (0.0, small)], 1)[:, -1]
    return np.transpose(ends) / small


@pytest.mark.parametrize("rate", [0.5, 3.9, 4.1])
def test_at_once_they_are_thrown_outwards_and_in_turn_only_beyond_a_rate_of_4(rate):
    at_once = np.abs(eigenvalues(one_step(rate, "simultaneous")))
    np.testing.assert_allclose(at_once, math.sqrt(1 + rate**2 / 4), rtol=1e-9)
    in_turn = np.abs(eigenvalues(one_step(rate, "alternating")))
    half_trace = 1 - rate**2 / 8
    larger = abs(half_trace) + cmath.sqrt(half_trace**2 - 1)
    np.testing.assert_allclose(in_turn.max(), abs(larger), rtol=1e-9)
    assert (in_turn.max() > 1.1) == (rate > 4)


# N(0, 1) against N(1, 1).

COUNT = 2000
LEVELS = (np.arange(COUNT) + 0.5) / COUNT
REAL = stats.norm.ppf(LEVELS)[:, None]  # as many examples as there are, equally likely


def divergence():
    """Returns the Jensen-Shannon divergence of N(0, 1) and N(1, 1), by integration."""
    real, fake = stats.norm(0, 1).pdf, stats.norm(1, 1).pdf

    def density(x):
        middle = (real(x) + fake(x)) / 2
        return (real(x) * np.log(real(x) / middle) + fake(x) * np.log(fake(x) / middle)) / 2

    return integrate.quad(density, -12, 13, epsabs=1e-13)[0]


class Normal(tf.Module):
    """A generator of N(1, 1) whose latents are of N(0, 1)."""

    def __init__(self):
        super().__init__()
        self.mean = tf.Variable(1.0)

    def __call__(self, latents):
        return latents + self.mean


def test_a_trained_discriminator_is_the_best_one_and_its_value_gives_the_divergence():
    model = GAN(
        Normal(),
        mlp.Discriminator((1,), hidden_size=32, hidden_layers=1, seed=0),
        latent_size=1,
        objective="minimax",
        optimizer=lambda weights, rate: optimizers.Adam(weights, rate, 0.9, 0.999),
        learning_rate=0.02,
        schedule=Schedule("cosine", 0, 2000),
    )
    real = tf.constant(REAL, tf.float32)

    def turn(i):
        model.discriminator_step({"real": real}, {"latents": real}, i)
        return (i + 1,)

    loop = (lambda i: i < 2000, turn, (tf.constant(0),))
    tf.function(lambda: tf.while_loop(*loop), autograph=False)()
    x = np.linspace(-1.0, 2.0, 61)  # within 1.5 of the middle
    logits = model.discriminator(tf.constant(x[:, None], tf.float32)).numpy().reshape(-1)
    np.testing.assert_allclose(logits, 0.5 - x, atol=0.02)
    both = (model.discriminator(tf.constant(side, tf.float32)) for side in (REAL, REAL + 1.0))
    value = game.value(*both)
    assert value == pytest.approx(-math.log(4) + 2 * divergence(), abs=3e-4)


def test_the_value_of_the_best_discriminator_is_the_divergence_and_less_for_others():
    best = game.value(0.5 - REAL, 0.5 - (REAL + 1.0))
    assert game.jensen_shannon(best) == pytest.approx(divergence(), abs=1e-4)
    other = game.value(0.4 - 1.2 * REAL, 0.4 - 1.2 * (REAL + 1.0))
    assert game.jensen_shannon(other) < divergence() - 1e-3


def test_the_library_s_minimax_loss_is_minus_the_value():
    loss = OBJECTIVES["minimax"].discriminator_loss(*map(tf.constant, (REAL, 1.0 - 2.0 * REAL)))
    assert game.value(REAL, 1.0 - 2.0 * REAL) == pytest.approx(-np.mean(loss), rel=1e-12)
