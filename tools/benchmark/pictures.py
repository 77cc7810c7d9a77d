"""The pictures of the workloads that read files: made from a seed, or the user's own.

Imports neither TensorFlow nor a rival. `decode` is what a rival's workers do with a file; the test
of the rivals compares its pixels with ours.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

NUMBER, WIDTH, HEIGHT = 500, 2000, 1500
"""Photos that are made where the user names none."""

VARIABLE = "TFGAN_BENCHMARK_PICTURES"
"""Environment variable that tells the workers where the pictures are."""

SUFFIXES = (".png", ".jpg", ".jpeg")


@contextlib.contextmanager
def prepared(image_dir: str, size: int) -> Iterator[None]:
    """Makes pictures, and our cache of them, for the workers that start inside the `with`.

    Args:
      image_dir: the user's own; empty: photos are made, which takes a minute.
      size: height and width that they are resized to.
    """
    with tempfile.TemporaryDirectory() as scratch:
        before = dict(os.environ)
        os.environ["XDG_CACHE_HOME"] = f"{scratch}/cache"  # not the user's own
        os.environ[VARIABLE] = os.path.abspath(image_dir) if image_dir else f"{scratch}/photos"
        try:
            if not image_dir:
                make(Path(scratch, "photos"), NUMBER)
            flags = f"--image_dir={os.environ[VARIABLE]}", f"--image_size={size}"
            subprocess.run([sys.executable, "-m", "tfgan.prepare", *flags], check=True, stdout=2)
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def make(folder: Path, number: int) -> None:
    """Writes JPEGs of a camera's size: smooth noise, whose files are about 200 kB."""
    folder.mkdir()
    random = np.random.RandomState(0)
    for i in range(number):
        small = Image.fromarray(random.randint(0, 256, (60, 80, 3), np.uint8))
        photo = small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        photo.save(folder / f"{i:05}.jpg", quality=90)


def paths() -> list[Path]:
    """Returns the files, in order."""
    found = Path(os.environ[VARIABLE]).rglob("*")
    return sorted(path for path in found if path.suffix.lower() in SUFFIXES)


def decode(path: Path, size: int) -> np.ndarray:
    """Returns a picture as torchvision's users have it: a square, bicubic, uint8 [S, S, 3]."""
    with Image.open(path) as image:
        if image.mode != "RGB":
            image = image.convert("RGBA")
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image).convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        box = left, top, left + side, top + side
        return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box))
