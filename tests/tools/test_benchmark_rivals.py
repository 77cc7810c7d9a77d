"""The rivals of the benchmark train what we train.

From our weights, on our latents and batches, their losses are ours, up to rounding: a rival that
did less work, or other work, would be no rival.
"""

import dataclasses
import importlib.util

import numpy as np
import pytest
import tensorflow as tf

from tfgan.networks import dcgan
from tools.benchmark import tensorflow_engines
from tools.benchmark.workloads import WORKLOADS

STEPS = 5
TOLERANCE = 5e-4  # Adam's first steps divide by gradients near 0, which round differently
SIZES = dict(batch_size=16, hidden_size=32, base_channels=8)


def needs(name):
    """Skips a test where a rival is not installed; one that is installed and broken is an error."""
    return pytest.mark.skipif(
        importlib.util.find_spec(name) is None, reason=f"{name} is not installed (the bench extra)"
    )


PENALISED = ("dcgan_wgan_gp", "dcgan_r1_r2")


@pytest.fixture(params=["mnist_mlp", pytest.param("dcgan", marks=pytest.mark.slow), *PENALISED])
def walk(request):
    """A small workload, its weights, the inputs of some iterations, and our losses of them."""
    workload = WORKLOADS[request.param]
    sizes = SIZES
    if workload.penalties:
        sizes = sizes | {"epsilon": 1e-12}  # in PyTorch's Adam it stands at another place
    workload = dataclasses.replace(workload, config=dataclasses.replace(workload.config, **sizes))
    model, source = tensorflow_engines.make(workload)
    if (
        workload.penalties
    ):  # a DCGAN begins nearly flat: its slope would be noise, which Adam scales
        for variable in [*model.generator.weights.values(), *model.discriminator.weights.values()]:
            variable.assign(4.0 * variable)
    weights = [layers(model.generator.network), layers(model.discriminator.network)]
    inputs, losses = [], []
    for step in map(tf.constant, np.arange(STEPS)):
        latents = model.inputs(source.batch_size, "latents", step)["latents"]
        inputs.append([latents.numpy(), source.batch(step)["real"].numpy()])
        if "gradient_penalty" in workload.penalties:
            draw = model.random_numbers("penalty/", step)
            inputs[-1].append(draw([source.batch_size], "gradient_penalty").numpy())
        taken = model.iteration(step, source)
        losses.append([float(taken["g_loss"]), float(taken["d_loss"])])
    return workload, weights, inputs, np.array(losses)


def layers(network):
    """Returns (kernel, bias) of each layer, from the input to the output."""
    if isinstance(network, dcgan.Generator):
        ordered = [*network.dense, *network.conv_transpose]
    else:
        ordered = [*getattr(network, "conv", ()), *network.dense]
    return [(layer.kernel.numpy(), layer.bias.numpy()) for layer in ordered]


def torch_params(network):
    """Returns (kernel, bias, ...) as `torch_engines` orders them, whose images are mirrored."""
    params = []
    convolutional = any(kernel.ndim == 4 for kernel, _ in network)
    for kernel, bias in network:
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]
        elif convolutional:  # between vectors and maps of 4 x 4
            kernel, bias = mirrored(kernel, axis=int(kernel.shape[1] > 1)), mirrored(bias, axis=0)
        params += [kernel if kernel.ndim == 4 else kernel.T, bias]
    return [np.ascontiguousarray(param) for param in params]


def mirrored(array, axis):
    """Mirrors the maps of 4 x 4 that one axis is made of; leaves an axis of length 1."""
    if array.shape[axis] == 1:
        return array
    maps = array.reshape(*array.shape[:axis], 4, 4, -1, *array.shape[axis + 1 :])
    return np.flip(maps, (axis, axis + 1)).reshape(array.shape)


@needs("jax")
def test_jax_takes_our_losses(walk):
    import jax

    from tools.benchmark import jax_engines

    workload, weights, inputs, expected = walk
    if workload.penalties:
        pytest.skip("penalties are compared with PyTorch alone")
    model = jax_engines.Model(workload)
    state = model.state(*weights)
    step = jax.jit(model.iteration)
    got = []
    for z, real in inputs:
        state, losses = step(state, z, real.reshape(len(real), *model.shape))
        got.append(losses)
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE)


@needs("torch")
@pytest.mark.parametrize("kind", ["Eager", pytest.param("Compiled", marks=pytest.mark.slow)])
def test_torch_takes_our_losses(walk, kind, monkeypatch):
    import torch

    from tools.benchmark import torch_engines

    workload, weights, inputs, expected = walk
    monkeypatch.setitem(WORKLOADS, "small", workload)
    engine = getattr(torch_engines, kind)("small", torch.get_num_threads())
    with torch.no_grad():
        for params, ours in zip(
            (engine.model.g_params, engine.model.d_params), weights, strict=True
        ):
            for param, value in zip(params, torch_params(ours), strict=True):
                param.copy_(torch.from_numpy(value))
    got = []
    for z, real, *share in inputs:
        if workload.config.network == "mlp":
            real = real.reshape(len(real), -1)
        else:
            real = np.flip(real, (1, 2)).transpose(0, 3, 1, 2)  # [B, C, H, W]
        share = [torch.from_numpy(each.reshape(-1, 1, 1, 1)) for each in share]
        losses = engine.iteration(torch.from_numpy(z), torch.from_numpy(real.copy()), *share)
        got.append([float(loss) for loss in losses])
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE)
