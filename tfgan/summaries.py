"""What a run leaves behind: losses, pictures, weights, and a line now and then."""

import json
import os
import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # before pyplot: a server has no screen
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import tensorflow as tf
import tqdm

from tfgan import random, runtime
from tfgan.checks import InputError
from tfgan.config import Config
from tfgan.interfaces import Model


class RunFolder:
    """The folder of one run.

    Holds `flags.txt` (replays the run), `run.json` (the same with what else the bits depend on),
    `losses.csv` (every step), `samples/<step>.png`, `samples.gif`, `losses.png` and `weights`.

    Args:
      path: has to be new or empty: nothing is ever written over.
      config: the run.
      flags_text: the flag file that replays it.

    Raises:
      InputError: the folder holds files, or cannot be made.
    """

    def __init__(self, path: str, config: Config, flags_text: str):
        self.path, self.config = Path(path), config
        check_is_free(path)
        try:
            (self.path / "samples").mkdir(parents=True)
        except OSError as error:
            raise InputError(
                f"{path}: {error.strerror}; choose a --run_dir that can be written."
            ) from error
        (self.path / "flags.txt").write_text(flags_text)
        record = {"config": config.to_dict(), "runtime": runtime.fingerprint()}
        (self.path / "run.json").write_text(json.dumps(record, indent=2) + "\n")
        self._csv = (self.path / "losses.csv").open("w")
        self._losses: dict[str, list[np.ndarray]] = {}
        self._frames: list[PIL.Image.Image] = []
        self._progress = _Progress(config)
        self._latents = random.LATENT_DISTRIBUTIONS[config.latent_distribution](
            [config.num_samples, config.latent_size], config.seed, "samples"
        )

    def write_losses(self, first_step: int, losses: dict[str, np.ndarray]) -> None:
        """Appends the losses of steps first_step + 1 and on, [num_steps] each, to `losses.csv`."""
        if not self._losses:
            self._csv.write(",".join(["step", *losses]) + "\n")
        # repr of a float32 is the shortest text that reads back as the same bits.
        columns = [[str(value) for value in values] for values in losses.values()]
        for i, row in enumerate(zip(*columns, strict=True), first_step + 1):
            self._csv.write(f"{i},{','.join(row)}\n")
        self._csv.flush()
        for name, values in losses.items():
            self._losses.setdefault(name, []).append(values)
        self._progress.show(first_step + len(columns[0]), losses)

    def write_samples(self, step: int, model: Model) -> None:
        """Draws the same latents again: a PNG per call, and one more frame of the animation."""
        picture = draw_examples(model.sample(self._latents).numpy())
        picture.save(self.path / "samples" / f"{step:08d}.png")
        self._frames.append(picture)

    def finish(self, model: tf.Module) -> None:
        """Writes the animation, the loss plot and the weights, and says where they are."""
        self._progress.close()
        self._csv.close()
        durations = [200] * (len(self._frames) - 1) + [2000]  # milliseconds; rests on the last one
        self._frames[0].save(
            self.path / "samples.gif",
            save_all=True,
            append_images=self._frames[1:],
            duration=durations,
            loop=0,
        )
        self._plot_losses()
        tf.train.Checkpoint(model=model).write(str(self.path / "weights"))
        print(f"{self.path}: samples.gif, samples/, losses.csv, losses.png, weights, flags.txt")

    def _plot_losses(self):
        figure, axes = plt.subplots(figsize=(8, 3))
        for name, parts in self._losses.items():
            values = np.concatenate(parts)
            axes.plot(np.arange(1, len(values) + 1), values, linewidth=0.6, label=name)
        axes.set(xlabel="step", ylabel="loss (nats)", title=self.config.objective)
        if self.config.objective == "wasserstein":
            axes.set_ylabel("loss (score)")
        axes.legend()
        figure.savefig(self.path / "losses.png", dpi=100, bbox_inches="tight")
        plt.close(figure)


def check_is_free(path: str) -> None:
    """Checks that a run may write to `path`: it does not exist, or is an empty folder.

    Raises:
      InputError: it holds something, which a run would write over.
    """
    if Path(path).is_dir() and not any(Path(path).iterdir()):
        return
    if os.path.lexists(path):
        raise InputError(f"{path} exists and is not empty; choose another --run_dir.")


class _Progress:
    """A bar on a terminal; else one plain line per interval."""

    def __init__(self, config: Config):
        self._config, self._started, self._last = config, time.monotonic(), 0
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm.tqdm(total=config.num_steps, unit="step", dynamic_ncols=True)

    def show(self, step: int, losses: dict[str, np.ndarray]) -> None:
        text = " ".join(f"{name} {values[-1]:.4f}" for name, values in losses.items())
        if self._config.objective != "wasserstein":
            # -d_loss is the value of the game, V(D, G): -log 4 = -1.3863 at the optimum.
            text += f" V {-losses['d_loss'][-1]:.4f}"
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)
            self._bar.update(step - self._bar.n)
        elif step % self._config.log_every_steps == 0 or step == self._config.num_steps:
            rate = step / (time.monotonic() - self._started)
            left = (self._config.num_steps - step) / rate
            print(
                f"step {step}/{self._config.num_steps} {text} {rate:.1f} steps/s "
                f"ETA {int(left // 60)}:{int(left % 60):02d}",
                flush=True,
            )

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def draw_examples(examples: np.ndarray) -> PIL.Image.Image:
    """Draws examples in [-1, 1]: images [N, H, W, 1 or 3] as a grid, points [N, 2] as a scatter."""
    if examples.ndim == 4:
        return _grid(examples)
    if examples.ndim == 2 and examples.shape[1] == 2:
        return _scatter(examples)
    raise ValueError(f"no picture for examples of shape {examples.shape}.")


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps float [-1, 1] to uint8 0 .. 255, rounding to nearest; what lies outside is clipped."""
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def _grid(images: np.ndarray) -> PIL.Image.Image:
    number, height, width, channels = images.shape
    columns = int(np.ceil(np.sqrt(number)))
    rows = int(np.ceil(number / columns))
    # A grey line of one pixel around each image: small ones could not be told apart without it.
    cells = np.full([rows * columns, height + 1, width + 1, channels], 96, np.uint8)
    cells[:number, :height, :width] = to_uint8(images)
    grid = cells.reshape(rows, columns, height + 1, width + 1, channels).transpose(0, 2, 1, 3, 4)
    grid = grid.reshape(rows * (height + 1), columns * (width + 1), channels)[:-1, :-1]
    picture = PIL.Image.fromarray(grid[..., 0] if channels == 1 else grid)
    scale = max(1, 512 // max(picture.size))  # small images grow to be seen, pixel by pixel
    return picture.resize((picture.width * scale, picture.height * scale), PIL.Image.NEAREST)


def _scatter(points: np.ndarray) -> PIL.Image.Image:
    figure, axes = plt.subplots(figsize=(4, 4))
    axes.scatter(*points.T, s=4, alpha=0.5)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    figure.canvas.draw()
    picture = PIL.Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    plt.close(figure)
    return picture
