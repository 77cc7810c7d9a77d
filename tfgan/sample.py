"""Draws pictures from a run, or from an export.

    python -m tfgan.sample --run_dir=runs/digits --seeds=0-63 --out=grid.png     # from a run
    python -m tfgan.sample --export=exports/digits --seeds=0-63 --out=grid.png   # from an export
    python -m tfgan.sample --run_dir=runs/digits --seeds=1,5,9 --interpolate=20 --out=walk.gif

A seed gives the example that the export's signature `sample` gives. A PNG shows all of them in a
grid, a GIF one after the other. --interpolate=N puts N examples between two neighbours: on the
straight line between uniform latents, on the great circle between normal ones, whose length a line
would shorten (White, "Sampling Generative Networks", 2016). Exit status: 0 done, 2 bad input, 3 a
weight is not finite, 74 the disk refused.
"""

import re

from tfgan.cli import flags
from tfgan.core.checks import InputError

MOST = 4096
"""Examples in one picture."""

EXTRA = {
    "run_dir": flags.Flag(str, "", "Draw from a run: its newest good checkpoint."),
    "export": flags.Flag(str, "", "Draw from an export: its newest version."),
    "step": flags.Flag(int, None, "Of which checkpoint of the run. Empty: the newest good one."),
    "model": flags.MODEL,
    "seeds": flags.Flag(str, "0-63", "Seeds and ranges of them, such as 7 or 0-63 or 1,5,-9."),
    "interpolate": flags.Flag(int, 0, "Examples between two neighbours; 0: none."),
    "out": flags.Flag(str, "samples.png", "The picture: NAME.png, a grid, or NAME.gif, animated."),
}


def main(
    run_dir: str,
    export: str,
    model: str,
    seeds: str,
    interpolate: int,
    out: str,
    step: int | None = None,
) -> None:
    """Makes the inputs of the seeds, generates row by row, and writes the picture."""
    import io

    import numpy as np

    from tfgan.core import files, paths
    from tfgan.serving.model import STREAM

    path = paths.output("out", out)
    numbers = parse_seeds(seeds)
    if bool(run_dir) == bool(export):
        raise InputError("name either a run, --run_dir=..., or an export, --export=...")
    if path.suffix not in (".png", ".gif"):
        raise InputError(f"--out={out} must end in .png or .gif.")
    if interpolate < 0 or len(numbers) * (interpolate + 1) > MOST:
        raise InputError(f"--interpolate={interpolate} must be 0 or more, {MOST} examples in all.")
    if export and step is not None:
        raise InputError("--step is of a run; an export's versions are its directories.")
    read = read_run(run_dir, model, step) if run_dir else read_export(export, model)
    generator, kind, config = read
    drawn = [generator.inputs(1, STREAM, seed) for seed in numbers]
    inputs = {name: np.concatenate([row[name] for row in drawn]) for name in drawn[0]}  # [N, ...]
    if interpolate:
        is_spherical = config.latent_distribution == "normal"
        inputs = {n: between(values, interpolate, is_spherical) for n, values in inputs.items()}
    count = len(next(iter(inputs.values())))
    rows = [{name: values[i : i + 1] for name, values in inputs.items()} for i in range(count)]
    examples = np.stack([np.asarray(generator.sample(row))[0] for row in rows])
    encoded = io.BytesIO()
    if path.suffix == ".png":
        kind.draw(examples).save(encoded, format="PNG")
    else:
        first, *rest = [kind.draw(example[None]) for example in examples]
        pace = dict(duration=100 if interpolate else 500, loop=0)  # milliseconds; for ever
        first.save(encoded, format="GIF", save_all=True, append_images=rest, **pace)
    files.write(path, encoded.getvalue())
    print(f"{path}: {len(examples)} examples")


def read_run(run_dir: str, model: str, step: int | None = None):
    """Returns the model of a run, the kind of its examples, and its config."""
    from tfgan import build
    from tfgan.runs.trained import TrainedRun

    run = TrainedRun(run_dir, step)
    return run.model(build.maker(run.config, run.made_by, model)), run.kind, run.config


def read_export(export: str, model: str):
    """Returns the model of an export, the kind of its examples, and its config."""
    from tfgan import build
    from tfgan.core import paths
    from tfgan.serving import publish

    opened = publish.Export(paths.user_path(export))
    made = opened.model(build.maker(opened.config, opened.made_by, model))
    return made, opened.kind, opened.config


def parse_seeds(text: str) -> list[int]:
    """Returns the seeds that a text such as `0-3,7,-5` names, in its order.

    Raises:
      InputError: it is malformed, a seed does not fit in 64 bits, or there are more than MOST.
    """
    seeds: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"(-?[0-9]{1,19})(?:-(-?[0-9]{1,19}))?", part.strip(), re.ASCII)
        if not found:
            raise InputError(
                f"--seeds={text}: {part!r} is no seed and no range, such as 7 or 0-63."
            )
        first = int(found[1])
        last = first if found[2] is None else int(found[2])
        if not -(2**63) <= first <= last < 2**63:
            raise InputError(f"--seeds={text}: {part!r} falls, or does not fit in 64 bits.")
        if len(seeds) + last - first >= MOST:
            raise InputError(f"--seeds={text}: at most {MOST} seeds.")
        seeds += range(first, last + 1)
    return seeds


def between(latents, number: int, spherical: bool):
    """Returns latents [N, Z] with `number` more between two neighbours, [N + (N - 1) number, Z].

    Whole numbers, such as labels, stay those of the seed before.
    """
    import numpy as np

    if latents.dtype.kind != "f":
        return np.concatenate([np.repeat(latents[:-1], number + 1, 0), latents[-1:]])

    rows = [latents[:1]]
    share = (np.arange(1, number + 2) / (number + 1))[:, None]  # the last one is the next seed's
    for start, end in zip(latents[:-1], latents[1:], strict=True):
        weights = [1 - share, share]
        if spherical:
            cosine = start @ end / (np.linalg.norm(start) * np.linalg.norm(end))
            angle = np.arccos(np.clip(cosine, -1.0, 1.0))
            if np.sin(angle) > 1e-6:  # else they point the same way: the line is the circle
                weights = [np.sin(weight * angle) / np.sin(angle) for weight in weights]
        steps = weights[0] * start + weights[1] * end
        steps[-1] = end
        rows.append(steps.astype(np.float32))
    return np.concatenate(rows)


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
