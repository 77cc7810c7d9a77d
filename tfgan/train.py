"""Trains a GAN.

    python -m tfgan.train --flagfile=tfgan/recipes/digits.flags --run_dir=runs/digits

Without flags it trains on the embedded digits. The same command goes on with a run that was
interrupted, however it was. Exit status: 0 done; 2 bad input; 3 a number was not finite; 74 the
disk refused; 75 stopped by a signal behind a checkpoint; 130, 143 ended by a signal at once.
"""

from tfgan.cli import flags
from tfgan.config import Config

EXTRA = {
    "run_dir": flags.Flag(str, "", "Where the run leaves its files. Empty: runs/<data>."),
    "allow_changed_flags": flags.Flag(
        bool, False, "Go on with a run under other flags, of those that never change numbers."
    ),
    "allow_different_bits": flags.Flag(
        bool, False, "Go on though software, machine or data changed: gives up the exact resume."
    ),
}


def main(
    config: Config, run_dir: str, allow_changed_flags: bool, allow_different_bits: bool
) -> None:
    """Builds what the config describes, says what it will do, and trains."""
    from tfgan import build, training
    from tfgan.core import runtime
    from tfgan.runs import health
    from tfgan.runs.folder import RunFolder

    with RunFolder(run_dir or f"runs/{config.data}", config, allow_changed_flags) as folder:
        runtime.configure(build.num_threads(config))
        run = build.build(config, folder.rollbacks)
        folder.start(
            {"fingerprint": runtime.fingerprint(), "data": data_record(run.source)},
            run.model.loss_names,
            health.NAMES,
            flags.to_flags(config),
            allow_different_bits,
        )
        print(describe(config, *run), flush=True)
        if folder.step:
            print(f"resumes        {folder.path} at step {folder.step}", flush=True)
        training.train(config, run, folder)


def data_record(source) -> dict:
    """Returns what has to stay the same of the data."""
    return {
        "shape": source.shape,
        "num_examples": source.num_examples,
        "fingerprint": source.fingerprint,
    }


def describe(config: Config, model, source) -> str:
    """Returns what a run will do, in a few lines."""
    import numpy as np

    from tfgan.config import FIELDS

    changed = [
        f"{name}={value}"
        for name, value in config.to_dict().items()
        if value != FIELDS[name].default
    ]
    size = "endless" if source.num_examples is None else f"{source.num_examples} examples"
    counts = [
        sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        for network in (model.generator, model.discriminator)
    ]
    return "\n".join(
        [
            f"data           {source.name}: {size}, {' x '.join(map(str, source.shape))}",
            f"config         {' '.join(changed) or 'defaults'}",
            f"generator      {counts[0]:,} parameters",
            f"discriminator  {counts[1]:,} parameters",
            f"training       {config.num_steps} steps of {config.batch_size} examples",
        ]
    )


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA)
