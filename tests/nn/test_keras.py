"""A Keras network as a player: what it computes, what it moves, and how its state is named."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.nn import state
from tfgan.nn.keras import KerasNetwork, is_layer, trainable_ids, variables_by_place
from tfgan.nn.player import Player

X = tf.constant(np.random.RandomState(0).normal(size=(6, 5)).astype(np.float32))


def make():
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.layers.Dense(4, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1),
        ]
    )


def values(layer):
    return {n: v.numpy().tobytes() for n, v in variables_by_place(layer, "d").items()}


NAMES = [
    *("d/0/kernel", "d/0/bias", "d/1/gamma", "d/1/beta", "d/1/moving_mean", "d/1/moving_variance"),
    *("d/2/seed_generator_state", "d/3/kernel", "d/3/bias"),
]


def test_names_are_positions_and_never_keras_s_own():
    for _ in range(2):  # a notebook's second cell makes `sequential` into `sequential_1`
        layer = make()
        KerasNetwork(layer, X[:1])
        assert list(variables_by_place(layer, "d")) == NAMES
    keras.backend.clear_session()
    assert list(variables_by_place(layer, "d")) == NAMES
    assert all(isinstance(v, tf.Variable) for v in variables_by_place(layer, "d").values())


def test_with_and_without_an_input_layer_the_names_are_the_same():
    layer = make()
    given = keras.Sequential([keras.Input([5]), *make().layers])
    KerasNetwork(layer, X[:1])
    KerasNetwork(given, X[:1])
    assert list(variables_by_place(given, "d")) == list(variables_by_place(layer, "d"))


def test_inference_is_the_layer_s_own_call_to_the_bit():
    layer = make()
    network = KerasNetwork(layer, X[:1])
    before = values(layer)
    assert network(X).numpy().tobytes() == layer(X, training=False).numpy().tobytes()
    assert values(layer) == before


def test_only_train_moves_statistics_and_seeds():
    layer = make()
    network = KerasNetwork(layer, X[:1])
    before = values(layer)
    frozen = [network(X, Mode.FROZEN).numpy().tobytes() for _ in range(2)]
    assert frozen[0] == frozen[1]  # the seed of the dropout stays
    assert values(layer) == before
    first, second = (network(X, Mode.TRAIN).numpy().tobytes() for _ in range(2))
    assert first == frozen[0] != second
    moved = {name for name, value in values(layer).items() if value != before[name]}
    assert moved == {"d/1/moving_mean", "d/1/moving_variance", "d/2/seed_generator_state"}


def test_train_moves_what_the_layer_itself_would():
    ours, theirs = make(), make()
    network = KerasNetwork(ours, X[:1])
    theirs(X[:1], training=False)
    for variable, value in zip(theirs.variables, ours.variables, strict=True):
        variable.assign(value)
    for _ in range(3):
        got = network(X, Mode.TRAIN).numpy()
        assert got.tobytes() == theirs(X, training=True).numpy().tobytes()
    assert values(ours) == values(theirs)


def test_gradients_are_those_of_the_layer_called_directly():
    layer = make()
    network = KerasNetwork(layer, X[:1])
    weights = [v for v in variables_by_place(layer, "d").values() if id(v) in trainable_ids(layer)]
    found = []
    for call in (lambda: network(X, Mode.INFERENCE), lambda: layer(X, training=False)):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            loss = tf.reduce_mean(tf.square(call()))
        found.append([g.numpy().tobytes() for g in tape.gradient(loss, weights)])
    assert found[0] == found[1]
    assert len(weights) == 6


def test_what_is_frozen_is_not_trained():
    layer = make()
    layer.layers[0].trainable = False
    player = Player(layer, "d", X[:1])
    assert list(player.weights) == ["d/1/gamma", "d/1/beta", "d/3/kernel", "d/3/bias"]
    assert list(player.by_place) == NAMES


def test_nested_and_shared_layers_have_one_place_each():
    shared = keras.layers.Dense(5)
    inputs = keras.Input([5])
    hidden = keras.Sequential([keras.layers.Dense(5), keras.layers.ReLU()])(shared(inputs))
    layer = keras.Model(inputs, keras.layers.Dense(1)(shared(hidden)))
    KerasNetwork(layer, X[:1])
    names = list(variables_by_place(layer, "d"))
    assert names == ["d/1/kernel", "d/1/bias", "d/2/0/kernel", "d/2/0/bias"] + [
        "d/3/kernel",
        "d/3/bias",
    ]


class Own(keras.Layer):
    def __init__(self):
        super().__init__()
        self.inner = keras.layers.Dense(2)
        self.scale = self.add_weight(shape=[1], initializer="ones")
        self.offset = self.add_weight(shape=[1], initializer="zeros")

    def call(self, x):
        return self.inner(x) * self.scale + self.offset


class Outer(keras.Layer):
    """Takes no `training`, as many do; what is in it needs it."""

    def __init__(self):
        super().__init__()
        self.inner = make()

    def call(self, x):
        return self.inner(x)


def test_a_layer_that_takes_no_training_hands_it_on():
    player = Player(Outer(), "d", X[:1])
    before = {name: v.numpy().tobytes() for name, v in player.by_place.items()}
    player(X, Mode.FROZEN)
    assert {name: v.numpy().tobytes() for name, v in player.by_place.items()} == before
    player(X, Mode.TRAIN)
    moved = {n for n, v in player.by_place.items() if v.numpy().tobytes() != before[n]}
    assert moved == {
        "d/0/1/moving_mean",
        "d/0/1/moving_variance",
        "d/0/2/seed_generator_state",
    }


def test_variables_without_a_name_are_numbered_by_their_place():
    for _ in range(2):
        layer = Own()
        KerasNetwork(layer, X[:1])
        names = list(variables_by_place(layer, "g"))
        assert names == ["g/variable_0", "g/variable_1", "g/0/kernel", "g/0/bias"]


def test_a_layer_inside_a_module_is_found():
    class Module(tf.Module):
        def __init__(self):
            self.net = make()
            self.gain = tf.Variable(1.0)

        def __call__(self, x, training=False):
            return self.gain * self.net(x, training=training)

    player = Player(Module(), "d", X[:1])
    assert list(player.by_place) == ["d/gain", *(n.replace("d/", "d/net/") for n in NAMES)]
    assert "d/net/1/moving_mean" not in player.weights
    twin = player.twin("average/d")
    assert not {id(v) for v in twin.by_place.values()} & {id(v) for v in player.by_place.values()}


def test_a_twin_is_a_copy_with_variables_of_its_own():
    player = Player(make(), "g", X[:1])
    twin = player.twin("average/g")
    assert [n.removeprefix("average/") for n in twin.by_place] == list(player.by_place)
    assert not {id(v) for v in twin.by_place.values()} & {id(v) for v in player.by_place.values()}
    assert twin(X).numpy().tobytes() == player(X).numpy().tobytes()


def test_what_cannot_be_built_is_refused_in_one_line():
    layer = keras.Sequential([keras.layers.Dense(3), keras.layers.Reshape([7])])
    with pytest.raises(InputError, match=r"the Keras network .* cannot be called with float32 \[1"):
        Player(layer, "g", X[:1])


class Late(keras.Layer):
    """Makes a layer when it is first trained."""

    extra = None

    def build(self, shape):
        self.scale = self.add_weight(shape=[1], initializer="ones", name="scale")

    def call(self, x, training=False):
        if training and self.extra is None:
            self.extra = keras.layers.Dense(2)
        return x * self.scale if self.extra is None else self.extra(x)


def test_variables_that_would_come_too_late_are_refused():
    with pytest.raises(InputError, match="the Keras network .* cannot be called with"):
        Player(Late(), "g", X[:1])


def test_in_a_loop_the_state_replays_the_same_bits():
    player = Player(make(), "d", X[:1])

    @tf.function(autograph=False)
    def loop():
        def body(i, total):
            return i + 1, total + tf.reduce_sum(player(X, Mode.TRAIN))

        return tf.while_loop(lambda i, _: i < 20, body, (0, 0.0), parallel_iterations=1)[1]

    def state_now():
        return {name: v.numpy() for name, v in player.by_place.items()}

    start = state_now()
    first, after = loop().numpy(), state_now()
    assert after["d/2/seed_generator_state"].tolist() != start["d/2/seed_generator_state"].tolist()
    for name, variable in player.by_place.items():
        variable.assign(start[name])
    assert loop().numpy() == first
    again = state_now()
    assert all(again[name].tobytes() == after[name].tobytes() for name in after)


def test_what_is_a_layer():
    assert is_layer(make())
    assert not is_layer(tf.Module())
    assert not is_layer(X)
    assert state.variables_by_place([make()], "d").keys() == {"d/0/2/seed_generator_state"}
