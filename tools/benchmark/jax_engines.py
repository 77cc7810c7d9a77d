"""The iteration in JAX: one jitted step, or `lax.scan` over many.

The state (weights, moments, powers of beta, the random key) is donated: it is updated in place.
"""

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax

from tools.benchmark.workloads import WORKLOADS, Workload

VERSIONS = {"jax": jax.__version__}

SCAN_LENGTH = {"ring": 500, "mnist_mlp": 50}
"""Iterations in one scan: some tenths of a second, so that calls from Python cost nothing."""


def _mlp(params, x):
    *hidden, (kernel, bias) = params
    for weight, offset in hidden:
        x = jax.nn.relu(x @ weight + offset)
    return x @ kernel + bias


def mlp_generator(params, z):
    """Maps latents [B, Z] to examples [B, F]."""
    return jnp.tanh(_mlp(params, z))


def mlp_discriminator(params, x):
    """Maps examples [B, F] to logits [B]."""
    return _mlp(params, x)[:, 0]


_convolve = functools.partial(
    lax.conv_general_dilated,
    window_strides=(2, 2),
    padding="SAME",
    dimension_numbers=("NHWC", "HWIO", "NHWC"),
)
_convolve_transposed = functools.partial(
    lax.conv_transpose,
    strides=(2, 2),
    padding="SAME",
    dimension_numbers=("NHWC", "HWIO", "NHWC"),
    transpose_kernel=True,
)


def dcgan_generator(params, z):
    """Maps latents [B, Z] to images [B, S, S, C]."""
    (dense, bias), *convs = params
    x = (z @ dense + bias).reshape(len(z), 4, 4, -1)
    for kernel, offset in convs:  # [5, 5, out, in]
        x = _convolve_transposed(jax.nn.relu(x), kernel) + offset
    return jnp.tanh(x)


def dcgan_discriminator(params, x):
    """Maps images [B, S, S, C] to logits [B]."""
    *convs, (dense, bias) = params
    for kernel, offset in convs:  # [5, 5, in, out]
        x = jax.nn.leaky_relu(_convolve(x, kernel) + offset, 0.2)
    return (x.reshape(len(x), -1) @ dense + bias)[:, 0]


class Model:
    """Both players, and one iteration as a pure function.

    Args:
      workload: sizes.
    """

    def __init__(self, workload: Workload):
        self.config = config = workload.config
        self.dtype = jnp.dtype(config.compute_dtype)
        self.shape = workload.shape
        if config.network == "mlp":
            self.generator, self.discriminator = mlp_generator, mlp_discriminator
            self.shape = (math.prod(workload.shape),)
        else:
            self.generator, self.discriminator = dcgan_generator, dcgan_discriminator
        if config.data == "ring":
            angle = 2 * math.pi * jnp.arange(8) / 8
            self.centres = 0.8 * jnp.stack([jnp.cos(angle), jnp.sin(angle)], 1)  # [8, 2]
        else:
            self.images = jnp.asarray(workload.images()).reshape(-1, *self.shape)

    def init(self) -> dict:
        """Returns the state before training."""
        config, key = self.config, jax.random.key(0)
        if config.network == "mlp":
            hidden = [config.hidden_size] * config.hidden_layers
            generator = _dense_params(key, [config.latent_size, *hidden, *self.shape])
            discriminator = _dense_params(key, [*self.shape, *hidden, 1])
        else:
            generator, discriminator = _dcgan_params(key, config, self.shape)
        return self.state(generator, discriminator)

    def state(self, generator, discriminator) -> dict:
        """Returns the state of weights on which Adam has not yet worked."""
        players = dict(generator=generator, discriminator=discriminator)
        zeros = functools.partial(jax.tree.map, jnp.zeros_like)
        moments = {name: (zeros(params), zeros(params)) for name, params in players.items()}
        return dict(players, moments=moments, powers=jnp.ones(2), key=jax.random.key(1))

    def draw(self, key):
        """Returns latents [B, Z] and a batch [B, *shape]."""
        size = self.config.batch_size
        z_key, index_key, noise_key = jax.random.split(key, 3)
        z = jax.random.uniform(z_key, (size, self.config.latent_size), minval=-1)
        if self.config.data == "ring":
            modes = jax.random.randint(index_key, (size,), 0, 8)
            return z, self.centres[modes] + 0.008 * jax.random.normal(noise_key, (size, 2))
        indices = jax.random.randint(index_key, (size,), 0, len(self.images))
        return z, self.images[indices].astype(jnp.float32) / 127.5 - 1

    def _fake(self, generator, z):
        return self.generator(*self._cast(generator, z)).astype(jnp.float32)

    def _logits(self, discriminator, x):
        return self.discriminator(*self._cast(discriminator, x)).astype(jnp.float32)

    def _cast(self, params, x):
        return jax.tree.map(lambda p: p.astype(self.dtype), (params, x))

    def iteration(self, state, z, real):
        """Takes both steps.

        Returns:
          The new state; g_loss and d_loss, float32 [2].
        """
        g, d = state["generator"], state["discriminator"]
        beta1, beta2 = self.config.beta1, self.config.beta2
        powers = state["powers"] * jnp.array([beta1, beta2])
        rate = self.config.generator_learning_rate * jnp.sqrt(1 - powers[1]) / (1 - powers[0])

        def adam(params, gradients, moments):
            m, v = moments
            m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradients)
            v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
            epsilon = self.config.epsilon
            new = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + epsilon), params, m, v)
            return new, (m, v)

        def g_loss_of(g):
            return jax.nn.softplus(-self._logits(d, self._fake(g, z))).mean()

        def d_loss_of(d):
            real_losses = jax.nn.softplus(-self._logits(d, real))
            return (real_losses + jax.nn.softplus(self._logits(d, fake))).mean()

        g_loss, gradients = jax.value_and_grad(g_loss_of)(g)
        g, g_moments = adam(g, gradients, state["moments"]["generator"])
        fake = self._fake(g, z)
        d_loss, gradients = jax.value_and_grad(d_loss_of)(d)
        d, d_moments = adam(d, gradients, state["moments"]["discriminator"])
        moments = dict(generator=g_moments, discriminator=d_moments)
        state = dict(state, generator=g, discriminator=d, moments=moments, powers=powers)
        return state, jnp.stack([g_loss, d_loss])

    def drawn_iteration(self, state):
        """Draws from the state's key, then `iteration`."""
        key, now = jax.random.split(state["key"])
        return self.iteration(dict(state, key=key), *self.draw(now))


