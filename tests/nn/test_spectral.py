"""The spectral norm against singular values, and when it moves."""

import numpy as np
import pytest
import tensorflow as tf

from tests.nn import derivatives
from tfgan.core.interfaces import Mode
from tfgan.nn.layers import Conv2D, Conv2DTranspose, Dense
from tfgan.nn.player import Player
from tfgan.nn.spectral import SpectralNorm

OPTIONS = dict(seed=0, name="layer", spectral=True)
SQUARE = dict(kernel_size=3, stride=1)


def layers(dtype=tf.float32):
    """Each with the function that makes a matrix of its kernel, for numpy."""
    return {
        "dense": (Dense(8, 7, **OPTIONS, dtype=dtype), lambda kernel: kernel),
        "conv": (
            Conv2D(3, 5, **SQUARE, **OPTIONS, dtype=dtype),
            lambda kernel: kernel.reshape(-1, 5),
        ),
        "transposed": (
            Conv2DTranspose(3, 5, **SQUARE, **OPTIONS, dtype=dtype),
            lambda kernel: np.moveaxis(kernel, 2, 3).reshape(-1, 5),
        ),
    }


def largest(matrix):
    return np.linalg.svd(np.float64(matrix), compute_uv=False)[0]


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
@pytest.mark.parametrize("name", layers())
def test_the_norm_is_the_largest_singular_value(name, dtype):
    layer, matrix = layers(dtype)[name]
    norm = layer.spectral_norm
    sigma = layer.kernel.numpy() / norm().numpy()
    np.testing.assert_allclose(sigma, largest(matrix(layer.kernel.numpy())), rtol=0.01)  # at once
    for _ in range(300):
        norm.before_step()
    assert norm().dtype == dtype
    rtol = 1e-5 if dtype == tf.float32 else 1e-12
    np.testing.assert_allclose(largest(matrix(norm().numpy())), 1.0, rtol=rtol)
    left, _, right = np.linalg.svd(matrix(layer.kernel.numpy()))
    for found, vector in ((norm.u, left[:, 0]), (norm.v, right[0])):
        np.testing.assert_allclose(abs(found.numpy() @ vector), 1.0, rtol=rtol)


def test_a_large_kernel_of_a_discriminator_is_right_from_the_start():
    kernel = Conv2D(64, 128, kernel_size=5, stride=2, **OPTIONS).spectral_norm().numpy()
    assert 1.0 <= largest(kernel.reshape(-1, 128)) < 1.01


def test_a_step_is_one_power_iteration():
    weight = tf.Variable(np.random.RandomState(0).normal(size=(5, 3)))
    norm = SpectralNorm(weight, seed=0, name="w")
    weight.assign(np.random.RandomState(1).normal(size=(5, 3)))
    u, matrix = norm.u.numpy(), weight.numpy()
    norm.before_step()
    v = matrix.T @ u / np.linalg.norm(matrix.T @ u)
    u = matrix @ v / np.linalg.norm(matrix @ v)
    np.testing.assert_allclose(norm.v, v, rtol=1e-12)
    np.testing.assert_allclose(norm.u, u, rtol=1e-12)
    np.testing.assert_allclose(norm(), matrix / (u @ matrix @ v), rtol=1e-12)


def test_the_start_is_a_function_of_seed_and_name():
    def vectors(**changed):
        layer = Dense(6, 5, **(OPTIONS | changed))
        return layer.spectral_norm.u.numpy().tobytes() + layer.spectral_norm.v.numpy().tobytes()

    assert vectors() == vectors()
    assert len({vectors(), vectors(seed=1), vectors(name="other")}) == 3


@pytest.mark.parametrize("name", layers())
def test_gradients_pass_sigma_and_leave_u_and_v(name):
    """Nowhere near the singular vectors: sigma = u^T W v all the same."""
    layer, _ = layers(tf.float64)[name]
    draw = np.random.RandomState(0)
    for vector in (layer.spectral_norm.u, layer.spectral_norm.v):
        vector.assign(tf.math.l2_normalize(draw.normal(size=vector.shape) + 0.5))
    layer.kernel.assign(draw.normal(size=layer.kernel.shape) + 0.2)
    x = tf.constant(draw.normal(size=(2, 8) if name == "dense" else (2, 3, 3, 3)))
    derivatives.check(layer, x)


def test_sigma_is_float32_where_the_arithmetic_is_bfloat16():
    layer = Dense(64, 64, **OPTIONS)
    x = tf.eye(64, dtype=tf.bfloat16)
    np.testing.assert_array_equal(layer(x), tf.cast(layer.spectral_norm(), tf.bfloat16))


