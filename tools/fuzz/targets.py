"""What is done with a mutant: what a command does with the original."""

import contextlib
import functools
import json
from collections.abc import Callable
from pathlib import Path

IMAGE_SIZES, MEMORY_MB = (0, 8), (64, 0)
"""Ways to read pictures: as they are or resized; in memory or from disk."""


def sample_run(folder: Path, originals: Path) -> None:
    """`tfgan sample --run_dir=...`"""
    from tfgan import sample

    sample.main(str(folder / "run"), "", "", "3", 0, str(folder / "out.png"))


def resume(folder: Path, originals: Path) -> None:
    """`tfgan train --run_dir=...`, up to the first step, or the pictures of a run that is done."""
    from tfgan import training
    from tfgan.cli import flags
    from tfgan.config import Config
    from tfgan.runs import identity
    from tfgan.runs.folder import RunFolder

    fields = (originals / "configs" / (folder / "which").read_text()).read_text()
    config, model, source = _built(fields)
    assert isinstance(config, Config)
    with RunFolder(str(folder / "run"), config, True) as run:
        made = identity.identify(config, model, source, identity.FROM_CONFIG)
        run.start(model, source.kind, made, flags.to_flags(config), True)
        with contextlib.suppress(_TrainsOn):
            training.train(config, model, source, run, traced=training.Traced(_train_on, None))


def export_run(folder: Path, originals: Path) -> None:
    """`tfgan export --run_dir=...`"""
    from tfgan import export

    export.main(str(folder / "run"), str(folder / "exported"), "")


def sample_export(folder: Path, originals: Path) -> None:
    """`tfgan sample --export=...`"""
    from tfgan import sample

    sample.main("", str(folder / "export"), "", "3", 0, str(folder / "out.png"))


def images(folder: Path, originals: Path) -> None:
    """`tfgan train --image_dir=...`, as far as its first batch, in every way of reading."""
    from tfgan.data import folder as image_folder

    for image_size in IMAGE_SIZES:
        for memory_mb in MEMORY_MB:
            source = image_folder.load(
                str(folder / "images"),
                **dict(image_size=image_size, batch_size=2, seed=0, memory_mb=memory_mb),
            )
            _first_batch(source)


def dataset(folder: Path, originals: Path) -> None:
    """`tfgan train --data=... --data_dir=...`, as far as its first batch."""
    from tfgan.data import catalog

    name = (folder / "which").read_text()
    for memory_mb in MEMORY_MB if name == "stored" else MEMORY_MB[:1]:
        source = catalog.load(
            *(name,),
            **dict(data_dir=str(folder / "sets"), split="train", image_size=0, batch_size=2),
            **dict(seed=0, memory_mb=memory_mb),
        )
        _first_batch(source)


def flag_file(folder: Path, originals: Path) -> None:
    """`tfgan train --flagfile=...`, as far as its config."""
    from tfgan import train
    from tfgan.cli import flags

    flags.parse([f"--flagfile={folder / 'given.flags'}"], train.EXTRA)


TARGETS: dict[str, tuple[Callable[[Path, Path], None], int]] = {
    "sample_run": (sample_run, 4),
    "resume": (resume, 4),
    "export_run": (export_run, 1),
    "sample_export": (sample_export, 4),
    "images": (images, 4),
    "dataset": (dataset, 2),
    "flag_file": (flag_file, 1),
}
"""What is done by name, and how many of twenty mutants it gets."""


def _first_batch(source) -> None:
    """Reads a batch as training does, which takes an error's message out of the graph's."""
    import tensorflow as tf

    from tfgan import training

    try:
        source.batch(tf.constant(0, tf.int64))
    except tf.errors.OpError as error:
        raise training._cause(error) from error


@functools.cache
def _built(fields: str):
    """Returns config, model and source of a run, made once for all mutants: they are the user's."""
    from tfgan import build
    from tfgan.config import Config

    config = Config(**json.loads(fields))
    return config, *build.build(config)


class _TrainsOn(Exception):  # noqa: N818 (not an error)
    """The newest checkpoint that holds is not the last one of the run."""


def _train_on(first_step: int, num_steps: int):
    raise _TrainsOn
