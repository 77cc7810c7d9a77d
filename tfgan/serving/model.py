"""What a server offers of a model, row by row.

    serving_default   the model's inputs [B, ...]        -> examples float [B, *shape] in [-1, 1]
    sample            seed int64 [B], label int32 [B]    -> what the examples' kind serves, [B, ...]
    ...               the model's own signatures, such as a GAN's "discriminate"

A row that holds NaN or infinity is answered by NaN: never by something that looks like a result,
and not by an error, since a server puts the requests of several clients into one batch. `label` is
there where the model has classes. One that is no class is an error all the same: clients can know.

In `sample` a row must not change with its neighbours. Kernels sum in an order that depends on the
batch, so each row is computed on its own, at batch size 1, whatever comes with it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Kind, Model, Signature, Specs, num_classes

STREAM = "export"
"""Of the inputs that belong to the seed of a request."""

LABEL = "label"
"""What a request calls the classes of its rows: int32 [B]."""


def inputs(model: Model, seed: Any, label: Any = None) -> dict[str, tf.Tensor]:
    """Returns the inputs [1, ...] of the example that belongs to a seed.

    Args:
      model: generates.
      seed: an integer of 64 bits, or a scalar of them.
      label: the class, or a scalar int32; None: as the seed draws it, if there are classes.
    """
    drawn = dict(model.inputs(1, STREAM, seed))
    return drawn if label is None else drawn | {"labels": tf.reshape(label, [1])}


def sample(model: Model, seeds: Iterable[int], labels: Iterable[int | None] = (None,)):
    """Returns the example of each seed, [N, *shape]: the one that signature "sample" gives.

    Args:
      model: generates.
      seeds: integers of 64 bits.
      labels: classes: all seeds of the first, then all of the second, and so on.

    Raises:
      InputError: there is no seed.
    """
    seeds = list(seeds)
    rows = [
        model.sample(inputs(model, seed, label)).numpy()[0] for label in labels for seed in seeds
    ]
    if not rows:
        raise InputError("name at least one seed.")
    return np.stack(rows)


class Served:
    """The signatures of a model, traced, and the variables that they use.

    Args:
      model: to serve.
      kind: of its examples.

    Attributes:
      signatures: concrete functions by name, each with an open batch.
      module: holds the variables, by their names in the model's state.

    Raises:
      InputError: a signature uses a variable that the model's state lacks.
    """

    def __init__(self, model: Model, kind: Kind):
        self.signatures = {
            name: tf.function(made.function, autograph=False).get_concrete_function(
                **{key: tf.TensorSpec(s.shape, s.dtype, key) for key, s in made.inputs.items()}
            )
            for name, made in _offered(model, kind).items()
        }
        state = model.state()
        names = {id(variable.handle): name for name, variable in state.items()}
        used: dict[str, tf.Variable] = {}
        for signature, function in self.signatures.items():
            for variable in function.variables:
                if id(variable.handle) not in names:
                    raise InputError(
                        f"{signature} uses the variable {variable.name!r}, which the model's state "
                        "lacks: make it an attribute of a network."
                    )
                name = names[id(variable.handle)]
                used[name] = state[name]
        self.module = tf.Module(name="served")
        self.module.state = used  # what hangs from the module is what is saved


def _offered(model: Model, kind: Kind) -> dict[str, Signature]:
    """Returns all that is served of a model, with its rows kept apart.

    What the model calls "labels" a request calls `LABEL`, and it has to be that of a class.
    """
    drawn = model.inputs(1, STREAM)
    classes = num_classes(model) if "labels" in drawn else 0
    specs = {name: tf.TensorSpec([None, *t.shape[1:]], t.dtype) for name, t in drawn.items()}

    def generate(**inputs):
        return {kind.name: model.sample(inputs)}

    def row(seed, label=None):
        return kind.served(model.sample(inputs(model, seed, label))[0])

    asked = {"seed": tf.TensorSpec([None], tf.int64)}
    if classes:
        asked[LABEL] = tf.TensorSpec([None], tf.int32)
    by_row = {"serving_default": Signature(specs, generate)} | model.signatures(kind)
    return {
        **{name: _row_by_row(made, classes) for name, made in by_row.items()},
        "sample": Signature(asked, _alone(row, asked, classes)),
    }


def _alone(row: Callable[..., dict[str, tf.Tensor]], asked: Specs, classes: int):
    """Returns what maps requests [B] to the outputs of `row` for each, stacked."""
    one = [tf.TensorSpec([], spec.dtype) for spec in asked.values()]
    traced = tf.function(row, autograph=False).get_concrete_function(*one)
    specs = tf.nest.map_structure(tf.TensorSpec.from_tensor, traced.structured_outputs)

    def sample(seed, label=None):
        seed = tf.ensure_shape(seed, [None])
        if label is None:
            return tf.map_fn(row, seed, fn_output_signature=specs)
        label = _of_classes(tf.ensure_shape(label, [None]), classes, tf.size(seed))
        return tf.map_fn(lambda pair: row(*pair), (seed, label), fn_output_signature=specs)

    return sample


def _of_classes(label: tf.Tensor, classes: int, count: tf.Tensor) -> tf.Tensor:
    """Returns labels [B], of which a graph that runs has seen that each row has one of a class.

    Else the request fails: a number would look like a result, and of a picture there is no NaN.
    """
    is_known = tf.reduce_all((label >= 0) & (label < classes))
    text = f"label must be one of the classes 0 to {classes - 1}, got from"
    known = [text, tf.reduce_min(label), "to", tf.reduce_max(label)]
    each = ["each row needs one label, got", tf.size(label), "for", count]
    asserts = [
        tf.raw_ops.Assert(condition=is_known, data=known),
        tf.raw_ops.Assert(condition=tf.equal(tf.size(label), count), data=each),
    ]
    with tf.control_dependencies(asserts):
        return tf.identity(label)


def _row_by_row(made: Signature, classes: int) -> Signature:
    """Wraps a function of batches [B, ...], B >= 0: a row that is not finite gives a row of NaN.

    TensorFlow's convolutions fail on an empty batch, so that one is given a row for the time being.
    """
    names = {name: LABEL if classes and name == "labels" else name for name in made.inputs}
    specs = {names[name]: spec for name, spec in made.inputs.items()}

    def wrapped(**inputs):
        # A session feeds what it is given, whatever the signature says: 4 x 16 pixels for 8 x 8.
        inputs = {name: tf.ensure_shape(inputs[name], specs[name].shape) for name in specs}
        count = tf.shape(next(iter(inputs.values())))[0]
        if classes and LABEL in inputs:
            inputs[LABEL] = _of_classes(inputs[LABEL], classes, count)
        missing = tf.maximum(1 - count, 0)
        padded = {
            name: tf.pad(x, [[0, missing], *[[0, 0]] * (x.shape.rank - 1)])
            for name, x in inputs.items()
        }
        named = {name: padded[given] for name, given in names.items()}
        outputs = {name: output[:count] for name, output in made.function(**named).items()}
        for x in inputs.values():
            if x.dtype.is_floating:
                finite = tf.reduce_all(tf.math.is_finite(x), axis=range(1, x.shape.rank))
                outputs = {name: _where(finite, output) for name, output in outputs.items()}
        return outputs

    return Signature(specs, wrapped)


def _where(finite: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Returns an output with NaN in the rows that are not `finite` [B]; integers stay."""
    if not output.dtype.is_floating:
        return output
    finite = tf.reshape(finite, [-1, *[1] * (output.shape.rank - 1)])
    return tf.where(finite, output, tf.constant(float("nan"), output.dtype))