# When it moves.


def spectral_gan(small_config, **fields):
    from tests.models.test_gan import build_model

    norms = dict(generator_norm="spectral", discriminator_norm="spectral")
    return build_model(small_config(**(norms | fields)), (8, 8, 1))


def vectors(player):
    return {
        place: variable.numpy()
        for place, variable in player.by_place.items()
        if place.endswith(("/u", "/v"))
    }


def same(a, b):
    assert a.keys() == b.keys()
    return all(a[place].tobytes() == b[place].tobytes() for place in a)


@pytest.mark.parametrize("network", ["mlp", "dcgan", "resnet"])
def test_they_move_once_in_their_owner_s_step_and_never_else(network, small_config):
    model = spectral_gan(small_config, network=network)
    inputs, real = model.inputs(16, "latents"), tf.zeros([16, 8, 8, 1])
    steps = {
        "generator": lambda: model.generator_step(inputs, {"real": real}),
        "discriminator": lambda: model.discriminator_step(
            {"real": real}, inputs, tf.constant(0, tf.int64)
        ),
    }
    for owner, step in steps.items():
        player = getattr(model, owner)
        other = model.discriminator if owner == "generator" else model.generator
        for part in player.steppers:  # far from where an iteration would stay
            part.u.assign(tf.roll(part.u, 1, 0))
        before, others = vectors(player), vectors(other)
        assert len(before) == 2 * sum(place.endswith("/kernel") for place in player.by_place)
        assert not any("/u" in place or "/v" in place for place in player.weights)
        twin = player.twin("twin")
        twin.before_step()
        step()
        assert same(vectors(other), others)
        assert not same(vectors(player), before)
        moved = {f"{owner}{place.removeprefix('twin')}": v for place, v in vectors(twin).items()}
        assert same(vectors(player), moved)  # by one iteration, from the weights before the step
    before = vectors(model.discriminator), vectors(model.generator)
    for mode in (Mode.INFERENCE, Mode.FROZEN, Mode.TRAIN):  # no pass moves anything
        model.discriminator(model.generator(inputs["latents"], mode), mode)
    assert same(vectors(model.discriminator), before[0])
    assert same(vectors(model.generator), before[1])


def test_all_passes_of_a_step_share_one_sigma(small_config, monkeypatch):
    from tfgan.penalties import gradient_penalty

    model = spectral_gan(small_config)
    model.game.penalties = ((gradient_penalty, 10.0),)
    weights, original = {}, SpectralNorm.__call__

    def spied(self):
        weight = original(self)
        weights.setdefault(id(self), []).append(weight.numpy().tobytes())
        return weight

    monkeypatch.setattr(SpectralNorm, "__call__", spied)
    inputs, real = model.inputs(4, "latents"), tf.zeros([4, 8, 8, 1])
    for step in range(2):
        weights.clear()
        model.discriminator_step({"real": real}, inputs, tf.constant(step, tf.int64))
        own = [weights[id(part)] for part in model.discriminator.steppers]
        assert len(own) == 3
        assert all(len(seen) == 3 and len(set(seen)) == 1 for seen in own)  # real, fake, between


def test_the_average_has_the_norm_of_its_own_weights(small_config):
    model = spectral_gan(small_config, average_decay=0.99)
    draw = np.random.RandomState(0)
    for weight in model.generator.weights.values():  # from now on far from its average
        weight.assign(draw.normal(size=weight.shape) * np.std(weight))
    for _ in range(30):
        for part in model.generator.steppers:
            part.before_step()
        model.average.update()
    for layer, trained in zip(
        model.average.twin.network.dense, model.generator.network.dense, strict=True
    ):
        of_trained = trained.spectral_norm
        assert abs(of_trained.u.numpy() @ layer.spectral_norm.u.numpy()) < 0.9
        assert abs(largest(layer.spectral_norm()) - 1.0) < 0.05


def test_a_user_s_own_module_may_step_too():
    class Counting(tf.Module):
        def __init__(self):
            self.inner = {"a": [Inner()]}
            self.w = tf.Variable([1.0])

        def __call__(self, x):
            return x * self.w

    class Inner(tf.Module):
        def __init__(self):
            self.count = tf.Variable(0, trainable=False)

        def before_step(self):
            self.count.assign_add(1)

    player = Player(Counting(), "generator", tf.zeros([1, 1]))
    player.before_step()
    assert player.by_place["generator/inner_a_0/count"].numpy() == 1
