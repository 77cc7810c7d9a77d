"""What a run says while it trains: a bar on a terminal; else one plain line per interval."""

import sys
import time
from collections.abc import Mapping

import numpy as np
import tqdm

from tfgan.config import Config


class Progress:
    """Shows how far a run is, how fast, and how it stands.

    Args:
      config: the run.
      step: where it starts.
    """

    def __init__(self, config: Config, step: int):
        self._config = config
        self._started, self._first_step = time.monotonic(), step
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm.tqdm(
                total=config.num_steps, initial=step, unit="step", dynamic_ncols=True
            )

    def show(
        self,
        step: int,
        losses: Mapping[str, np.ndarray],
        look: Mapping[str, float],
        verdict: str,
    ) -> None:
        """Shows the last of some losses, [num_steps] each, and how the run stands, if known."""
        text = " ".join(f"{name} {values[-1]:.4f}" for name, values in losses.items())
        if self._config.objective != "wasserstein":
            # -d_loss is the value of the game, V(D, G): -log 4 = -1.3863 at the optimum.
            text += f" V {-losses['d_loss'][-1]:.4f}"
        standing = ""
        if verdict:
            standing = (
                f"D(x) {look['d_real']:.2f} D(G(z)) {look['d_fake']:.2f} "
                f"diversity {look['diversity']:.2f} coverage {look['coverage']:.2f} | {verdict}"
            )
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)
            self._bar.update(step - self._bar.n)
            if standing:
                self._bar.write(f"step {step} {standing}")
        elif standing or step == self._config.num_steps:
            rate = (step - self._first_step) / (time.monotonic() - self._started)
            left = (self._config.num_steps - step) / rate
            print(
                f"step {step}/{self._config.num_steps} {text} {rate:.1f} steps/s "
                f"ETA {int(left // 60)}:{int(left % 60):02d}{standing and f' | {standing}'}",
                flush=True,
            )

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()
