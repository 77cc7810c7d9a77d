"""Draws pictures from a run, or from an export.

    python -m tfgan.sample --run_dir=runs/digits --seeds=0-63 --out=grid.png     # from a run
    python -m tfgan.sample --export=exports/digits --seeds=0-63 --out=grid.png   # from an export
    python -m tfgan.sample --run_dir=runs/digits --seeds=7 --out=seven.png       # one, large
    python -m tfgan.sample --run_dir=runs/digits --seeds=0-99 --scale=1 --out=digits/    # 100 files
    python -m tfgan.sample --run_dir=runs/cgan --label=3,7 --seeds=0-9 --out=threes_and_sevens.png
    python -m tfgan.sample --run_dir=runs/digits --seeds=1,5,9 --interpolate=8 --out=rows.png
    python -m tfgan.sample --run_dir=runs/digits --seeds=1,5,9 --interpolate=20 --out=walk.gif
    python -m tfgan.sample --run_dir=runs/vae --reconstruct=32 --out=pairs.png   # real, and again

A seed gives the example that the export's signature `sample` gives. A PNG shows all of them in a
grid, a GIF one after the other; a directory gets a file for each, such as seed_7.png, in place of
the one of that name. Of a model with classes each class is drawn with all seeds: a row of the grid,
or files such as label_3_seed_7.png. --interpolate=N puts N examples of one class between two
neighbours, and a PNG has a row for each pair: on the straight line between uniform latents, on the
great circle between normal ones, whose length a line would shorten (White, "Sampling Generative
Networks", 2016). Exit status: 0 done, 2 bad input, 3 a weight is not finite, 74 the disk refused.
"""

import re

from tfgan.cli import flags
from tfgan.core.checks import InputError

MOST = 4096
"""Examples in one picture."""

MOST_ROWS, EACH = 32, 10
"""Classes that are drawn, and seeds of each, where nobody says which."""

EXTRA = {
    "run_dir": flags.Flag(str, "", "Draw from a run: its newest good checkpoint."),
    "export": flags.Flag(str, "", "Draw from an export: its newest version."),
    "step": flags.Flag(int, None, "Of which checkpoint of the run. Empty: the newest good one."),
    "model": flags.MODEL,
    "seeds": flags.Flag(
        str,
        "",
        "Seeds and ranges of them, such as 7 or 0-63 or 1,5,-9. Empty: 0-63; 0-9 of each class, "
        "where there are several.",
    ),
    "label": flags.Flag(
        str,
        "",
        "Classes by name or number, with commas between them. Empty: all, of many the first 32.",
    ),
    "interpolate": flags.Flag(int, 0, "Examples between two neighbours; 0: none."),
    "reconstruct": flags.Flag(
        int,
        0,
        "So many real examples of the run's data, each before what a VAE makes of it. 0: none.",
    ),
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
    label: str = "",
    reconstruct: int = 0,
) -> None:
    """Checks what is asked for, generates the examples of the seeds, and writes the pictures."""
    import numpy as np

    from tfgan.core import paths
    from tfgan.serving import interpolation

    folder = paths.output_folder("out", out)
    path = folder or paths.output("out", out)
    numbers = parse_seeds(seeds or "0-63")
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
    if reconstruct:
        if not run_dir or seeds or label or interpolate or folder or path.suffix != ".png":
            raise InputError(
                f"--reconstruct={reconstruct} shows real examples of a run in one picture: give "
                "--run_dir=... and --out=NAME.png, and neither seeds nor labels."
            )
        draw_reconstructions(run_dir, model, step, reconstruct, path, scale)
        return
    read = read_run(run_dir, model, step) if run_dir else read_export(export, model)
    generator, kind, class_names, is_spherical = read
    labels = parse_labels(label, class_names)
    if len(labels) > 1 and not seeds:
        numbers = numbers[:EACH]
    if len(labels) * len(numbers) * (interpolate + 1) > MOST:
        raise InputError(
            f"{len(numbers)} seeds of {len(labels)} classes are more than {MOST} examples: name "
            "fewer by --seeds or --label."
        )
    drawn = [generate(generator, numbers, each, interpolate, is_spherical) for each in labels]
    examples = np.concatenate(drawn)
    if folder:
        files = [name_of(seed, each) for each in labels for seed in numbers]
        write_files(folder, dict(zip(files, examples, strict=True)), kind, scale)
    elif path.suffix == ".gif":
        frames = [kind.draw(example[None], scale=scale) for example in examples]
        write(path, frames, milliseconds=100 if interpolate else 500)
    elif interpolate:
        places = interpolation.pairs(len(numbers), interpolate).ravel()
        pairs = np.concatenate([of_class[places] for of_class in drawn])
        write(path, [kind.draw(pairs, columns=interpolate + 2, scale=scale, joined=True)])
    else:
        columns = len(numbers) if len(labels) > 1 else 0
        write(path, [kind.draw(examples, columns=columns, scale=scale)])
    count = f"{len(examples)} example{'s' * (len(examples) != 1)}"
    shown = f", of the first {len(labels)} of {len(class_names)} classes"
    is_cut = not label and len(labels) < len(class_names)
    print(f"{path}{'/' if folder else ''}: {count}{shown if is_cut else ''}")


