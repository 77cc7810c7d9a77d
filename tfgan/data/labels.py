"""The classes of examples: what sources know of them, and what cannot be trained on."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core import interfaces
from tfgan.core.checks import InputError, cut, shown
from tfgan.core.interfaces import Batch, LabelSpec, Model, Source, Specs


def spec_of_counts(counts: Iterable[int], class_names: Sequence[str] = ()) -> LabelSpec:
    """Returns what labels are, from how many examples each class has.

    Args:
      counts: by the number of the class; not all are 0.
      class_names: as many; (): the classes are called by their numbers.
    """
    counts = list(map(int, counts))
    names = class_names or [str(i) for i in range(len(counts))]
    return LabelSpec(names, [count / sum(counts) for count in counts])


def names(model: Model, specs: Specs) -> tuple[str, ...]:
    """Returns the names of a model's classes; () where it has none.

    Args:
      model: has `num_classes`, or no classes.
      specs: of one example of its data, which name the classes if they are the data's.
    """
    count, spec = interfaces.num_classes(model), specs.get("labels")
    if isinstance(spec, LabelSpec) and spec.num_classes == count and interfaces.takes_labels(model):
        return spec.class_names
    return tuple(map(str, range(count)))


def numbers(asked: Iterable[int | str], class_names: Sequence[str]) -> list[int]:
    """Returns the classes that are asked for by name or number; a name comes first.

    Raises:
      InputError: one is no class, or there are no classes.
    """
    if not class_names:
        raise InputError(
            "this model has no classes: train one with --condition=projection, say, and labels."
        )
    found = []
    for each in asked:
        if each in class_names:
            found.append(class_names.index(str(each)))
        elif re.fullmatch("[0-9]{1,9}", str(each), re.ASCII) and int(each) < len(class_names):
            found.append(int(each))
        else:
            raise InputError(
                f"{shown(each)} is no class; the classes are {described(class_names)}."
            )
    return found


def described(class_names: Sequence[str]) -> str:
    """Returns the classes, for messages: 0 to 9, with their names where these say more."""
    last = len(class_names) - 1
    if tuple(class_names) == tuple(map(str, range(last + 1))):
        return f"0 to {last}"
    return cut(f"0 to {last}: " + ", ".join(map(printable, class_names)), 300)


def check(model: Model, source: Source) -> None:
    """Checks that a source has the classes that a model draws, if both know of classes.

    Raises:
      InputError: it has others, or none, one class alone, or a class without an example.
    """
    if not interfaces.takes_labels(model):
        return
    asked, spec = interfaces.num_classes(model), source.specs.get("labels")
    if spec is None:
        raise InputError(
            f"the model has {asked} classes, and {source.name} has no labels: give it labels, or "
            "train without classes."
        )
    if not isinstance(spec, LabelSpec):  # a source of somebody's own does not say what it has
        labels = source.batch(tf.constant(0, tf.int64))["labels"].numpy()
        for label in {*labels[(labels < 0) | (labels >= asked)].tolist()}:
            raise InputError(_other(source.name, f"the label {label}", asked))
        return
    if spec.num_classes < 2:
        raise InputError(
            f"{source.name} has one class alone, {shown(spec.class_names[0])}: add another class, "
            "or train without labels (--condition=none)."
        )
    if spec.num_classes > asked:
        raise InputError(_other(source.name, f"labels from 0 to {spec.num_classes - 1}", asked))
    for i in range(asked):
        if i >= spec.num_classes or not spec.frequencies[i]:
            name = spec.class_names[i] if i < spec.num_classes else str(i)
            called = "" if name == str(i) else f" ({printable(name)})"
            raise InputError(
                f"class {i}{called} of {source.name} has no example: give it some, leave it out, "
                "or train without labels (--condition=none)."
            )


def checked(model: Model, source: Source) -> Source:
    """Returns a source whose every batch is checked for labels that are none of a model's classes.

    Sources that say what their labels are have been checked by `check`, and are returned as they
    are. Of others a batch with such a label ends the training with an InputError.
    """
    spec = source.specs.get("labels")
    if spec is None or isinstance(spec, LabelSpec) or not interfaces.takes_labels(model):
        return source
    return _Checked(source, interfaces.num_classes(model))


class _Checked:
    """A `Source` of somebody's own, with classes 0 to `num_classes` - 1."""

    def __init__(self, source: Source, num_classes: int):
        self._source, self._num_classes = source, num_classes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # a copy in the making has no source yet
            raise AttributeError(name)
        return getattr(self._source, name)

    def batch(self, step: tf.Tensor) -> Batch:
        """Returns the examples of `step`, once their labels have been looked at."""
        batch = dict(self._source.batch(step))
        labels, name = batch["labels"], self._source.name
        known = tf.reduce_all((labels >= 0) & (labels < self._num_classes))
        line = _other(name, "another label in some batch", self._num_classes)
        if tf.executing_eagerly():
            if not known:
                raise InputError(line)
            return batch
        with tf.control_dependencies([tf.debugging.Assert(known, [f"InputError: {line}"])]):
            return batch | {"labels": tf.identity(labels)}

    def with_seed(self, seed: int) -> Source:
        """Returns the same with another seed."""
        return _Checked(self._source.with_seed(seed), self._num_classes)


def _other(name: str, has: str, asked: int) -> str:
    return (
        f"{name} has {has}, and the model has the classes 0 to {asked - 1}: make the model with as "
        "many classes as the data, or correct the labels."
    )


def printable(name: str) -> str:
    """Returns the name of a class as a line can hold it, whoever wrote it."""
    return cut("".join(c if c.isprintable() else "?" for c in name))


def examples_by_class(
    source: Source, classes: Sequence[int], number: int, most: int
) -> dict[int, np.ndarray]:
    """Returns the first real examples of some classes, [up to `number`, *shape] by class.

    Args:
      source: has labels.
      classes: which are wanted.
      number: of examples that are wanted of each.
      most: examples that are looked through; a class that is not among them is left out.
    """
    most = min(most, source.num_examples or most)
    found: dict[int, list[np.ndarray]] = defaultdict(list)
    batch = tf.function(source.batch, autograph=False)  # as the loop has it
    for step in range(math.ceil(most / source.batch_size)):
        examples = batch(tf.constant(step, tf.int64))
        real, labels = examples["real"].numpy(), examples["labels"].numpy()
        for i in np.flatnonzero(np.isin(labels, classes)):
            if len(found[int(labels[i])]) < number:
                found[int(labels[i])].append(real[i])
        if all(len(found[each]) == number for each in classes):
            break
    return {each: np.stack(found[each]) for each in classes if found[each]}
