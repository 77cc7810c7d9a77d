"""The variational autoencoder: an encoder and a decoder that maximise one bound together.

Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014; Rezende et al., "Stochastic
Backpropagation and Approximate Inference in Deep Generative Models", 2014.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tfgan.config import Config
from tfgan.core import checks, random, replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Inputs, Kind, Mode, Observe, Signature, Source, ignore
from tfgan.likelihoods import LIKELIHOODS, standard_normal_kl
from tfgan.models import vae_health
from tfgan.models.latents import Latents
from tfgan.nn.player import Player, check_apart
from tfgan.optimizers import OPTIMIZERS, Optimizer
from tfgan.schedules import CONSTANT, Schedule

PLAYER = "vae"
"""Who it is that messages about a number name."""


class Posterior(NamedTuple):
    """q(z | x) of a batch: independent normal latents."""

    mean: tf.Tensor
    """[B, Z]."""

    log_variance: tf.Tensor
    """[B, Z]."""

    def latents(self, noise: tf.Tensor) -> tf.Tensor:
        """Returns z [B, Z] of standard normal noise [B, Z] (2014, section 2.4, equation 10)."""
        return self.mean + tf.exp(0.5 * self.log_variance) * noise


class Terms(NamedTuple):
    """What the bound is made of, [B] each, in nats: ELBO = log_likelihood - kl (equation 10)."""

    log_likelihood: tf.Tensor
    """log p(x | z) of one z of q(z | x)."""

    kl: tf.Tensor
    """KL(q(z | x) || p(z)), in closed form."""

    posterior: Posterior


class VAE(tf.Module):
    """An encoder q(z | x) and a decoder p(x | z) that maximise the ELBO, with the prior N(0, 1).

    Args:
      encoder: maps examples [B, *shape] to [B, 2 Z]: means of the latents, then the logarithms of
        their variances. A network of ours, a callable `tf.Module`, or a Keras model.
      decoder: maps latents [B, Z] to [B, *shape]: what the likelihood makes a mean of: logits
        (bernoulli), or the mean itself, in [-1, 1] (gaussian).
      latent_size: Z.
      likelihood: p(x | z): a name of `likelihoods.LIKELIHOODS`.
      likelihood_stddev: of a gaussian; 0: learned, one number for all.
      learning_rate: of both networks.
      optimizer: a name of `optimizers.OPTIMIZERS`, with the constants that Config has by default;
        or what makes one, called with (weights, learning rate).
      schedule: of the learning rate.
      gradient_clip_norm: largest Euclidean norm of the gradient; 0: any.
      seed: of what it draws while it trains.

    Raises:
      InputError: a name is unknown, or a network does not do what it should.
    """

    title = "variational autoencoder"
    takes_means = True
    loss_names = ("negative_elbo", "reconstruction", "kl")
    loss_unit = "nats"
    diagnostic_names: Sequence[str] = ("squared_error", "active_latents", "gradient_norm")
    descriptions = vae_health.DESCRIPTIONS
    headline = {"active_latents": "active latents"}

    def __init__(
        self,
        encoder: Any,
        decoder: Any,
        *,
        latent_size: int,
        likelihood: str = "bernoulli",
        likelihood_stddev: float = 0.0,
        learning_rate: float = 0.001,
        optimizer: str | Callable[[Sequence[tf.Variable], float], Optimizer] = "adam",
        schedule: Schedule = CONSTANT,
        gradient_clip_norm: float = 0.0,
        seed: int = 0,
    ):
        super().__init__(name="vae")
        make_likelihood = LIKELIHOODS[checks.one_of("likelihood", likelihood, LIKELIHOODS)]
        self.likelihood_name, self.likelihood_stddev = likelihood, likelihood_stddev
        self.latents = Latents(latent_size, "normal").check()
        self.schedule, self.gradient_clip_norm = schedule, gradient_clip_norm
        self.seed = self.training_seed = seed

        self.dtype = tf.float32  # of the example that the decoder is tried on
        self.decoder = Player(decoder, "decoder", self.inputs(1, "example")["latents"])
        example = self.decoder.example_output
        self.shape, self.dtype = tuple(example.shape[1:]), example.dtype
        self.encoder = Player(encoder, "encoder", example)
        check_apart(self.encoder, self.decoder)
        said = self.encoder.example_output.shape
        if tuple(said) != (1, 2 * latent_size):
            raise InputError(
                f"the encoder must return a mean and a log variance for each of {latent_size} "
                f"latents, [B, {2 * latent_size}], got {[None, *said[1:]]}."
            )
        own = {} if likelihood == "bernoulli" else dict(stddev=likelihood_stddev, dtype=self.dtype)
        self.likelihood = make_likelihood(**own)
        learned = {f"likelihood/{v.name.split(':')[0]}": v for v in self.likelihood.variables}
        self._networks = self.encoder.by_place | self.decoder.by_place | learned
        self.weights = self.encoder.weights | self.decoder.weights | learned
        if learned:
            self.diagnostic_names = (*VAE.diagnostic_names, vae_health.STDDEV)
        if isinstance(optimizer, str):
            make = OPTIMIZERS[checks.one_of("optimizer", optimizer, OPTIMIZERS)]
            optimizer = functools.partial(make, **Config().options(make))
        self.optimizer = optimizer(list(self.weights.values()), learning_rate)

    def inputs(self, count: int, stream: str, step: tf.Tensor | int = 0) -> dict[str, tf.Tensor]:
        """Draws "latents" [count, Z] from the prior."""
        return self.latents.draw(count, self.seed, stream, step, self.dtype)

    def noise(self, count: int, stream: str, step: tf.Tensor | int) -> tf.Tensor:
        """Draws what makes latents of a posterior, [count, Z], standard normal; the share of it."""
        drawn = random.normal([count, self.latents.size], self.training_seed, stream, step)
        return tf.cast(replicas.share(drawn), self.dtype)

    def encode(self, examples: tf.Tensor, mode: Mode = Mode.INFERENCE) -> Posterior:
        """Returns q(z | x) of examples [B, *shape]."""
        return Posterior(*tf.split(self.encoder(examples, mode), 2, axis=1))

    def decode(self, latents: tf.Tensor) -> tf.Tensor:
        """Returns the mean of p(x | z) of latents [B, Z]: examples [B, *shape] in [-1, 1]."""
        return self.likelihood.mean(self.decoder(latents, Mode.INFERENCE))

    def sample(self, inputs: Inputs) -> tf.Tensor:
        """Returns generated examples [B, *shape]: means of p(x | z), nothing is drawn from it."""
        return self.decode(inputs["latents"])

    def reconstruct(self, examples: tf.Tensor) -> tf.Tensor:
        """Returns examples [B, *shape] decoded from the means of their latents."""
        return self.decode(self.encode(examples).mean)

    def terms(self, examples: tf.Tensor, noise: tf.Tensor, mode: Mode) -> Terms:
        """Returns the terms of the ELBO, one value per example, of one z each.

        Args:
          examples: [B, *shape] in [-1, 1].
          noise: [B, Z], standard normal.
          mode: of both networks.
        """
        posterior = self.encode(examples, mode)
        decoded = self.decoder(posterior.latents(noise), mode)
        return Terms(
            self.likelihood.log_likelihood(decoded, examples),
            standard_normal_kl(*posterior),
            posterior,
        )

    def _gradients(self, examples: tf.Tensor, noise: tf.Tensor, mode: Mode):
        """Returns the terms, the losses by name, and the gradients, one per weight."""
        weights = list(self.weights.values())
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            terms = self.terms(examples, noise, mode)
            reconstruction = -tf.reduce_mean(terms.log_likelihood)
            kl = tf.reduce_mean(terms.kl)
            loss = reconstruction + kl
        losses = dict(zip(self.loss_names, (loss, reconstruction, kl), strict=True))
        return terms, losses, tape.gradient(loss, weights)

    def _real(self, source: Source, step: tf.Tensor) -> tf.Tensor:
        return tf.cast(source.batch(step)["real"], self.dtype)

    def iteration(
        self, step: tf.Tensor, source: Source, observe: Observe = ignore
    ) -> dict[str, tf.Tensor]:
        """Runs iteration `step` (int64 scalar, from 0); returns the scalar losses by name."""
        for player in (self.encoder, self.decoder):
            player.before_step()
        real = self._real(source, step)
        noise = self.noise(source.batch_size, "noise", step)
        observe(PLAYER, {"the real examples": real})
        _, losses, gradients = self._gradients(real, noise, Mode.TRAIN)
        named = {f"the gradient of {n}": g for n, g in zip(self.weights, gradients, strict=True)}
        observe(PLAYER, {f"the loss {name}": loss for name, loss in losses.items()} | named)
        self.schedule.apply(self.optimizer, gradients, step, self.gradient_clip_norm)
        return losses

    def state(self) -> dict[str, tf.Variable]:
        """Returns all that training moves, by names that are unique and stay: what to save."""
        slots = self.optimizer.state(list(self.weights))
        return self._networks | {f"optimizer/{name}": slot for name, slot in slots.items()}

    def diagnostics(self, step: tf.Tensor, source: Source) -> dict[str, tf.Tensor]:
        """Looks at the model before iteration `step` and moves nothing.

        Returns:
          Scalars by name: the mean squared error of a number of a reconstruction; how many latents
          are active, by the batch (Burda et al., "Importance Weighted Autoencoders", 2016, section
          5.2); the Euclidean norm of the gradient; the standard deviation, where it is learned.
        """
        real = self._real(source, step)
        noise = self.noise(source.batch_size, "diagnostics", step)
        terms, _, gradients = self._gradients(real, noise, Mode.FROZEN)
        activity = tf.math.reduce_variance(terms.posterior.mean, 0)  # [Z]
        is_active = tf.cast(activity > vae_health.ACTIVE_VARIANCE, self.dtype)
        values = (
            tf.reduce_mean(tf.square(self.reconstruct(real) - real)),
            tf.reduce_sum(is_active),
            tf.linalg.global_norm(gradients),
        )
        found = dict(zip(VAE.diagnostic_names, values, strict=True))
        if vae_health.STDDEV in self.diagnostic_names:
            found[vae_health.STDDEV] = tf.exp(self.likelihood.log_stddev)
        return found

    def derived(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Returns the ELBO, which bounds log p(x) from below."""
        return {"ELBO": -losses["negative_elbo"]}

    def verdict(self, rows: Sequence[Mapping[str, float]]) -> str:
        """Returns one of `vae_health.VERDICTS`."""
        return vae_health.verdict(rows)

    def num_parameters(self) -> dict[str, int]:
        """Returns how many weights each network trains."""
        players = {"encoder": self.encoder, "decoder": self.decoder}
        return {name: player.num_parameters() for name, player in players.items()}

    def settings(self) -> dict[str, Any]:
        """Returns what the numbers depend on beside state, seed and data, as JSON."""
        return {
            "likelihood": self.likelihood_name,
            "likelihood_stddev": self.likelihood_stddev,
            "latent_size": self.latents.size,
            "optimizer": self.optimizer.settings(),
            "gradient_clip_norm": self.gradient_clip_norm,
            "schedule": list(self.schedule),
        }

    def signatures(self, kind: Kind) -> dict[str, Signature]:
        """Returns "encode", from examples to mean and stddev of their latents, and "decode".

        The latter is "serving_default" by the name of what it does.
        """

        def encode(**examples):
            mean, log_variance = self.encode(examples[kind.name])
            return {"mean": mean, "stddev": tf.exp(0.5 * log_variance)}

        def decode(latents):
            return {kind.name: self.decode(latents)}

        spec = functools.partial(tf.TensorSpec, dtype=self.dtype)
        return {
            "encode": Signature({kind.name: spec([None, *self.shape])}, encode),
            "decode": Signature({"latents": spec([None, self.latents.size])}, decode),
        }
