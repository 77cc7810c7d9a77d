"""tfgan: generative adversarial networks in TensorFlow 2, low-level, proved and fast.

A training run is a pure function of (config, seed, step). Start reading at `models/gan.py` (the two
players), then `training.py` (the loop).

The public API is the list below; each module's public names are those without an underscore.
Importing this package alone is quick: TensorFlow is imported when something needs it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfgan import data, losses, metrics, networks, optimizers, penalties
    from tfgan.config import Config
    from tfgan.core.checks import InputError, NonFiniteError, StorageError
    from tfgan.core.interfaces import Mode
    from tfgan.losses import Objective
    from tfgan.models.gan import GAN
    from tfgan.models.vae import VAE
    from tfgan.run import Run, Samples
    from tfgan.training import Window

__version__ = "0.2.0"

__all__ = [
    "GAN",
    "VAE",
    "Config",
    "InputError",
    "Mode",
    "NonFiniteError",
    "Objective",
    "Run",
    "Samples",
    "StorageError",
    "Window",
    "data",
    "losses",
    "metrics",
    "networks",
    "optimizers",
    "penalties",
]

_HOMES = {
    "GAN": "tfgan.models.gan",
    "VAE": "tfgan.models.vae",
    "Config": "tfgan.config",
    "InputError": "tfgan.core.checks",
    "Mode": "tfgan.core.interfaces",
    "NonFiniteError": "tfgan.core.checks",
    "Objective": "tfgan.losses",
    "Run": "tfgan.run",
    "Samples": "tfgan.run",
    "StorageError": "tfgan.core.checks",
    "Window": "tfgan.training",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in __all__:
        return importlib.import_module(f"tfgan.{name}")
    raise AttributeError(f"module 'tfgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
