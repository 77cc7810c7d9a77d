"""The moving average against its formula."""

import numpy as np
import tensorflow as tf

from tfgan.nn.average import WeightAverage
from tfgan.nn.player import Player


def test_the_average_is_the_formula_and_copies_statistics():
    class Network(tf.Module):
        def __init__(self):
            self.w = tf.Variable([1.0, 2.0])
            self.statistic = tf.Variable(5.0, trainable=False)

        def __call__(self, x):
            return x * self.w

    player = Player(Network(), "generator", tf.zeros([1, 2]))
    made = player.twin("average/generator")
    assert list(made.by_place) == ["average/generator/w", "average/generator/statistic"]
    pairs = zip(player.by_place.values(), made.by_place.values(), strict=True)
    average = WeightAverage(list(pairs), made, 0.75)
    network, twin = player.network, made.network
    network.w.assign([3.0, 6.0])
    network.statistic.assign(7.0)
    average.update()
    np.testing.assert_array_equal(twin.w.numpy(), [1.5, 3.0])
    assert twin.statistic.numpy() == 7.0
    average.update()
    np.testing.assert_array_equal(twin.w.numpy(), [1.875, 3.75])
    np.testing.assert_array_equal(network.w.numpy(), [3.0, 6.0])
