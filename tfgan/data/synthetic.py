"""Points in the plane from mixtures of Gaussians, where lost modes can be counted."""

import copy
import hashlib

import numpy as np
import tensorflow as tf

from tfgan.core import random
from tfgan.core.interfaces import Kind, Specs
from tfgan.data import kinds, labels


class Mixture:
    """Equally likely round Gaussians; a `Source` without an end.

    Args:
      name: what the user called it.
      centres: means of the modes, float [K, F].
      stddev: standard deviation of each mode, in every direction.
      batch_size: points in a batch.
      seed: seed of the run.
      with_labels: whether batches hold "labels": the number of each point's mode.
    """

    num_examples: int | None = None

    def __init__(
        self,
        name: str,
        centres: np.ndarray,
        stddev: float,
        batch_size: int,
        seed: int,
        with_labels: bool = False,
    ):
        self.name = name
        self.centres = np.asarray(centres, np.float32)  # [K, F]
        self.stddev = stddev
        self.batch_size = batch_size
        self.seed = seed
        self.kind: Kind = kinds.KINDS["points"]
        self.specs: Specs = {"real": tf.TensorSpec([self.centres.shape[1]], tf.float32, "real")}
        content = self.centres.tobytes() + repr(stddev).encode()
        self._with_labels = with_labels
        if with_labels:
            self.specs = {**self.specs, "labels": labels.spec_of_counts([1] * len(centres))}
            content += b" labels"
        self.fingerprint = hashlib.sha256(content).hexdigest()

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the points of `step` (int64 scalar), "real" float32 [B, F], and "labels"."""
        size, width = self.batch_size, self.centres.shape[1]
        mode = random.integers([size], self.seed, "mode", step, below=len(self.centres))
        offset = random.normal([size, width], self.seed, "offset", step, stddev=self.stddev)
        real = {"real": tf.gather(self.centres, mode) + offset}
        return real | ({"labels": mode} if self._with_labels else {})

    def with_seed(self, seed: int) -> "Mixture":
        """Returns the same mixture, drawn from another seed."""
        other = copy.copy(self)
        other.seed = seed
        return other


def ring(batch_size: int, seed: int, with_labels: bool = False) -> Mixture:
    """Makes 8 Gaussians on a circle of radius 0.8, standard deviation 0.008.

    The usual radius 2 and standard deviation 0.02, times 0.4 to lie in [-1, 1].

    Source: Metz et al., "Unrolled Generative Adversarial Networks", 2017, section 3.1, appendix A.
    """
    angle = 2 * np.pi * np.arange(8) / 8
    centres = np.stack([np.cos(angle), np.sin(angle)], 1)  # [8, 2]
    return Mixture("ring", 0.4 * 2 * centres, 0.4 * 0.02, batch_size, seed, with_labels)


def grid(batch_size: int, seed: int, with_labels: bool = False) -> Mixture:
    """Makes 25 Gaussians on a 5x5 grid from -0.8 to 0.8, standard deviation 0.01.

    The usual means -4, -2, 0, 2, 4 and standard deviation 0.05, times 0.2 to lie in [-1, 1].

    Source: Srivastava et al., "VEEGAN", 2017, section 4; the numbers are spelled out in Lin et al.,
    "PacGAN", 2018, section 4.1.
    """
    axis = np.linspace(-4, 4, 5)
    centres = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)  # [25, 2]
    return Mixture("grid", 0.2 * centres, 0.2 * 0.05, batch_size, seed, with_labels)


MIXTURES = {"ring": ring, "grid": grid}
