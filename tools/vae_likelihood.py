"""Measures how well a trained VAE explains a split: the ELBO, and log p(x) by importance weights.

    python -m tools.vae_likelihood --run_dir=runs/vae_mnist --split=test

Prints one line of JSON: means over the examples, in nats, with their standard errors. A run on
binarised images is measured on the static draw, whatever it was trained on. With 5,000 latents for
each of MNIST's 10,000 test images it takes some minutes on one core; the draws of an example do not
depend on what is measured beside it.

Source: Burda et al., "Importance Weighted Autoencoders", 2016.
"""

import time
from typing import Any

from tfgan.cli import flags
from tfgan.core.checks import InputError

PART = 250
"""Examples between two lines of progress."""

EXTRA = {
    "run_dir": flags.Flag(str, "", "The run of a VAE."),
    "step": flags.Flag(int, None, "Of which checkpoint. Empty: the newest good one."),
    "split": flags.Flag(str, "test", "Which examples, in TFDS's notation."),
    "num_samples": flags.Flag(int, 5000, "Latents that are drawn for an example."),
    "seed": flags.Flag(int, 0, "Of the draws."),
    "out": flags.Flag(str, "", "Where the JSON goes too. Empty: it is printed alone."),
}


def main(run_dir: str, step: int | None, split: str, num_samples: int, seed: int, out: str) -> None:
    """Measures and prints."""
    import json
    from pathlib import Path

    if not run_dir:
        raise InputError("name the run: --run_dir=runs/...")
    if num_samples < 1:
        raise InputError(f"--num_samples={num_samples} must be at least 1.")
    text = json.dumps(measure(run_dir, step, split, num_samples, seed))
    print(text)
    if out:
        Path(out).write_text(f"{text}\n")


def measure(
    run_dir: str, step: int | None, split: str, num_samples: int, seed: int = 0
) -> dict[str, Any]:
    """Returns what is measured of a run, as JSON.

    Raises:
      InputError: it is no run of a VAE, or its examples do not lie in memory.
    """
    import dataclasses

    import numpy as np

    from tfgan import build
    from tfgan.data import Arrays, pixels
    from tfgan.models.evidence import Estimator, Evidence
    from tfgan.models.vae import VAE
    from tfgan.runs.trained import TrainedRun

    opened = TrainedRun(run_dir, step)
    model = opened.model(build.maker(opened.config, opened.made_by, model=""))
    if not isinstance(model, VAE):
        raise InputError(f"{run_dir} has no likelihood: it is no run of --model_type=vae.")
    draw = "none" if opened.config.binarise == "none" else "static"
    other = dict(split=split, binarise=draw, mirror=False, batch_size=1)
    source = build.build_source(dataclasses.replace(opened.config, **other))
    if not isinstance(source, Arrays):
        raise InputError(f"the examples of {source.name} do not lie in memory.")
    real = source.arrays["real"].numpy()
    estimate, parts, began = Estimator(model, num_samples, seed), [], time.monotonic()
    for first in range(0, len(real), PART):
        examples = real[first : first + PART]
        examples = pixels.to_float(examples).numpy() if examples.dtype == np.uint8 else examples
        parts.append(estimate(examples, first))
        print(f"{min(first + PART, len(real))}/{len(real)}", flush=True)
    found = Evidence(*(np.concatenate(each) for each in zip(*parts, strict=True)))
    means = {name: float(values.mean()) for name, values in found._asdict().items()}
    errors = {
        f"{name}_standard_error": float(values.std(ddof=1) / len(values) ** 0.5)
        for name, values in found._asdict().items()
    }
    return {
        "run": run_dir,
        "step": opened.checkpoint.step,
        "split": split,
        "num_examples": len(real),
        "binarise": draw,
        "num_samples": num_samples,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
    } | {name: round(value, 4) for name, value in (means | errors).items()}


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
