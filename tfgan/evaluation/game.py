"""How far a GAN is from the equilibrium of its game, judged by examples that were held out.

The duality gap is what both players would gain by a best response to the other,

    M(G, best D) - M(best G, D),

where M is the value that D raises and G lowers: minus the mean of the discriminator's loss, without
penalties. It is 0 at an equilibrium and positive elsewhere. The best responses are found as the run
trains: a copy of D trained against the frozen G, and a copy of G against the frozen D, by the run's
own steps on some of the examples. Others judge. Short of the best responses, the gap is
underestimated.

The players are those that train, as they behave in training; no average of the generator.

Source: Grnarova et al., "A domain agnostic measure for monitoring and evaluating GANs", 2019,
section 4.
"""

import contextlib
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode, Source
from tfgan.data import labels
from tfgan.evaluation.measuring import Reference, Row
from tfgan.metrics import estimates, game
from tfgan.metrics.estimates import Estimate
from tfgan.models.gan import GAN
from tfgan.runs.checkpoints import assign
from tfgan.schedules import CONSTANT

NUM_STEPS = 500
"""Of a best response, where nobody says."""

STREAM = "game"
"""Of latents and other random numbers."""

EXTRACTOR = "discriminator"
"""In the place of an extractor: the run's own."""


def opponents(reference: Reference, seed: int) -> Source:
    """Returns real examples that a model was not trained on, in an order of their own.

    Args:
      reference: holds them; of a distribution without an end, others are drawn.
      seed: of the order, or of the draws.

    Raises:
      InputError: there are none.
    """
    source = reference.held_out or reference.source
    if reference.held_out is None and source.num_examples is not None:
        raise InputError(
            "the metrics of a game need real examples that were not trained on: name them "
            "(--held_out)."
        )
    return source.with_seed(random.key(seed, "held out") % 2**31)


class Split(NamedTuple):
    """Real examples, of which some batches train best responses and others judge.

    A batch is one of a source's first epoch, which holds each example once.
    """

    source: Source
    num_finding: int
    """The first so many batches of the epoch; again and again, where there are too few."""

    num_judging: int
    """The next so many."""


