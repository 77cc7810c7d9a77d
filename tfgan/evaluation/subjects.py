"""What is measured, and against what, as a command line names it."""

import dataclasses
import os
from typing import Any, NamedTuple

from tfgan import build
from tfgan.config import Config
from tfgan.core import paths, runtime
from tfgan.core.checks import InputError, shown
from tfgan.core.interfaces import LabelSpec, Model, Source, Specs
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

    model: Model | None = None
    """Of a run: with its discriminator, if it is a GAN."""

    trained_on: tuple[str, bool] = ("", False)
    """The fingerprint of the data as a run has recorded it, and whether they had labels."""

    classes: tuple[str, ...] = ()
    """Those of a run's data, if it has been trained with their labels."""

    notes: tuple[str, ...] = ()
    """What of pictures their user may not expect."""

    def record(self) -> dict[str, Any]:
        """Returns what a record says of it."""
        return {"subject": self.title, "step": self.step, "subject_sha256": self.sha256}


def of_run(run_dir: str, step: int | None, model: str, seed: int) -> tuple[Subject, Config]:
    """Returns the samples of a run, and its config.

    Raises:
      InputError: there is no such run or checkpoint, or its model is code that `model` does not
        name.
    """
    run = TrainedRun(run_dir, step)
    made, at = _model(run, model), run.checkpoint
    samples = Generated(made, seed)
    title = f"{run.path}, step {at.step}"
    trained_on = run.record()["data"].get("fingerprint", ""), "labels" in run.specs
    classes = _classes(run.specs)
    return Subject(title, samples, at.step, at.sha256(), made, trained_on, classes), run.config


def _classes(specs: Specs) -> tuple[str, ...]:
    """Returns the names of the classes that have examples; () without labels."""
    spec = specs.get("labels")
    if not isinstance(spec, LabelSpec):
        return ()
    pairs = zip(spec.class_names, spec.frequencies, strict=True)
    return tuple(name for name, frequency in pairs if frequency)


def check_classes(subject: Subject, reference: Reference) -> None:
    """Checks that real examples with labels have every class that a run makes.

    Raises:
      InputError: they lack one.
    """
    known = _classes(reference.source.specs)
    missing = [name for name in subject.classes if name not in known]
    if known and missing:
        raise InputError(
            f"the run makes the class {shown(missing[0])}, and {reference.source.name} has no "
            "example of it: add some, or compare with examples that have no labels."
        )


def of_export(export: str, model: str, seed: int) -> tuple[Subject, Config]:
    """Returns the samples of an export, and the config of its run; errors as `of_run`."""
    found = publish.Export(paths.user_path(export))
    examples = Generated(_model(found, model), seed)
    return Subject(str(found.path), examples, found.step, found.sha256()), found.config


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
    source = _source(Config(image_dir=images, image_size=height), with_labels=False)
    if source.specs["real"].shape[2] != channels:
        raise InputError(
            f"the pictures of {images} have {source.specs['real'].shape[2]} channels, those of "
            f"{like.name} {channels}: give both in grey, or both in colour."
        )
    return Subject(images, Real(source), None, source.fingerprint, notes=_notes(source))


def _model(opened: Any, model: str) -> Any:
    runtime.configure()  # numbers hold to 1e-6 at any number of threads, so they get all
    return opened.model(build.factory(opened.made_by, model))


def reference_config(trained: Config | None, **data: Any) -> Config:
    """Returns the config of the real examples.

    Args:
      trained: of the run that is measured; None: there is no run.
      data: data, split, data_dir, image_dir, image_size, binarise, as the command line has them;
        what is empty is as the run had it.
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
    other = _held_out_config(config, held_out, source)
    if _place(other) == _place(config):
        raise InputError(
            f"--held_out={held_out} are the examples that are compared with: name others."
        )
    held = _source(other, with_labels=False)
    if held.specs["real"].shape != source.specs["real"].shape:
        raise InputError(
            f"--held_out={held_out} has examples {list(held.specs['real'].shape)}, the others are "
            f"{list(source.specs['real'].shape)}."
        )
    return Reference(source, held)


def _held_out_config(config: Config, held_out: str, source: Source) -> Config:
    """Returns the config of the examples that `held_out` names, of the size of a source's."""
    if not (paths.user_path(held_out).is_dir() or config.image_dir):
        return dataclasses.replace(config, split=held_out)
    other = dataclasses.replace(config, image_dir=held_out)
    if source.kind.name == "images":
        other = dataclasses.replace(other, image_size=source.specs["real"].shape[0])
    return other


def notes(subject: Subject, reference: Reference, is_own: bool) -> list[str]:
    """Returns what a user should know of the examples: what is odd in them, and what has changed.

    Args:
      subject: what is measured.
      reference: what it is measured against.
      is_own: whether these are the examples that the run names as its own.
    """
    source, (fingerprint, had_labels) = reference.source, subject.trained_on
    held_out = _notes(reference.held_out) if reference.held_out else ()
    found = [*subject.notes, *_notes(source), *held_out]
    # Of a named set the labels are a part of the fingerprint, of a folder they are not.
    is_comparable = had_labels == ("labels" in source.specs) or os.path.isdir(source.name)
    if is_own and fingerprint and is_comparable and fingerprint != source.fingerprint:
        found.append(
            f"{source.name} has changed since the run was trained: these are not the examples "
            "that it has seen."
        )
    return list(dict.fromkeys(found))


def notes_on_means(config: Config) -> list[str]:
    """Returns a line where samples that are means are compared with images that were drawn.

    Args:
      config: of the run, with the real examples that its samples are compared with.
    """
    if config.model_type != "vae" or config.binarise == "none":
        return []
    return [
        f"the samples are means, in grey, and the real images black and white (--binarise="
        f"{config.binarise}): compare with grey ones (--binarise=none), or ask how well the run "
        "explains them (--metrics=elbo,log_likelihood)."
    ]


def _notes(source: Source) -> tuple[str, ...]:
    return tuple(getattr(source, "notes", ()))


def _place(config: Config) -> Any:
    """Returns where the examples of a config lie."""
    if config.image_dir:
        return paths.user_path(config.image_dir).resolve()
    return config.data, config.split


def as_trained(config: Config, held_out: str, reference: Reference) -> Reference:
    """Returns the same real examples as a run trains on them: its batches, with its labels.

    Args:
      config: of the run and its data.
      held_out: as for `reference`.
      reference: what that has returned.
    """
    if held_out:
        other = build.build_source(_held_out_config(config, held_out, reference.source))
        return reference._replace(held_out=other)
    is_endless = reference.source.num_examples is None
    return Reference(build.build_source(config)) if is_endless else reference


def _source(config: Config, with_labels: bool = True) -> Source:
    """Makes the source of a config as it is measured: no example is mirrored, and all runs are
    compared with the same examples, whatever their seed."""
    plain = dataclasses.replace(config, mirror=False, condition="none", seed=0)
    plain = dataclasses.replace(plain, batch_size=BATCH_SIZE)
    if with_labels:
        try:
            return build.build_source(dataclasses.replace(plain, condition="concatenation"))
        except InputError:  # there are no labels, as a rule; what else it is, is said below
            pass
    try:
        return build.build_source(plain)
    except InputError:  # there are not so many, which whoever measures says
        return build.build_source(dataclasses.replace(plain, batch_size=1))
