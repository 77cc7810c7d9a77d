"""Draws pictures from a run, or from an export.

    python -m tfgan.sample --run_dir=runs/digits --seeds=0-63 --out=grid.png     # from a run
    python -m tfgan.sample --export=exports/digits --seeds=0-63 --out=grid.png   # from an export
    python -m tfgan.sample --run_dir=runs/digits --seeds=7 --out=seven.png       # one, large
    python -m tfgan.sample --run_dir=runs/digits --seeds=0-99 --scale=1 --out=digits/    # 100 files
    python -m tfgan.sample --run_dir=runs/digits --seeds=1,5,9 --interpolate=8 --out=rows.png
    python -m tfgan.sample --run_dir=runs/digits --seeds=1,5,9 --interpolate=20 --out=walk.gif

A seed gives the example that the export's signature `sample` gives. A PNG shows all of them in a
grid, a GIF one after the other; a directory gets a file for each, such as seed_7.png, in place of
the one of that name. --interpolate=N puts N examples between two neighbours, and a PNG has a row
for each pair: on the straight line between uniform latents, on the great circle between normal
ones, whose length a line would shorten (White, "Sampling Generative Networks", 2016). Exit status:
0 done, 2 bad input, 3 a weight is not finite, 74 the disk refused.
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
    "scale": flags.Flag(
        int, 0, "Whole factor by which a picture is enlarged. 0: the largest within 512 pixels."
    ),
    "out": flags.Flag(
        str, "samples.png", "NAME.png, a grid; NAME.gif, animated; or NAME/, a PNG for each seed."
    ),
}


def main(
    run_dir: str,
    export: str,
    model: str,
    seeds: str,
    interpolate: int,
    out: str,
    step: int | None = None,
    scale: int = 0,
) -> None:
    """Checks what is asked for, generates the examples of the seeds, and writes the pictures."""
    from tfgan.core import paths
    from tfgan.serving import interpolation

    folder = paths.output_folder("out", out)
    path = folder or paths.output("out", out)
    numbers = parse_seeds(seeds)
    if folder:  # where a seed has one file, however often it is named
        numbers = list(dict.fromkeys(numbers))
    if bool(run_dir) == bool(export):
        raise InputError("name either a run, --run_dir=..., or an export, --export=...")
    if not folder and path.suffix not in (".png", ".gif"):
        raise InputError(f"--out={out} must end in .png or .gif, or in / for a file each.")
    if interpolate < 0 or len(numbers) * (interpolate + 1) > MOST:
        raise InputError(f"--interpolate={interpolate} must be 0 or more, {MOST} examples in all.")
    if interpolate and (folder or len(numbers) == 1):
        raise InputError(
            f"--interpolate={interpolate} goes from seed to seed, in one picture: name two seeds "
            "or more, and --out=NAME.png or NAME.gif."
        )
    if scale < 0:
        raise InputError(f"--scale={scale} must be 0 or more.")
    if export and step is not None:
        raise InputError("--step is of a run; an export's versions are its directories.")
    read = read_run(run_dir, model, step) if run_dir else read_export(export, model)
    generator, kind, config = read
    examples = generate(generator, numbers, interpolate, config.latent_distribution == "normal")
    if folder:
        write_files(folder, dict(zip(numbers, examples, strict=True)), kind, scale)
    elif path.suffix == ".gif":
        frames = [kind.draw(example[None], scale=scale) for example in examples]
        write(path, frames, milliseconds=100 if interpolate else 500)
    elif interpolate:
        pairs = examples[interpolation.pairs(len(numbers), interpolate).ravel()]
        write(path, [kind.draw(pairs, columns=interpolate + 2, scale=scale)])
    else:
        write(path, [kind.draw(examples, scale=scale)])
    count = f"{len(examples)} example{'s' * (len(examples) != 1)}"
    print(f"{path}{'/' if folder else ''}: {count}")


def generate(generator, seeds: list[int], interpolate: int, is_spherical: bool):
    """Returns the examples of seeds, and so many between two, [N, *shape]: one at a time."""
    import numpy as np

    from tfgan.serving import interpolation
    from tfgan.serving.model import STREAM

    drawn = [generator.inputs(1, STREAM, seed) for seed in seeds]
    inputs = {name: np.concatenate([row[name] for row in drawn]) for name in drawn[0]}  # [N, ...]
    if interpolate:
        inputs = {
            name: interpolation.between(values, interpolate, is_spherical)
            for name, values in inputs.items()
        }
    count = len(next(iter(inputs.values())))
    rows = [{name: values[i : i + 1] for name, values in inputs.items()} for i in range(count)]
    return np.stack([np.asarray(generator.sample(row))[0] for row in rows])


def write(path, frames, milliseconds: int = 0) -> None:
    """Writes a PNG, or a GIF of frames that each stay so long, and come again for ever."""
    import io

    from tfgan.core import files

    encoded = io.BytesIO()
    if path.suffix == ".png":
        frames[0].save(encoded, format="PNG")
    else:
        more = dict(save_all=True, append_images=frames[1:], duration=milliseconds, loop=0)
        frames[0].save(encoded, format="GIF", **more)
    files.write(path, encoded.getvalue())


def write_files(folder, examples, kind, scale: int) -> None:
    """Writes the example of each seed into a file of its own; all else in the directory stays."""
    from tfgan.core import files

    for seed, example in examples.items():
        picture = kind.draw(example[None], scale=scale)
        files.make_folder(folder)  # after the first picture, whose scale may be too large
        write(folder / f"seed_{seed}.png", [picture])


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


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
