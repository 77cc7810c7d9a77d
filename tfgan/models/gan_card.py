"""What a GAN says of itself: its settings for the record of a run, its signatures for a server."""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from tfgan.core.interfaces import Kind, Mode, Signature
from tfgan.nn.player import Player


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
