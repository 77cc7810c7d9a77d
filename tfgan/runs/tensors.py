"""Tensors in TensorFlow's own format, read without TensorFlow's reader.

    state.index                  a sorted table: of each tensor its dtype, shape, offset and size
    state.data-00000-of-00001    the bytes of all of them

TensorFlow's reader believes what it finds: a bit of the index can end the process, where no handler
of errors helps, or have it allocate what the index claims. Here every claim is held against the
bytes that are there, and what is returned are views of these bytes. The checksums inside the format
are not looked at: both files are known by their SHA-256 before they are read.

Source: the table is that of LevelDB (doc/table_format.md), without compression, as TensorFlow
writes it (tensorflow/core/util/tensor_bundle).
"""

import math
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.tensor_bundle_pb2 import BundleEntryProto, BundleHeaderProto

from tfgan.core import files

_MAGIC = 0xDB4775248B80FB57
_FOOTER_SIZE = 48

_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""What a SavedModel says of its Python objects lies among the tensors, as a text."""

_DTYPES = {
    dtype.as_datatype_enum: dtype.as_numpy_dtype
    for dtype in (
        *(tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.complex64, tf.complex128, tf.bool),
        *(tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64),
    )
}


def read(prefix: Path) -> dict[str, np.ndarray]:
    """Returns the tensors of a prefix by name.

    Raises:
      InputError: one of the files is a link, a pipe or a device.
      ValueError: they hold something else.
      OSError: they cannot be read.
    """
    index = files.read(prefix.with_name(f"{prefix.name}.index"))
    data = files.read(prefix.with_name(f"{prefix.name}.data-00000-of-00001"))
    try:
        (_, header), *entries = _pairs_of(index)
        if BundleHeaderProto.FromString(header).num_shards != 1:
            raise ValueError("more than one file of data")
        named = {key.decode(): BundleEntryProto.FromString(value) for key, value in entries}
    except (IndexError, struct.error, DecodeError) as error:
        raise ValueError("the index is damaged") from error
    return {name: _tensor(name, e, data) for name, e in named.items() if name != _OBJECT_GRAPH}


def _tensor(name: str, entry: BundleEntryProto, data: bytes) -> np.ndarray:
    if entry.dtype not in _DTYPES:
        raise ValueError(f"{name} does not hold numbers")
    dtype = np.dtype(_DTYPES[entry.dtype])
    shape = [dim.size for dim in entry.shape.dim]
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or entry.shard_id or entry.slices or entry.size != size:
        raise ValueError(f"{name} is not what the index says")
    if not 0 <= entry.offset <= len(data) - size:
        raise ValueError(f"{name} lies outside of the data")
    return np.frombuffer(data, dtype, math.prod(shape), entry.offset).reshape(shape)


def _pairs_of(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields the keys of a table with their values, in order."""
    if len(table) < _FOOTER_SIZE or struct.unpack("<Q", table[-8:])[0] != _MAGIC:
        raise ValueError("the index is no table")
    footer = table[-_FOOTER_SIZE:]
    _, at = _handle(footer, 0)  # of a block that says nothing of the entries
    index, _ = _handle(footer, at)
    for _, value in _pairs(_block(table, *index)):
        handle, _ = _handle(value, 0)
        yield from _pairs(_block(table, *handle))


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields the keys of a block with their values; a key is written without what it shares."""
    (num_restarts,) = struct.unpack("<I", block[-4:])
    end = len(block) - 4 * (num_restarts + 1)
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        key_size, at = _varint(block, at)
        value_size, at = _varint(block, at)
        if shared > len(key) or at + key_size + value_size > end:
            raise ValueError("the index is damaged")
        key = key[:shared] + block[at : at + key_size]
        at += key_size
        yield key, block[at : at + value_size]
        at += value_size


def _block(table: bytes, offset: int, size: int) -> bytes:
    if offset + size + 1 > len(table) or table[offset + size]:  # 0: it is not compressed
        raise ValueError("the index is damaged")
    return table[offset : offset + size]


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Returns (offset, size) of a block, and where that ends."""
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Returns a number that is written in groups of seven bits, and where it ends."""
    value = shift = 0
    while data[at] & 128:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1
