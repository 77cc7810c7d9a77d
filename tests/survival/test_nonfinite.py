"""Numbers that are not finite: never in a checkpoint, and the place is named."""

import random
import re

import numpy as np
import pytest
import tensorflow as tf

from tests.survival.rig import Rig, digest
from tfgan import build
from tfgan.config import Config
from tfgan.core import checks
from tfgan.core.checks import NonFiniteError
from tfgan.models.gan import GAN
from tfgan.runs.checkpoints import Checkpoints

STEPS, EVERY = 40, 7
NUM_RUNS = 200

KINDS = {
    "pixels": ("discriminator", "the real examples"),
    "generator weights": ("generator", "generator/dense_1/kernel"),
    "discriminator weights": ("discriminator", "discriminator/dense_0/bias"),
    "generator gradients": ("generator", "the gradient of generator/dense_0/bias"),
    "discriminator gradients": ("discriminator", "the gradient of discriminator/dense_0/bias"),
    "generator slots": ("generator", "generator_optimizer/generator/dense_1/bias/Adam"),
    "discriminator slots": (
        "discriminator",
        "discriminator_optimizer/discriminator/dense_1/kernel/Adam_1",
    ),
}


class Injector:
    """Decides, inside the graph, where a value that is not finite appears."""

    def __init__(self):
        self.kind = tf.Variable("", trainable=False)
        self.step = tf.Variable(-1, trainable=False, dtype=tf.int64)
        self.value = tf.Variable(np.nan, trainable=False)
        self.times = 1  # how many runs find it, each after a rollback of the one before

    def into(self, kind, step, tensor):
        """Returns the tensor, with the value in its first place if it is time."""
        now = tf.equal(self.kind, kind) & tf.equal(self.step, tf.cast(step, tf.int64))
        first = tf.one_hot(0, tf.size(tensor), on_value=True, off_value=False)
        return tf.where(now & tf.reshape(first, tf.shape(tensor)), self.value, tensor)


class Sick(GAN):
    """A GAN into which an injector puts its value."""

    injector: Injector

    def iteration(self, step, source, observe=lambda *_: None):
        self.now = step
        state = self.state()
        for kind, (_, name) in KINDS.items():
            if name in state:
                state[name].assign(self.injector.into(kind, step, state[name]))
        try:
            return super().iteration(step, source, observe)
        finally:
            self.now = -1  # a tensor of the loop's graph ends with it

    def generator_gradients(self, inputs, batch):
        loss, (first, *others) = super().generator_gradients(inputs, batch)
        return loss, [self.injector.into("generator gradients", self.now, first), *others]

    def discriminator_gradients(self, batch, inputs, step):
        loss, (first, *others) = super().discriminator_gradients(batch, inputs, step)
        return loss, [self.injector.into("discriminator gradients", self.now, first), *others]


class SickSource:
    """A source into whose pixels an injector puts its value."""

    def __init__(self, source, injector):
        self._source, self.injector = source, injector
        self.name, self.kind, self.specs = source.name, source.kind, source.specs
        self.num_examples, self.batch_size = source.num_examples, source.batch_size
        self.fingerprint = source.fingerprint

    def batch(self, step):
        return {"real": self.injector.into("pixels", step, self._source.batch(step)["real"])}

    def with_seed(self, seed):
        """After a rollback; an injector that has `times` left stays."""
        self.injector.times -= 1
        if not self.injector.times:
            self.injector.step.assign(-1)
        return SickSource(self._source.with_seed(seed), self.injector)


def sick_run(run, injector):
    model, source = run
    model.__class__ = Sick
    model.injector = injector
    model.now = -1
    return build.Parts(model, SickSource(source, injector))


@pytest.fixture(scope="module")
def tested():
    config = Config(
        **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=STEPS),
        **dict(checkpoint_every_steps=EVERY, log_every_steps=10, sample_every_steps=100),
        **dict(keep_checkpoints=100, num_samples=4),
    )
    return Rig(config, sick_run(build.build(config), Injector()))


def every_state(path):
    """Yields the step and the state of every checkpoint, read around all checks."""
    for folder in sorted((path / "checkpoints").iterdir()):
        reader = tf.train.load_checkpoint(str(folder / "state"))
        names = reader.get_variable_to_shape_map()
        yield int(folder.name), {name: reader.get_tensor(name) for name in names}


def inject(tested, path, kind, step, value):
    """Runs with an injection; returns the message of the error that it has to end with."""
    injector = tested.run.model.injector
    injector.kind.assign(kind)
    injector.step.assign(step)
    injector.value.assign(value)
    with pytest.raises(NonFiniteError) as error:
        tested.train(path)
    injector.step.assign(-1)
    return str(error.value)


def check(tested, path, kind, step, value):
    message = inject(tested, path, kind, step, value)
    player, tensor = KINDS[kind]
    assert message.startswith(f"step {step + 1}, {player}: {tensor} is not finite. "), message
    steps = []
    for saved, state in every_state(path):
        assert checks.first_non_finite(state) is None, (saved, message)
        steps.append(saved)
    assert max(steps) == step // EVERY * EVERY  # the last one before it is there, and named
    assert f"The last good checkpoint is {path}/checkpoints/{max(steps):010d}." in message
    assert not re.search("nan|inf", (path / "losses.csv").read_text())


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("kind", KINDS)
def test_the_step_the_player_and_the_tensor_are_named(kind, value, tested, tmp_path, capsys):
    check(tested, tmp_path, kind, 17, value)


