"""Puts the health of a GAN into one word.

A verdict is a pure function of the rows of health, so that it can be had again from a file of them.
It is a hint for people, and `--stop_when=converged` stops on it: no number of training reads it.
"""

import math

from tfgan.models import looks
from tfgan.models.looks import Rows

VERDICTS = (
    "training",
    "generator collapsed",
    "discriminator won",
    "discriminator dead",
    "diverging",
    "converged",
)
"""What a run can be. "training" is every run of which nothing worse or better can be said."""

DESCRIPTIONS = {
    "g_loss": "What the generator minimises.",
    "d_loss": "What the discriminator minimises.",
    "d_real": "Mean of D(x) over a batch of real examples: a probability, 1/2 where the "
    "discriminator cannot tell; or a score, of objectives that have no probabilities.",
    "d_fake": "Mean of D(G(z)) over a batch of generated examples, as `d_real`: a probability, 1/2 "
    "where the discriminator cannot tell; or a score.",
    "g_gradient_norm": "Euclidean norm of the generator's gradient: near 0, it learns no more.",
    "d_gradient_norm": "Euclidean norm of the discriminator's gradient: 0 in one that is dead.",
}
"""What the losses and the diagnostics of a GAN mean, by name."""

COLLAPSED_DIVERSITY = 0.03
"""One mode of the ring, or one digit with a little noise, has 0.01 to 0.02. The highest diversity
of 200 steps was never below 0.11 in a recipe without augmentation, 0.05 with MNIST and no batch
normalisation, and 0.039 in a young generator of `small_images`, which is grey for 450 steps."""

FROZEN_DIVERSITY = 0.001
"""Below this is only rounding, and growth means nothing."""

COLLAPSED_GROWTH = 1.2
"""An untrained DCGAN paints everything nearly grey, but its diversity doubles in 100 steps."""

FEW_MODES_PRECISION = 0.95
FEW_MODES_COVERAGE = 0.3
FEW_MODES_SPACING = 0.5
"""Up to five real examples of the ring, or of the digits, with a little noise have precision 1, a
coverage of 0.03 to 0.35 and a spacing of 0.07 to 0.32. A young Wasserstein GAN has precision 0.99
and a coverage of 0.27 for 300 steps, but a spacing above 0.55. InfoGAN's classes are narrow, with a
coverage of 0.2 to 0.3 and a spacing of 0.25, but a precision below 0.92."""

HEAPS_SPACING = 0.1
HEAPS_DIVERSITY = 0.3
"""Few outputs, which need not look real, far from each other. An untrained generator's samples lie
as near together, but they are not diverse."""

WON_GAP = 0.5
"""D(x) - D(G(z)) of a discriminator that tells nearly all examples apart: 0 is a draw, 1 the end.
Healthy discriminators may be at 0.98 for 1,000 steps, so this alone is no failure."""

WON_COVERAGE = 0.3
"""A generator that covers more than this has not lost, however good the discriminator."""

STARVED_GAP = 0.99
STARVED_GRADIENT = 1e-5
"""In a generator of a million weights this is 1e-8 each, Adam's epsilon: the weights stop. One that
learns behind a discriminator far ahead, at D(x) - D(G(z)) = 0.98, has a gradient above 1e-3."""

STANDSTILL_DIVERSITY = 0.02
STANDSTILL_COVERAGE = 0.02
"""A generator stands still if its diversity stays within 2 % of itself and its coverage does not
rise by 0.02. One that learns behind a discriminator far ahead moves by more than twice as much."""

DEAD_GAP = 1e-4
DEAD_GRADIENT = 1e-4
"""A discriminator that cannot tell but is alive still has the gradient of its batch's noise: 0.004
at the least in healthy runs, and 0 in one whose units are all off."""

DIVERGING_LOSS = 50.0
"""In nats: a probability of 2e-22. The losses of healthy runs stay below 22."""

DIVERGING_SCORE = 5.0
DIVERGING_GROWTH = 1.25
"""Scores have no unit and no origin: their differences must be large, and grow by a quarter from
the first half of the window to the second. Healthy ones, with clipped weights, stay below 1."""

CONVERGED_LOOKS = 5
CONVERGED_GAP = 0.1
CONVERGED_COVERAGE = 0.75
CONVERGED_DIVERSITY = (0.8, 1.25)
"""The digits recipe is there after 3,500 steps. With --average_decay=0.999 the grid's is after
5,700 and the ring's after 13,800, or 6,300 with learning rates of 0.001; without the average the
ring's samples wander about their modes, and its coverage about 0.6."""


