"""Penalties inside the discriminator's loss: which passes they make, and what they add."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan.core.interfaces import Mode
from tfgan.losses import OBJECTIVES
from tfgan.models.game import Game
from tfgan.penalties import PENALTIES

REAL = np.array([[3.0, 4.0], [0.0, 2.0]])
FAKE = np.array([[1.0, 0.0], [0.0, -1.0]])


class Bowl(tf.Module):
    """D(x) = w |x|^2 / 2, whose gradient is w x; remembers how it was called."""

    def __init__(self):
        super().__init__()
        self.weight = tf.Variable(0.5, dtype=tf.float64)
        self.modes = []

    def __call__(self, x, mode):
        self.modes.append(mode)
        return self.weight * tf.reduce_sum(tf.square(x), 1) / 2


def loss_of(names, every_steps=1):
    """Returns a function of the step to the loss and its gradient, and the discriminator."""
    bowl = Bowl()
    game = Game(
        bowl,
        OBJECTIVES["wasserstein"],
        examples=tf.constant(FAKE[:1]),
        labels=None,
        num_classes=0,
        condition="none",
        condition_weight=1.0,
        penalties=[(PENALTIES[name], 10.0) for name in names],
        penalty_every_steps=every_steps,
        pack_size=1,
        augmentations=(),
    )
    bowl.modes = []  # without the one that it is tried with

    def draw(shape, stream, axis):
        return tf.zeros(shape)  # all shares of what lies between are the generated example's

    def loss(step):
        with tf.GradientTape() as tape:
            real, fake = tf.constant(REAL), tf.constant(FAKE)
            value, _ = game.discriminator_loss({"real": real}, fake, {}, step, draw, Mode.TRAIN)
        return value, tape.gradient(value, bowl.weight)

    return loss, bowl


def by_hand(weight=0.5, factor=1):
    """The loss with R1 and R2, and its derivative by w."""
    real, fake = ((x**2).sum(1).mean() for x in (REAL, FAKE))  # mean |x|^2
    value = weight * (fake - real) / 2 + factor * 10 * weight**2 * (real + fake) / 2
    return value, (fake - real) / 2 + factor * 10 * weight * (real + fake)


@pytest.mark.parametrize("compiled", [False, True])
def test_r1_and_r2_are_those_of_the_closed_form_in_every_kth_step(compiled):
    loss, _ = loss_of(["r1", "r2"])
    np.testing.assert_allclose(loss(tf.constant(1)), by_hand(), rtol=1e-12)
    loss, _ = loss_of(["r1", "r2"], every_steps=3)
    loss = tf.function(loss) if compiled else loss
    for step, factor in enumerate([3, 0, 0, 3]):
        expected = by_hand(factor=factor)
        np.testing.assert_allclose(loss(tf.constant(step)), expected, rtol=1e-12)


def test_r1_and_r2_take_the_gradients_of_the_passes_that_the_loss_makes():
    loss, bowl = loss_of(["r1", "r2"])
    loss(tf.constant(0))
    assert bowl.modes == [Mode.TRAIN, Mode.TRAIN]
    loss, bowl = loss_of(["gradient_penalty"])
    loss(tf.constant(0))
    assert bowl.modes == [Mode.TRAIN, Mode.TRAIN, Mode.FROZEN]
