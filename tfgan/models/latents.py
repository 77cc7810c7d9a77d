"""What examples are made from: latents, and the labels of their classes."""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from tfgan.core import checks, random
from tfgan.core.checks import InputError, shown


class Latents(NamedTuple):
    """How a generator's inputs are drawn.

    Raises (from `check`):
      InputError: a value does not fit.
    """

    size: int
    """Z."""

    distribution: str = "uniform"
    """"uniform" on [-1, 1), the document's, or "normal"."""

    num_classes: int = 0
    """0: there are no labels."""

    label_frequencies: Sequence[float] | None = None
    """Of each class, in the data as a rule; None: all alike."""

    def check(self) -> "Latents":
        """Returns itself, if its values fit."""
        checks.one_of("latent_distribution", self.distribution, random.LATENT_DISTRIBUTIONS)
        frequencies = self.label_frequencies
        if frequencies is not None and len(frequencies) != self.num_classes:
            raise InputError(
                f"label_frequencies are those of {len(frequencies)} classes, and there are "
                f"{self.num_classes}."
            )
        if frequencies is not None and (min(frequencies) < 0 or abs(sum(frequencies) - 1) > 1e-6):
            raise InputError(
                f"label_frequencies must be at least 0 each and 1 in all, got {shown(frequencies)}."
            )
        return self

    @property
    def label_entropy(self) -> float:
        """Entropy of the labels, in nats."""
        shares = self.label_frequencies or [1.0 / self.num_classes] * self.num_classes
        return -sum(share * math.log(share) for share in shares if share)

    def draw(
        self, count: int, seed: int, stream: str, step: tf.Tensor | int, dtype: tf.DType
    ) -> dict[str, tf.Tensor]:
        """Draws "latents" [count, Z], and "labels" int32 [count] where there are classes."""
        draw = random.LATENT_DISTRIBUTIONS[self.distribution]
        latents = draw([count, self.size], seed, stream, step)
        inputs = {"latents": tf.cast(latents, dtype)}
        if self.num_classes:
            inputs["labels"] = self._labels(count, seed, f"{stream}/labels", step)
        return inputs

    def _labels(self, count, seed, stream, step):
        if self.label_frequencies is None:
            return random.integers([count], seed, stream, step, below=self.num_classes)
        uniform = 0.5 * (1.0 + random.uniform([count, 1], seed, stream, step))
        ends = list(itertools.accumulate(self.label_frequencies))[:-1]  # of each class but the last
        return tf.reduce_sum(tf.cast(uniform >= tf.constant([ends]), tf.int32), 1)
