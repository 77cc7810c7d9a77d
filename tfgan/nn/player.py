"""A network as a model uses it: called in one of three modes, its variables known by their places.

A network is ours, or a user's own: any callable object whose variables hang from it (a `tf.Module`
as a rule), or a Keras model. What it does not ask for it is not given.
"""

import copy
import inspect
from typing import Any

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.nn import keras, state


class Player(tf.Module):
    """A network with its variables.

    Args:
      network: called as network(x, mode=..., labels=...). A parameter that it lacks is left out.
        One that takes `training` in place of `mode` is called with True in its own step alone,
        since only it knows what it moves when it is True.
      name: of the player, before the names of its variables.
      example: what it is called with, [1, ...]: variables that a first call makes exist from then
        on.
      labels: int32 [1], where it is called with labels.

    Attributes:
      by_place: all variables by their names.
      weights: those of them that are trained.
      steppers: parts of the network with a method `before_step`, which has state of its own.

    Raises:
      InputError: it cannot be called with the example.
    """

    def __init__(
        self, network: Any, name: str, example: tf.Tensor, labels: tf.Tensor | None = None
    ):
        super().__init__(name=name)
        self._label = name
        self._has_labels = labels is not None
        self.network = network
        if not callable(network):
            raise InputError(f"the {name} must be callable, got {type(network).__name__}.")
        self._parameters = _parameters(network)
        self._example, self._labels = example, labels
        self._adapt(network)
        if self._has_labels and "labels" not in self._parameters:
            raise InputError(f"the {name} takes no `labels`: add the parameter, or train without.")
        try:
            self.example_output = self(example, Mode.INFERENCE, labels)
        except InputError:
            raise
        except (TypeError, ValueError, tf.errors.OpError) as error:
            what = f"{example.dtype.name} {list(example.shape)}"
            raise InputError(
                f"the {name} cannot be called with {what}: {' '.join(str(error).split())}"
            ) from error
        self._find_variables(name)

    def _adapt(self, network: Any) -> None:
        self._called = network
        if keras.is_layer(network):
            self._called = keras.KerasNetwork(network, self._example, self._labels)
            self._parameters = self._parameters | {"mode"}

    def _find_variables(self, name: str) -> None:
        self.by_place = state.variables_by_place(self.network, name)
        self.weights = state.trainable(self.by_place)
        parts = (part for _, part in state.parts(self.network) if not keras.is_layer(part))
        self.steppers = [part for part in parts if hasattr(part, "before_step")]
        if keras.is_layer(self.network):
            ids = keras.trainable_ids(self.network)
            self.weights = {n: v for n, v in self.by_place.items() if id(v) in ids}
        if not self.weights:
            raise InputError(
                f"the {name} has no weight to train: its variables have to hang from it, as "
                "attributes or in lists and dicts of them."
            )

    def __call__(
        self, x: tf.Tensor, mode: Mode = Mode.INFERENCE, labels: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Runs the network."""
        asked: dict[str, Any] = {}
        if "mode" in self._parameters:
            asked["mode"] = mode
        elif "training" in self._parameters:
            asked["training"] = mode is Mode.TRAIN
        if self._has_labels:
            asked["labels"] = labels
        return self._called(x, **asked)

    def before_step(self) -> None:
        """Moves what moves once in each step of this player, before its first pass.

        Such as the vectors of a spectral norm. It is called outside every tape, and never in the
        other player's step.
        """
        for part in self.steppers:
            part.before_step()

    def stepping_ids(self) -> set[int]:
        """Returns the ids of the variables that `before_step` moves: what its parts hold alone."""
        held = (pair for part in self.steppers for pair in state.held(part))
        return {id(variable) for _, variable in held if not variable.trainable}

    def twin(self, name: str) -> "Player":
        """Returns a copy with variables of its own.

        Raises:
          InputError: the network cannot be copied.
        """
        made = copy.copy(self)
        try:
            made.network = copy.deepcopy(self.network)
        except Exception as error:  # whatever a user's network holds
            raise InputError(
                f"the {self._label} cannot be copied for an average: {error}"
            ) from error
        made._adapt(made.network)
        made._find_variables(name)
        return made

    def num_parameters(self) -> int:
        """Returns how many numbers are trained."""
        return sum(variable.shape.num_elements() for variable in self.weights.values())


def check_apart(*players: Player) -> None:
    """Checks that each player has its variables for itself.

    Raises:
      InputError: two share one; the message names its two places.
    """
    names: dict[int, str] = {}
    for name, variable in (pair for player in players for pair in player.by_place.items()):
        if id(variable) in names:
            raise InputError(
                f"{names[id(variable)]} and {name} are one variable: each player needs its own."
            )
        names[id(variable)] = name


def _parameters(network: Any) -> set[str]:
    """Returns the names of what a network takes; a **rest names nothing."""
    try:
        called = network.call if keras.is_layer(network) else network
        return set(inspect.signature(called).parameters)
    except (TypeError, ValueError):  # a callable of C has no signature
        return set()
