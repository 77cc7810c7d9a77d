"""The VAE against probabilistic principal components, whose log p(x) is known; its steps."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.entries import images
from tfgan import build, training
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.data import Arrays
from tfgan.models.evidence import PART, Estimator
from tfgan.models.vae import VAE
from tfgan.optimizers import SGD

STDDEV = 0.4
LOADINGS = np.array([[1.0, 0.5], [1.0, -0.5], [-2.0, 0.0]])  # [F, Z], with orthogonal columns
OFFSET = np.array([0.3, -0.1, 0.2])
STEP = tf.constant(0, tf.int64)


class Linear(tf.Module):
    """x W + b in float64, then what stays as it is."""

    def __init__(self, kernel, bias, then=()):
        self.kernel, self.bias = tf.Variable(kernel), tf.Variable(bias)
        self.then = tf.constant(then, tf.float64)

    def __call__(self, x):
        y = tf.matmul(tf.cast(x, tf.float64), self.kernel) + self.bias
        if not len(self.then):
            return y
        return tf.concat([y, tf.repeat(self.then[None], tf.shape(y)[0], 0)], 1)


def exact_posterior():
    """Of z given x: the matrix that maps x - b to its mean, and its variances (Tipping 1999)."""
    inverse = np.linalg.inv(LOADINGS.T @ LOADINGS + STDDEV**2 * np.eye(2))
    assert np.allclose(inverse, np.diag(np.diag(inverse)))  # so independent latents are enough
    return LOADINGS @ inverse, STDDEV**2 * np.diag(inverse)


def components(shift=0.0, scale=1.0, **options):
    """Probabilistic principal components as a VAE, with the exact posterior or one that is off."""
    matrix, variances = exact_posterior()
    encoder = Linear(matrix, shift - OFFSET @ matrix, np.log(scale * variances))
    decoder = Linear(LOADINGS.T.copy(), OFFSET)
    fixed = dict(likelihood="gaussian", likelihood_stddev=STDDEV, latent_size=2)
    return VAE(encoder, decoder, **(fixed | options))


def exact_log_likelihood(x):
    covariance = LOADINGS @ LOADINGS.T + STDDEV**2 * np.eye(3)
    off = x - OFFSET
    quadratic = np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off)
    return -0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * covariance)[1])


X = np.random.RandomState(0).normal(size=[40, 3])


def exact_elbo(model):
    """Of X: noise of +-1 makes the mean over a normal exact for what is quadratic."""
    signs = np.array([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)])
    noises = [tf.constant(np.tile(each, [len(X), 1])) for each in signs]
    found = [model.terms(tf.constant(X), noise, Mode.INFERENCE) for noise in noises]
    return np.mean([each.log_likelihood - each.kl for each in found], 0)


def test_with_the_exact_posterior_the_elbo_is_log_p():
    np.testing.assert_allclose(exact_elbo(components()), exact_log_likelihood(X), rtol=1e-10)


@pytest.mark.parametrize("off", [dict(shift=0.1), dict(scale=1.2), dict(scale=0.8)])
def test_any_other_posterior_has_less(off):
    assert (exact_elbo(components(**off)) < exact_log_likelihood(X) - 1e-3).all()


@pytest.mark.parametrize("num_samples", [1, 3, PART + 7])
def test_with_the_exact_posterior_every_weight_is_p(num_samples):
    found = Estimator(components(), num_samples)(X[:5])
    np.testing.assert_allclose(found.log_likelihood, exact_log_likelihood(X[:5]), rtol=1e-10)


def test_the_bound_rises_with_the_draws_to_log_p():
    model, x = components(shift=0.3, scale=2.0), X[:20]
    exact = exact_log_likelihood(x).mean()
    found = [Estimator(model, k)(x) for k in (1, 5, 2000)]
    bounds = [each.log_likelihood.mean() for each in found]
    assert bounds == sorted(bounds)
    assert bounds[0] < exact - 0.2
    np.testing.assert_allclose(bounds[-1], exact, atol=0.02)
    np.testing.assert_allclose(found[-1].elbo.mean(), exact_elbo(model)[:20].mean(), atol=0.05)


def test_an_example_keeps_its_draws_whatever_is_measured_beside_it():
    model = components(shift=0.3)
    measure = Estimator(model, 30, seed=1)
    whole, parts = measure(X[:6]), [measure(X[:2]), measure(X[2:6], first=2)]
    for i in range(2):
        np.testing.assert_array_equal(np.concatenate([part[i] for part in parts]), whole[i])
    other = Estimator(model, 30, seed=2)(X[:6])
    assert not np.array_equal(other.log_likelihood, whole.log_likelihood)


def test_gradients_reach_the_encoder_through_the_noise():
    model = components(shift=0.2, scale=1.5)
    noise = tf.constant(np.random.RandomState(1).normal(size=[4, 2]))

    def loss(*values):
        for variable, value in zip(model.weights.values(), values, strict=True):
            variable.assign(value)
        return model._gradients(tf.constant(X[:4]), noise, Mode.TRAIN)

    start = [v.numpy() for v in model.weights.values()]
    _, _, gradients = loss(*start)
    for i, gradient in enumerate(gradients):
        for place in np.ndindex(*gradient.shape.as_list()):
            ends = []
            for move in (1e-5, -1e-5):
                moved = [value.copy() for value in start]
                moved[i][place] += move
                ends.append(loss(*moved)[1]["negative_elbo"].numpy())
            np.testing.assert_allclose(
                gradient.numpy()[place], (ends[0] - ends[1]) / 2e-5, rtol=1e-6, atol=1e-7
            )


def test_training_finds_the_principal_components():
    """From a poor start, gradient descent on the ELBO comes near the best log p there is."""
    draw = np.random.RandomState(2)
    data = draw.normal(size=[512, 2]) @ LOADINGS.T + OFFSET + STDDEV * draw.normal(size=[512, 3])
    data = (data / 8).astype(np.float32)  # as the house has it, in [-1, 1]

    source = Arrays({"real": np.clip(data, -1, 1)}, batch_size=256)
    encoder = Linear(0.1 * draw.normal(size=[3, 4]), np.zeros(4))
    decoder = Linear(0.1 * draw.normal(size=[2, 3]), np.zeros(3))
    model = VAE(encoder, decoder, latent_size=2, likelihood="gaussian", learning_rate=0.03)
    training.make_loop(model, source)(0, 1500)
    centred = data - data.mean(0)
    covariance = centred.T @ centred / len(data)
    sizes = np.linalg.eigvalsh(covariance)  # the smallest is the noise's
    best = -0.5 * (np.log(2 * np.pi * sizes).sum() + 3)  # maximum likelihood (Tipping 1999)
    found = Estimator(model, 50)(data.astype(np.float64)).log_likelihood.mean()
    assert found == pytest.approx(best, abs=0.1)
    stddev = model.diagnostics(STEP, source)["likelihood_stddev"]
    assert float(stddev) == pytest.approx(np.sqrt(sizes[0]), rel=0.2)


def small(**options):
    shape = (8, 8, 1)
    fields = dict(network="mlp", latent_size=3, hidden_size=8, hidden_layers=1)
    config = Config(
        **fields, model_type="vae", latent_distribution="normal", batch_size=8, **options
    )
    source = images(shape)
    return build.build_model(config, source.specs), source


def test_a_step_descends_the_mean_of_the_batch():
    model, source = small(optimizer="sgd", generator_learning_rate=0.5)
    assert isinstance(model.optimizer, SGD)
    before = {name: v.numpy() for name, v in model.weights.items()}
    real, noise = source.batch(STEP)["real"], model.noise(8, "noise", STEP)
    terms, losses, gradients = model._gradients(real, noise, Mode.TRAIN)
    np.testing.assert_allclose(
        losses["negative_elbo"], np.mean(terms.kl - terms.log_likelihood), rtol=1e-6
    )
    told = model.iteration(STEP, source)
    assert {k: float(v) for k, v in told.items()} == {k: float(v) for k, v in losses.items()}
    for (name, variable), gradient in zip(model.weights.items(), gradients, strict=True):
        np.testing.assert_allclose(variable, before[name] - 0.5 * gradient, rtol=1e-5, atol=1e-6)


def test_noise_is_a_function_of_seed_and_step():
    model, _ = small()
    draws = [model.noise(8, "noise", step).numpy().tobytes() for step in (0, 1, 0)]
    assert draws[0] == draws[2] != draws[1]
    model.training_seed = 1
    assert model.noise(8, "noise", 0).numpy().tobytes() != draws[0]
    inputs = model.inputs(4, "x")["latents"].numpy()
    model.seed = 1
    assert not np.array_equal(model.inputs(4, "x")["latents"], inputs)


def test_samples_of_a_bernoulli_are_means_and_a_reconstruction_draws_nothing():
    model, source = small()
    latents = model.inputs(5, "x")["latents"]
    logits = model.decoder(latents).numpy()
    np.testing.assert_allclose(model.sample({"latents": latents}), np.tanh(logits / 2), rtol=1e-6)
    real = source.batch(STEP)["real"]
    np.testing.assert_array_equal(
        model.reconstruct(real), model.decode(model.encode(real).mean).numpy()
    )


def test_active_latents_are_those_whose_means_differ():
    model, source = small()
    encoder = model.encoder.network
    encoder.dense[-1].kernel.assign(tf.zeros_like(encoder.dense[-1].kernel))
    assert float(model.diagnostics(STEP, source)["active_latents"]) == 0
    kernel = np.zeros(encoder.dense[-1].kernel.shape, np.float32)
    kernel[:, 1] = 5.0  # the mean of the second latent
    kernel[:, 4] = 0.1  # a variance is no mean
    encoder.dense[-1].kernel.assign(kernel)
    assert float(model.diagnostics(STEP, source)["active_latents"]) == 1


def test_a_fixed_deviation_is_no_weight():
    learned, fixed = (small(likelihood="gaussian", likelihood_stddev=s)[0] for s in (0.0, 0.5))
    assert "likelihood/log_stddev" in learned.state()
    assert not any(name.startswith("likelihood") for name in fixed.state())
    assert "likelihood_stddev" in learned.diagnostic_names
    assert "likelihood_stddev" not in fixed.diagnostic_names


def test_what_does_not_fit_is_one_line():
    with pytest.raises(InputError, match=r"a mean and a log variance.*\[B, 4\], got \[None, 2\]"):
        VAE(Linear(np.ones([3, 2]), np.zeros(2)), Linear(LOADINGS.T.copy(), OFFSET), latent_size=2)
    with pytest.raises(InputError, match="unknown likelihood 'normal'. Known: bernoulli, gaussian"):
        components(likelihood="normal")
    shared = Linear(np.ones([2, 2]), np.zeros(2), [0.0, 0.0])
    other = Linear(np.ones([2, 2]), np.zeros(2))
    other.kernel = shared.kernel
    with pytest.raises(InputError, match="are one variable"):
        VAE(shared, other, latent_size=2, likelihood="gaussian")
