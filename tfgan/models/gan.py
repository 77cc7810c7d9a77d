"""The two players and their steps.

One training iteration of the document, with its order: draw latents once; generator step; then the
discriminator steps, the first of which sees the same latents through the generator just updated.
"""

from collections.abc import Callable

import tensorflow as tf

from tfgan.core.interfaces import Observe, Source, ignore
from tfgan.losses import Objective
from tfgan.optimizers import Optimizer, WeightAverage


class GAN(tf.Module):
    """A generator and a discriminator that train against each other.

    Args:
      generator: maps latents [B, Z] to examples [B, *shape].
      discriminator: maps examples to logits [B].
      objective: what each player minimises.
      generator_optimizer: made over the generator's trainable variables.
      discriminator_optimizer: likewise for the discriminator.
      latents: maps (stream name, int64 step) to latents [B, Z]; a pure function.
      generator_first: the document's order, with shared latents; else the discriminator steps come
        first and the generator draws its own latents.
      discriminator_steps: discriminator steps in one iteration.
      weight_clip: after each discriminator step its weights are clipped to [-c, c]; 0: never.
      average: moving average of the generator; samples come from it when given.
    """

    loss_names = ("g_loss", "d_loss")

    def __init__(
        self,
        generator: tf.Module,
        discriminator: tf.Module,
        objective: Objective,
        generator_optimizer: Optimizer,
        discriminator_optimizer: Optimizer,
        *,
        latents: Callable[[str, tf.Tensor], tf.Tensor],
        generator_first: bool = True,
        discriminator_steps: int = 1,
        weight_clip: float = 0.0,
        average: WeightAverage | None = None,
    ):
        self.generator = generator
        self.discriminator = discriminator
        self.objective = objective
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.latents = latents
        self.generator_first = generator_first
        self.discriminator_steps = discriminator_steps
        self.weight_clip = weight_clip
        self.average = average

    def generator_gradients(self, latents: tf.Tensor):
        """Returns the generator's loss on latents [B, Z], and its gradients, one per weight.

        The discriminator normalises by the batch but keeps its moving statistics.
        """
        weights = self.generator_optimizer.variables_to_train
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            fake = self.generator(latents, training=True, update_statistics=True)
            fake_logits = self.discriminator(fake, training=True)  # [B]
            loss = _batch_mean(self.objective.generator_loss(fake_logits))
        return loss, tape.gradient(loss, weights)

    def discriminator_gradients(self, real: tf.Tensor, latents: tf.Tensor):
        """Returns the discriminator's loss on real [B, *shape] and latents [B, Z], its gradients.

        Real and generated examples go through the discriminator one after the other, never mixed in
        one batch: batch normalisation would tell them apart.
        """
        weights = self.discriminator_optimizer.variables_to_train
        fake = self.generator(latents, training=True)  # outside the tape: no gradient is wanted
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            real_logits = self.discriminator(real, training=True, update_statistics=True)
            fake_logits = self.discriminator(fake, training=True, update_statistics=True)
            loss = _batch_mean(self.objective.discriminator_loss(real_logits, fake_logits))
        return loss, tape.gradient(loss, weights)

    def generator_step(self, latents: tf.Tensor, observe: Observe = ignore) -> tf.Tensor:
        """Trains the generator on latents [B, Z]; returns its loss, a scalar.

        Touches no variable of the discriminator.
        """
        observe("generator", {"the latents": latents})
        loss, gradients = self.generator_gradients(latents)
        optimizer = self.generator_optimizer
        observe("generator", {"the loss": loss} | optimizer.named(gradients))
        optimizer.apply(gradients)
        if self.average is not None:
            self.average.update()
        return loss

    def discriminator_step(
        self, real: tf.Tensor, latents: tf.Tensor, observe: Observe = ignore
    ) -> tf.Tensor:
        """Trains the discriminator on real [B, *shape] and latents [B, Z]; returns its loss.

        Touches no variable of the generator.
        """
        observe("discriminator", {"the real examples": real, "the latents": latents})
        loss, gradients = self.discriminator_gradients(real, latents)
        optimizer = self.discriminator_optimizer
        observe("discriminator", {"the loss": loss} | optimizer.named(gradients))
        optimizer.apply(gradients)
        if self.weight_clip:
            for weight in optimizer.variables_to_train:
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
        latents = [self.latents("latents", update) for update in updates]
        if self.generator_first:
            g_loss = self.generator_step(latents[0], observe)
        for update, z in zip(updates, latents, strict=True):
            d_loss = self.discriminator_step(source.batch(update), z, observe)
        if not self.generator_first:
            g_loss = self.generator_step(self.latents("generator_latents", step), observe)
        return {"g_loss": g_loss, "d_loss": d_loss}

    def sample(self, latents: tf.Tensor) -> tf.Tensor:
        """Returns generated examples [B, *shape], by the averaged generator where there is one."""
        generator = self.generator if self.average is None else self.average.twin
        return generator(latents, training=False)

    def state(self) -> dict[str, tf.Variable]:
        """Returns all that training moves, by names that are unique and stay: what to save."""
        parts = {"": [*self.generator.variables, *self.discriminator.variables]}
        parts["generator_optimizer/"] = self.generator_optimizer.state_variables()
        parts["discriminator_optimizer/"] = self.discriminator_optimizer.state_variables()
        if self.average is not None:
            parts["average/"] = self.average.twin.variables
        return {
            prefix + variable.name.partition(":")[0]: variable
            for prefix, variables in parts.items()
            for variable in variables
        }

    def diagnostics(self, step: tf.Tensor, source: Source) -> dict[str, tf.Tensor]:
        """Looks at the players before iteration `step` and moves nothing.

        Returns:
          Scalars by name: the mean of D(x) and of D(G(z)), probabilities where the objective has
          them, else scores; the Euclidean norms of the gradients of both players.
        """
        players = [self.generator_optimizer, self.discriminator_optimizer]
        weights = [player.variables_to_train for player in players]
        real = source.batch(step * self.discriminator_steps)
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(weights)
            fake = self.generator(self.latents("diagnostics", step), training=True)
            real_logits, fake_logits = (self.discriminator(x, training=True) for x in (real, fake))
            g_loss = _batch_mean(self.objective.generator_loss(fake_logits))
            d_loss = _batch_mean(self.objective.discriminator_loss(real_logits, fake_logits))
        gradients = [
            tape.gradient(loss, w) for loss, w in zip((g_loss, d_loss), weights, strict=True)
        ]
        outputs = [real_logits, fake_logits]
        if self.objective.is_probabilistic:
            outputs = [tf.sigmoid(logits) for logits in outputs]
        return {
            "d_real": tf.reduce_mean(outputs[0]),
            "d_fake": tf.reduce_mean(outputs[1]),
            "g_gradient_norm": tf.linalg.global_norm(gradients[0]),
            "d_gradient_norm": tf.linalg.global_norm(gradients[1]),
        }


def _batch_mean(values: tf.Tensor) -> tf.Tensor:
    """Mean over the global batch: this replica's share of it, where there are several."""
    mean = tf.reduce_mean(values)
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return mean if replicas == 1 else mean / replicas
