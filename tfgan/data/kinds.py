"""Stand-in until the kinds are merged."""

import tensorflow as tf


class _Kind:
    def __init__(self, name, dtype):
        self.name, self.distance_dtype = name, dtype

    def draw(self, examples):
        from tfgan.runs import pictures

        return pictures.draw_examples(examples)


KINDS = {"images": _Kind("images", tf.float32), "points": _Kind("points", tf.float64)}


def of_shape(shape):
    return KINDS["points" if len(shape) == 1 else "images"]
