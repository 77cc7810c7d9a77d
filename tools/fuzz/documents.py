"""JSON that was changed where a reader may trip, and signed anew as whoever changed it would."""

import hashlib
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfgan.core import files
from tfgan.runs import checkpoints
from tfgan.serving import card

HUGE = 2**40

WORDS = (
    *("", " ", "\0", "\n", "\ud800", "\N{ARABIC-INDIC DIGIT THREE}", "x" * 100_000, "nan", "1e999"),
    *("../outside/secret.txt", "os:system", "evil:make", "evil.Feature", "__main__:main", "~root"),
)
NUMBERS = (
    *(0, -1, 1, 3, 255, 10**6, 2**31, HUGE, 2**63 - 1, 2**63, 10**30, -(10**9), -(2**63)),
    *(0.5, -0.0, 1e-320, 1e308, math.nan, math.inf, -math.inf),
)
OTHERS = (None, True, False, [], {}, [[]], {"": {}}, [None] * 1000)

SIZES = (1, 2, 7, 64, 10**6, HUGE, 2**62)
KNOWN: dict[str, tuple] = {
    "hidden_size": SIZES,
    "latent_size": SIZES,
    "base_channels": SIZES,
    "image_size": SIZES,
    "batch_size": SIZES,
    "num_samples": SIZES,
    "discriminator_steps": SIZES,
    "hidden_layers": (0, 2, 50, 100, 1000, 10**9, HUGE),
    "num_threads": (2, 1000, 10**9, 2**31, HUGE),
    "steps_per_call": SIZES,
    "num_steps": SIZES,
    "keep_checkpoints": SIZES,
    "seed": (0, 1, 2**31 - 1, 2**31),
    "rollbacks": (1, 2**31, HUGE, 2**63, -1, 0.5, "1", [], None),
    "network": ("mlp", "dcgan", "os", "vae"),
    "optimizer": ("adam", "sgd", "rmsprop", "os"),
    "objective": ("wasserstein", "least_squares", "os"),
    "compute_dtype": ("float32", "bfloat16", "float64"),
    "latent_distribution": ("uniform", "normal"),
    "average_decay": (0.0, 0.5, 0.999, 1.0),
    "weight_clip": (0.1, 1e300, math.nan),
    "generator_norm": ("none", "batch", "spectral", "os"),
    "batch_norm": (True, False),
    "made_by": ("config", "code", "os:system", "evil:make", "", 7, None),
    "kind": ("images", "points", "examples", "evil", [], 3),
    "shape": ([], [0], [-1], [2], [1], [3], [HUGE], [8, 8, 1], [8, 8, 3], [8, 8], [2**20, 2**20, 3])
    + ([2**62, 2**62], [None], ["8"], [2.5], 2, [7, 7, 1], [1] * 300, [8, 8, 5]),
    "real": (["float32", [2]], ["float64", [2]], ["int32", [2]], ["string", [2]], ["uint8", [2]])
    + (["resource", [2]], ["variant", []], ["complex64", [2]], ["float32", [HUGE]], ["evil", [2]])
    + (["float32", [8, 8, 1]], ["float32"], ["float32", [2], 3], [["float32"], [2]], [1, [2]]),
    "logs": ({}, {"losses.csv": -1}, {"losses.csv": HUGE}, {"losses.csv": "9"}, []),
    "losses.csv": (0, -1, 1, HUGE, "9", None, 0.5),
    "data": ("ring", "digits", "mnist", "s3://bucket/set", "gs://bucket/set", "https://host/set"),
    "split": ("train", "train[:1]", "train[1%:0%]", "test", "all", "train+train", "train[:-1]"),
    "step": (0, -1, 3, 10**10, HUGE, "4", None),
    "shardLengths": (["1"], ["-1"], ["0"], [], ["20", "20"], [str(HUGE)], ["x"], ["1"] * 5000),
    "numBytes": ("0", "-1", str(HUGE), "x"),
    "filepathTemplate": ("{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}", "../outside/secret.txt")
    + ("{DATASET}", "{0.__class__}", "{SPLIT", "", "/etc/passwd"),
    "fileFormat": ("tfrecord", "array_record", "riegeli", "parquet", "bagz", "evil", ""),
    "pythonClassName": (
        *("os.path", "evil.Feature", "antigravity.fly", "tensorflow_datasets.evil.X", "x"),
        "tensorflow_datasets.core.features.image_feature.Image",
        "tensorflow_datasets.core.features.text_feature.Text",
        "tensorflow_datasets.core.features.video_feature.Video",
        "tensorflow_datasets.core.features.dataset_feature.Dataset",
    ),
    "dtype": ("uint8", "uint16", "float32", "string", "evil"),
    "encodingFormat": ("png", "jpeg", "evil", ""),
    "name": ("digits", "drawn", "../outside", "evil"),
    "version": ("1.0.0", "0.0.0", "9.9.9", "../1", "x"),
}
"""What fields of runs, exports and sets may well be given, by name."""


