"""What a GAN says of itself: how its players stand, its settings for the record of a run, its
signatures for a server."""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from tfgan.core.interfaces import Kind, Mode, Signature, Source
from tfgan.models import conditions
from tfgan.nn.player import Player


def diagnostics(gan: Any, step: tf.Tensor, source: Source) -> dict[str, tf.Tensor]:
    """Looks at a GAN's players before iteration `step`: see `GAN.diagnostics`."""
    update = step * gan.discriminator_steps
    batch = source.batch(update)
    inputs = gan.drawn_inputs(source.batch_size, "diagnostics", step)
    weights = [list(p.weights.values()) for p in (gan.generator, gan.discriminator)]
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(weights)
        fake = gan.generate(inputs, Mode.FROZEN)
        g_loss, said = gan.game.generator_loss(
            fake, inputs, batch, gan.random_numbers("generator/", step)
        )
        d_loss, logits = gan.game.discriminator_loss(
            batch, fake, inputs, update, gan.random_numbers("", update), Mode.FROZEN
        )
    losses = (g_loss, d_loss)
    gradients = [tape.gradient(loss, w) for loss, w in zip(losses, weights, strict=True)]
    outputs = map(tf.sigmoid, logits) if gan.objective.is_probabilistic else logits
    values = (*map(tf.reduce_mean, outputs), *map(tf.linalg.global_norm, gradients))
    found = dict(zip(gan.diagnostic_names, values, strict=False))
    if gan.game.asks_class:
        information = conditions.information(said, inputs, gan.latents.label_entropy)
        found[conditions.INFORMATION] = information
    return found


def settings(gan: Any) -> dict[str, Any]:
    """Returns what the numbers depend on beside state, seed and data, as JSON.

    What is younger than the first recorded runs is named only where it is not as it was then.
    """
    game = gan.game
    younger = {
        "label_frequencies": (gan.latents.label_frequencies, None),
        "condition": (game.condition_name, "none"),
        "condition_weight": (game.condition_weight, 1.0),
        "label_smoothing": (gan.label_smoothing, 0.0),
        "penalty_every_steps": (game.penalty_every_steps, 1),
        "pack": (game.pack_size, 1),
        "augment": (list(game.augmentations), []),
        "gradient_clip_norm": (gan.gradient_clip_norm, 0.0),
        "schedule": (list(gan.schedule), list(type(gan.schedule)())),
        "discriminator_schedule": (list(gan.discriminator_schedule), list(gan.schedule)),
        "simultaneous": (gan.update_order == "simultaneous", False),
    }
    return {
        "objective": gan.title,
        "generator_optimizer": gan.generator_optimizer.settings(),
        "discriminator_optimizer": gan.discriminator_optimizer.settings(),
        "latent_size": gan.latents.size,
        "latent_distribution": gan.latents.distribution,
        "num_classes": gan.num_classes,
        "generator_first": gan.update_order == "generator_first",
        "discriminator_steps": gan.discriminator_steps,
        "weight_clip": gan.weight_clip,
        "average_decay": gan.average.decay if gan.average else 0.0,
        "penalties": [[getattr(p, "__name__", repr(p)), w] for p, w in game.penalties],
    } | {name: value for name, (value, usual) in younger.items() if value != usual}


def signatures(gan: Any, kind: Kind) -> dict[str, Signature]:
    """Returns "discriminate": the document's D in [0, 1], where it has one, and the logits.

    Where the discriminator tells the class, its probabilities too. A discriminator that sees
    several examples together has no such signature: a server's rows are independent of each other.
    """
    game = gan.game
    if game.pack_size > 1:
        return {}

    def discriminate(labels=None, **examples):
        said = game.judge(examples[kind.name], Mode.INFERENCE, labels)
        found = {"logits": said.logits}
        if gan.objective.is_probabilistic:
            found = {"probability": tf.sigmoid(said.logits)} | found
        if said.class_logits is not None:
            found["class_probabilities"] = tf.nn.softmax(said.class_logits)
        return found

    inputs = {kind.name: tf.TensorSpec([None, *gan.shape], gan.dtype)}
    if gan.num_classes and game.condition.gives_labels:
        inputs["labels"] = tf.TensorSpec([None], tf.int32)
    return {"discriminate": Signature(inputs, discriminate)}


def named(prefix: str, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Returns tensors, or variables, by longer names."""
    return {f"{prefix}{name}": tensor for name, tensor in tensors.items()}


def found(player: Player, loss: tf.Tensor, gradients: Sequence[tf.Tensor]) -> dict[str, tf.Tensor]:
    """Returns a player's loss and its gradients by their names in messages."""
    of_weights = dict(zip(player.weights, gradients, strict=True))
    return {"the loss": loss} | named("the gradient of ", of_weights)
