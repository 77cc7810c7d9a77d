"""The two players and their steps.

One training iteration of the document, with its order: draw latents once; generator step; then the
discriminator steps, the first of which sees the same latents through the generator just updated.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from tfgan.config import Config
from tfgan.core import checks, random, replicas
from tfgan.core.interfaces import Batch, Inputs, Kind, Mode, Observe, Signature, Source, ignore
from tfgan.losses import OBJECTIVES, Objective
from tfgan.models import conditions, fitting, gan_card, gan_health
from tfgan.models.game import Draw, Game
from tfgan.models.latents import Latents
from tfgan.nn.average import WeightAverage
from tfgan.nn.player import Player, check_apart
from tfgan.optimizers import OPTIMIZERS, Optimizer
from tfgan.penalties import Penalty
from tfgan.schedules import CONSTANT, Schedule


class GAN(tf.Module):
    """A generator and a discriminator that train against each other.

    Args:
      generator: maps latents [B, Z] to examples [B, *shape]: a network of ours, a callable
        `tf.Module`, or a Keras model.
      discriminator: maps examples to logits, [B] or [B, 1]: raw scores, never probabilities; or to
        a `Judgement`.
      latent_size: Z.
      objective: what each player minimises: a name of `losses.OBJECTIVES`, or an `Objective`.
      learning_rate, generator_learning_rate, discriminator_learning_rate: of both, or of each.
      optimizer: of both players: a name of `optimizers.OPTIMIZERS`, with the constants that Config
        has by default; or what makes one, called with (weights, learning rate).
      schedule, discriminator_decay: of the learning rates; whether the discriminator's falls too.
      gradient_clip_norm: largest Euclidean norm of a player's gradient; 0: any.
      latent_distribution: "uniform" on [-1, 1), the document's, or "normal".
      num_classes: networks are called with labels=int32 [B], which batches hold too. 0: none.
      label_frequencies: of each class among generated examples; None: all alike.
      condition: how the discriminator knows the class: a name of `models.conditions.CONDITIONS`.
      condition_weight: of what the condition adds to both losses.
      update_order: "generator_first", the document's order, with shared latents;
        "discriminator_first", where the generator draws its own latents; or "simultaneous": with
        shared latents, and the generator's gradient taken before any update, its update after all.
      discriminator_steps: discriminator steps in one iteration.
      weight_clip: after each discriminator step its weights are clipped to [-c, c]; 0: never.
      label_smoothing: by which the target of real examples is lowered: see `Objective.smoothed`.
      average_decay: of the moving average of the generator's weights, by which it samples; 0: none.
      penalties: of the discriminator, each a name of `penalties.PENALTIES` or a function, with its
        weight.
      penalty_every_steps: penalties count in each k-th discriminator step alone, k-fold.
      pack: examples that the discriminator sees together.
      augment: names of `augmentation.AUGMENTATIONS`.
      seed: of what it draws while it trains.

    Raises:
      InputError: a name is unknown, or a network does not do what it should.
    """

    takes_means = True
    loss_names = ("g_loss", "d_loss")
    diagnostic_names: Sequence[str] = ("d_real", "d_fake", "g_gradient_norm", "d_gradient_norm")
    descriptions = gan_health.DESCRIPTIONS | conditions.DESCRIPTIONS
    headline = {"d_real": "D(x)", "d_fake": "D(G(z))"}

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        *,
        latent_size: int,
        objective: str | Objective = "non_saturating",
        learning_rate: float = 0.0002,
        generator_learning_rate: float | None = None,
        discriminator_learning_rate: float | None = None,
        optimizer: str | Callable[[Sequence[tf.Variable], float], Optimizer] = "adam",
        schedule: Schedule = CONSTANT,
        discriminator_decay: bool = True,
        gradient_clip_norm: float = 0.0,
        latent_distribution: str = "uniform",
        num_classes: int = 0,
        label_frequencies: Sequence[float] | None = None,
        condition: str = "none",
        condition_weight: float = 1.0,
        update_order: str = "generator_first",
        discriminator_steps: int = 1,
        weight_clip: float = 0.0,
        label_smoothing: float = 0.0,
        average_decay: float = 0.0,
        penalties: Sequence[tuple[str | Penalty, float]] = (),
        penalty_every_steps: int = 1,
        pack: int = 1,
        augment: Sequence[str] = (),
        seed: int = 0,
    ):
        super().__init__(name="gan")
        fitting.check_values(
            update_order=update_order,
            discriminator_steps=discriminator_steps,
            **dict(label_smoothing=label_smoothing, weight_clip=weight_clip, pack=pack),
            **dict(penalty_every_steps=penalty_every_steps, average_decay=average_decay),
            **dict(gradient_clip_norm=gradient_clip_norm, condition_weight=condition_weight),
        )
        self.title = objective if isinstance(objective, str) else "objective of one's own"
        if isinstance(objective, str):
            objective = OBJECTIVES[checks.one_of("objective", objective, OBJECTIVES)]
        self.objective, self.label_smoothing = objective.smoothed(label_smoothing), label_smoothing
        self.loss_unit = objective.unit
        self.latents = Latents(
            latent_size, latent_distribution, num_classes, label_frequencies
        ).check()
        self.num_classes, self.condition, self.update_order = num_classes, condition, update_order
        self.discriminator_steps, self.weight_clip = discriminator_steps, weight_clip
        self.schedule, self.gradient_clip_norm = schedule, gradient_clip_norm
        self.discriminator_schedule = schedule if discriminator_decay else schedule.without_fall()
        self.seed = self.training_seed = seed

        self.dtype = tf.float32  # of the example that the generator is tried on
        example = self.inputs(pack, "example")
        labels = example.get("labels")
        self.generator = Player(generator, "generator", example["latents"], labels)
        fake = self.generator.example_output
        self.shape, self.dtype = tuple(fake.shape[1:]), fake.dtype
        self.game = Game(
            discriminator,
            self.objective,
            examples=fake,
            labels=labels,
            condition=condition,
            condition_weight=condition_weight,
            num_classes=num_classes,
            penalties=penalties,
            penalty_every_steps=penalty_every_steps,
            pack_size=pack,
            augmentations=augment,
        )
        self.discriminator = self.game.discriminator
        if self.game.asks_class:
            self.diagnostic_names = (*GAN.diagnostic_names, conditions.INFORMATION)
        check_apart(self.generator, self.discriminator)

        if isinstance(optimizer, str):
            make = OPTIMIZERS[checks.one_of("optimizer", optimizer, OPTIMIZERS)]
            optimizer = functools.partial(make, **Config().options(make))
        rates = [generator_learning_rate, discriminator_learning_rate]
        g_rate, d_rate = (learning_rate if rate is None else rate for rate in rates)
        self.generator_optimizer = optimizer(list(self.generator.weights.values()), g_rate)
        self.discriminator_optimizer = optimizer(list(self.discriminator.weights.values()), d_rate)
        self.average = WeightAverage.of(self.generator, average_decay) if average_decay else None

    def inputs(self, count: int, stream: str, step: tf.Tensor | int = 0) -> dict[str, tf.Tensor]:
        """Draws "latents" [count, Z], and "labels" int32 [count] where there are classes."""
        return self.latents.draw(count, self.seed, stream, step, self.dtype)

    def drawn_inputs(self, count: int, stream: str, step: tf.Tensor | int) -> dict[str, tf.Tensor]:
        """Draws `count` inputs for all replicas, and returns this one's share."""
        drawn = self.latents.draw(count, self.training_seed, stream, step, self.dtype)
        return {name: replicas.share(values) for name, values in drawn.items()}

    def generate(self, inputs: Inputs, mode: Mode) -> tf.Tensor:
        """Returns examples [B, *shape] by the generator that trains."""
        return self.generator(inputs["latents"], mode, inputs.get("labels"))

    def logits(self, examples: tf.Tensor, mode: Mode, labels: tf.Tensor | None) -> tf.Tensor:
        """Returns the discriminator's logits [B] of examples [B, *shape]."""
        return self.game.judge(examples, mode, labels).logits

    def sample(self, inputs: Inputs) -> tf.Tensor:
        """Returns generated examples [B, *shape], by the averaged generator where there is one."""
        generator = self.generator if self.average is None else self.average.twin
        return generator(inputs["latents"], Mode.INFERENCE, inputs.get("labels"))

    def random_numbers(self, stream: str, step: tf.Tensor | int) -> Draw:
        """Returns what draws the random numbers of one step."""

        def draw(shape, what, axis=0):
            def whole(shape):
                return random.uniform(shape, self.training_seed, f"{stream}{what}", step)

            return 0.5 * (1.0 + replicas.drawn(whole, shape, axis))

        return draw

    def generator_gradients(self, inputs: Inputs, batch: Batch, step: tf.Tensor | int = 0):
        """Returns the generator's loss, and its gradients, one per weight."""
        self.generator.before_step()
        weights = list(self.generator.weights.values())
        draw = self.random_numbers("generator/", step)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            fake = self.generate(inputs, Mode.TRAIN)
            loss, _ = self.game.generator_loss(fake, inputs, batch, draw)
        return loss, tape.gradient(loss, weights)

    def discriminator_gradients(self, batch: Batch, inputs: Inputs, step: tf.Tensor):
        """Returns the discriminator's loss, and its gradients, one per weight."""
        self.discriminator.before_step()
        weights = list(self.discriminator.weights.values())
        fake = self.generate(inputs, Mode.FROZEN)  # outside the tape: no gradient is wanted
        draw = self.random_numbers("", step)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            loss, _ = self.game.discriminator_loss(batch, fake, inputs, step, draw, Mode.TRAIN)
        return loss, tape.gradient(loss, weights)

    def generator_step(
        self,
        inputs: Inputs,
        batch: Batch,
        step: tf.Tensor | int = 0,
        observe: Observe = ignore,
    ) -> tf.Tensor:
        """Trains the generator; returns its loss, a scalar. Moves nothing of the discriminator.

        Args:
          inputs: from which it makes examples.
          batch: real ones, for an objective that wants them.
          step: counts iterations, for random numbers and the learning rate.
          observe: is shown what comes up.
        """
        loss, update = self._generator_update(inputs, batch, step, observe)
        update()
        return loss

    def _generator_update(self, inputs: Inputs, batch: Batch, step, observe: Observe):
        """Returns the generator's loss, and the function that takes its step."""
        observe("generator", gan_card.named("the ", inputs))
        loss, gradients = self.generator_gradients(inputs, batch, step)
        observe("generator", gan_card.found(self.generator, loss, gradients))

        def update():
            self.schedule.apply(self.generator_optimizer, gradients, step, self.gradient_clip_norm)
            if self.average is not None:
                self.average.update()

        return loss, update

    def discriminator_step(
        self, batch: Batch, inputs: Inputs, step: tf.Tensor, observe: Observe = ignore
    ) -> tf.Tensor:
        """Trains the discriminator; returns its loss, a scalar. Moves nothing of the generator.

        Args:
          batch: real examples.
          inputs: of the fake ones.
          step: counts discriminator steps, for random numbers.
          observe: is shown what comes up.
        """
        seen = {"the real examples": batch["real"]}
        observe("discriminator", seen | gan_card.named("the ", inputs))
        loss, gradients = self.discriminator_gradients(batch, inputs, step)
        observe("discriminator", gan_card.found(self.discriminator, loss, gradients))
        iteration, clip_norm = step // self.discriminator_steps, self.gradient_clip_norm
        optimizer = self.discriminator_optimizer
        self.discriminator_schedule.apply(optimizer, gradients, iteration, clip_norm)
        if self.weight_clip:
            for weight in self.discriminator.weights.values():
                weight.assign(tf.clip_by_value(weight, -self.weight_clip, self.weight_clip))
        return loss

    def iteration(
        self, step: tf.Tensor, source: Source, observe: Observe = ignore
    ) -> dict[str, tf.Tensor]:
        """Runs iteration `step` (int64 scalar, from 0).

        Returns:
          The scalar losses by name; with several discriminator steps, the last one's.
        """
        updates = [step * self.discriminator_steps + i for i in range(self.discriminator_steps)]
        draw = functools.partial(self.drawn_inputs, source.batch_size)
        inputs = [draw("latents", update) for update in updates]
        batches = [source.batch(update) for update in updates]
        if self.update_order == "generator_first":
            g_loss = self.generator_step(inputs[0], batches[0], step, observe)
        elif self.update_order == "simultaneous":
            g_loss, move = self._generator_update(inputs[0], batches[0], step, observe)
        for update, batch, drawn in zip(updates, batches, inputs, strict=True):
            d_loss = self.discriminator_step(batch, drawn, update, observe)
        if self.update_order == "simultaneous":
            move()
        elif self.update_order == "discriminator_first":
            g_loss = self.generator_step(draw("generator_latents", step), batches[0], step, observe)
        return {"g_loss": g_loss, "d_loss": d_loss}

    def state(self) -> dict[str, tf.Variable]:
        """Returns all that training moves, by names that are unique and stay: what to save."""
        of_generator = self.generator_optimizer.state(list(self.generator.weights))
        of_discriminator = self.discriminator_optimizer.state(list(self.discriminator.weights))
        return (
            self.generator.by_place
            | self.discriminator.by_place
            | gan_card.named("generator_optimizer/", of_generator)
            | gan_card.named("discriminator_optimizer/", of_discriminator)
            | self.game.state()
            | ({} if self.average is None else self.average.twin.by_place)
        )

    def diagnostics(self, step: tf.Tensor, source: Source) -> dict[str, tf.Tensor]:
        """Looks at the players before iteration `step` and moves nothing.

        Returns:
          Scalars by name: the mean of D(x) and of D(G(z)), probabilities where the objective has
          them, else scores; the Euclidean norms of the gradients of both players; where the
          discriminator says the class, the information about it.
        """
        return gan_card.diagnostics(self, step, source)

    def derived(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Returns the value of the game, V(D, G) = -d_loss: -log 4 = -1.3863 at the optimum."""
        is_value = self.objective.is_probabilistic and self.game.is_plain
        return {"V": -losses["d_loss"]} if is_value else {}

    def verdict(self, rows: Sequence[Mapping[str, float]]) -> str:
        """Returns one of `gan_health.VERDICTS`."""
        return gan_health.verdict(rows, self.objective.is_probabilistic)

    def num_parameters(self) -> dict[str, int]:
        """Returns how many weights each player trains."""
        return {p.name: p.num_parameters() for p in (self.generator, self.discriminator)}

    def check_source(self, source: Source) -> None:
        """Checks that it can train on a source: see `fitting.check_source`."""
        fitting.check_source(source, self.game.pack_size)

    def settings(self) -> dict[str, Any]:
        """Returns what the numbers depend on beside state, seed and data, as JSON."""
        return gan_card.settings(self)

    def signatures(self, kind: Kind) -> dict[str, Signature]:
        """Returns "discriminate": see `gan_card.signatures`."""
        return gan_card.signatures(self, kind)
