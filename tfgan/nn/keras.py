"""A user's Keras network as a player. The only file that knows Keras, which it never imports.

Keras numbers the names of its layers through a whole process, keeps the state of dropout where
`tf.Module` does not look, and moves statistics wherever a layer is called. So variables are named
by the position of their layer, and the network is called without side effects.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode

_AUTOMATIC = re.compile(r"variable(_\d+)?")
"""Names that Keras gives to variables without one, numbered through a process."""


def is_layer(thing: Any) -> bool:
    """Returns whether this is a Keras layer or model; without Keras in the process, none is."""
    keras = sys.modules.get("keras")
    return keras is not None and hasattr(keras, "Layer") and isinstance(thing, keras.Layer)


class KerasNetwork:
    """A Keras layer or model, called in one of our modes.

    Args:
      layer: built or not; it is built by a call.
      example: what it is called with, [1, ...].
      labels: int32 [1], where it is called with labels too.

    Raises:
      InputError: it cannot be called with the example, or makes variables at a later call.
    """

    def __init__(self, layer: Any, example: tf.Tensor, labels: tf.Tensor | None = None):
        self.layer = layer
        try:
            layer(example, **({} if labels is None else {"labels": labels}), training=False)
            self._trainable = list(layer.trainable_variables)
            self._others = list(layer.non_trainable_variables)
            self(example, Mode.FROZEN, labels)  # which may take another way through the layer
        except Exception as error:  # whatever a user's layer raises
            what = f"{example.dtype.name} {list(example.shape)}"
            text = " ".join(str(error).split())
            raise InputError(
                f"the Keras network {layer.name!r} cannot be called with {what}: {text}"
            ) from error

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Runs the network; gradients reach its weights, and only TRAIN moves its other state."""
        named = {} if labels is None else {"labels": labels}
        variables = (*self._trainable, *self._others)
        values = [(variable, tf.convert_to_tensor(variable.value)) for variable in variables]
        # Not `stateless_call`, which hands `training` only to a layer that takes it, not to those
        # inside it.
        with sys.modules["keras"].StatelessScope(state_mapping=values) as scope:
            outputs = self.layer(x, **named, training=mode is not Mode.INFERENCE)
        if mode is Mode.TRAIN:
            for variable in self._others:
                variable.value.assign(scope.get_current_value(variable))
        return outputs


def trainable_ids(layer: Any) -> set[int]:
    """Returns the ids of the `tf.Variable`s that training moves by gradients."""
    return {id(variable.value) for variable in layer.trainable_variables}


def variables_by_place(layer: Any, prefix: str) -> dict[str, tf.Variable]:
    """Returns all variables of a layer and of those in it, states of random generators included.

    A layer in a layer is named by its position there, a variable by its own name:
    "generator/0/kernel", "generator/1/moving_mean". A shared layer is named after its first place.

    Raises:
      InputError: two variables would get one name.
    """
    found: dict[str, tf.Variable] = {}
    seen: set[int] = set()
    for place, part in parts(layer, prefix):
        _collect(part, place, found, seen)
    return found


def _collect(layer: Any, prefix: str, found: dict[str, tf.Variable], seen: set[int]) -> None:
    """Adds the variables of a layer itself."""
    own = [*layer._trainable_variables, *layer._non_trainable_variables]
    own += [generator.state for generator in layer._seed_generators]
    for number, variable in enumerate(own):
        if id(variable) in seen:
            continue
        seen.add(id(variable))
        name = variable.name
        if _AUTOMATIC.fullmatch(name) or f"{prefix}/{name}" in found:
            name = f"{_AUTOMATIC.sub('variable', name)}_{number}"
        if f"{prefix}/{name}" in found:
            raise InputError(f"two variables would be saved as '{prefix}/{name}': rename one.")
        found[f"{prefix}/{name}"] = variable.value


def parts(layer: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yields (place, layer) of a layer and of those in it, each once; places as of variables."""
    yield from _parts(layer, prefix, set())


def _parts(layer: Any, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    seen.add(id(layer))
    yield prefix, layer
    for position, inner in enumerate(_inner(layer)):
        if id(inner) not in seen:
            yield from _parts(inner, f"{prefix}/{position}", seen)


def is_batch_norm(thing: Any) -> bool:
    """Returns whether this is a Keras layer that normalises by its batch."""
    return is_layer(thing) and isinstance(thing, sys.modules["keras"].layers.BatchNormalization)


def _inner(layer: Any) -> list[Any]:
    """Returns the layers directly in a layer; of a model those that it shows."""
    shown = getattr(layer, "layers", None)
    return list(shown) if isinstance(shown, list) else list(layer._layers)
