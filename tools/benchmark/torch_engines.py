"""The iteration in PyTorch, written for speed: eager, and compiled as one graph.

The networks are functions of lists of tensors: no module is looked up in an iteration. Images are
channels-last throughout. The generator's gradient is taken with respect to its own parameters only,
so no gradient of the discriminator's weights is computed on the way.

TensorFlow's "SAME" pads a 5x5 convolution of stride 2 by 1 before and 2 after; PyTorch pads both
sides alike, here by 2. Mirroring image and kernels turns one into the other, so the two networks
are the same up to that.
"""

import contextlib
import functools
import math
from collections.abc import Callable

import torch
from torch.func import grad, grad_and_value
from torch.nn import functional

from tools.benchmark import torch_pictures
from tools.benchmark.workloads import WORKLOADS, Workload

VERSIONS = {"torch": torch.__version__}


def _mlp(params, x):
    *hidden, kernel, bias = params
    for weight, offset in zip(hidden[::2], hidden[1::2], strict=True):
        x = functional.linear(x, weight, offset).relu_()
    return functional.linear(x, kernel, bias)


def mlp_generator(params, z):
    """Maps latents [B, Z] to examples [B, F]."""
    return _mlp(params, z).tanh_()


def mlp_discriminator(params, x):
    """Maps examples [B, F] to logits [B, 1]."""
    return _mlp(params, x)


def dcgan_generator(params, z):
    """Maps latents [B, Z] to images [B, C, S, S], channels last."""
    dense, bias, *convs = params
    x = functional.linear(z, dense, bias)
    x = x.view(-1, 4, 4, convs[0].shape[0]).permute(0, 3, 1, 2)  # [B, C, 4, 4], channels last
    for kernel, offset in zip(convs[::2], convs[1::2], strict=True):
        x = functional.conv_transpose2d(x.relu_(), kernel, offset, 2, 2, output_padding=1)
    return x.tanh_()


def dcgan_discriminator(params, x):
    """Maps images [B, C, S, S], channels last, to logits [B, 1]."""
    *convs, dense, bias = params
    for kernel, offset in zip(convs[::2], convs[1::2], strict=True):
        x = functional.leaky_relu_(functional.conv2d(x, kernel, offset, 2, 2), 0.2)
    return functional.linear(x.permute(0, 2, 3, 1).flatten(1), dense, bias)