def draw_reconstructions(run_dir: str, model: str, step, number: int, path, scale: int) -> None:
    """Writes a picture of a run's first real examples, each before its reconstruction."""
    from tfgan import build
    from tfgan.core.interfaces import reconstructs
    from tfgan.runs import pictures
    from tfgan.runs.trained import TrainedRun

    if not 0 < 2 * number <= MOST:
        raise InputError(f"--reconstruct={number} must be 1 to {MOST // 2}.")
    opened = TrainedRun(run_dir, step)
    made = opened.model(build.maker(opened.config, opened.made_by, model))
    if not reconstructs(made):
        raise InputError(
            f"--reconstruct={number}: the model of {run_dir} reconstructs nothing; train one with "
            "--model_type=vae."
        )
    real = pictures.first(build.build_source(opened.config), number)
    examples, columns = pictures.reconstructions(made, real)
    write(path, [opened.kind.draw(examples, columns=columns, scale=scale)])
    print(f"{path}: {number} examples, each before its reconstruction")


def generate(generator, seeds: list[int], label, interpolate: int, is_spherical: bool):
    """Returns the examples of seeds, and so many between two, [N, *shape]: one at a time.

    All are of the class `label`; None: there are no classes.
    """
    import numpy as np

    from tfgan.serving import interpolation, model

    drawn = [model.inputs(generator, seed, label) for seed in seeds]
    inputs = {name: np.concatenate([row[name] for row in drawn]) for name in drawn[0]}  # [N, ...]
    if interpolate:
        inputs = {
            name: interpolation.between(values, interpolate, is_spherical)
            for name, values in inputs.items()
        }
    count = len(next(iter(inputs.values())))
    rows = [{name: values[i : i + 1] for name, values in inputs.items()} for i in range(count)]
    return np.stack([np.asarray(generator.sample(row))[0] for row in rows])


def parse_labels(text: str, class_names) -> list:
    """Returns the classes to draw, by number; [None] for a model that has none.

    Raises:
      InputError: `text` names another.
    """
    from tfgan.data import labels

    if not text:
        return list(range(min(len(class_names), MOST_ROWS))) or [None]
    try:
        # One name may hold a comma.
        asked = [text] if text in class_names else [part.strip() for part in text.split(",")]
        return list(dict.fromkeys(labels.numbers(asked, class_names)))
    except InputError as error:
        raise InputError(f"--label={text}: {error}") from None


def name_of(seed: int, label) -> str:
    """Returns the name of the file of an example."""
    return f"seed_{seed}.png" if label is None else f"label_{label}_seed_{seed}.png"


def write(path, frames, milliseconds: int = 0) -> None:
    """Writes a PNG, or a GIF of frames that each stay so long, and come again for ever."""
    import io

    from tfgan.core import files
    from tfgan.data import drawing

    if path.suffix == ".png":
        files.write(path, drawing.png(frames[0]))
        return
    encoded = io.BytesIO()
    more = dict(save_all=True, append_images=frames[1:], duration=milliseconds, loop=0)
    frames[0].save(encoded, format="GIF", **more)
    files.write(path, encoded.getvalue())


def write_files(folder, examples, kind, scale: int) -> None:
    """Writes each example, by the name of its file; all else in the directory stays."""
    from tfgan.core import files

    for name, example in examples.items():
        picture = kind.draw(example[None], scale=scale)
        files.make_folder(folder)  # after the first picture, whose scale may be too large
        write(folder / name, [picture])


def read_run(run_dir: str, model: str, step: int | None = None):
    """Returns the model of a run, the kind of its examples, its classes, and if to turn latents."""
    from tfgan.runs.trained import TrainedRun

    return _made(TrainedRun(run_dir, step), model)


def read_export(export: str, model: str):
    """Returns of an export what `read_run` does of a run."""
    from tfgan.core import paths
    from tfgan.serving import publish

    return _made(publish.Export(paths.user_path(export)), model)


def _made(opened, model: str):
    from tfgan import build
    from tfgan.data import labels

    made = opened.model(build.maker(opened.config, opened.made_by, model))
    is_spherical = opened.config.latent_distribution == "normal"
    return made, opened.kind, labels.names(made, opened.specs), is_spherical


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