def verdict(rows: Rows, has_probabilities: bool) -> str:
    """Puts the last looks into one of `VERDICTS`.

    The first of these that holds in all looks of the window (see `looks.WINDOW_STEPS`):

      diverging            the larger of the two losses is beyond `DIVERGING_LOSS`; for scores, the
                           larger of D(x) - D(G(z)) and the discriminator's loss is beyond
                           `DIVERGING_SCORE` and grows by `DIVERGING_GROWTH`. At once, if a number
                           of the last look is not finite.
      discriminator dead   real and generated examples get the same mean (`DEAD_GAP`), and its
                           gradient is 0 (`DEAD_GRADIENT`).
      generator collapsed  the diversity is below `COLLAPSED_DIVERSITY` and does not grow by
                           `COLLAPSED_GROWTH`; or it does, but below `FROZEN_DIVERSITY`. Or the
                           generator has a few modes far from each other: its samples look real
                           (`FEW_MODES_PRECISION`), lie close together (`FEW_MODES_SPACING`) and
                           cover little (`FEW_MODES_COVERAGE`), which does not rise by
                           `STANDSTILL_COVERAGE`; or they lie in heaps (`HEAPS_SPACING`) that are
                           far apart (`HEAPS_DIVERSITY`) and do not widen by `COLLAPSED_GROWTH`.
                           Rows without "precision" and "spacing", of older runs, do not show this.
      discriminator won    it tells real from generated (`WON_GAP`, on average), and the generator
                           stands still (`STANDSTILL_DIVERSITY`, `STANDSTILL_COVERAGE`) while it
                           covers little (`WON_COVERAGE`); or it tells nearly all apart
                           (`STARVED_GAP`) and leaves the generator no gradient
                           (`STARVED_GRADIENT`), whose average may still move. Not for scores:
                           there a good discriminator is what the objective asks for.
      converged            D(x) and D(G(z)) are within `CONVERGED_GAP` of 1/2 (not for scores), and
                           coverage and diversity are near those of the data (`CONVERGED_COVERAGE`,
                           `CONVERGED_DIVERSITY`): the document's "some state of convergence",
                           section 3. Here the window is the last `CONVERGED_LOOKS` looks.

    Else the run is training; so is every run before the window is full.

    Args:
      rows: what `Health.look` returned, each with "step", "g_loss" and "d_loss", oldest first. Rows
        before the window change nothing.
      has_probabilities: whether D(x) is one; the criteria on it say nothing about mere scores.
    """
    if rows and not all(math.isfinite(value) for value in rows[-1].values()):
        return "diverging"
    window = looks.window(rows)
    if window:
        if _diverges(window, has_probabilities):
            return "diverging"
        if _is_dead(window):
            return "discriminator dead"
        if _is_collapsed(window) or _has_few_modes(window):
            return "generator collapsed"
        if has_probabilities and _has_won(window):
            return "discriminator won"
    return "converged" if _has_converged(rows, has_probabilities) else "training"


def _diverges(window: Rows, has_probabilities: bool) -> bool:
    if has_probabilities:
        losses = [max(abs(row["g_loss"]), abs(row["d_loss"])) for row in window]
        return min(losses) > DIVERGING_LOSS
    # The generator's loss may be a mean score, whose origin wanders in healthy runs.
    sizes = [max(abs(row["d_real"] - row["d_fake"]), abs(row["d_loss"])) for row in window]
    half = len(sizes) // 2
    grows = sum(sizes[-half:]) > DIVERGING_GROWTH * sum(sizes[:half])  # each is of one batch
    return min(sizes) > DIVERGING_SCORE and grows


def _is_dead(window: Rows) -> bool:
    return all(
        abs(row["d_real"] - row["d_fake"]) < DEAD_GAP and row["d_gradient_norm"] < DEAD_GRADIENT
        for row in window
    )


def _is_collapsed(window: Rows) -> bool:
    diversity = [row["diversity"] for row in window]
    grows = diversity[-1] > FROZEN_DIVERSITY and diversity[-1] > COLLAPSED_GROWTH * diversity[0]
    return max(diversity) < COLLAPSED_DIVERSITY and not grows


def _has_few_modes(window: Rows) -> bool:
    if not all("precision" in row and "spacing" in row for row in window):
        return False
    names = ("diversity", "coverage", "precision", "spacing")
    diversity, coverage, precision, spacing = ([row[name] for row in window] for name in names)
    covers_little = max(coverage) <= FEW_MODES_COVERAGE
    stands_still = coverage[-1] < coverage[0] + STANDSTILL_COVERAGE
    if min(precision) >= FEW_MODES_PRECISION and covers_little and stands_still:
        return max(spacing) <= FEW_MODES_SPACING
    widen = spacing[-1] > COLLAPSED_GROWTH * spacing[0]
    return max(spacing) < HEAPS_SPACING and not widen and min(diversity) > HEAPS_DIVERSITY


def _has_won(window: Rows) -> bool:
    diversity, coverage = ([row[name] for row in window] for name in ("diversity", "coverage"))
    stands_still = (
        min(diversity) > (1.0 - STANDSTILL_DIVERSITY) * max(diversity)
        and coverage[-1] < coverage[0] + STANDSTILL_COVERAGE
    )
    gaps = [row["d_real"] - row["d_fake"] for row in window]
    leads = sum(gaps) > WON_GAP * len(gaps)  # each is of one batch
    is_starved = (
        min(gaps) > STARVED_GAP and max(row["g_gradient_norm"] for row in window) < STARVED_GRADIENT
    )
    return max(coverage) < WON_COVERAGE and (is_starved or (leads and stands_still))


def _has_converged(rows: Rows, has_probabilities: bool) -> bool:
    lowest, highest = CONVERGED_DIVERSITY
    last = rows[-CONVERGED_LOOKS:]
    return len(last) == CONVERGED_LOOKS and all(
        row["coverage"] >= CONVERGED_COVERAGE
        and lowest <= row["diversity"] <= highest
        and not (
            has_probabilities
            and max(abs(row["d_real"] - 0.5), abs(row["d_fake"] - 0.5)) > CONVERGED_GAP
        )
        for row in last
    )
