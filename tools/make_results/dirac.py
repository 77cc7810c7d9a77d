"""The Dirac-GAN, for each objective and penalty: how the library's own steps move its two weights.

All data lie at 0, G(z) = theta, D(x) = psi x: the smallest GAN, whose equilibrium is (0, 0). Both
players descend at once, from one point, or in turn, the generator first.

Source: Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018, section 2.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tools.make_results.record import Outcome, Record, Trial
from tools.make_results.ring_grid import ALONE

OBJECTIVES = ALONE
WEIGHT = 0.3
PENALTIES: Mapping[str, str] = {"none": ""} | {
    names.replace(",", " + "): ",".join(f"{name}:{WEIGHT}" for name in names.split(","))
    for names in (
        "r1",
        "r2",
        "r1,r2",
        "gradient_penalty",
        "one_sided_gradient_penalty",
        "dragan",
        "lecam",
    )
}
"""Columns: what `--penalties` is."""

KINKED = ("gradient_penalty", "dragan")
"""They hold the slope at 1 or -1, so that at 0 the game has no derivative and no equilibrium."""

LEARNING_RATE, NUM_STEPS = 0.1, 150
STARTS = ((1.0, 0.4), (-1.4, 0.8))
"""(theta, psi)."""

ORDERS = ("simultaneous", "alternating")
REACH = 1.8
"""The picture ends there, and so does a trajectory."""

SPACING = 0.15
"""Between points of a trajectory that are kept: a few pixels."""


class Point(tf.Module):
    """A generator whose examples are all theta."""

    def __init__(self, theta: float = 0.0):
        super().__init__()
        self.weight = tf.Variable(theta, dtype=tf.float64)

    def __call__(self, latents):
        """Returns theta for each of the latents, float64 [B, 1]."""
        return self.weight * tf.ones_like(latents, tf.float64)


class Slope(tf.Module):
    """A discriminator of slope psi."""

    def __init__(self, psi: float = 0.0):
        super().__init__()
        self.weight = tf.Variable(psi, dtype=tf.float64)

    def __call__(self, x):
        """Returns psi x."""
        return self.weight * x


class Dirac:
    """One Dirac-GAN.

    Args:
      objective: its name.
      penalties: as `--penalties` has them.
      learning_rate: of both players, who descend without momentum.
    """

    def __init__(self, objective: str, penalties: str = "", learning_rate: float = LEARNING_RATE):
        from tfgan import optimizers
        from tfgan.config import Config
        from tfgan.core import contradictions
        from tfgan.models.gan import GAN
        from tfgan.penalties import PENALTIES as KNOWN

        named = contradictions.penalties(Config(penalties=penalties))
        self.model = GAN(
            Point(),
            Slope(),
            latent_size=1,
            objective=objective,
            penalties=[(KNOWN[name], weight) for name, weight in named],
            optimizer=optimizers.SGD,
            learning_rate=learning_rate,
        )
        self.theta = self.model.generator.network.weight
        self.psi = self.model.discriminator.network.weight
        self._batch, self._inputs = {"real": tf.zeros([1, 1])}, {"latents": tf.zeros([1, 1])}
        self._step = tf.constant(0, tf.int64)

    def place(self, theta: float, psi: float) -> None:
        """Puts both weights somewhere, and forgets what was."""
        self.theta.assign(theta)
        self.psi.assign(psi)
        for average in self.model.game.averages or ():
            average.assign(0.0)

    def gradients(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns both players' gradients at one point, by theta and by psi."""
        of_discriminator = self.model.discriminator_gradients(
            self._batch, self._inputs, self._step
        )[1]
        of_generator = self.model.generator_gradients(self._inputs, self._batch)[1]
        return of_generator[0], of_discriminator[0]

    def step(self, order: str) -> None:
        """Moves both players once: one of `ORDERS`."""
        if order == "alternating":
            self.model.generator_step(self._inputs, self._batch)
            self.model.discriminator_step(self._batch, self._inputs, self._step)
            return
        of_generator, of_discriminator = self.gradients()
        self.model.generator_optimizer.apply([of_generator])
        self.model.discriminator_optimizer.apply([of_discriminator])

    def jacobian(self) -> np.ndarray:
        """Returns the derivatives of (-gradient by theta, -by psi) by (theta, psi), exactly."""
        weights = [self.theta, self.psi]
        with tf.GradientTape(persistent=True) as tape:
            gradients = self.gradients()
        rows = [tape.gradient(each, weights, unconnected_gradients="zero") for each in gradients]
        return -np.array(rows, np.float64)

    def trajectory(
        self, order: str, starts: Sequence[tuple[float, float]], num_steps: int
    ) -> np.ndarray:
        """Returns (theta, psi) before each step and after the last, [starts, num_steps + 1, 2]."""

        def turn(i, seen):
            seen = seen.write(i, tf.stack([self.theta, self.psi]))
            self.step(order)
            return i + 1, seen

        @tf.function(autograph=False)
        def run():
            seen = tf.TensorArray(tf.float64, num_steps)
            _, seen = tf.while_loop(lambda i, _: i < num_steps, turn, (tf.constant(0), seen))
            return tf.concat([seen.stack(), [tf.stack([self.theta, self.psi])]], 0)

        found = []
        for start in starts:
            self.place(*start)
            found.append(run().numpy())
        return np.stack(found)


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns the trials of the table: a Dirac-GAN each.

    Args:
      record: what has been measured.
      num_steps: of every one, for a rehearsal; 0: as many as there should be.
    """
    shared = {"learning_rate": LEARNING_RATE, "num_steps": num_steps or NUM_STEPS}
    return [
        Trial("dirac", objective, column, {"penalties": penalties} | shared, 0)
        for objective in OBJECTIVES
        for column, penalties in PENALTIES.items()
    ]


def measure(trial: Trial) -> Outcome:
    """Follows both players from each start, in both orders.

    Returns:
      "eigenvalues" at (0, 0), two of (real, imaginary), None where there is no equilibrium; by
      order "radius_...", the distance from (0, 0) after the last step, of the first start, None if
      it is not finite; and by order the trajectories, in hundredths: theta, psi, theta, ...
    """
    from tfgan.core import runtime

    runtime.configure()
    fields: dict[str, Any] = dict(trial.fields)
    dirac = Dirac(trial.row, fields["penalties"], fields["learning_rate"])
    found: dict[str, Any] = {"eigenvalues": None}
    if trial.column not in KINKED:
        dirac.place(0.0, 0.0)
        found["eigenvalues"] = eigenvalues(dirac.jacobian())
    for order in ORDERS:
        paths = dirac.trajectory(order, STARTS, fields["num_steps"])
        radius = float(np.linalg.norm(paths[0, -1]))
        found[f"radius_{order}"] = radius if np.isfinite(radius) else None
        found[order] = [thinned(path) for path in paths]
    return found


def eigenvalues(jacobian: np.ndarray) -> list[list[float]]:
    """Returns the two eigenvalues of a matrix, each (real, imaginary), in order."""
    values = sorted(np.linalg.eigvals(jacobian), key=lambda value: (value.real, value.imag))
    return [[round(float(part), 9) + 0.0 for part in (v.real, v.imag)] for v in values]


def thinned(path: np.ndarray) -> list[int]:
    """Returns the points of a trajectory [N, 2] that are apart enough to be seen, in hundredths.

    It ends where it leaves the picture.
    """
    kept = [path[0]]
    for point in path[1:]:
        if not np.abs(point).max() <= REACH:
            break
        if np.linalg.norm(point - kept[-1]) >= SPACING:
            kept.append(point)
    return np.rint(100 * np.array(kept)).astype(int).reshape(-1).tolist()
