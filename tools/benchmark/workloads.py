"""The workloads: their configs, their data, and how many operations an iteration needs.

Imports neither TensorFlow nor a rival: each worker imports its own.
"""

import dataclasses
import math

import numpy as np

from tfgan.config import Config
from tfgan.core import contradictions
from tools.benchmark import pictures

NUM_IMAGES = 10_000


@dataclasses.dataclass(frozen=True)
class Workload:
    """What every engine trains on: the iteration of the document with Adam on both players.

    Latents uniform on [-1, 1); the generator's step first, then the discriminator's with the same
    latents; non-saturating losses, unless the config says Wasserstein; Adam with learning rate
    0.001, decays 0.9 and 0.999, epsilon 1e-8.

    Args:
      config: sizes, objective and penalties.
      shape: shape of one example.
      pictures: where the pictures of a folder are read from: memory, or disk, where ours are
        prepared and a rival's workers decode; empty: noise, in memory.
    """

    config: Config
    shape: tuple[int, ...]
    pictures: str = ""

    def images(self) -> np.ndarray:
        """Returns the set in memory, uint8 [N, *shape]: 10,000 of noise, or the pictures."""
        if self.pictures:
            return np.stack([pictures.decode(path, self.shape[0]) for path in pictures.paths()])
        return np.random.RandomState(0).randint(0, 256, (NUM_IMAGES, *self.shape), np.uint8)

    @property
    def penalties(self) -> dict[str, float]:
        """The discriminator's penalties by name, with their weights."""
        return dict(contradictions.penalties(self.config))

    def layers(self) -> tuple[list[int], list[int]]:
        """Returns the multiplications of each layer for one example: generator, discriminator."""
        config, size = self.config, math.prod(self.shape)
        if config.network == "mlp":
            hidden = [config.hidden_size] * config.hidden_layers
            return _dense([config.latent_size, *hidden, size]), _dense([size, *hidden, 1])
        halvings = (self.shape[0] // 4).bit_length() - 1
        widths = [self.shape[2], *(config.base_channels * 2**i for i in range(halvings))]
        # A 5x5 kernel at each position of the smaller of the two maps, which is where a strided
        # convolution puts it; its transpose goes the same way backwards.
        convs = [
            25 * (self.shape[0] >> i) ** 2 * widths[i - 1] * widths[i]
            for i in range(1, halvings + 1)
        ]
        flat = 16 * widths[-1]
        return [config.latent_size * flat, *convs[::-1]], [*convs, flat]

    def flops(self) -> int:
        """Returns the floating point operations that one iteration cannot do without.

        A pass forward, a pass back to the inputs and a pass back to the weights of a layer cost 2
        operations per multiplication each. With G and D all layers, G' and D' all but the first,
        which need no gradient of what comes in:

          generator step      G + D forward;  D back to the inputs;  G to weights, G' to inputs
          discriminator step  G forward;  2 D forward;  2 D to weights, 2 D' to inputs
          flops = 2 batch_size (G + D + D + G + G'  +  G + 2 D + 2 D + 2 D')

        The factors 2 of the discriminator step are real and generated examples. Biases,
        activations, losses and Adam are left out: a fraction of a percent of the DCGAN's.

        A penalty of |grad D(x)| adds at its points, with D" all layers but the last:

          D back to the inputs;  and for the gradient of that: D" forward, D to weights

        since the activations are linear in pieces. Those between real and generated examples go
        forward first, D; at real and at generated ones the step has done it.
        """
        generator, discriminator = self.layers()
        g, d = sum(generator), sum(discriminator)
        generator_step = g + d + d + g + (g - generator[0])
        discriminator_step = g + 2 * d + 2 * d + 2 * (d - discriminator[0])
        for name in self.penalties:
            discriminator_step += d + (d - discriminator[-1]) + d
            discriminator_step += 0 if name in ("r1", "r2") else d
        return 2 * self.config.batch_size * (generator_step + discriminator_step)


def _dense(widths: list[int]) -> list[int]:
    return [i * o for i, o in zip(widths[:-1], widths[1:], strict=True)]


def _workload(shape, pictures="", **fields) -> Workload:
    adam = dict(beta1=0.9, beta2=0.999, epsilon=1e-8)
    rates = dict(generator_learning_rate=0.001, discriminator_learning_rate=0.001)
    steps = dict(num_steps=2**62)  # the session's loop counts; nobody waits for the end
    return Workload(Config(**fields, **adam, **rates, **steps), shape, pictures)


_DCGAN = dict(network="dcgan", latent_size=100, base_channels=64, batch_size=64)
_PICTURES = _DCGAN | dict(base_channels=32)

WORKLOADS = {
    "ring": _workload(
        (2,), data="ring", network="mlp", latent_size=2, hidden_size=128, batch_size=128
    ),
    "mnist_mlp": _workload(
        (28, 28, 1), network="mlp", latent_size=100, hidden_size=256, batch_size=128
    ),
    "dcgan": _workload((32, 32, 3), **_DCGAN),
    "dcgan_bfloat16": _workload((32, 32, 3), **_DCGAN, compute_dtype="bfloat16"),
    "dcgan_wgan_gp": _workload(
        (32, 32, 1), **_DCGAN, objective="wasserstein", penalties="gradient_penalty:10"
    ),
    "dcgan_r1_r2": _workload((32, 32, 1), **_DCGAN, penalties="r1:10,r2:10"),
    "pictures_memory": _workload((64, 64, 3), "memory", **_PICTURES),
    "pictures_disk": _workload((64, 64, 3), "disk", **_PICTURES),
}