def change(document: Any, draw: random.Random, secret: Path) -> str:
    """Changes one place of a document that has one; returns what was done."""
    owner, key, path = draw.choice(list(_places(document)))
    value = owner[key]
    ways = ["known"] * 6 * (key in KNOWN) + ["delete", "double", "retype", "nest", "number", "word"]
    way = draw.choice([*ways, "other", "secret"])
    if way == "delete":
        del owner[key]
        return f"{path} is gone"
    if way == "double" and isinstance(owner, dict):
        owner[f"{key}{draw.choice(['', ' ', '2'])}x"] = value
    elif way == "double":
        owner.append(value)
    else:
        owner[key] = {
            "known": lambda: draw.choice(KNOWN[key]),
            "retype": lambda: str(value) if not isinstance(value, str) else len(value),
            "nest": lambda: draw.choice([[value], {"value": value}]),
            "number": lambda: draw.choice(NUMBERS),
            "word": lambda: draw.choice(WORDS),
            "other": lambda: draw.choice(OTHERS),
            "secret": lambda: str(secret),
        }[way]()
    return f"{path} became {_short(owner.get(key) if isinstance(owner, dict) else owner[key])}"


def spoil(data: bytes, draw: random.Random) -> tuple[bytes, str]:
    """Returns a text that was changed without regard to what it says, and what was done."""
    place = draw.randrange(len(data) + 1)
    ways = {
        "empty": lambda: b"",
        "cut": lambda: data[:place],
        "a bit flipped": lambda: flipped(data, draw),
        "deeply nested": lambda: b'{"content":' * 100_000,
        "lists in lists": lambda: b"[" * 200_000 + b"]" * 200_000,
        "10 MB of spaces": lambda: data + b" " * 10**7,
        "a number of a million digits": lambda: b'{"content": ' + b"9" * 10**6 + b"}",
        "a string of 10 MB": lambda: b'{"content": "' + b"x" * 10**7 + b'"}',
        "not UTF-8": lambda: data[:place] + b"\xff\xfe\x80" + data[place:],
        "UTF-16": lambda: data.decode(errors="replace").encode("utf-16"),
        "a byte-order mark": lambda: b"\xef\xbb\xbf" + data,
        "NULs": lambda: bytes(len(data)),
        "a list": lambda: b"[]",
        "a string": lambda: b'"x"',
        "null": lambda: b"null",
        "a key twice": lambda: data.replace(b"{", b'{"content": 1, "config": 1, ', 1),
    }
    way = draw.choice(list(ways))
    return ways[way](), way


def flipped(data: bytes, draw: random.Random, most: int = 3) -> bytes:
    """Returns bytes of which one to `most` bits are others."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, most) if data else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def sign_checkpoint(path: Path, content: Any) -> None:
    """Writes the manifest of a checkpoint so that all its digests hold."""
    whole = {"content": content, "sha256": ""}
    if isinstance(content, dict):
        (path / "manifest.json").write_bytes(checkpoints._encode(content))
        return
    whole["sha256"] = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    (path / "manifest.json").write_text(json.dumps(whole, sort_keys=True, indent=1) + "\n")


def sign_checkpoint_files(path: Path) -> None:
    """Brings the manifest of a checkpoint up to its files, as they are now."""
    content = json.loads((path / "manifest.json").read_bytes())["content"]
    found = files.manifest(path)
    content["files"] = {name: found[name] for name in found if name != "manifest.json"}
    sign_checkpoint(path, content)


def sign_export(path: Path) -> None:
    """Brings the card of an export up to its files, as they are now."""
    whole = json.loads((path / card.CARD).read_bytes())
    whole["files"] = {n: file for n, file in files.manifest(path).items() if n != card.CARD}
    (path / card.CARD).write_text(json.dumps(whole, indent=2) + "\n")


def _places(document: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Yields (owner, key, path) of each place in a document."""
    keys = document if isinstance(document, dict) else range(len(document))
    for key in list(keys):
        yield document, key, f"{path}.{key}"
        if isinstance(document[key], (dict, list)):
            yield from _places(document[key], f"{path}.{key}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
