"""What users build networks of: each served to the trainer's bits, in one export."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.serving import rig
from tfgan.core.interfaces import Mode, Signature
from tfgan.data import kinds
from tfgan.nn.player import Player
from tfgan.serving import publish
from tfgan.serving.model import Served

VECTOR, IMAGE, SEQUENCE, VOLUME = (8,), (8, 8, 3), (6, 4), (4, 4, 4, 2)

ACTIVATIONS = (
    *("celu", "elu", "gelu", "hard_sigmoid", "hard_silu", "leaky_relu", "log_softmax", "mish"),
    *("relu6", "selu", "silu", "softmax", "softplus", "softsign", "sparse_plus", "tanh"),
)
STACKS = {
    "layer normalisation": (IMAGE, [layers.Conv2D(4, 3), layers.LayerNormalization()]),
    "group normalisation": (IMAGE, [layers.Conv2D(4, 3), layers.GroupNormalization(2)]),
    "rms normalisation": (VECTOR, [layers.Dense(8), layers.RMSNormalization()]),
    "unit normalisation": (VECTOR, [layers.Dense(8), layers.UnitNormalization()]),
    "batch normalisation": (SEQUENCE, [layers.Dense(8), layers.BatchNormalization()]),
    "rescaling": (IMAGE, [layers.Rescaling(0.3, 0.1), layers.Conv2D(4, 3)]),
    "normalisation": (IMAGE, [layers.Normalization(mean=0.1, variance=0.4), layers.Conv2D(4, 3)]),
    "upwards": (IMAGE, [layers.Conv2DTranspose(4, 4, strides=2, activation="relu")]),
    "grouped": (IMAGE, [layers.Conv2D(6, 3, groups=3, activation="relu")]),
    "dilated": (IMAGE, [layers.Conv2D(6, 3, dilation_rate=2, activation="relu")]),
    "depthwise": (IMAGE, [layers.DepthwiseConv2D(3, activation="relu6")]),
    "separable": (IMAGE, [layers.SeparableConv2D(4, 3, activation="elu")]),
    "sequence": (SEQUENCE, [layers.Conv1D(8, 3, activation="relu"), layers.Conv1DTranspose(4, 3)]),
    "volume": (VOLUME, [layers.Conv3D(4, 3, padding="same"), layers.MaxPooling3D(2)]),
    "pooling": (IMAGE, [layers.AveragePooling2D(2), layers.Conv2D(4, 3), layers.MaxPooling2D(2)]),
    "bilinear": (IMAGE, [layers.UpSampling2D(2, interpolation="bilinear"), layers.Conv2D(3, 3)]),
    "bicubic": (IMAGE, [layers.UpSampling2D(2, interpolation="bicubic"), layers.Conv2D(3, 3)]),
    "einsum": (SEQUENCE, [layers.EinsumDense("abc,cd->abd", (None, 8), bias_axes="d")]),
    "lstm": (SEQUENCE, [layers.LSTM(8, return_sequences=True), layers.LSTM(4)]),
    "gru": (SEQUENCE, [layers.GRU(8)]),
    "spectral": (VECTOR, [layers.SpectralNormalization(layers.Dense(8))]),
    "dropout": (
        IMAGE,
        [layers.Conv2D(4, 3), layers.SpatialDropout2D(0.5), layers.GaussianNoise(0.1)],
    ),
}
FORMULAS = {
    "quotient": lambda x, w: (x @ w) / 3.0 + x / 7.0,
    "chain of sums": lambda x, w: x + w[0] + w[1] + w[2] + (x @ w) + (x @ w),
    "chain of products": lambda x, w: x * 0.3 * 0.7 + (x @ w) * 0.3 + (x @ w) * 0.7,
    "power": lambda x, w: (x @ w + 9.0) ** -0.5 + tf.abs(x) ** 2.5,
    "root": lambda x, w: 1.0 / tf.sqrt(tf.abs(x @ w) + 0.1),
    "swish": lambda x, w: (x @ w) * tf.sigmoid(x @ w),
    "transposed product": lambda x, w: (
        tf.matmul(x, w, transpose_b=True) + tf.matmul(x, tf.transpose(w))
    ),
    "equalised": lambda x, w: tf.nn.leaky_relu(x @ (w * 0.5) + w[0]) * 2**0.5,
    "pixel norm": lambda x, w: (
        x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), 1, keepdims=True) + 1e-8)
    ),
    "attention": lambda x, w: tf.nn.softmax(x[:, :, None] * (x @ w)[:, None, :] / 2.0)[:, 0],
    "log-sum-exp": lambda x, w: tf.reduce_logsumexp(x @ w, 1, keepdims=True) + x,
    "fourier": lambda x, w: tf.concat([tf.sin(6.28 * x @ w), tf.cos(6.28 * x @ w)], 1),
    "loop": lambda x, w: tf.while_loop(
        lambda i, _: i < 3, lambda i, y: (i + 1, tf.tanh(y @ w)), [0, x]
    )[1],
    "condition": lambda x, w: tf.cond(tf.reduce_sum(w) > 0, lambda: tf.nn.relu(x @ w), lambda: x),
    "gathered": lambda x, w: tf.gather(w, tf.cast(tf.abs(x) * 4, tf.int32)),
    "sorted": lambda x, w: tf.sort(x @ w, 1) + tf.math.cumsum(x, 1),
}


class Formula(tf.Module):
    def __init__(self, formula):
        self.formula, self.w = formula, tf.Variable(tf.random.stateless_normal([8, 8], [1, 2]))

    def __call__(self, x):
        return self.formula(x, self.w)


def networks():
    """Yields name, shape of one input, network."""
    for activation in ACTIVATIONS:
        yield activation, VECTOR, [layers.Dense(16, activation=activation), layers.Dense(4)]
        yield f"{activation}, image", IMAGE, [layers.Conv2D(4, 3, activation=activation)]
    yield from ((name, *stack) for name, stack in STACKS.items())
    yield from ((name, VECTOR, Formula(formula)) for name, formula in FORMULAS.items())


class Offering:
    """As much of a model as an export asks for: a signature for each network."""

    def __init__(self, players):
        self.players = players

    def inputs(self, count, stream, step=0):
        return {"latents": tf.zeros([count, 2])}

    def sample(self, inputs):
        return inputs["latents"]

    def state(self):
        return {n: v for player, _ in self.players.values() for n, v in player.by_place.items()}

    def signatures(self, kind):
        def offered(player, x):
            spec = tf.TensorSpec([None, *x.shape[1:]])
            return Signature({"x": spec}, lambda x: {"y": player(x, Mode.INFERENCE)})

        return {f"network_{i}": offered(*pair) for i, pair in enumerate(self.players.values())}


@pytest.mark.slow
def test_every_layer_is_served_to_the_trainer_s_bits(loader_program, tmp_path):
    keras.utils.set_random_seed(7)
    draw, players = np.random.RandomState(0), {}
    for number, (name, shape, network) in enumerate(networks()):
        network = keras.Sequential(network) if isinstance(network, list) else network
        x = tf.constant(draw.uniform(-1, 1, (5, *shape)).astype(np.float32))
        player = Player(network, f"player_{number}", x[:1])
        for variable in player.by_place.values():
            if variable.dtype.is_floating:
                variable.assign(variable + 0.05 * draw.normal(size=variable.shape))
        players[name] = player, x
    about = {"step": 1, "checkpoint_sha256": "1"}
    version = publish.export(Served(Offering(players), kinds.KINDS["points"]), about, tmp_path)
    loader = rig.Loader(loader_program, version, tmp_path)
    for number, (_, x) in enumerate(players.values()):
        loader.ask(f"network_{number}", x.numpy())
        loader.ask(f"network_{number}", x.numpy()[:1])
    answers = loader.answers()
    differing = []
    for number, (name, (player, x)) in enumerate(players.items()):
        for rows, served in zip((x, x[:1]), answers[2 * number : 2 * number + 2], strict=True):
            assert not isinstance(served, str), (name, served)
            if not rig.same_bits(served["y"], player(rows, Mode.INFERENCE).numpy()):
                differing.append(f"{name}, {len(rows)} rows")
    assert not differing
    assert len(players) == 2 * len(ACTIVATIONS) + len(STACKS) + len(FORMULAS) == 70
