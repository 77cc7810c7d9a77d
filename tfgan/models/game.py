"""What the two players minimise: objective, condition and penalties of what the discriminator sees.

The axes are independent of each other. None of them knows of steps, optimizers or files.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tfgan import augmentation
from tfgan.core import checks, replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Batch, Inputs, Judgement, Mode
from tfgan.losses import Objective
from tfgan.models import conditions, fitting
from tfgan.models.conditions import CONDITIONS
from tfgan.nn.player import Player
from tfgan.penalties import Judged, Logits, Penalty

Draw = Callable[..., tf.Tensor]
"""(shape, stream, axis=0) -> float32 uniform on [0, 1): the random numbers of one step. `axis` is
that of the examples, of which replicas draw their share."""

AVERAGE_DECAY = 0.99
"""Of the moving averages of the logits, in one step (Tseng et al. 2021, section 4)."""


def pack(examples: tf.Tensor, count: int) -> tf.Tensor:
    """Joins each `count` examples that follow each other along the last axis.

    Args:
      examples: [B, ..., C]; `count` divides B.
      count: how many the discriminator sees together.

    Returns:
      [B / count, ..., count C].

    Source: Lin et al., "PacGAN: The power of two samples in generative adversarial networks", 2018,
    section 3.
    """
    if count == 1:
        return examples
    *inner, channels = examples.shape[1:]
    apart = tf.reshape(examples, [-1, count, *inner, channels])
    axes = range(2, 2 + len(inner))
    return tf.reshape(
        tf.transpose(apart, [0, *axes, 1, apart.shape.rank - 1]), [-1, *inner, count * channels]
    )


class Game(tf.Module):
    """The losses of both players.

    Args:
      discriminator: the network.
      objective: what each player minimises.
      examples: `pack_size` generated ones, on which the discriminator is tried.
      labels: theirs, int32 [pack_size]; None where there are no classes.
      num_classes: 0: none.
      condition: a name of `conditions.CONDITIONS`.
      condition_weight: of what it adds to both losses.
      penalties: of the discriminator, each a name of `penalties.PENALTIES` or a function, with its
        weight.
      penalty_every_steps: penalties count in each k-th discriminator step alone, k-fold (Karras et
        al., "Analyzing and Improving the Image Quality of StyleGAN", 2020, section 3.1).
      pack_size: examples that the discriminator sees together.
      augmentations: names of `augmentation.AUGMENTATIONS`.

    Attributes:
      discriminator: the player.

    Raises:
      InputError: a name is unknown, or two of these contradict each other.
    """

    def __init__(
        self,
        discriminator: Any,
        objective: Objective,
        *,
        examples: tf.Tensor,
        labels: tf.Tensor | None,
        num_classes: int,
        condition: str,
        condition_weight: float,
        penalties: Sequence[tuple[str | Penalty, float]],
        penalty_every_steps: int,
        pack_size: int,
        augmentations: Sequence[str],
    ):
        super().__init__(name="game")
        self.objective, self.condition_name = objective, condition
        self.condition = CONDITIONS[checks.one_of("condition", condition, CONDITIONS)]
        self.condition_weight, self.num_classes = condition_weight, num_classes
        self.penalties = tuple(fitting.weighted(penalties))
        self.penalty_every_steps = penalty_every_steps
        self.pack_size, self.augmentations = pack_size, tuple(augmentations)
        self.dtype = examples.dtype
        augmentation.check(augmentations, examples.shape[1:])
        if condition != "none" and not num_classes:
            raise InputError(
                f"condition={condition} is about classes, and there are none: give num_classes, or "
                "train with condition=none."
            )
        if pack_size > 1 and num_classes:
            raise InputError(
                f"pack={pack_size} shows the discriminator several examples together, each of its "
                "own class: train without a condition, or with pack=1."
            )
        given = labels if self.condition.gives_labels else None
        self.discriminator = Player(
            discriminator, "discriminator", pack(examples, pack_size), given
        )
        fitting.check_per_example(self.discriminator, self.penalties)
        num_logits = self._judgement(self.discriminator.example_output).logits.shape[0]
        if num_logits not in (1, None):
            raise InputError(
                f"the discriminator must return one logit for each {pack_size} of the examples, "
                f"joined along their last axis, and returns {num_logits}: make it for the shape "
                f"{pack(examples, pack_size).shape[1:].as_list()}."
            )
        self.averages = None
        if any("averages" in _parameters(penalty) for penalty, _ in self.penalties):
            self.averages = Logits(
                *(
                    tf.Variable(tf.zeros([], self.dtype), trainable=False, name=f"averages/{side}")
                    for side in Logits._fields
                )
            )

    @property
    def is_plain(self) -> bool:
        """Whether the discriminator's loss is the objective's alone, of labels 0 and 1."""
        is_smoothed = isinstance(self.objective.discriminator_loss, functools.partial)
        return not (self.penalties or is_smoothed or self.asks_class)

    @property
    def asks_class(self) -> bool:
        """Whether the discriminator has to say the class."""
        return bool(self.num_classes) and self.condition.asks_class

    def state(self) -> dict[str, tf.Variable]:
        """Returns what discriminator steps move here, by name."""
        if self.averages is None:
            return {}
        return {f"discriminator_averages/{k}": v for k, v in self.averages._asdict().items()}

    def judge(self, examples: tf.Tensor, mode: Mode, labels: tf.Tensor | None) -> Judgement:
        """Returns what the discriminator says of examples as it sees them."""
        labels = labels if self.condition.gives_labels else None
        output = self.discriminator(tf.cast(examples, self.dtype), mode, labels)
        return self._judgement(output)

    def _judgement(self, output: tf.Tensor | Judgement) -> Judgement:
        return conditions.judgement(output, self.condition, self.num_classes)

    def seen(self, examples: tf.Tensor, draw: Draw, side: str) -> tf.Tensor:
        """Returns examples as the discriminator sees them in training: augmented, then packed."""
        examples = tf.cast(examples, self.dtype)
        examples = augmentation.augment(
            self.augmentations,
            examples,
            lambda shape, stream, axis=0: draw(shape, f"{side}/{stream}", axis),
        )
        return pack(examples, self.pack_size)

    def generator_loss(self, fake: tf.Tensor, inputs: Inputs, batch: Batch, draw: Draw):
        """Returns the generator's loss on its examples, a scalar, and what is said of them.

        The discriminator behaves as in training, but moves nothing.
        """
        said = self.judge(self.seen(fake, draw, "fake"), Mode.FROZEN, inputs.get("labels"))

        def real_logits():
            real = self.seen(batch["real"], draw, "real")
            return self.judge(real, Mode.FROZEN, batch.get("labels")).logits

        loss = tf.reduce_mean(self.objective.of_generator(said.logits, real_logits))
        if self.num_classes:
            loss = self._plus(loss, conditions.of_generator(self.condition, said, inputs))
        return loss, said

    def discriminator_loss(
        self, batch: Batch, fake: tf.Tensor, inputs: Inputs, step: tf.Tensor, draw: Draw, mode: Mode
    ):
        """Returns the discriminator's loss, a scalar, and the logits of real and of fake.

        Real and generated examples go through the discriminator one after the other, never mixed in
        one batch: batch normalisation would tell them apart.
        """
        real, fake = self.seen(batch["real"], draw, "real"), self.seen(fake, draw, "fake")
        # Penalties at real and at generated examples take the gradients of these very passes.
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            if self.penalties:
                tape.watch((real, fake))
            of_real = self.judge(real, mode, batch.get("labels"))
            of_fake = self.judge(fake, mode, inputs.get("labels"))
        logits = Logits(of_real.logits, of_fake.logits)
        loss = tf.reduce_mean(self.objective.discriminator_loss(*logits, **self._weights(batch)))
        if self.num_classes:
            extra = conditions.of_discriminator(self.condition, of_real, batch, of_fake, inputs)
            loss = self._plus(loss, extra)
        if self.penalties:
            judged = self._judged(batch, inputs, (real, fake), logits, tape)
            loss = self._penalised(loss, judged, logits, step, draw)
        if self.averages is not None and mode is Mode.TRAIN:
            for average, values in zip(self.averages, logits, strict=True):
                mean = tf.stop_gradient(replicas.mean(tf.reduce_mean(values)))
                average.assign_add((1.0 - AVERAGE_DECAY) * (mean - average))
        return loss, logits

    def _plus(self, loss: tf.Tensor, extra: tf.Tensor | None) -> tf.Tensor:
        return loss if extra is None else loss + self.condition_weight * tf.reduce_mean(extra)

    def _weights(self, batch: Batch) -> dict[str, tf.Tensor]:
        if "weights" not in batch:
            return {}
        if self.pack_size > 1:
            raise InputError("weights belong to single examples: leave them, or pack=1.")
        return {"weights": batch["weights"]}

    def _judged(self, batch, inputs, examples, logits, tape) -> Judged:
        """Returns the discriminator as penalties see it: it moves no variable."""
        _, fake = examples

        def frozen(points):
            # Generated examples have the labels that they were made for; what lies between them and
            # real ones, those of the real ones.
            labels = (inputs if points is fake else batch).get("labels")
            return self.judge(points, Mode.FROZEN, labels).logits

        return Judged(frozen, tape, list(zip(examples, logits, strict=True)))

    def _penalised(self, loss, judged: Judged, logits: Logits, step, draw):
        def total(value):
            for penalty, weight in self.penalties:
                weight *= self.penalty_every_steps
                value += weight * tf.reduce_mean(self._penalty(penalty, judged, logits, draw))
            return value

        if self.penalty_every_steps == 1:
            return total(loss)
        due = tf.equal(tf.math.floormod(step, self.penalty_every_steps), 0)
        if replicas.current():  # no mean over the replicas can be taken inside a condition
            return tf.where(due, total(loss), loss)
        return tf.cond(due, lambda: total(loss), lambda: tf.identity(loss))

    def _penalty(self, penalty: Callable[..., tf.Tensor], judged: Judged, logits: Logits, draw):
        real, fake = (seen for seen, _ in judged.passes)
        known = {"logits": logits, "averages": self.averages}
        asked = {name: known[name] for name in known.keys() & _parameters(penalty)}

        def of_penalty(shape, stream, axis=0):
            return draw(shape, f"penalty/{stream}", axis)

        return penalty(judged, real, fake, of_penalty, **asked)


def _parameters(penalty: Callable[..., tf.Tensor]) -> set[str]:
    return set(inspect.signature(penalty).parameters)
