"""Kinds of examples: how each is drawn, compared and served. Nothing else asks for ranks."""

from collections.abc import Sequence

import numpy as np
import PIL.Image
import tensorflow as tf

from tfgan.core.interfaces import Kind
from tfgan.data import drawing
from tfgan.metrics.features import random_features

LARGEST_IN_PIXELS = 16
"""Height or width of images up to which the distance of their pixels says something."""


class Images:
    """Images [H, W, C] with 1, 3 or 4 channels."""

    name = "images"
    distance_dtype = tf.float32

    def features(self, examples: tf.Tensor) -> tf.Tensor:
        """Returns pixels where there are few of them, else the features of random filters."""
        if max(examples.shape[1:3]) <= LARGEST_IN_PIXELS:
            return flat(examples)
        return random_features(examples)

    def draw(
        self, examples: np.ndarray, columns: int = 0, scale: int = 0, joined: bool = False
    ) -> PIL.Image.Image:
        """Draws [N, H, W, C] as a grid."""
        return drawing.grid(examples, columns, scale)

    def served(self, example: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns an image [H, W, C] as the bytes of a PNG, and as uint8 [H, W, C]."""
        pixels = to_uint8(example)
        return {"png_bytes": tf.io.encode_png(pixels), "images": pixels}


class Points:
    """Points [F], which may lie in clusters much narrower than their distances."""

    name = "points"
    distance_dtype = tf.float64
    """float32 would cancel, and a GPU multiplies matrices in TF32."""

    def features(self, examples: tf.Tensor) -> tf.Tensor:
        """Returns the points."""
        return examples

    def draw(
        self, examples: np.ndarray, columns: int = 0, scale: int = 0, joined: bool = False
    ) -> PIL.Image.Image:
        """Draws [N, 2] as a scatter plot, other points as heat maps."""
        if examples.shape[1] == 2:
            return drawing.scatter(examples, columns, scale, joined)
        return drawing.heat_maps(examples, columns, scale)

    def served(self, example: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns a point as it is."""
        return {"points": example}


class Tensors:
    """Examples of any other shape."""

    name = "examples"
    distance_dtype = tf.float32

    def features(self, examples: tf.Tensor) -> tf.Tensor:
        """Returns the examples as rows."""
        return flat(examples)

    def draw(
        self, examples: np.ndarray, columns: int = 0, scale: int = 0, joined: bool = False
    ) -> PIL.Image.Image:
        """Draws [N, *shape] as heat maps."""
        return drawing.heat_maps(examples, columns, scale)

    def served(self, example: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns an example as it is."""
        return {"examples": example}


KINDS: dict[str, Kind] = {kind.name: kind for kind in (Images(), Points(), Tensors())}


def flat(examples: tf.Tensor) -> tf.Tensor:
    """Returns [N, *shape] as rows [N, F]."""
    return tf.reshape(examples, [examples.shape[0], -1])


def of_shape(shape: Sequence[int]) -> Kind:
    """Returns the kind of examples of a shape, where nobody says another one."""
    if len(shape) == 3 and shape[2] in (1, 3, 4):
        return KINDS["images"]
    return KINDS["points" if len(shape) == 1 else "examples"]


def to_uint8(images: tf.Tensor) -> tf.Tensor:
    """Maps float [-1, 1] to uint8 0 .. 255, rounding to nearest; what lies outside is clipped."""
    return tf.cast(tf.clip_by_value(tf.round((images + 1.0) * 127.5), 0.0, 255.0), tf.uint8)
