"""tfgan: generative adversarial networks in TensorFlow 2, low-level, proved and fast.

A training run is a pure function of (config, seed, step). Start reading at `gan.py` (the two
players), then `training.py` (the loop).
"""

__version__ = "0.1.0"
