"""What a server offers of a model, row by row.

    serving_default   the model's inputs [B, ...]        -> examples float [B, *shape] in [-1, 1]
    sample            seed int64 [B]                     -> what the examples' kind serves, [B, ...]
    ...               the model's own signatures, such as a GAN's "discriminate"

A row that holds NaN or infinity is answered by NaN: never by something that looks like a result,
and not by an error, since a server puts the requests of several clients into one batch.

In `sample` a row must not change with its neighbours. Kernels sum in an order that depends on the
batch, so each row is computed on its own, at batch size 1, whatever comes with it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.core.interfaces import Kind, Model, Signature, Specs

STREAM = "export"
"""Of the inputs that belong to the seed of a request."""


def sample(model: Model, seeds: Iterable[int]) -> np.ndarray:
    """Returns the example of each seed, [N, *shape]: the one that signature "sample" gives.

    Args:
      model: generates.
      seeds: integers of 64 bits.

    Raises:
      InputError: there is no seed.
    """
    rows = [model.sample(model.inputs(1, STREAM, seed)).numpy()[0] for seed in seeds]
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
    """Returns all that is served of a model, with its rows kept apart."""
    inputs = model.inputs(1, STREAM)
    specs = {name: tf.TensorSpec([None, *t.shape[1:]], t.dtype) for name, t in inputs.items()}

    def generate(**inputs):
        return {kind.name: model.sample(inputs)}

    def row(seed):
        return kind.served(model.sample(model.inputs(1, STREAM, seed))[0])

    by_row = {"serving_default": Signature(specs, generate)} | model.signatures(kind)
    return {
        **{n: Signature(s.inputs, _row_by_row(s.function, s.inputs)) for n, s in by_row.items()},
        "sample": Signature({"seed": tf.TensorSpec([None], tf.int64)}, _alone(row)),
    }


def _alone(row: Callable[[tf.Tensor], dict[str, tf.Tensor]]) -> Callable[..., Any]:
    """Returns what maps seeds int64 [B] to the outputs of `row` for each, stacked."""
    traced = tf.function(row, autograph=False).get_concrete_function(tf.TensorSpec([], tf.int64))
    specs = tf.nest.map_structure(tf.TensorSpec.from_tensor, traced.structured_outputs)

    def sample(seed):
        return tf.map_fn(row, tf.ensure_shape(seed, [None]), fn_output_signature=specs)

    return sample


def _row_by_row(function: Callable[..., Mapping[str, tf.Tensor]], specs: Specs):
    """Wraps a function of batches [B, ...], B >= 0: a row that is not finite gives a row of NaN.

    TensorFlow's convolutions fail on an empty batch, so that one is given a row for the time being.
    """

    def wrapped(**inputs):
        # A session feeds what it is given, whatever the signature says: 4 x 16 pixels for 8 x 8.
        inputs = {name: tf.ensure_shape(inputs[name], specs[name].shape) for name in specs}
        count = tf.shape(next(iter(inputs.values())))[0]
        missing = tf.maximum(1 - count, 0)
        padded = {
            name: tf.pad(x, [[0, missing], *[[0, 0]] * (x.shape.rank - 1)])
            for name, x in inputs.items()
        }
        outputs = {name: output[:count] for name, output in function(**padded).items()}
        for x in inputs.values():
            if x.dtype.is_floating:
                finite = tf.reduce_all(tf.math.is_finite(x), axis=range(1, x.shape.rank))
                outputs = {name: _where(finite, output) for name, output in outputs.items()}
        return outputs

    return wrapped


def _where(finite: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Returns an output with NaN in the rows that are not `finite` [B]; integers stay."""
    if not output.dtype.is_floating:
        return output
    finite = tf.reshape(finite, [-1, *[1] * (output.shape.rank - 1)])
    return tf.where(finite, output, tf.constant(float("nan"), output.dtype))
