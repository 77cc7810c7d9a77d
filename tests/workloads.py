"""The four workloads of the benchmark, on noise in place of images: sizes are what counts here."""

import numpy as np

from tfgan import build
from tfgan.config import Config
from tfgan.data.images import ArrayImages

WORKLOADS = {
    "ring": (
        dict(data="ring", network="mlp", latent_size=2, hidden_size=128, batch_size=128),
        (2,),
    ),
    "mnist_mlp": (
        dict(network="mlp", latent_size=100, hidden_size=256, batch_size=128),
        (28, 28, 1),
    ),
    "dcgan": (
        dict(network="dcgan", latent_size=100, base_channels=64, batch_size=64),
        (32, 32, 3),
    ),
    "dcgan_bfloat16": (
        dict(
            network="dcgan",
            latent_size=100,
            base_channels=64,
            batch_size=64,
            compute_dtype="bfloat16",
        ),
        (32, 32, 3),
    ),
}


def build_workload(config: Config, shape):
    """Makes the model and a source of 2,000 images of noise (or the ring)."""
    if config.data == "ring":
        return build.build(config)
    images = np.random.RandomState(0).randint(0, 256, size=(2000, *shape)).astype(np.uint8)
    source = ArrayImages("noise", images, config.batch_size, config.seed)
    return build.Run(build.build_model(config, tuple(shape)), source)