class Model:
    """Both players, and the losses of the iteration.

    Args:
      workload: sizes, objective and penalties.
      with_gradient: maps a function and examples to the function's logits of them, and to the
        gradient of these, which has gradients itself: `autograd_gradient`, or
        `functional_gradient` where no graph is recorded.
    """

    def __init__(self, workload: Workload, with_gradient: Callable):
        self.with_gradient = with_gradient
        config = workload.config
        self.batch_size, self.latent_size = config.batch_size, config.latent_size
        self.learning_rate, self.betas = (
            config.generator_learning_rate,
            (config.beta1, config.beta2),
        )
        self.epsilon = config.epsilon
        self.is_wasserstein = config.objective == "wasserstein"
        self.penalties = workload.penalties
        self.bfloat16 = config.compute_dtype == "bfloat16"
        self.data = config.data
        size = math.prod(workload.shape)
        if config.network == "mlp":
            hidden = [config.hidden_size] * config.hidden_layers
            self.generator, self.discriminator = mlp_generator, mlp_discriminator
            self.g_params = _dense_params([config.latent_size, *hidden, size])
            self.d_params = _dense_params([size, *hidden, 1])
            self.image_shape = (size,)
        else:
            self.generator, self.discriminator = dcgan_generator, dcgan_discriminator
            self.g_params, self.d_params = _dcgan_params(workload)
            self.image_shape = workload.shape
        self.batches = None
        if workload.pictures == "disk":
            workers = torch.get_num_threads()
            self.batches = torch_pictures.batches(workload.shape[0], self.batch_size, workers)
        elif self.data == "ring":
            angle = 2 * math.pi * torch.arange(8) / 8
            self.centres = 0.8 * torch.stack([angle.cos(), angle.sin()], 1)  # [8, 2]
        else:
            self.images = torch.from_numpy(workload.images()).view(-1, *self.image_shape)

    def draw(self) -> tuple[torch.Tensor, ...]:
        """Returns latents [B, Z], a batch: [B, F], or [B, C, S, S] with channels last, and [B, 1,
        1, 1] on [0, 1), where a gradient penalty wants it.
        """
        drawn = self._draw()
        if "gradient_penalty" in self.penalties:
            return *drawn, torch.rand(self.batch_size, 1, 1, 1)
        return drawn

    def _draw(self):
        size = self.batch_size
        z = torch.rand(size, self.latent_size) * 2 - 1
        if self.data == "ring":
            return z, self.centres[torch.randint(8, (size,))] + 0.008 * torch.randn(size, 2)
        if self.batches is None:
            chosen = self.images[torch.randint(len(self.images), (size,))]
        else:
            chosen = next(self.batches)
        real = chosen.float() / 127.5 - 1
        return z, real if real.dim() == 2 else real.permute(0, 3, 1, 2)

    def precision(self):
        """Returns the context of the networks' arithmetic."""
        if self.bfloat16:
            return torch.autocast("cpu", torch.bfloat16)
        return contextlib.nullcontext()

    def fake(self, g_params, z):
        """Returns generated examples."""
        with self.precision():
            return self.generator(g_params, z)

    def g_loss(self, g_params, d_params, z):
        """Returns -log sigmoid D(G(z)), or -D(G(z)), the mean."""
        with self.precision():
            logits = self.discriminator(d_params, self.generator(g_params, z))
        losses = -logits.float() if self.is_wasserstein else functional.softplus(-logits.float())
        return losses.mean()

    def d_loss(self, d_params, real, fake, share=None):
        """Returns -log sigmoid D(real) - log(1 - sigmoid D(fake)), or D(fake) - D(real), the mean,
        plus the penalties.

        R1 and R2 take the gradients of the logits that the loss has anyway.
        """
        discriminator = functools.partial(self.discriminator, d_params)

        def logits(examples, penalty):
            if penalty not in self.penalties:
                return discriminator(examples), 0.0
            found, gradient = self.with_gradient(discriminator, examples)
            squares = gradient.square().sum((1, 2, 3))
            return found, self.penalties[penalty] / 2 * squares.mean()

        with self.precision():
            real_logits, r1 = logits(real, "r1")
            fake_logits, r2 = logits(fake, "r2")
        if self.is_wasserstein:
            losses = fake_logits.float() - real_logits.float()
        else:
            losses = functional.softplus(-real_logits.float())
            losses = losses + functional.softplus(fake_logits.float())
        loss = losses.mean() + r1 + r2
        if "gradient_penalty" in self.penalties:
            between = share * real + (1 - share) * fake
            _, gradient = self.with_gradient(discriminator, between)
            norms = (gradient.square().sum((1, 2, 3)) + 1e-12).sqrt()
            loss = loss + self.penalties["gradient_penalty"] * (norms - 1).square().mean()
        return loss


def autograd_gradient(discriminator, examples):
    """Returns logits of examples and their gradient, as a part of autograd's graph."""
    examples = examples.detach().requires_grad_()
    logits = discriminator(examples)
    (gradient,) = torch.autograd.grad(logits.sum(), examples, create_graph=True)
    return logits, gradient


def functional_gradient(discriminator, examples):
    """Returns logits of examples and their gradient, inside a function that is differentiated."""

    def total(examples):
        logits = discriminator(examples)
        return logits.sum(), logits

    gradient, logits = grad(total, has_aux=True)(examples)
    return logits, gradient


def _dense_params(widths, stddev=None):
    params = []
    for i, o in zip(widths[:-1], widths[1:], strict=True):
        kernel = torch.empty(o, i)
        kernel.normal_(0, stddev) if stddev else torch.nn.init.xavier_uniform_(kernel)
        params += [kernel, torch.zeros(o)]
    return params


