"""A model that is no GAN: what the commands, runs and exports know is the protocol alone.

python -m tfgan.train --model=tests.models.autoencoder:make --run_dir=runs/autoencoder
"""

import math

import tensorflow as tf

from tfgan.core import random
from tfgan.core.interfaces import Signature, ignore
from tfgan.nn.layers import Dense
from tfgan.nn.state import trainable, variables_by_place
from tfgan.optimizers import Adam


class Autoencoder(tf.Module):
    """Encodes examples into 4 numbers in [-1, 1], decodes them, and minimises the squared error."""

    title = "autoencoder"
    loss_names = ("error",)
    loss_unit = "squared distance"
    diagnostic_names = ("code_spread",)
    descriptions = {"code_spread": "Mean standard deviation of a number of the code."}
    headline = {"code_spread": "spread of codes"}
    dtype = tf.float32
    code_size = 4

    def __init__(self, shape, seed: int):
        super().__init__(name="autoencoder")
        self.shape, self.seed, self.training_seed = tuple(shape), seed, seed
        size = math.prod(shape)
        self.encoder = [
            Dense(size, 16, seed=seed, name="encoder/0"),
            Dense(16, self.code_size, seed=seed, name="encoder/1"),
        ]
        self.decoder = [
            Dense(self.code_size, 16, seed=seed, name="decoder/0"),
            Dense(16, size, seed=seed, name="decoder/1"),
        ]
        self.parts = {
            part: variables_by_place(getattr(self, part), part) for part in ("encoder", "decoder")
        }
        self.weights = trainable(self.parts["encoder"] | self.parts["decoder"])
        self.optimizer = Adam(list(self.weights.values()), 0.01)

    def encode(self, examples):
        flat = tf.reshape(examples, [-1, math.prod(self.shape)])
        return tf.tanh(self.encoder[1](tf.nn.relu(self.encoder[0](flat))))

    def decode(self, codes):
        flat = tf.tanh(self.decoder[1](tf.nn.relu(self.decoder[0](codes))))
        return tf.reshape(flat, [-1, *self.shape])

    def iteration(self, step, source, observe=ignore):
        real = source.batch(step)["real"]
        observe("autoencoder", {"the real examples": real})
        weights = list(self.weights.values())
        with tf.GradientTape() as tape:
            error = tf.reduce_mean(tf.square(self.decode(self.encode(real)) - real))
        gradients = tape.gradient(error, weights)
        observe("autoencoder", {"the loss": error})
        self.optimizer.apply(gradients)
        return {"error": error}

    def inputs(self, count, stream, step=0):
        return {"codes": random.uniform([count, self.code_size], self.seed, stream, step)}

    def sample(self, inputs):
        return self.decode(inputs["codes"])

    def state(self):
        slots = self.optimizer.state(list(self.weights))
        return self.weights | {f"optimizer/{name}": slot for name, slot in slots.items()}

    def diagnostics(self, step, source):
        codes = self.encode(source.batch(step)["real"])
        return {"code_spread": tf.reduce_mean(tf.math.reduce_std(codes, 0))}

    def derived(self, losses):
        return {}

    def verdict(self, rows):
        return "converged" if rows[-1]["error"] < 0.001 else "training"

    def num_parameters(self):
        return {
            part: sum(v.shape.num_elements() for v in variables.values())
            for part, variables in self.parts.items()
        }

    def settings(self):
        return {"code_size": self.code_size, "optimizer": self.optimizer.settings()}

    def signatures(self, kind):
        def encode(**examples):
            return {"codes": self.encode(examples[kind.name])}

        spec = tf.TensorSpec([None, *self.shape], tf.float32)
        return {"encode": Signature({kind.name: spec}, encode)}


def make(config, specs):
    """Is what `--model` names."""
    return Autoencoder(specs["real"].shape, config.seed)
