"""Pictures, records and tensors that were changed, with their formats' checksums made right."""

import functools
import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from tools.fuzz.documents import HUGE, flipped

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(data: bytes, draw: random.Random) -> tuple[bytes, str]:
    """Returns a PNG with one odd chunk, all of whose checksums hold, and what was done."""
    parts = _chunks(data)
    ways = {
        "other dimensions": _other_header,
        "a bomb as iCCP": lambda p, d: _insert(p, b"iCCP", b"x\0\0" + bomb()),
        "a bomb as zTXt": lambda p, d: _insert(p, b"zTXt", b"x\0\0" + bomb()),
        "a bomb as iTXt": lambda p, d: _insert(p, b"iTXt", b"x\0\1\0\0\0" + bomb()),
        "a bomb as pixels": lambda p, d: [(n, bomb() if n == b"IDAT" else b) for n, b in p],
        "an animation": lambda p, d: _insert(
            p, b"acTL", struct.pack(">II", d.choice([0, 1, 2**31, 2**32 - 1]), 0)
        ),
        "a frame of an animation": lambda p, d: _insert(
            p,
            b"fcTL",
            struct.pack(">IIIIIHHBB", *[d.choice([0, 8, 2**31]) for _ in range(5)], *[0] * 4),
        ),
        "an odd palette": lambda p, d: _insert(p, b"PLTE", bytes(d.choice([0, 1, 3, 769, 3000]))),
        "an odd transparency": lambda p, d: _insert(p, b"tRNS", bytes(d.choice([0, 1, 2, 600]))),
        "odd EXIF": lambda p, d: _insert(p, b"eXIf", d.randbytes(d.choice([0, 3, 100]))),
        "a chunk that nobody knows": lambda p, d: _insert(p, d.randbytes(4), d.randbytes(10)),
        "no pixels": lambda p, d: [part for part in p if part[0] != b"IDAT"],
        "no end": lambda p, d: p[:-1],
        "chunks in another order": lambda p, d: d.sample(p, len(p)),
    }
    way = draw.choice(list(ways))
    changed = ways[way](parts, draw)
    return _SIGNATURE + b"".join(map(_chunk, changed)), way


@functools.cache
def bomb() -> bytes:
    """Returns 100 kB that decompress to 100 MB."""
    return zlib.compress(bytes(10**8), 9)


@functools.cache
def formats() -> dict[str, bytes]:
    """Returns other things than PNG and JPEG, by name; Ghostscript would be started for one."""
    found = {}
    image = Image.new("RGB", (8, 8))
    for name in ("GIF", "WEBP", "TIFF", "BMP", "PPM", "ICO", "TGA", "PCX", "SGI", "JPEG2000"):
        encoded = io.BytesIO()
        try:
            image.save(encoded, name)
        except (OSError, KeyError):  # this Pillow was built without it
            continue
        found[name] = encoded.getvalue()
    found["EPS"] = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"
    found["PSD"] = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3) + bytes(20)
    found["SVG"] = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://host/"/></svg>'
    found["text"] = b"no picture\n"
    return found


def jpeg(data: bytes, draw: random.Random) -> tuple[bytes, str]:
    """Returns a JPEG with one odd segment, and what was done."""
    frame = data.find(b"\xff\xc0")
    size = struct.pack(">HH", *[draw.choice([0, 1, 9, 8000, 65535]) for _ in range(2)])
    junk = draw.randbytes(draw.choice([0, 2, 1000, 60_000]))
    ways = {
        "other dimensions": lambda: data[: frame + 5] + size + data[frame + 9 :],
        "junk as EXIF": lambda: _segment(data, 0xE1, b"Exif\0\0" + junk),
        "EXIF that says much": lambda: _segment(
            data, 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(range(256)) * 40
        ),
        "junk as a profile": lambda: _segment(data, 0xE2, b"ICC_PROFILE\0\1\1" + junk),
        "junk as MPF": lambda: _segment(data, 0xE2, b"MPF\0" + junk),
        "a thousand comments": lambda: functools.reduce(
            lambda d, _: _segment(d, 0xFE, b"x"), range(1000), data
        ),
        "two pictures": lambda: data + data,
        "a progressive frame": lambda: data[: frame + 1] + b"\xc2" + data[frame + 2 :],
    }
    way = draw.choice(list(ways))
    return ways[way](), way


