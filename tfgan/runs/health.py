"""Looks at a model while it trains, between two iterations, and moves nothing.

What a model says of itself (its diagnostics) stands beside how its samples lie among real examples.
The model puts the rows into one word: its verdict.
"""

import math

import tensorflow as tf

from tfgan.core.interfaces import Model, Source
from tfgan.data import kinds
from tfgan.metrics import distances

DISTANCES = {"diversity": "diversity", "coverage": "coverage"}
"""What is measured of every model, and what a line of progress calls it."""

DESCRIPTIONS = {
    "diversity": "Mean distance of two samples over that of two real examples. 0: the generator "
    "has one output; 1: they are as far apart as the data.",
    "coverage": "Share of the real examples that have a sample near them, 0 to 1; about 0.97 for "
    "samples like the data.",
}
"""What each of them means, for those who see its curve."""

NUM_EXAMPLES = 256
"""Real examples, and samples, that are compared: enough to see a tenth of the data go missing."""

SMALLEST_RADIUS = 1e-3
"""A ball is never narrower than this share of the mean distance of the real examples: copies of one
example have balls of radius 0, where rounding would decide."""

NO_DISTANCE = 1e-6
"""Added to both mean distances before they are divided, so that equal examples divide by no 0."""


def names(model: Model) -> tuple[str, ...]:
    """Returns the names of what is measured of a model, in order."""
    return (*model.diagnostic_names, *DISTANCES)


class Health:
    """Measures a model: the model's own diagnostics, and its samples against real examples.

    The real examples are the first that training sees, the samples' inputs are stream "health" at
    step 0: functions of the config, the same each time and in every process, so that what changes
    is the model. There are `NUM_EXAMPLES` of both, or fewer in a smaller set.

    Args:
      model: is measured.
      source: gives the real examples.

    Attributes:
      num_traces: how often the measurement was traced; 1 after any number of them.
    """

    def __init__(self, model: Model, source: Source):
        self._names = names(model)
        count = min(NUM_EXAMPLES, source.num_examples or NUM_EXAMPLES)
        num_batches = math.ceil(count / source.batch_size)
        batches = [source.batch(tf.constant(k, tf.int64))["real"] for k in range(num_batches)]
        inputs = model.inputs(count, "health")

        kind, real = source.kind, tf.concat(batches, 0)[:count]

        def rows(examples):  # [N, F]
            return tf.cast(kinds.flat(examples), kind.distance_dtype)

        def features(examples):  # [N, F]
            return tf.cast(kind.features(examples), kind.distance_dtype)

        real_distance = distances.mean_distance(rows(real))
        real_features = features(real)
        smallest = SMALLEST_RADIUS * distances.mean_distance(real_features)
        radii = tf.maximum(distances.neighbour_distances(real_features), smallest)  # [N]
        self.num_traces = 0

        @tf.function(input_signature=[tf.TensorSpec([], tf.int64)], autograph=False)
        def measure(step):
            self.num_traces += 1
            fake = model.sample(inputs)
            diversity = distances.mean_distance(rows(fake)) + NO_DISTANCE
            return dict(model.diagnostics(step, source)) | {
                "diversity": diversity / (real_distance + NO_DISTANCE),
                "coverage": distances.coverage(real_features, radii, features(fake)),
            }

        self._measure = measure

    def measure(self, step: int) -> dict[str, float]:
        """Measures the model before iteration `step` and moves nothing.

        Returns:
          The model's diagnostics, by name.
          diversity: mean distance of two samples over that of two real examples, >= 0. 0: the
            generator has one output; 1: as far apart as the data. Where all real examples are
            equal it is 1 if the samples are, else huge.
          coverage: share of the real examples whose ball holds a sample, 0 to 1; about 0.97 for
            samples like the data. Balls lie in the space of the kind's features: for images of more
            than 16 pixels what random filters see (`metrics.features`), else the examples
            themselves, where in many dimensions the mean of the data lies in balls that it does not
            deserve: so it is to be read beside the diversity. It sees neither a copy of the data
            nor an object that is wrong in shape alone.
        """
        values = self._measure(tf.constant(step, tf.int64))
        return {name: float(values[name]) for name in self._names}
