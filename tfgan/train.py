"""Trains a GAN.

    python -m tfgan.train --flagfile=tfgan/recipes/digits.flags --run_dir=runs/digits

Without flags it trains on the embedded digits.
"""

from tfgan import flags
from tfgan.config import Config

EXTRA = {"run_dir": flags.Flag(str, "", "Where the run leaves its files. Empty: runs/<data>.")}


def main(config: Config, run_dir: str) -> None:
    """Builds what the config describes, says what it will do, and trains."""
    from tfgan import build, runtime, summaries, training

    run_dir = run_dir or f"runs/{config.data}"
    summaries.check_is_free(run_dir)  # before the work of building
    runtime.configure(build.num_threads(config))
    model, source = build.build(config)
    folder = summaries.RunFolder(run_dir, config, flags.to_flags(config))
    print(describe(config, model, source), flush=True)
    training.train(config, model, source, folder)


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
