"""All metrics by name: what each needs, which way is better, how few samples it accepts.

    measure(["precision", "recall"], real_features=real, fake_features=fake)

Every metric is a function of named arrays, one row for each example. Metrics that stand on the
same work, such as the neighbours of all examples, share it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tfgan.core.checks import InputError, one_of
from tfgan.metrics import copying, density_coverage, modes, precision_recall
from tfgan.metrics.estimates import Estimate, finite_rows
from tfgan.metrics.frechet import frechet_distance
from tfgan.metrics.inception import NUM_SPLITS, inception_score
from tfgan.metrics.kernel import MIN_BLOCKS, kernel_distance
from tfgan.metrics.neighbours import neighbourhoods
from tfgan.metrics.parzen import parzen_log_likelihood
from tfgan.metrics.sliced_wasserstein import sliced_wasserstein_distance

ARRAYS = {
    "real_features": "of real examples",
    "fake_features": "of samples",
    "training_features": "of the examples that the model was trained on",
    "held_out_features": "of real examples that it was not trained on",
    "fake_probabilities": "of a classifier's classes, for samples; not sorted by class",
    "validation_pixels": "real examples in [0, 1] that choose sigma",
    "test_pixels": "other real examples in [0, 1]",
    "fake_pixels": "samples in [0, 1]",
    "fake_points": "samples in the units of the centres",
    "centres": "of the mixture's modes",
    "stddev": "of each mode, in every direction; a number",
}
"""Whatever a metric may need: [number of rows, width] each, but for the last."""


class Metric(NamedTuple):
    """One metric."""

    needs: tuple[str, ...]
    """Names out of `ARRAYS`."""

    compute: Callable[..., Estimate | float]
    """Of the arrays that it needs, in their order; if there is `shared`, of what that returns."""

    better: str
    """"lower", "higher", or "target": the nearer to `target` the better."""

    target: float | None = None
    """What a perfect sampler has with ever more samples, where that is the same for all data."""

    unit: str = ""
    """Of the value; none for shares, counts and what has the features' own."""

    min_samples: Callable[[int], int] = lambda width: 1
    """The fewest rows of each array of examples that it accepts, for a width of the rows."""

    compares_pairs: bool = False
    """Whether it costs much: it compares every example with every other."""

    shared: Callable[..., Any] | None = None
    """Work on the arrays that several metrics stand on; done once for all of them."""

    def badness(self, value: float) -> float:
        """Returns a number that is lower the better `value` is, to rank by."""
        return badness(value, self.better, self.target)


def badness(value: float, better: str, target: float | None) -> float:
    """Returns a number that is lower the better `value` is; 0 where that is not known.

    Args:
      value: of a metric.
      better, target: as `Metric` has them.
    """
    if better == "target":
        return 0.0 if target is None else abs(value - target)
    return {"lower": value, "higher": -value}.get(better, 0.0)


def _neighbourhoods(real: np.ndarray, fake: np.ndarray):
    return neighbourhoods(
        real, fake, (precision_recall.NUM_NEIGHBOURS, density_coverage.NUM_NEIGHBOURS)
    )


def _of_neighbourhood(function: Callable, k: int, better: str) -> Metric:
    return Metric(
        ("real_features", "fake_features"),
        lambda found: function(found[k]),
        better,
        target=1.0 if better == "target" else None,
        min_samples=lambda width: density_coverage.NUM_NEIGHBOURS + 1,
        compares_pairs=True,
        shared=_neighbourhoods,
    )


def _of_training_distances(function: Callable, target: float, unit: str) -> Metric:
    return Metric(
        ("training_features", "held_out_features", "fake_features"),
        function,
        "target",
        target=target,
        unit=unit,
        min_samples=lambda width: 20,  # the normal approximation of U
        compares_pairs=True,
        shared=copying.training_distances,
    )


def _of_modes(function: Callable, better: str, target: float | None, unit: str = "") -> Metric:
    needs = ("fake_points", "centres", "stddev")
    return Metric(needs, function, better, target=target, unit=unit, shared=modes.sort_by_mode)


