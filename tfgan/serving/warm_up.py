"""What a server runs before it serves, and how it may merge requests."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.framework.tensor_shape_pb2 import TensorShapeProto

from tfgan.serving.card import offered

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
"""Batch sizes that the warm-up runs, and that a server which merges requests pads to."""

REPEATS = 4
"""How often it runs each: kernels keep what they prepare for a shape, each thread for itself."""

MOST_RECORDS = 1000
"""A server refuses a file with more."""

BATCHING = f"""\
max_batch_size {{ value: {BATCH_SIZES[-1]} }}
batch_timeout_micros {{ value: 1000 }}
max_enqueued_batches {{ value: 100 }}
{"".join(f"allowed_batch_sizes: {size}{chr(10)}" for size in BATCH_SIZES)}"""
"""For a server with --enable_batching --enable_per_model_batching_parameters."""


def logs(signatures: Mapping[str, Any], model: str) -> Iterator[bytes]:
    """Yields the warm-up requests: each signature, at each of BATCH_SIZES, REPEATS times.

    Each is a `tensorflow.serving.PredictionLog`, encoded by hand so that an export needs no package
    of the server's messages: PredictionLog.predict_log = 6, PredictLog.request = 1,
    PredictRequest.model_spec = 1 and .inputs = 2 (a map: key = 1, value = 2), ModelSpec.name = 1
    and .signature_name = 3.

    Args:
      signatures: SignatureDef by name.
      model: name of the model.
    """
    return itertools.islice(_logs(signatures, model), MOST_RECORDS)


def _logs(signatures: Mapping[str, Any], model: str) -> Iterator[bytes]:
    for name, signature in offered(signatures).items():
        spec = _field(1, model.encode()) + _field(3, name.encode())
        for size in BATCH_SIZES:
            request = _field(1, spec)
            for input_name, info in sorted(signature.inputs.items()):
                value = _zeros(info, size).SerializeToString()
                request += _field(2, _field(1, input_name.encode()) + _field(2, value))
            yield from [_field(6, _field(1, request))] * REPEATS


def _zeros(info: Any, size: int) -> TensorProto:
    """Returns a batch of zeros for an input."""
    dims = [size, *(dim.size for dim in info.tensor_shape.dim[1:])]
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=dim) for dim in dims])
    tensor = TensorProto(dtype=info.dtype, tensor_shape=shape)
    # One value stands for all of them.
    values = {tf.int64: tensor.int64_val, tf.int32: tensor.int_val, tf.float64: tensor.double_val}
    values.get(tf.as_dtype(info.dtype), tensor.float_val).append(0)
    return tensor


def _field(number: int, data: bytes) -> bytes:
    """Encodes a field of a message that holds bytes, a text or a message: tag, size, data."""
    size, encoded = len(data), bytearray([number << 3 | 2])
    while size > 127:
        encoded.append(size & 127 | 128)
        size >>= 7
    return bytes([*encoded, size]) + data