def _dense_params(key, widths):
    glorot = jax.nn.initializers.glorot_uniform()
    return [
        (glorot(jax.random.fold_in(key, i), shape), jnp.zeros(shape[1]))
        for i, shape in enumerate(zip(widths[:-1], widths[1:], strict=True))
    ]


def _dcgan_params(key, config, shape):
    halvings = (shape[0] // 4).bit_length() - 1
    widths = [shape[2], *(config.base_channels * 2**i for i in range(halvings))]
    flat = 16 * widths[-1]
    pairs = list(zip(widths[:-1], widths[1:], strict=True))

    def normal(stream, *shape):
        return 0.02 * jax.random.normal(jax.random.fold_in(key, stream), shape)

    g_convs = [(normal(i, 5, 5, *p), jnp.zeros(p[0])) for i, p in enumerate(pairs)][::-1]
    d_convs = [(normal(10 + i, 5, 5, *p), jnp.zeros(p[1])) for i, p in enumerate(pairs)]
    first = (normal(20, config.latent_size, flat), jnp.zeros(flat))
    return [first, *g_convs], [*d_convs, (normal(21, flat, 1), jnp.zeros(1))]


class Step:
    """One call of a jitted function for each iteration.

    Args:
      name: of the workload.
      num_threads: not used: JAX takes one thread for each core that its process may use.
    """

    def __init__(self, name: str, num_threads: int):
        del num_threads
        model = Model(WORKLOADS[name])
        self._state = model.init()
        self._step = jax.jit(model.drawn_iteration, donate_argnums=0)

    def run(self, num_iterations: int) -> tuple[float, float]:
        """Trains."""
        history = []
        for _ in range(num_iterations):
            self._state, losses = self._step(self._state)
            history.append(losses)
        g_loss, d_loss = jax.device_get(history)[-1]
        jax.block_until_ready(self._state)
        return float(g_loss), float(d_loss)


class Scan:
    """`lax.scan` over many iterations in one call.

    Args:
      name: of the workload.
      num_threads: not used, as in `Step`.
    """

    def __init__(self, name: str, num_threads: int):
        del num_threads
        model = Model(WORKLOADS[name])
        self._state = model.init()
        self.multiple = SCAN_LENGTH.get(name, 4)

        def scan(state):
            return lax.scan(lambda s, _: model.drawn_iteration(s), state, length=self.multiple)

        self._scan = jax.jit(scan, donate_argnums=0)

    def run(self, num_iterations: int) -> tuple[float, float]:
        """Trains, in whole scans: `num_iterations` has to be a multiple of `multiple`."""
        if num_iterations % self.multiple:
            raise ValueError(f"{num_iterations} is no multiple of {self.multiple}.")
        for _ in range(num_iterations // self.multiple):
            self._state, losses = self._scan(self._state)
        g_loss, d_loss = jax.device_get(losses)[-1]
        jax.block_until_ready(self._state)
        return float(g_loss), float(d_loss)
