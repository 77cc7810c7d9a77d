"""How well a VAE explains real examples: the ELBO, and log p(x) by importance weights.

Measured of examples that were held out, where there are some. Images that the run sees in black and
white are those of the static draw, whatever it was trained on, so that its numbers can be compared
with those of others.

Source: Burda et al., "Importance Weighted Autoencoders", 2016, section 5.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.data import Arrays, changed, pixels
from tfgan.evaluation import modes
from tfgan.evaluation.examples import CHUNK, Real, UnmeasurableError
from tfgan.evaluation.measuring import NUM_SAMPLES, Reference, Row
from tfgan.metrics import estimates
from tfgan.models.evidence import Estimator, Evidence
from tfgan.models.vae import VAE

NUM_WEIGHTS = 5000
"""Importance weights of an example, where nobody says: as papers do."""

EVIDENCE_METRICS: tuple[str, ...] = Evidence._fields
"""Beside `METRICS`: what is measured where it is named, of VAEs alone."""


class Explained:
    """Real examples as a VAE explains them; moves nothing.

    An example's draws are a function of the seed and of its place in the row: all of a set stand in
    its own order, some of a set are spread evenly over it.

    Args:
      model: explains them.
      reference: holds them.
      count: how many; 0: 10,000, 2,500 points, or all of a smaller set.
      num_weights: latents that are drawn for each.
      seed: of these.
      seen: told how many examples more have been looked at.

    Attributes:
      notes: what makes of the numbers something else than they are called; a line each.

    Raises:
      InputError: there are not so many, or those of a run on black and white do not lie in memory.
    """

    def __init__(
        self,
        model: VAE,
        reference: Reference,
        count: int = 0,
        num_weights: int = NUM_WEIGHTS,
        seed: int = 0,
        seen: Callable[[int], None] = lambda number: None,
    ):
        self._model, self._num_weights, self._seed, self._seen = model, num_weights, seed, seen
        self._is_held_out = reference.held_out is not None
        self._source = _fixed(reference.held_out or reference.source)
        self._count = _count(count, self._source)
        self.notes: list[str] = []

    @property
    def name(self) -> str:
        """Returns what stands in the place of an extractor: numbers of other weights are others."""
        return f"encoder, {self._num_weights} weights"

    @property
    def about(self) -> str:
        """Returns what is said of the numbers beside them."""
        which = "that were held out" if self._is_held_out else "of the set"
        return (
            f"the run's own, of {self._count} real examples {which}; {self._num_weights} "
            "importance weights for each; spread: the standard error of the mean"
        )

    @property
    def record(self) -> dict[str, Any]:
        """Returns what the numbers depend on beside model and seed, for a record."""
        fingerprint = "held_out_fingerprint" if self._is_held_out else "data_fingerprint"
        return {
            "num_samples": self._count,
            "num_weights": self._num_weights,
            fingerprint: self._source.fingerprint,
        }

    @functools.cached_property
    def evidence(self) -> Evidence:
        """Returns what is known of log p(x) of each example.

        Raises:
          UnmeasurableError: a number is not finite.
        """
        estimate = Estimator(self._model, self._num_weights, self._seed)
        parts, first, is_grey = [], 0, False
        for examples in self._chunks():
            parts.append(estimate(examples, first))
            first += len(examples)
            is_grey |= bool((np.abs(examples) < 1).any())
            self._seen(len(examples))
        if is_grey and self._model.likelihood_name == "bernoulli":
            self.notes.append(
                f"{self._source.name} is grey, of which likelihood=bernoulli has no likelihood but "
                "a cross entropy: train with --binarise=static or --likelihood=gaussian."
            )
        found = Evidence(*(np.concatenate(each) for each in zip(*parts, strict=True)))
        bad = int((~np.isfinite(found).all(0)).sum())
        if bad:
            raise UnmeasurableError(
                f"the likelihood of {bad} of {first} examples is not finite: there is nothing to "
                "measure; take an earlier checkpoint (--step)."
            )
        return found

    def _chunks(self) -> Iterator[np.ndarray]:
        """Yields the examples in order, float [up to a chunk, *shape] in [-1, 1]."""
        if not isinstance(self._source, Arrays):
            yield from Real(self._source).chunks(0, self._count)
            return
        real = self._source.arrays["real"].numpy()
        chosen = np.arange(self._count) * len(real) // self._count
        for start in range(0, self._count, CHUNK):
            part = real[chosen[start : start + CHUNK]]
            yield pixels.to_float(part).numpy() if part.dtype == np.uint8 else part


def _fixed(source: Source) -> Source:
    """Returns the examples of a source, in black and white drawn once if they are drawn at all.

    Raises:
      InputError: these do not lie in memory.
    """
    try:
        return changed.fixed(source)
    except InputError:
        raise InputError(
            f"{source.name} does not fit into memory, where black and white is drawn once: hold "
            "out fewer images, such as --held_out=test[:1000]."
        ) from None


def _count(asked: int, source: Source) -> int:
    """Returns how many examples are measured.

    Raises:
      InputError: there are not so many.
    """
    total = source.num_examples
    if not asked:
        usual = modes.num_samples(source) or NUM_SAMPLES
        return min(usual, total or usual)
    if not 1 <= asked <= (total or asked):
        most = "" if total is None else f", and at most the {total} of {source.name}"
        raise InputError(f"--num_samples={asked} must be at least 1{most}.")
    return asked


def check(names: Sequence[str], model: Any, num_weights: int) -> None:
    """Checks that metrics can be had of a model.

    Args:
      names: out of `EVIDENCE_METRICS`.
      model: None: there is none, or it has no encoder any more.
      num_weights: of an example.

    Raises:
      InputError: one cannot; the message says why.
    """
    if names and num_weights < 1:
        raise InputError(f"--num_weights={num_weights} must be at least 1.")
    for name in names:
        if not isinstance(model, VAE):
            raise InputError(
                f"--metrics={name} needs the encoder of a VAE: measure a run of one (--run_dir)."
            )


def measure(names: Sequence[str], explained: Explained) -> list[Row]:
    """Returns the numbers of examples, in the order of `names`, out of `EVIDENCE_METRICS`."""
    rows = []
    for name in names:
        found = estimates.mean(getattr(explained.evidence, name))
        rows.append(Row(name, explained.name, *found, None, "nats", "higher", None))
    return rows