@pytest.mark.slow
def test_in_200_runs_no_checkpoint_holds_it(tested, tmp_path, capsys):
    draw = random.Random(0)
    for number in range(NUM_RUNS):
        kind = list(KINDS)[number % len(KINDS)]
        check(tested, tmp_path / str(number), kind, draw.randrange(STEPS), np.nan)


def test_in_the_first_and_in_the_last_step(tested, tmp_path, capsys):
    check(tested, tmp_path / "first", "pixels", 0, np.nan)
    # Nothing comes after the discriminator's last step: its losses are finite, its weights are not.
    check(tested, tmp_path / "last", "discriminator gradients", STEPS - 1, np.nan)


def test_a_fault_that_does_not_come_again_is_the_machine_s(tested, tmp_path, monkeypatch, capsys):
    real, faults = tested.traced.run_steps, [25]

    def faulty(first, number):
        losses = real(first, number)
        if faults and first <= faults[0] < first + number:
            losses["g_loss"] = np.where(np.arange(number) == faults.pop() - first, np.nan, 0.0)
        return losses

    monkeypatch.setattr(tested, "traced", tested.traced._replace(run_steps=faulty))
    with pytest.raises(NonFiniteError, match="which a sound machine does not do: suspect its mem"):
        tested.train(tmp_path)


# Rollback.


@pytest.fixture
def rolling(tested):
    """A rig that is sick at step 20, until it has rolled back `times` times."""

    def make(times=1):
        injector = Injector()
        injector.kind.assign("pixels")
        injector.step.assign(20)
        injector.times = times
        return Rig(tested.config, sick_run(build.build(tested.config), injector))

    return make


def test_a_rollback_goes_on_with_other_numbers_and_always_the_same(
    rolling, tested, tmp_path, capsys
):
    rolling().train(tmp_path / "a", on_nonfinite="rollback")
    assert "back to step 14, with other random numbers" in capsys.readouterr().out
    rolling().train(tmp_path / "b", on_nonfinite="rollback")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    healthy = Rig(tested.config)
    healthy.train(tmp_path / "healthy")
    a, b = (
        [line.split(",", 1)[1] for line in (tmp_path / name / "losses.csv").read_text().split()]
        for name in ("a", "healthy")
    )
    assert a[:15] == b[:15]  # the header and 14 steps
    assert all(x != y for x, y in zip(a[15:], b[15:], strict=True))


def test_a_run_that_is_stopped_after_a_rollback_resumes(rolling, tested, tmp_path, capsys):
    rolling().train(tmp_path / "whole", on_nonfinite="rollback")
    expected = digest(tmp_path / "whole")
    path = tmp_path / "stopped"
    rolling().train(path, on_nonfinite="rollback", num_steps=28)
    (path / "samples" / f"{28:08d}.png").unlink()  # which it drew as its last
    Rig(tested.config).train(path, on_nonfinite="rollback")  # whose health is untouched
    assert digest(path) == expected


def steps_gone_back_to(capsys):
    return [int(step) for step in re.findall("back to step ([0-9]+)", capsys.readouterr().out)]


def test_rollbacks_are_bounded_and_go_further_back_each_time(rolling, tmp_path, capsys):
    with pytest.raises(NonFiniteError):
        rolling(times=99).train(tmp_path, on_nonfinite="rollback", max_rollbacks=4)
    assert steps_gone_back_to(capsys) == [14, 7, 0, 0]
    newest, _ = Checkpoints(tmp_path / "checkpoints", keep=1).newest()
    assert newest.step == 14


@pytest.mark.parametrize("stopped_after", [0, 1, 2, 3])
def test_a_run_that_ends_between_rollbacks_resumes(stopped_after, rolling, tmp_path, capsys):
    rolling(times=3).train(tmp_path / "whole", on_nonfinite="rollback")
    assert steps_gone_back_to(capsys) == [14, 7, 0]
    path = tmp_path / "stopped"
    with pytest.raises(NonFiniteError):
        rolling(times=99).train(path, on_nonfinite="rollback", max_rollbacks=stopped_after)
    newest, _ = Checkpoints(path / "checkpoints", keep=1).newest()
    known = newest.record["rollbacks"]  # the first seed that is asked for tells the rig of it
    rolling(times=3 - known + bool(known)).train(path, on_nonfinite="rollback")
    # Not health.csv: it is measured on a batch into which the injector may put its value, too.
    for name in ("losses.csv", f"checkpoints/{STEPS:010d}/state.data-00000-of-00001"):
        assert (path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_rollback_that_helped_is_the_end_of_it(rolling, tmp_path, capsys):
    """What fails later goes back to the newest checkpoint again."""
    tested = rolling(times=1)
    tested.train(tmp_path, on_nonfinite="rollback", num_steps=30)
    record = Checkpoints(tmp_path / "checkpoints", keep=1).newest()[0].record
    assert (record["rollbacks"], "retried" in record) == (1, False)
