"""NaN and infinity put into a run: never in a checkpoint, and the place is named."""

import contextlib
import io
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan import build
from tfgan.config import Config
from tfgan.core import checks
from tfgan.core.checks import NonFiniteError
from tfgan.models.gan import GAN
from tools.sweep.rig import Rig
from tools.sweep.trials import Broken, Sweep, need

STEPS, EVERY = 40, 7
VALUES = (np.nan, np.inf, -np.inf)

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
        """Puts the value into a variable, if it is time, before the iteration."""
        self.now = step
        state = self.state()
        for kind, (_, name) in KINDS.items():
            if name in state:
                state[name].assign(self.injector.into(kind, step, state[name]))
        try:
            return super().iteration(step, source, observe)
        finally:
            self.now = -1  # a tensor of the loop's graph ends with it

    def generator_gradients(self, inputs, batch, step=0):
        """Puts the value into the first one, if it is time."""
        loss, (first, *others) = super().generator_gradients(inputs, batch, step)
        return loss, [self.injector.into("generator gradients", self.now, first), *others]

    def discriminator_gradients(self, batch, inputs, step):
        """Puts the value into the first one, if it is time."""
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
        """Returns the batch of a step, perhaps with the value in it."""
        return {"real": self.injector.into("pixels", step, self._source.batch(step)["real"])}

    def with_seed(self, seed):
        """After a rollback; an injector that has `times` left stays."""
        self.injector.times -= 1
        if not self.injector.times:
            self.injector.step.assign(-1)
        return SickSource(self._source.with_seed(seed), self.injector)


def sick_run(run, injector):
    """Makes a run one that an injector can put its value into."""
    model, source = run
    model.__class__ = Sick
    model.injector = injector
    model.now = -1
    return build.Parts(model, SickSource(source, injector))


CONFIG = Config(
    **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=STEPS),
    **dict(checkpoint_every_steps=EVERY, log_every_steps=10, sample_every_steps=100),
    **dict(keep_checkpoints=100, num_samples=4),
)


class NonFinite(Sweep):
    """A trial is one run into which one value is put, at one step."""

    title = "runs with NaN or infinity put into pixels, weights, gradients or slots"
    promise = "in no checkpoint; step, player and tensor named"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._rig = Rig(CONFIG, sick_run(build.build(CONFIG), Injector()))

    def trial(self, draw: random.Random, outcomes: Counter) -> None:
        """Makes a run of its own."""
        kind, step, value = draw.choice(list(KINDS)), draw.randrange(STEPS), draw.choice(VALUES)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            check(self._rig, self.folder / "run", kind, step, value)
        shutil.rmtree(self.folder / "run")
        outcomes[f"{value} in the {kind}"] += 1


def check(sick: Rig, path: Path, kind: str, step: int, value: float) -> None:
    """Runs with an injection and checks what is said, and what is saved.

    Raises:
      Broken: the place is not named as it is, or a checkpoint holds the value.
    """
    message = inject(sick, path, kind, step, value)
    player, tensor = KINDS[kind]
    where = f"step {step + 1}, {player}: {tensor} is not finite. "
    need(message.startswith(where), f"{value}: not {where!r} but {message!r}")
    steps = []
    for saved, state in every_state(path):
        bad = checks.first_non_finite(state)
        need(bad is None, f"{message}: but {bad} in the checkpoint of step {saved}")
        steps.append(saved)
    # The last one before it is there, and named.
    need(max(steps) == step // EVERY * EVERY, f"{message}: saved are {steps}")
    named = f"The last good checkpoint is {path}/checkpoints/{max(steps):010d}."
    need(named in message, f"not {named!r} in {message!r}")
    need(not re.search("nan|inf", (path / "losses.csv").read_text()), "losses.csv holds it")


def inject(sick: Rig, path: Path, kind: str, step: int, value: float) -> str:
    """Runs with an injection; returns the message of the error that it has to end with."""
    injector = sick.run.model.injector
    injector.kind.assign(kind)
    injector.step.assign(step)
    injector.value.assign(value)
    try:
        sick.train(path)
    except NonFiniteError as error:
        return str(error)
    finally:
        injector.step.assign(-1)
    raise Broken(f"{value} in the {kind} of step {step} was not seen")


def every_state(path: Path) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Yields the step and the state of every checkpoint, read around all checks."""
    for folder in sorted((path / "checkpoints").iterdir()):
        reader = tf.train.load_checkpoint(str(folder / "state"))
        names = reader.get_variable_to_shape_map()
        yield int(folder.name), {name: reader.get_tensor(name) for name in names}
