"""The moving average of a network's weights."""

from collections.abc import Sequence

import tensorflow as tf

from tfgan.nn.player import Player


class WeightAverage(tf.Module):
    """Exponential moving average of one network's variables, kept in a twin of it.

    average <- average + (1 - decay) (weight - average)

    The twin starts as a copy. Variables that are not trained (moving statistics) are copied, since
    they are averages already; but what moves by `before_step` does so in the twin by itself: its
    spectral norms are those of the averaged weights.

    Args:
      pairs: each variable of the network that trains, with its twin's, which becomes the average.
      twin: the network that these make up, which the average is sampled by.
      decay: in [0, 1); the average reaches back about 1 / (1 - decay) steps.

    Source: Yazici et al., "The Unusual Effectiveness of Averaging in GAN Training", 2019, equation
    3.
    """

    def __init__(
        self, pairs: Sequence[tuple[tf.Variable, tf.Variable]], twin: Player, decay: float
    ):
        self.twin, self.decay = twin, decay
        for variable, average in pairs:
            average.assign(variable)
        own = twin.stepping_ids()
        self.pairs = tuple(pair for pair in pairs if id(pair[1]) not in own)

    @classmethod
    def of(cls, player: Player, decay: float) -> "WeightAverage":
        """Returns the average of a player, whose twin's variables are called "average/..."."""
        twin = player.twin(f"average/{player.name}")
        return cls(
            [*zip(player.by_place.values(), twin.by_place.values(), strict=True)], twin, decay
        )

    def update(self) -> None:
        """Moves the average one step towards the weights."""
        for variable, average in self.pairs:
            if not variable.dtype.is_floating:  # the state of a random generator
                average.assign(variable)
                continue
            share = 1.0 - self.decay if variable.trainable else 1.0
            average.assign_add(share * (variable - average))
        self.twin.before_step()