METRICS: dict[str, Metric] = {
    "frechet_distance": Metric(
        ("real_features", "fake_features"),
        frechet_distance,
        "lower",
        target=0.0,
        min_samples=lambda width: width + 1,  # fewer make a covariance that is singular
    ),
    "kernel_distance": Metric(
        ("real_features", "fake_features"),
        kernel_distance,
        "lower",
        target=0.0,
        min_samples=lambda width: 2 * MIN_BLOCKS,
    ),
    "precision": _of_neighbourhood(
        precision_recall.precision, precision_recall.NUM_NEIGHBOURS, "higher"
    ),
    "recall": _of_neighbourhood(precision_recall.recall, precision_recall.NUM_NEIGHBOURS, "higher"),
    "density": _of_neighbourhood(
        density_coverage.density, density_coverage.NUM_NEIGHBOURS, "target"
    ),
    "coverage": _of_neighbourhood(
        density_coverage.coverage, density_coverage.NUM_NEIGHBOURS, "higher"
    ),
    "inception_score": Metric(
        ("fake_probabilities",),
        inception_score,
        "higher",
        min_samples=lambda width: NUM_SPLITS * width,  # a part without a class cannot score it
    ),
    "parzen_log_likelihood": Metric(
        ("validation_pixels", "test_pixels", "fake_pixels"),
        parzen_log_likelihood,
        "higher",
        unit="nats",
        min_samples=lambda width: 2,
        compares_pairs=True,
    ),
    "sliced_wasserstein_distance": Metric(
        ("real_features", "fake_features"), sliced_wasserstein_distance, "lower", target=0.0
    ),
    "copying": _of_training_distances(copying.copying, 0.0, "standard deviations"),
    "near_copies": _of_training_distances(copying.near_copies, copying.NEAR, ""),
    "modes_covered": _of_modes(modes.modes_covered, "higher", None, "modes"),
    "good_share": _of_modes(modes.good_share, "target", modes.PERFECT_GOOD_SHARE),
    "reverse_kl": _of_modes(modes.reverse_kl, "lower", 0.0, "nats"),
    "shared_mass": _of_modes(modes.shared_mass, "higher", None),
}


def measure(names: Iterable[str], **arrays: Any) -> dict[str, Estimate]:
    """Returns the estimate of each metric of `names`, in their order.

    Args:
      names: out of `METRICS`.
      **arrays: at least what they need, by the names of `ARRAYS`.

    Raises:
      InputError: a metric is unknown, an array is missing, has too few rows for a metric, or has
        rows that are not finite.
    """
    names = [one_of("metric", name, METRICS) for name in names]
    for name in names:
        check(name, arrays)
    prepared: dict[Any, Any] = {}
    found = {}
    for name in names:
        metric = METRICS[name]
        given = tuple(arrays[array] for array in metric.needs)
        if metric.shared is not None:
            if metric.shared not in prepared:
                prepared[metric.shared] = metric.shared(*given)
            given = (prepared[metric.shared],)
        value = metric.compute(*given)
        found[name] = value if isinstance(value, Estimate) else Estimate(float(value))
    return found


def check(name: str, arrays: Mapping[str, Any]) -> None:
    """Checks that a metric of `METRICS` can be had of some arrays.

    Raises:
      InputError: one is missing, has too few rows, or has rows that are not finite.
    """
    metric = METRICS[name]
    missing = [array for array in metric.needs if array not in arrays]
    if missing:
        raise InputError(f"{name} needs {', '.join(missing)}.")
    for array in metric.needs:
        if array in ("centres", "stddev"):
            continue
        rows = finite_rows(array, arrays[array])
        fewest = metric.min_samples(rows.shape[1])
        if len(rows) < fewest:
            raise InputError(
                f"{name} of width {rows.shape[1]} needs {fewest} samples or more, and {array} has "
                f"{len(rows)}; take more samples, or leave {name} out."
            )