def records(data: bytes, draw: random.Random) -> tuple[bytes, str]:
    """Returns TFRecords of other contents, all of whose checksums hold, and what was done."""
    import tensorflow as tf

    contents, start = [], 0
    while start < len(data):
        (length,) = struct.unpack_from("<Q", data, start)
        contents.append(data[start + 12 : start + 12 + length])
        start += length + 16
    i = draw.randrange(len(contents))
    example = tf.train.Example.FromString(contents[i])
    image = example.features.feature["image"]
    values = {
        "no image": [],
        "two images": [*image.bytes_list.value] * 2,
        "an image of junk": [draw.randbytes(50)],
        "an empty image": [b""],
        "an odd image": [png(image.bytes_list.value[0], draw)[0]],
        "an image with a bit flipped": [flipped(image.bytes_list.value[0], draw)],
        "an image of another format": [draw.choice(list(formats().values()))],
    }
    way = draw.choice([*values, "numbers for an image", "no features", "junk", "nothing", "a bit"])
    if way in values:
        image.bytes_list.value[:] = values[way]
    elif way == "numbers for an image":
        image.int64_list.value[:] = [1, HUGE]
    elif way == "no features":
        example.features.Clear()
    contents[i] = {
        "junk": lambda: draw.randbytes(40),
        "nothing": lambda: b"",
        "a bit": lambda: flipped(contents[i], draw),
    }.get(way, example.SerializeToString)()
    return b"".join(map(_record, contents)), f"record {i}: {way}"


def index(data: bytes, draw: random.Random) -> bytes:
    """Returns the index of tensors with bits flipped in its table, whose checksums hold again.

    The table is one block of entries, at the file's beginning; the last 48 bytes say how long.
    """
    footer = data[-48:]
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    start, _ = _varint(footer, at)
    key_size, at = _varint(data, start + 1)
    _, at = _varint(data, at)
    offset, at = _varint(data, at + key_size)
    length, _ = _varint(data, at)
    block = flipped(data[offset : offset + length], draw) + data[offset + length :][:1]
    crc = struct.pack("<I", masked_crc32c(block))
    return data[:offset] + block + crc + data[offset + length + 5 :]


def tensors(prefix: Path, draw: random.Random) -> str:
    """Writes tensors anew, of which one is another; returns what was done."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(prefix))
    values = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    name, other = (draw.choice(sorted(values)) for _ in range(2))
    value = np.asarray(values[name])
    ways = {
        "has another shape": lambda: np.zeros(
            draw.choice([[], [0], [1, 1], [3], [2] * 10, [10**6]]), "f"
        ),
        "has another dtype": lambda: np.zeros(
            value.shape,
            draw.choice(["float64", "int32", "int64", "bool", "uint8", "complex64", "float16"]),
        ),
        "is text": lambda: np.full(value.shape, b"x", object),
        "is NaN": lambda: np.full_like(value, np.nan) if value.dtype.kind == "f" else value,
        "is infinite": lambda: np.full_like(value, np.inf) if value.dtype.kind == "f" else value,
        "is huge": lambda: np.full_like(value, 3e38) if value.dtype.kind == "f" else value,
        f"is {other}": lambda: values[other],
    }
    way = draw.choice([*ways, "is missing", "has a twin", "has an odd name", "has 500 twins"])
    if way in ways:
        values[name] = ways[way]()
    elif way == "is missing":
        del values[name]
    elif way == "has a twin":
        values[f"{name}2"] = values[name]
    elif way == "has 500 twins":
        values |= {f"{name}{i}": values[name] for i in range(500)}
    else:
        values[draw.choice(["..", "/", "a\nb", "x" * 5000, "\N{GREEK SMALL LETTER PI}"])] = (
            values.pop(name)
        )
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(values),
        shape_and_slices=[""] * len(values),
        tensors=[tf.convert_to_tensor(each) for each in values.values()],
    )
    return f"the tensor {name} {way}"


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, start = [], len(_SIGNATURE)
    while start < len(data):
        (length,) = struct.unpack_from(">I", data, start)
        found.append((data[start + 4 : start + 8], data[start + 8 : start + 8 + length]))
        start += length + 12
    return found


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    name, body = part
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _insert(parts, name: bytes, body: bytes):
    return [parts[0], (name, body), *parts[1:]]


def _other_header(parts, draw: random.Random):
    (name, body), *rest = parts
    sizes = [
        draw.choice([0, 1, 7, 9, 8000, 13_300, 65_536, 2**31 - 1, 2**32 - 1]) for _ in range(2)
    ]
    kind = bytes(draw.choice([0, 1, 2, 3, 4, 6, 8, 16, 255]) for _ in range(2))
    kind = draw.choice([body[8:10], body[8:10], kind])
    return [(name, struct.pack(">II", *sizes) + kind + body[10:]), *rest]


def _segment(data: bytes, marker: int, body: bytes) -> bytes:
    return data[:2] + b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    checks = (struct.pack("<I", masked_crc32c(part)) for part in (length, content))
    return length + next(checks) + content + next(checks)


def _varint(data: bytes, start: int) -> tuple[int, int]:
    """Returns the number that begins at `start`, in sevens of bits, and where it ends."""
    value = shift = 0
    while True:
        byte = data[start]
        value, start = value | (byte & 127) << shift, start + 1
        if byte < 128:
            return value, start
        shift += 7