def _dcgan_params(workload: Workload):
    halvings = (workload.shape[0] // 4).bit_length() - 1
    widths = [
        workload.shape[2],
        *(workload.config.base_channels * 2**i for i in range(halvings)),
    ]
    flat = 16 * widths[-1]
    g_convs, d_convs = [], []
    # A kernel's first axis is what enters a transposed convolution, and what leaves a plain one.
    for few, many in zip(widths[:-1], widths[1:], strict=True):
        d_convs += [_kernel(many, few), torch.zeros(many)]
        g_convs = [_kernel(many, few), torch.zeros(few), *g_convs]
    dense = _dense_params([workload.config.latent_size, flat], 0.02)
    return [*dense, *g_convs], [*d_convs, *_dense_params([flat, 1], 0.02)]


def _kernel(first, second):
    kernel = torch.empty(first, second, 5, 5).normal_(0, 0.02)
    return kernel.contiguous(memory_format=torch.channels_last)


class Eager:
    """Plain PyTorch with autograd and the fused Adam.

    Args:
      name: of the workload.
      num_threads: threads inside an operation.
    """

    def __init__(self, name: str, num_threads: int):
        torch.set_num_threads(num_threads)
        torch.manual_seed(0)
        self.model = model = Model(WORKLOADS[name], autograd_gradient)
        for param in (*model.g_params, *model.d_params):
            param.requires_grad_()
        self.g_optimizer, self.d_optimizer = (
            torch.optim.Adam(
                params, lr=model.learning_rate, betas=model.betas, eps=model.epsilon, fused=True
            )
            for params in (model.g_params, model.d_params)
        )

    def iteration(self, z, real, share=None):
        """Takes both steps; returns g_loss and d_loss."""
        model = self.model
        g_loss = model.g_loss(model.g_params, model.d_params, z)
        _step(self.g_optimizer, model.g_params, g_loss)
        with torch.no_grad():
            fake = model.fake(model.g_params, z)
        d_loss = model.d_loss(model.d_params, real, fake, share)
        _step(self.d_optimizer, model.d_params, d_loss)
        return g_loss.detach(), d_loss.detach()

    def run(self, num_iterations: int) -> tuple[float, float]:
        """Trains."""
        losses = [self.iteration(*self.model.draw()) for _ in range(num_iterations)]
        g_loss, d_loss = torch.tensor(losses).T
        return float(g_loss[-1]), float(d_loss[-1])


def _step(optimizer, params, loss):
    optimizer.zero_grad()
    # Not `autograd.grad`: `backward` lays gradients out as their parameters are, and the fused Adam
    # pairs their elements by place in memory.
    loss.backward(inputs=params)
    optimizer.step()


class Compiled:
    """The whole iteration as one graph of `torch.compile`: draws, gradients, Adam.

    It is twice as fast on the small networks as compiling the networks alone, between which Python,
    autograd and the optimiser would still stand.

    Args:
      name: of the workload.
      num_threads: threads inside an operation.
    """

    def __init__(self, name: str, num_threads: int):
        torch.set_num_threads(num_threads)
        torch.manual_seed(0)
        self.model = model = Model(WORKLOADS[name], functional_gradient)
        self.state = {
            player: (params, *([torch.zeros_like(p) for p in params] for _ in range(2)))
            for player, params in (("g", model.g_params), ("d", model.d_params))
        }
        self.beta_powers = torch.ones(2)
        self.iteration = torch.compile(self._iteration, fullgraph=True)
        self._drawn_iteration = torch.compile(
            lambda: self._iteration(*model.draw()), fullgraph=True
        )

    def _iteration(self, z, real, share=None):
        model, (g_params, *_), (d_params, *_) = self.model, self.state["g"], self.state["d"]
        self.beta_powers.mul_(torch.tensor(model.betas))
        g_gradients, g_loss = grad_and_value(model.g_loss)(g_params, d_params, z)
        self._adam("g", g_gradients)
        fake = model.fake(g_params, z)
        d_gradients, d_loss = grad_and_value(model.d_loss)(d_params, real, fake, share)
        self._adam("d", d_gradients)
        return g_loss, d_loss

    def _adam(self, player, gradients):
        beta1, beta2 = self.model.betas
        power1, power2 = self.beta_powers
        rate = self.model.learning_rate * (1 - power2).sqrt() / (1 - power1)
        for param, m, v, gradient in zip(*self.state[player], gradients, strict=True):
            m.lerp_(gradient, 1 - beta1)
            v.lerp_(gradient * gradient, 1 - beta2)
            param.sub_(rate * m / (v.sqrt() + self.model.epsilon))

    @torch.no_grad()
    def run(self, num_iterations: int) -> tuple[float, float]:
        """Trains."""
        if self.model.batches is None:
            losses = [self._drawn_iteration() for _ in range(num_iterations)]
        else:
            losses = [self.iteration(*self.model.draw()) for _ in range(num_iterations)]
        g_loss, d_loss = torch.tensor(losses).T
        return float(g_loss[-1]), float(d_loss[-1])
