"""How the players know the class of an example, and what each of them minimises for it.

A condition adds to both losses, one value per example, never reduced. What a discriminator's
network makes of a label that it is given (a concatenation, a projection) is the network's affair.
"""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Batch, Inputs, Judgement


class Condition(NamedTuple):
    """What the discriminator is given and asked."""

    gives_labels: bool = False
    """Whether the discriminator is called with labels."""

    asks_class: bool = False
    """Whether it has to say the class: a `Judgement` with class logits, whose cross entropy both
    players minimise."""

    asks_real: bool = False
    """Whether it has to say the class of real examples too: the data then have labels."""


CONDITIONS: Mapping[str, Condition] = {
    "none": Condition(gives_labels=True),
    "concatenation": Condition(gives_labels=True),
    "projection": Condition(gives_labels=True),
    "auxiliary": Condition(asks_class=True, asks_real=True),
    "information": Condition(asks_class=True),
}
"""By the value of `--condition`. Where there are no classes, nobody is called with labels.

- concatenation: Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014.
- projection: Miyato and Koyama, "cGANs with Projection Discriminator", 2018.
- auxiliary: Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017.
- information: Chen et al., "InfoGAN", 2016: the class is a code of the generator's own.
"""


def class_loss(class_logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Cross entropy of the class, in nats, one value per example.

    Args:
      class_logits: float [B, num_classes].
      labels: int32 [B].

    Returns:
      [B], >= 0. AC-GAN: -L_C of equation 3. InfoGAN: -log Q(c | x), whose mean, subtracted from the
      entropy of the codes, bounds the mutual information I(c; G(z, c)) from below (equation 5).
    """
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=class_logits)


def code_loss(codes: tf.Tensor, latents: tf.Tensor) -> tf.Tensor:
    """-log Q(c | x) of continuous codes up to a constant, in nats, one value per example.

    Q is normal with standard deviation 1. The codes are the first latents.

    Args:
      codes: float [B, num_codes], the discriminator's guess.
      latents: float [B, Z].

    Raises:
      ValueError: there are more codes than latents.

    Source: Chen et al., "InfoGAN", 2016, section 6 and appendix C.
    """
    drawn = latents[:, : codes.shape[1]]
    checks.same_shape(codes=codes, latents=drawn)  # a single latent would broadcast
    return 0.5 * tf.reduce_sum(tf.square(codes - drawn), 1)


INFORMATION = "class_information"
"""Name of the diagnostic of a discriminator that says the class."""

DESCRIPTIONS = {
    INFORMATION: "What generated examples tell of their class, in nats, a lower bound. 0: "
    "nothing; the entropy of the classes (2.30 for ten alike): all of it.",
}
"""What it means, for those who see its curve."""


def information(said: Judgement, inputs: Inputs, entropy: float) -> tf.Tensor:
    """Returns the lower bound of the mutual information of class and example, in nats, a scalar.

    I(c; G(z, c)) >= H(c) + E[log Q(c | G(z, c))]

    Args:
      said: of generated examples.
      inputs: what they were made from.
      entropy: H(c), of the labels as they are drawn.

    Source: Chen et al., "InfoGAN", 2016, equations 4 and 5.
    """
    return entropy - tf.reduce_mean(class_loss(said.class_logits, inputs["labels"]))


def of_generator(condition: Condition, fake: Judgement, inputs: Inputs) -> tf.Tensor | None:
    """Returns what a condition adds to the generator's loss, [B]; None: nothing.

    The sign is the discriminator's own: both want the class to be told.
    """
    if not condition.asks_class:
        return None
    loss = class_loss(fake.class_logits, inputs["labels"])
    return loss if fake.codes is None else loss + code_loss(fake.codes, inputs["latents"])


def of_discriminator(
    condition: Condition, real: Judgement, batch: Batch, fake: Judgement, inputs: Inputs
) -> tf.Tensor | None:
    """Returns what a condition adds to the discriminator's loss, [B]; None: nothing."""
    of_fake = of_generator(condition, fake, inputs)
    if of_fake is None or not condition.asks_real:
        return of_fake
    return of_fake + class_loss(real.class_logits, batch["labels"])


def judgement(output: tf.Tensor | Judgement, condition: Condition, num_classes: int) -> Judgement:
    """Returns a discriminator's output in one form, its logits as [B].

    Raises:
      InputError: it is not one logit per example, or lacks the class logits that are asked for.
    """
    said = output if isinstance(output, Judgement) else Judgement(output)
    logits = said.logits
    if logits.shape.rank == 2 and logits.shape[1] == 1:
        logits = tf.reshape(logits, [-1])
    if logits.shape.rank != 1:
        raise InputError(
            f"the discriminator must return one logit per example, [B] or [B, 1], got "
            f"{[None, *logits.shape[1:]]}."
        )
    if num_classes and condition.asks_class:
        got = None if said.class_logits is None else said.class_logits.shape[-1]
        if got != num_classes:
            raise InputError(
                f"the discriminator must tell {num_classes} classes for this condition, and tells "
                f"{got or 'none'}: return a Judgement with class_logits [B, {num_classes}]."
            )
    return said._replace(logits=logits)
