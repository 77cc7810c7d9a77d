"""What a discriminator makes of its last features, by the way it knows the class."""

import tensorflow as tf

from tfgan.core import checks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Judgement
from tfgan.nn.layers import Dense

CONDITIONS = ("none", "concatenation", "projection", "auxiliary", "information")
"""What --condition names. `concatenation` is of what goes in: see `conditions.concatenate`."""


class Head(tf.Module):
    """Adds to a logit what the discriminator has to say, or to hear, of the class.

    projection: logit + <embedding of the label, features>.
    auxiliary: a logit for each class too (AC-GAN).
    information: a logit for each class, and a value for each continuous code (InfoGAN).

    Args:
      num_features: of the last layer before the logit.
      condition: one of `CONDITIONS`; for the first two nothing is added.
      num_classes, num_codes: how many there are; 0: none.
      seed: seed of the run.
      name: prefix of the variables `embedding/kernel` [num_classes, num_features],
        `classes/kernel`, `codes/kernel` and their biases.
      spectral: divide each kernel by its largest singular value.
      dtype: of the weights.

    Raises:
      InputError: the condition has nothing that it could be about.

    Source: Miyato and Koyama, "cGANs with Projection Discriminator", 2018, equation 4; Odena et
    al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017, section 3; Chen et al.,
    "InfoGAN", 2016, section 6.
    """

    def __init__(
        self,
        num_features: int,
        *,
        condition: str = "none",
        num_classes: int = 0,
        num_codes: int = 0,
        seed: int,
        name: str,
        spectral: bool = False,
        dtype=tf.float32,
    ):
        checks.one_of("condition", condition, CONDITIONS)
        if condition == "information" and not num_classes + num_codes:
            raise InputError("--condition=information without classes and without codes: add some.")
        if condition not in ("none", "information") and not num_classes:
            raise InputError(
                f"--condition={condition} needs labels, and there are none: give --condition=none, "
                "or data that have them."
            )
        common = dict(seed=seed, spectral=spectral, dtype=dtype)
        self.condition, self.num_classes = condition, num_classes
        self.embedding = self.classes = self.codes = None
        if condition == "projection":
            self.embedding = Dense(
                num_classes, num_features, name=f"{name}/embedding", use_bias=False, **common
            )
        if condition in ("auxiliary", "information") and num_classes:
            self.classes = Dense(num_features, num_classes, name=f"{name}/classes", **common)
        if condition == "information" and num_codes:
            self.codes = Dense(num_features, num_codes, name=f"{name}/codes", **common)

    def __call__(
        self, logits: tf.Tensor, features: tf.Tensor, labels: tf.Tensor | None, dtype: tf.DType
    ) -> tf.Tensor | Judgement:
        """Returns what the discriminator does: logits [B], or a `Judgement`, in `dtype`.

        Args:
          logits: [B, 1], of the last layer; or an encoder's outputs [B, N], which stay as they are.
          features: [B, num_features], what the last layer made them of.
          labels: int32 [B], of a projection.
          dtype: of what comes out.
        """
        if logits.shape[1] > 1:
            return tf.cast(logits, dtype)
        if self.embedding is not None:
            of_class = tf.one_hot(labels, self.num_classes, dtype=features.dtype)
            product = self.embedding(of_class) * features
            logits += tf.reduce_sum(product, -1, keepdims=True)
        logits = tf.cast(tf.reshape(logits, [-1]), dtype)
        if self.condition not in ("auxiliary", "information"):
            return logits
        read = (None if part is None else part(features) for part in (self.classes, self.codes))
        return Judgement(logits, *(None if x is None else tf.cast(x, dtype) for x in read))
