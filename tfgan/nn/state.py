"""The variables of a module by their place in it: names that stay, whoever made the variables.

`tf.Module.variables` knows neither names nor the variables of Keras layers, and a variable's own
name is chance: all that a user leaves unnamed are called "Variable". The place is what a checkpoint
can rely on: `generator.dense[0].kernel` is "generator/dense_0/kernel".
"""

from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.nn import keras


def variables_by_place(owner: Any, prefix: str = "") -> dict[str, tf.Variable]:
    """Returns the variables below an object: its own first, then those of its parts.

    Attributes come in the order in which they were set. Entries of lists and dicts are joined to
    their attribute by "_", parts of a module by "/". A variable that has two places is named after
    the first.

    Args:
      owner: a `tf.Module`, a Keras layer, a list or dict of them, or any object with attributes.
      prefix: stands before each name, joined by "/".

    Raises:
      InputError: two variables would get one name.
    """
    found: dict[str, tf.Variable] = {}
    seen: set[int] = set()
    all_held = (pair for place, part in parts(owner, prefix) for pair in held(part, place))
    for name, variable in all_held:
        if id(variable) in seen:
            continue
        seen.add(id(variable))
        if name in found:
            raise InputError(
                f"two variables would be saved as {name!r}: give their attributes other names."
            )
        found[name] = variable
    return found


def trainable(variables: Mapping[str, tf.Variable]) -> dict[str, tf.Variable]:
    """Returns those that training moves by gradients."""
    return {name: variable for name, variable in variables.items() if variable.trainable}


def parts(owner: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields (place, part) of an object and of the modules and Keras layers below it.

    Args:
      owner, prefix: as for `variables_by_place`.
    """
    yield from _parts(owner, prefix, {id(owner)})


def _parts(owner: Any, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    yield prefix, owner
    if keras.is_layer(owner):
        return
    below = []
    for place, leaf in _leaves_of(owner, prefix):
        if id(leaf) not in seen and (isinstance(leaf, tf.Module) or keras.is_layer(leaf)):
            seen.add(id(leaf))
            below.append((place, leaf))
    for place, part in below:
        yield from _parts(part, place, seen)


def held(owner: Any, prefix: str = "") -> Iterator[tuple[str, tf.Variable]]:
    """Yields (place, variable) of a part itself, not of those below it."""
    if keras.is_layer(owner):
        yield from keras.variables_by_place(owner, prefix).items()
        return
    for place, leaf in _leaves_of(owner, prefix):
        if isinstance(leaf, tf.Variable):
            yield place, leaf


def _leaves_of(owner: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yields (place, value) of what hangs from an object directly, or in lists and dicts."""
    for name, value in _attributes(owner):
        yield from _leaves(value, f"{prefix}/{name}" if prefix else name)


def _attributes(owner: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(owner, (list, tuple)):
        yield from ((str(i), value) for i, value in enumerate(owner))
    elif isinstance(owner, Mapping):
        yield from ((str(name), value) for name, value in owner.items())
    else:
        # What TensorFlow keeps there for itself, such as references to what is tracked.
        ignored = getattr(owner, "_TF_MODULE_IGNORED_PROPERTIES", ())
        yield from (pair for pair in vars(owner).items() if pair[0] not in ignored)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        for i, entry in enumerate(value):
            yield from _leaves(entry, f"{path}_{i}")
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _leaves(entry, f"{path}_{name}")
    else:
        yield path, value
