"""Differentiable augmentation: what both players see of images, real and generated, in training.

The discriminator never sees an image as it is, so that it cannot learn a small set by heart, and
the generator's gradient passes the augmentation, so that it learns images that are not augmented.
Each function is pure: images float [B, H, W, C] in [-1, 1] and random numbers in, images out.

Source: Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", 2020, section 3
and the authors' constants.
"""

from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf

from tfgan.core import checks
from tfgan.core.checks import InputError

Draw = Callable[..., tf.Tensor]
"""(shape, stream, axis=0) -> float32 uniform on [0, 1); `axis` is that of the images."""

TRANSLATION = 0.125
"""How far an image is moved at most, as a share of its height and width."""

CUTOUT = 0.5
"""Height and width of the square that is cut out, as a share of the image's."""


def color(images: tf.Tensor, draw: Draw) -> tf.Tensor:
    """Changes brightness by up to 0.5, saturation by a factor of 0 to 2, contrast of 0.5 to 1.5.

    One number each for an image. Where there is one channel, saturation changes nothing.
    """
    brightness, saturation, contrast = tf.unstack(_numbers(images, draw, "color", 3))
    images = images + (brightness - 0.5)
    grey = tf.reduce_mean(images, -1, keepdims=True)
    images = grey + (images - grey) * (2.0 * saturation)
    mean = tf.reduce_mean(images, [1, 2, 3], keepdims=True)
    return mean + (images - mean) * (contrast + 0.5)


def translation(images: tf.Tensor, draw: Draw) -> tf.Tensor:
    """Moves each image by whole pixels, up to an eighth of its size; what comes in is grey, 0."""
    for axis, offset in zip(
        (1, 2), tf.unstack(_numbers(images, draw, "translation", 2)), strict=True
    ):
        size = images.shape[axis]
        most = int(size * TRANSLATION + 0.5)
        moved = tf.floor(offset * (2 * most + 1)) - most  # [B, 1, 1, 1], -most .. most
        places = tf.range(size, dtype=images.dtype)
        # A matrix of ones and zeros for each image: its gradient is a product too, the same in
        # every process, where that of a gather adds in any order.
        matrix = tf.cast(
            tf.equal(places[:, None] - moved[:, :, :, 0], places[None, :]), images.dtype
        )  # [B, to, from]
        formula = "bij,bjwc->biwc" if axis == 1 else "bij,bhjc->bhic"
        images = tf.einsum(formula, matrix, images)
    return images


def cutout(images: tf.Tensor, draw: Draw) -> tf.Tensor:
    """Makes a rectangle of half the height and width grey, 0; its centre is anywhere."""
    inside = tf.ones([1, 1, 1, 1], tf.bool)
    for axis, offset in zip((1, 2), tf.unstack(_numbers(images, draw, "cutout", 2)), strict=True):
        size = images.shape[axis]
        side = int(size * CUTOUT + 0.5)
        first = tf.floor(offset * (size + 1 - side % 2)) - side // 2  # [B, 1, 1, 1]
        shape = [1, size, 1, 1] if axis == 1 else [1, 1, size, 1]
        places = tf.reshape(tf.range(size, dtype=images.dtype), shape)
        inside = inside & (places >= first) & (places < first + side)
    return tf.where(inside, tf.zeros_like(images), images)


AUGMENTATIONS: Mapping[str, Callable[[tf.Tensor, Draw], tf.Tensor]] = {
    "color": color,
    "translation": translation,
    "cutout": cutout,
}


def check(names: Sequence[str], shape: Sequence[int]) -> None:
    """Checks that examples of `shape` can be augmented.

    Raises:
      InputError: a name is unknown, or the examples are no images.
    """
    if names and isinstance(names, str):
        raise InputError(f"augment must be a list of names: give augment=[{names!r}].")
    for name in names:
        checks.one_of("augmentation", name, AUGMENTATIONS)
    if names and len(shape) != 3:
        raise InputError(
            f"augment={','.join(names)} is for images, and the examples are of shape "
            f"{list(shape)}: leave it out."
        )


def augment(names: Sequence[str], images: tf.Tensor, draw: Draw) -> tf.Tensor:
    """Applies augmentations one after the other.

    Args:
      names: of `AUGMENTATIONS`.
      images: float [B, H, W, C].
      draw: random numbers; each augmentation has streams of its own.
    """
    for name in names:
        images = AUGMENTATIONS[name](images, draw)
    return images


def _numbers(images: tf.Tensor, draw: Draw, stream: str, count: int) -> tf.Tensor:
    """Draws so many numbers on [0, 1) for each image: [count, B, 1, 1, 1]."""
    shape = [count, tf.shape(images)[0], 1, 1, 1]
    return tf.cast(draw(shape, f"augment/{stream}", axis=1), images.dtype)