def split(source: Source, num_steps: int, count: int) -> Split:
    """Divides real examples that a model was not trained on: half judge, at most `count`.

    Args:
      source: of the examples.
      num_steps: batches that best responses can use.
      count: examples that judge, rounded up to batches.

    Raises:
      InputError: there are not two batches.
    """
    size, total = source.batch_size, source.num_examples
    judging = -(-count // size)
    if total is None:
        return Split(source, num_steps, judging)
    if total < 2 * size:
        raise InputError(
            f"{source.name} has {total} examples that were held out, and one batch of {size} is to "
            "train best responses, another one to judge them: hold out more."
        )
    judging = min(total // size // 2, judging)
    return Split(source, min(num_steps, total // size - judging), judging)


class Contest:
    """The game of one model on examples that were held out; moves nothing that stays.

    Args:
      model: of which the players are.
      examples: real ones.
      seed: of the latents, beside the model's own.
      num_steps: of each best response.
      seen: told how many examples more have been looked at.

    Raises:
      InputError: the examples have not the classes of the model.
    """

    def __init__(
        self,
        model: GAN,
        examples: Split,
        seed: int = 0,
        num_steps: int = NUM_STEPS,
        seen: Callable[[int], None] = lambda number: None,
    ):
        labels.check(model, examples.source)
        self._model, self._examples, self._num_steps = model, examples, num_steps
        self._seed, self._seen = seed, seen
        # A rate that a schedule has brought down to 0 would leave the players where they are.
        self._trained = copy.copy(model)  # of the same variables
        self._trained.schedule = self._trained.discriminator_schedule = CONSTANT
        self._judged = tf.function(self._logits, autograph=False)

    name = EXTRACTOR

    @property
    def about(self) -> str:
        """Returns what is said of the numbers beside them."""
        return (
            f"the run's own, judged by {self.num_judging} real examples that were held out; best "
            f"responses of {self._num_steps} steps on others"
        )

    @property
    def unit(self) -> str:
        """Returns the unit of the value that the players play for."""
        return self._model.loss_unit

    @property
    def num_judging(self) -> int:
        """Returns how many real examples judge."""
        return self._examples.num_judging * self._examples.source.batch_size

    @property
    def record(self) -> dict[str, int]:
        """Returns what the numbers depend on beside model, data and seed, for a record."""
        return {"num_samples": self.num_judging, "response_steps": self._num_steps}

    def value(self) -> Estimate:
        """Returns V(D, G) and its standard error over the batches."""
        return estimates.mean(self._values(game.value))

    def jensen_shannon(self) -> Estimate:
        """Returns the bound on the Jensen-Shannon divergence that V(D, G) implies, likewise."""
        value = self.value()
        spread = None if value.spread is None else 0.5 * value.spread
        return Estimate(game.jensen_shannon(value.value), spread)

    def duality_gap(self) -> Estimate:
        """Returns the duality gap and its standard error over the batches.

        Raises:
          InputError: a logit is not finite after a best response.
        """
        found = []
        for step in (self._discriminator_step, self._generator_step):
            with unmoved(self._model):
                self._train(step)
                found.append(self._values(self._objective))
        against_best_discriminator, against_best_generator = found
        return estimates.mean(against_best_discriminator - against_best_generator)

    def _objective(self, real_logits: np.ndarray, fake_logits: np.ndarray) -> float:
        """Returns M of one batch."""
        logits = (tf.constant(each, tf.float64) for each in (real_logits, fake_logits))
        return -float(tf.reduce_mean(self._model.objective.discriminator_loss(*logits)))

    def _values(self, of_logits: Callable[[np.ndarray, np.ndarray], float]) -> np.ndarray:
        """Returns a function of the logits of each batch that judges, float64 [num_judging]."""
        found = []
        for i in range(self._examples.num_judging):
            number = tf.constant(self._examples.num_finding + i, tf.int64)
            real, fake = (each.numpy() for each in self._judged(number))
            if not (np.isfinite(real).all() and np.isfinite(fake).all()):
                raise InputError(
                    f"a logit is not finite, after {self._num_steps} steps of a best response or "
                    "before: take fewer (--response_steps), or an earlier checkpoint (--step)."
                )
            found.append(of_logits(real, fake))
            self._seen(len(real))
        return np.asarray(found)

    def _drawn(self, side: str, number: tf.Tensor):
        """Returns the real batch of a number, and the inputs of as many samples."""
        source = self._examples.source
        stream = f"{STREAM}/{side}/{self._seed}"
        batch = source.batch(number % self._examples.num_finding if side == "find" else number)
        return batch, self._model.inputs(source.batch_size, stream, number)

    def _logits(self, number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the logits of a real batch and of samples, as the discriminator sees them."""
        model = self._model
        batch, inputs = self._drawn("judge", number)

        def draw(shape, stream, axis=0):
            stream = f"{STREAM}/judge/{self._seed}/{stream}"
            return 0.5 * (1.0 + random.uniform(shape, model.seed, stream, number))

        def logits(examples, side, labels):
            seen = model.game.seen(examples, draw, side)
            return model.game.judge(seen, Mode.FROZEN, labels).logits

        fake = model.generate(inputs, Mode.FROZEN)
        of_real = logits(batch["real"], "real", batch.get("labels"))
        return of_real, logits(fake, "fake", inputs.get("labels"))

    def _discriminator_step(self, step: tf.Tensor) -> None:
        batch, inputs = self._drawn("find", step)
        self._trained.discriminator_step(batch, inputs, step)

    def _generator_step(self, step: tf.Tensor) -> None:
        batch, inputs = self._drawn("find", step)
        self._trained.generator_step(inputs, batch, step)

    def _train(self, step: Callable[[tf.Tensor], None]) -> None:
        train = tf.function(step, autograph=False)
        for i in range(self._num_steps):
            train(tf.constant(i, tf.int64))
            self._seen(self._examples.source.batch_size)


@contextlib.contextmanager
def unmoved(model: GAN) -> Iterator[None]:
    """Puts all that training moves back to where it was, to the bit, whatever happens."""
    before = {name: variable.numpy() for name, variable in model.state().items()}
    try:
        yield
    finally:
        assign(model.state(), before)


class GameMetric(NamedTuple):
    """A metric of a game, which needs its discriminator."""

    compute: Callable[[Contest], Estimate]
    better: str
    """As `metrics.catalog.Metric` has it."""

    target: float
    needs_probabilities: bool
    """Whether the discriminator has to say probabilities; else the objective needs a value."""


GAME_METRICS: dict[str, GameMetric] = {
    "value": GameMetric(Contest.value, "target", game.OPTIMUM, True),
    "jensen_shannon": GameMetric(Contest.jensen_shannon, "lower", 0.0, True),
    "duality_gap": GameMetric(Contest.duality_gap, "lower", 0.0, False),
}
"""Beside `METRICS`: what is measured where it is named, of GANs alone."""


def check(names: Sequence[str], model: Any, num_steps: int) -> None:
    """Checks that metrics can be had of a model.

    Args:
      names: out of `GAME_METRICS`.
      model: None: there is none, or it has no discriminator any more.
      num_steps: of a best response.

    Raises:
      InputError: one cannot; the message says why.
    """
    if names and num_steps < 1:
        raise InputError(f"--response_steps={num_steps} must be at least 1.")
    for name in names:
        if not isinstance(model, GAN):
            raise InputError(
                f"--metrics={name} needs the discriminator of a GAN: measure a run of one "
                "(--run_dir)."
            )
        if GAME_METRICS[name].needs_probabilities:
            if not model.objective.is_probabilistic:
                raise InputError(
                    f"--metrics={name} takes D for a probability, and the objective {model.title} "
                    "has scores: ask for duality_gap."
                )
        elif not model.objective.has_value:
            raise InputError(
                f"--metrics={name}: the players of the objective {model.title} do not play for one "
                "value, so there is no gap to measure."
            )


def measure(names: Sequence[str], contest: Contest) -> list[Row]:
    """Returns the numbers of a game, in the order of `names`, which are out of `GAME_METRICS`."""
    rows = []
    for name in names:
        metric = GAME_METRICS[name]
        found = metric.compute(contest)
        unit = "nats" if metric.needs_probabilities else contest.unit
        of_both = metric.better, metric.target
        rows.append(Row(name, contest.name, found.value, found.spread, None, unit, *of_both))
    return rows
