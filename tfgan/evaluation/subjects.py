"""What is measured, and against what, as a command line names it."""

import dataclasses
from typing import Any, NamedTuple

from tfgan import build
from tfgan.config import Config
from tfgan.core import paths, runtime
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Source
from tfgan.data import folder
from tfgan.evaluation.examples import Generated, Real
from tfgan.evaluation.measuring import FEWEST, Reference
from tfgan.runs.trained import TrainedRun
from tfgan.serving import publish

BATCH_SIZE = 2 * FEWEST
"""Real examples that are read at once: no more than there must be."""


class Subject(NamedTuple):
    """What is measured."""

    title: str
    examples: Generated | Real
    step: int | None
    """Of the checkpoint; None: a folder has none."""

    sha256: str
    """Of the checkpoint; empty of a folder, whose examples have a fingerprint."""

    num_examples: int | None
    """How many there are; None: any number."""


def of_run(run_dir: str, step: int | None, model: str, seed: int) -> tuple[Subject, Config]:
    """Returns the samples of a run, and its config.

    Raises:
      InputError: there is no such run or checkpoint, or its model is code that `model` does not
        name.
    """
    run = TrainedRun(run_dir, step)
    examples = Generated(_model(run, model), seed)
    at = run.checkpoint
    return Subject(f"{run.path}, step {at.step}", examples, at.step, at.sha256(), None), run.config


def of_export(export: str, model: str, seed: int) -> tuple[Subject, Config]:
    """Returns the samples of an export, and the config of its run; errors as `of_run`."""
    found = publish.Export(paths.user_path(export))
    examples = Generated(_model(found, model), seed)
    return Subject(str(found.path), examples, found.step, found.sha256(), None), found.config


def of_folder(images: str, like: Source) -> Subject:
    """Returns the pictures of a folder, of the size of the real examples.

    Raises:
      InputError: there are none, or they have another number of channels.
    """
    height, width, channels = like.specs["real"].shape if like.kind.name == "images" else (0, 0, 0)
    if not height or height != width:
        raise InputError(
            f"--images={images} holds pictures, and the examples of {like.name} are no squares of "
            "pixels: measure a run or an export."
        )
    found = folder.look(images, height, "white")
    source = folder.load(
        images,
        image_size=height,
        batch_size=min(BATCH_SIZE, len(found.paths)),
        seed=0,
        memory_mb=1000,
    )
    if source.specs["real"].shape[2] != channels:
        raise InputError(
            f"the pictures of {images} have {source.specs['real'].shape[2]} channels, those of "
            f"{like.name} {channels}: give both in grey, or both in colour."
        )
    return Subject(images, Real(source), None, source.fingerprint, source.num_examples)


def _model(opened: Any, model: str) -> Any:
    runtime.configure()  # numbers hold to 1e-6 at any number of threads, so they get all
    return opened.model(build.factory(opened.made_by, model))


def reference_config(trained: Config | None, **data: Any) -> Config:
    """Returns the config of the real examples.

    Args:
      trained: of the run that is measured; None: there is no run.
      data: data, split, data_dir, image_dir, image_size, as the command line has them; what is
        empty is as the run had it.
    """
    config = trained or Config()
    given = {name: value for name, value in data.items() if value}
    if "data" in given or "image_dir" in given:
        size = config.image_size if trained else 0
        config = dataclasses.replace(config, image_dir="", split="train", image_size=size)
    return dataclasses.replace(config, **given)


def reference(config: Config, held_out: str = "") -> Reference:
    """Returns the real examples of a config; with labels, where they have some.

    Args:
      config: names the data.
      held_out: others: a split of the same set, such as test, or a folder of pictures; "" none.

    Raises:
      InputError: there are no such examples.
    """
    source = _source(config)
    if not held_out:
        return Reference(source)
    if paths.user_path(held_out).is_dir() or config.image_dir:
        other = dataclasses.replace(config, image_dir=held_out)
        if source.kind.name == "images":
            other = dataclasses.replace(other, image_size=source.specs["real"].shape[0])
    else:
        other = dataclasses.replace(config, split=held_out)
    held = _source(other, with_labels=False)
    if held.fingerprint == source.fingerprint and held_out in (config.split, config.image_dir):
        raise InputError(f"--held_out={held_out} are the examples that are compared with.")
    if held.specs["real"].shape != source.specs["real"].shape:
        raise InputError(
            f"--held_out={held_out} has examples {list(held.specs['real'].shape)}, the others are "
            f"{list(source.specs['real'].shape)}."
        )
    return Reference(source, held)


def _source(config: Config, with_labels: bool = True) -> Source:
    """Makes the source of a config as it is measured: no example is mirrored."""
    plain = dataclasses.replace(config, batch_size=BATCH_SIZE, mirror=False, condition="none")
    if with_labels:
        try:
            return build.build_source(dataclasses.replace(plain, condition="concatenation"))
        except InputError:  # there are no labels, as a rule; what else it is, is said below
            pass
    try:
        return build.build_source(plain)
    except InputError:  # there are not so many, which whoever measures says
        return build.build_source(dataclasses.replace(plain, batch_size=1))
