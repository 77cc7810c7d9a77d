"""Looks at a model while it trains, between two iterations, and moves nothing.

What a model says of itself (its diagnostics) stands beside how its samples lie among real examples.
The model puts the rows into one word: its verdict.
"""

import math
from collections.abc import Callable, Sequence

import tensorflow as tf

from tfgan.core.interfaces import LabelSpec, Model, Source, num_classes, takes_labels
from tfgan.data import kinds, labels
from tfgan.metrics import distances

DISTANCES = ("diversity", "coverage", "precision", "spacing")
"""What is measured of every model. A line of progress shows the first two."""

LATER = ("precision", "spacing")
"""What runs made before there was such a thing do without: they keep the columns they have."""

BY_CLASS = ("coverage_by_class", "coverage_worst_class", "worst_class")
"""What is measured beside it where data and model have classes. A line of progress shows the first
of these."""

DESCRIPTIONS = {
    "diversity": "Mean distance of two samples over that of two real examples. 0: the generator "
    "has one output; 1: they are as far apart as the data.",
    "coverage": "Share of the real examples that have a sample near them, 0 to 1; about 0.97 for "
    "samples like the data.",
    "precision": "Share of the samples that have a real example near them, 0 to 1. High where "
    "the coverage is low: the samples look real, but are of few kinds.",
    "spacing": "Median distance of a sample to the nearest other one, over that of real examples. "
    "Near 0: the samples lie in a few heaps; 1: they are spread like the data.",
    "coverage_by_class": "Mean over the classes of the coverage of a class's real examples by the "
    "samples that were asked for it, 0 to 1. Far below `coverage`: the generator does not heed the "
    "label.",
    "coverage_worst_class": "The least of these coverages: of the class that is done worst. About "
    "0.9 for samples like the data.",
    "worst_class": "Number of that class.",
}
"""What each of them means, for those who see its curve."""

NUM_EXAMPLES = 256
"""Real examples, and samples, that are compared: enough to see a tenth of the data go missing."""

SMALLEST_RADIUS = 1e-3
"""A ball is never narrower than this share of the mean distance of the real examples: copies of one
example have balls of radius 0, where rounding would decide."""

MOST_CLASSES, CLASS_EXAMPLES, MOST_EXAMPLES = 32, 32, 512
"""Classes that are measured, of more some that are spread evenly; real examples of a class, and
samples, that are compared; and of all classes together."""

LOOKED_THROUGH = 4
"""Times as many examples as are wanted are looked through: a rare class may show fewer of them, or
none, and is left out then."""

NO_DISTANCE = 1e-6
"""Added to both mean distances before they are divided, so that equal examples divide by no 0."""


def names(model: Model, by_class: bool = False, written: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns the names of what is measured of a model, in order.

    Args:
      model: is measured.
      by_class: whether it is by class too.
      written: columns that a run has already; (): none.
    """
    wanted = (*model.diagnostic_names, *DISTANCES, *(BY_CLASS if by_class else ()))
    return tuple(name for name in wanted if not written or name in written or name not in LATER)


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
        by_class = takes_labels(model) and isinstance(source.specs.get("labels"), LabelSpec)
        self._names = names(model, by_class)
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
        real_spacing = _spacing(real_features)
        classes = _Classes(model, source, features, smallest) if by_class else None
        self.num_traces = 0

        @tf.function(input_signature=[tf.TensorSpec([], tf.int64)], autograph=False)
        def measure(step):
            self.num_traces += 1
            fake = model.sample(inputs)
            diversity = distances.mean_distance(rows(fake)) + NO_DISTANCE
            fake_features = features(fake)
            precision, coverage = distances.precision_and_coverage(
                real_features, radii, fake_features
            )
            values = dict(model.diagnostics(step, source)) | {
                "diversity": diversity / (real_distance + NO_DISTANCE),
                "coverage": coverage,
                "precision": precision,
                "spacing": _spacing(fake_features) / real_spacing,
            }
            return values | (classes.measure() if classes else {})

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
          precision: share of the samples that lie in such a ball, 0 to 1.
          spacing: median distance of a sample to the nearest other one over that of real examples,
            in the same space, >= 0.
          With labels, also the coverage of each class by itself: the mean over the classes, the
          least, and the number of the class that has it.
        """
        values = self._measure(tf.constant(step, tf.int64))
        return {name: float(values[name]) for name in self._names}


def _spacing(rows: tf.Tensor) -> tf.Tensor:
    """Returns the median distance of a row of `rows` [N, F] to the nearest other one; never 0."""
    count = rows.shape[0]
    if count < 2:
        return tf.constant(NO_DISTANCE, rows.dtype)
    return tf.sort(distances.nearest_distances(rows))[count // 2] + NO_DISTANCE


class _Classes:
    """Measures how well a model does each class, by the class's own real examples.

    Args:
      model, source: as of `Health`; both have classes.
      features: maps examples to rows that lie near where examples look alike.
      smallest: radius of a ball.
    """

    def __init__(
        self,
        model: Model,
        source: Source,
        features: Callable[[tf.Tensor], tf.Tensor],
        smallest: tf.Tensor,
    ):
        self._model, self._features = model, features
        total = num_classes(model)
        chosen = [i * total // MOST_CLASSES for i in range(MOST_CLASSES)]
        wanted = chosen if total > MOST_CLASSES else list(range(total))
        number = min(CLASS_EXAMPLES, MOST_EXAMPLES // len(wanted))
        looked_through = LOOKED_THROUGH * number * len(wanted)
        found = labels.examples_by_class(source, wanted, number, looked_through)
        # One example alone has no neighbour.
        found = {each: real for each, real in found.items() if len(real) > 1} or found
        self._classes, self._counts = list(found), list(map(len, found.values()))
        self._real = [features(tf.constant(real)) for real in found.values()]
        self._radii = [
            tf.maximum(distances.neighbour_distances(real), smallest) for real in self._real
        ]
        drawn = model.inputs(sum(self._counts), "health/classes")
        self._inputs = {**drawn, "labels": tf.repeat(tf.constant(self._classes), self._counts)}

    def measure(self) -> dict[str, tf.Tensor]:
        """Returns the mean and the least of the coverages, and whose that is: scalars by name."""
        samples: list[tf.Tensor] = []
        for start in range(0, sum(self._counts), NUM_EXAMPLES):  # a part at a time, for the memory
            part = {name: x[start : start + NUM_EXAMPLES] for name, x in self._inputs.items()}
            with tf.control_dependencies(samples[-1:]):
                samples.append(self._model.sample(part))
        fakes = tf.split(self._features(tf.concat(samples, 0)), self._counts)
        each = zip(self._real, self._radii, fakes, strict=True)
        coverages = tf.stack([distances.coverage(*of_class) for of_class in each])
        worst = tf.gather(tf.constant(self._classes), tf.argmin(coverages))
        values = tf.reduce_mean(coverages), tf.reduce_min(coverages), worst
        return dict(zip(BY_CLASS, values, strict=True))
