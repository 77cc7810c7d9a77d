"""What of a parent fits a model, and what is said of the rest."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.core.interfaces import is_of_optimizer
from tfgan.optimizers import OPTIMIZERS
from tfgan.runs import warm_start
from tfgan.runs.checkpoints import snapshot
from tfgan.runs.trained import TrainedRun

OLD_RUN = Path(__file__).parents[1] / "survival/data/run_0_1_0"


def made(**fields):
    small = dict(
        network="dcgan",
        generator_norm="batch",
        discriminator_norm="batch",
        latent_size=4,
        base_channels=4,
        batch_size=8,
    )
    return build.build(Config(**(small | fields))).model


def parent_of(model, **changes):
    values = snapshot(model.state()) | changes
    return warm_start.Parent(Path("parent"), 7, "0" * 64, values)


@pytest.mark.parametrize(
    ("changed", "fitting", "line"),
    [
        (
            dict(image_size=16),
            {"discriminator/conv_0/kernel", "discriminator/conv_0/bias"},
            "generator/dense_0/kernel: float32 [4, 64] in the parent, float32 [4, 128] here",
        ),
        (
            dict(latent_size=6),
            {"generator/batch_norm_0/moving_mean", "generator/batch_norm_0/moving_variance"},
            "generator/dense_0/kernel: float32 [4, 64] in the parent, float32 [6, 64] here",
        ),
        (
            dict(base_channels=6),
            {"generator/conv_transpose_0/bias", "discriminator/dense_0/bias"},
            "discriminator/conv_0/bias: float32 [4] in the parent, float32 [6] here",
        ),
    ],
)
def test_what_fits_is_taken_and_what_does_not_is_named(changed, fitting, line):
    parent = made(seed=1)
    for variable in parent.state().values():  # so that nothing is as it began
        variable.assign(tf.fill(variable.shape, tf.cast(0.25, variable.dtype)))
    child = made(**changed)
    before, offered = snapshot(child.state()), snapshot(parent.state())
    began = warm_start.begin(child, parent_of(parent))
    after = snapshot(child.state())
    same = {
        name
        for name, value in after.items()
        if name in offered and offered[name].shape == value.shape and not is_of_optimizer(name)
    }
    assert same >= fitting
    for name, value in after.items():
        assert value.tobytes() == (offered if name in same else before)[name].tobytes(), name
    total = sum(not is_of_optimizer(name) for name in after)
    assert began.lines[0] == f"warm start     {len(same)} of {total} tensors from step 7 of parent"
    assert f"not taken      {line}" in began.lines
    assert len(began.lines) <= warm_start.MOST_LINES + 2
    assert began.record == {"path": "parent", "step": 7, "sha256": "0" * 64}


def test_what_is_not_taken_is_named_from_either_side_in_a_few_short_lines():
    child = made()
    strange = {"a\x1b[2J": np.zeros(2), "b" * 999: np.zeros(2)}
    kept = {
        n: v for n, v in snapshot(child.state()).items() if n != "discriminator/dense_0/bias"
    } | strange
    parent = dataclasses.replace(parent_of(child), values=kept)
    _, *lines = warm_start.begin(child, parent).lines
    assert (
        lines[0] == "not taken      discriminator/dense_0/bias: float32 [1] here, not in the parent"
    )
    assert lines[1] == "not taken      'a\\x1b[2J: float64 [2] in the parent, not here'"
    assert len(lines[2]) < 200
    many = {f"x{i}": np.zeros(1) for i in range(100)}
    _, *lines = warm_start.begin(child, parent_of(child, **many)).lines
    assert len(lines) == warm_start.MOST_LINES + 1
    assert lines[-1] == f"not taken      {100 - warm_start.MOST_LINES} more"


def test_another_dtype_does_not_fit():
    child = made()
    doubles = {n: v.astype(np.float64) for n, v in snapshot(child.state()).items()}
    with pytest.raises(InputError, match=r"fits this model: .*: float64 \[.* in the parent, float"):
        warm_start.begin(child, parent_of(child, **doubles))


def test_a_run_of_the_first_version_is_a_parent():
    old = TrainedRun(str(OLD_RUN))
    model = build.build(dataclasses.replace(old.config, seed=7)).model
    began = warm_start.begin(model, build.parent(Config(warm_start=str(old.path))))
    values = {n: v for n, v in old.checkpoint.read().items() if not is_of_optimizer(n)}
    count = len(values)
    said = f"warm start     {count} of {count} tensors from step 20 of {old.path}"
    assert began.lines == [said]
    assert count > 8
    state = model.state()
    assert all(state[name].numpy().tobytes() == values[name].tobytes() for name in values)


def test_what_an_optimizer_keeps_is_known_by_its_name():
    kept = ("optimizer/x", "generator_optimizer/generator/dense_0/kernel/m", "a_optimizer/step")
    others = ("generator/optimizer/x", "optimizers/x", "generator/dense_0/kernel", "optimizer")
    assert all(map(is_of_optimizer, kept))
    assert not any(map(is_of_optimizer, others))
    fields = dict(data="ring", network="mlp", hidden_size=8)
    for optimizer in OPTIMIZERS:
        model = build.build(Config(optimizer=optimizer, momentum=0.5, **fields)).model
        weights = sum(model.num_parameters().values())
        found = [v for n, v in model.state().items() if not is_of_optimizer(n)]
        assert sum(v.shape.num_elements() for v in found) == weights
