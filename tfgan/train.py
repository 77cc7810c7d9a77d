"""Trains a GAN, or a variational autoencoder.

    python -m tfgan.train --recipe=digits --run_dir=runs/digits    # one minute, real digits
    python -m tfgan.train --recipe=ring --seed=1                   # a recipe with another seed
    python -m tfgan.train --image_dir=photos --image_size=64       # your own pictures
    python -m tfgan.train --data=mnist                             # once it is prepared
    python -m tfgan.train --recipe=vae                             # a variational autoencoder
    python -m tfgan.train --objective=wasserstein --weight_clip=0.01 --optimizer=rmsprop
    python -m tfgan.train --flagfile=runs/digits/flags.txt --run_dir=runs/replay    # the same bits
    python -m tfgan.train --strategy=mirrored --replicas=2         # on several devices
    python -m tfgan.train --warm_start=runs/digits --seed=1 --run_dir=runs/more     # its weights

Without flags it trains on the embedded digits. The same command resumes a run that was interrupted,
however it was. Exit status: 0 done; 2 bad input; 3 a number was not finite; 69 another worker is
gone, of several that train together (`tfgan launch`, TF_CONFIG); 74 the disk refused; 75
stopped by a signal after a checkpoint; 129, 130, 143 ended by a signal at once.
"""

from tfgan.cli import flags
from tfgan.config import FIELDS, Config
from tfgan.core import paths

WAIT_SECONDS = 600.0

EXTRA = {
    "run_dir": flags.Flag(
        str, "", "Where the run leaves its files. Empty: runs/<name of the data or of image_dir>."
    ),
    "model": flags.MODEL,
    "allow_changed_flags": flags.Flag(
        bool, False, "Resume a run under other flags, of those that never change numbers."
    ),
    "allow_different_bits": flags.Flag(
        bool,
        False,
        "Resume though software, machine, data or number of replicas changed: gives up the exact "
        "resume.",
    ),
    "wait_for_workers_s": flags.Flag(
        float, WAIT_SECONDS, "With --strategy=multi_worker: seconds to wait for the other workers."
    ),
}


def main(
    config: Config,
    run_dir: str,
    model: str,
    allow_changed_flags: bool,
    allow_different_bits: bool,
    wait_for_workers_s: float = WAIT_SECONDS,
) -> None:
    """Builds what the config describes, says what it will do, and trains."""
    import contextlib
    import functools

    from tfgan import __version__, build, distribution, following, training
    from tfgan.core import runtime
    from tfgan.evaluation import while_training
    from tfgan.runs import identity, warm_start
    from tfgan.runs.folder import RunFolder

    made_by = model or identity.FROM_CONFIG
    factory = build.import_factory(model) if model else None
    with contextlib.ExitStack() as stack:
        link = None
        if config.strategy == "multi_worker":
            met = following.meet(config, made_by, __version__, wait_for_workers_s)
            link = stack.enter_context(met)
            if not link.cluster.is_chief:
                following.follow(config, link, factory, made_by)
                return
        folder = RunFolder(run_dir or default_run_dir(config), config, allow_changed_flags)
        config = stack.enter_context(folder).config
        if link:
            link.tell({"config": config.to_dict()})
        runtime.configure(build.num_threads(config))
        strategy = distribution.start(config)
        parent = build.parent(config, folder.record)
        trained, source = build.build(config, factory)
        replicated, computed_by = None, dict(identity.ONE_REPLICA)
        if strategy:
            make_model = functools.partial(factory or build.build_model, config, source.specs)
            replicated = distribution.Distribution(config, strategy, trained, make_model, link)
            computed_by["replicas"] = replicated.count
        if link:
            chief = following.about(config, trained, source, made_by)
            computed_by["workers"] = following.compare(link, chief)
        began = warm_start.begin(trained, parent)
        del parent  # which may be large
        evaluator = while_training.make(config, trained, source)
        folder.start(
            trained,
            source.kind,
            identity.identify(
                config, trained, source, made_by, folder.record, began.record, computed_by
            ),
            flags.to_flags(config),
            allow_different_bits,
            evaluator.names if evaluator else (),
        )
        print(*[describe(config, trained, source), *began.lines], sep="\n", flush=True)
        if replicated:
            print(replicated.described(config.batch_size), flush=True)
        if folder.step:
            print(f"resumes        {folder.path} at step {folder.step}", flush=True)
        training.train(
            config, trained, source, folder, distribution=replicated, evaluator=evaluator
        )
        print(
            f"{folder.path}: samples.gif, samples/, losses.csv, losses.png, health.csv, "
            "checkpoints/, flags.txt"
        )


def default_run_dir(config: Config) -> str:
    """Returns the directory of a run where --run_dir is empty."""
    if config.image_dir:
        return f"runs/{paths.user_path(config.image_dir).resolve().name or 'images'}"
    return f"runs/{config.data}"


def describe(config: Config, model, source) -> str:
    """Returns what a run will do, in a few lines."""
    from tfgan.data import labels

    changed = [
        f"{name}={value}"
        for name, value in config.to_dict().items()
        if value != FIELDS[name].default
    ]
    size = "endless" if source.num_examples is None else f"{source.num_examples} examples"
    shape = " x ".join(map(str, source.specs["real"].shape))
    names = labels.names(model, source.specs)
    classes = f", classes {labels.described(names)}" if names else ""
    counts = [f"{part:<15}{count:,} parameters" for part, count in model.num_parameters().items()]
    return "\n".join(
        [
            f"data           {source.name}: {size}, {shape}{classes}",
            *(f"note           {note}" for note in getattr(source, "notes", ())),
            f"config         {' '.join(changed) or 'defaults'}",
            *counts,
            f"training       {config.num_steps} steps of {config.batch_size} examples",
        ]
    )


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA)
