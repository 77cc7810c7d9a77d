"""What stands in for modules that scripts of TensorFlow 1 import and that are gone."""

import gzip
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

CONTRIB = (
    "tf.contrib is gone since TensorFlow 2. In the script write tf.glorot_uniform_initializer() "
    "for contrib.layers.xavier_initializer(), tf.layers.* for contrib.layers.*; or give a file of "
    "your own in its place: --stub=tensorflow.contrib:FILE"
)
INPUT_DATA = "tensorflow.examples.tutorials.mnist.input_data"
MNIST_DIR = "TFGAN_MNIST_DIR"
"""Environment variable: a directory of MNIST's four files, where the script's own has none."""


def install(tf: types.ModuleType, files: Mapping[str, str], folder: Path, tell: Callable) -> None:
    """Makes `tf` what `import tensorflow` gives, with stubs for what is gone.

    Args:
      tf: `tensorflow.compat.v1`.
      files: names of modules, and the files that stand in for them.
      folder: the script's.
      tell: takes "note" and a line for the user.
    """
    finder = _Finder(dict(files), tell)
    sys.modules["tensorflow"] = tf
    sys.meta_path.insert(0, finder)
    if not any(name.startswith("tensorflow.contrib") for name in files):
        vars(tf)["contrib"] = _Gone()
    _hear_of_unseeded(folder, tell)


class _Gone:
    """`tf.contrib`: whatever is asked of it, the answer is what to do."""

    def __getattr__(self, name: str):
        raise ImportError(CONTRIB)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that stubs stand in for, and the packages above them."""

    def __init__(self, files: dict[str, str], tell: Callable):
        self.files, self.tell = files, tell
        self.names = {INPUT_DATA, *files}

    def find_spec(self, fullname, path=None, target=None):
        is_above = any(name.startswith(f"{fullname}.") for name in self.names)
        if fullname in self.files and not is_above:
            return importlib.util.spec_from_file_location(fullname, self.files[fullname])
        if fullname in self.names or (is_above and _is_gone(fullname)):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=is_above)
        if fullname.startswith("tensorflow.contrib"):
            raise ImportError(CONTRIB)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if module.__name__ == INPUT_DATA:
            module.read_data_sets = lambda *args, **kwargs: read_data_sets(
                *args, tell=self.tell, **kwargs
            )


def _is_gone(name: str) -> bool:
    return (
        name not in sys.modules
        and name.startswith(("tensorflow.examples", "tensorflow.contrib"))
        or not name.startswith("tensorflow")
    )


class DataSet:
    """A part of an MNIST-like set, as TensorFlow's tutorials had it.

    Args:
      images: float32 [N, 784] in [0, 1].
      labels: int64 [N], or float64 [N, 10].
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray):
        self.images, self.labels, self.num_examples = images, labels, len(images)
        self.epochs_completed = self._next = 0

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True):
        """Returns the next images and labels; an epoch begins in an order of its own."""
        del fake_data
        parts = []
        while batch_size:
            if self._next == 0 and shuffle:
                order = np.random.permutation(self.num_examples)
                self.images, self.labels = self.images[order], self.labels[order]
            rows = slice(self._next, min(self._next + batch_size, self.num_examples))
            parts.append((self.images[rows], self.labels[rows]))
            batch_size -= rows.stop - rows.start
            self._next = rows.stop
            if self._next == self.num_examples:
                self._next, self.epochs_completed = 0, self.epochs_completed + 1
        images, labels = zip(*parts, strict=True)
        return np.concatenate(images), np.concatenate(labels)


class DataSets(types.SimpleNamespace):
    """The parts `train`, `validation` and `test`."""


def read_data_sets(
    train_dir: str = "",
    fake_data: bool = False,
    one_hot: bool = False,
    dtype=np.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed=None,
    source_url: str = "",
    *,
    tell: Callable,
) -> DataSets:
    """Returns the set of a directory; scikit-learn's digits, enlarged, where it has none."""
    del fake_data, seed, source_url
    found = [d for d in (train_dir, os.environ.get(MNIST_DIR)) if d and _idx(Path(d), "train", "3")]
    if found:
        folder = Path(found[0])
        parts = [_read(folder, part) for part in ("train", "t10k")]
    else:
        tell(
            "note",
            f"{train_dir or 'input_data'}: no MNIST there, nor in ${MNIST_DIR}; the script gets "
            "scikit-learn's 1,797 digits, enlarged to 28 x 28.",
        )
        parts = _digits()
        validation_size = min(validation_size, 200)
    (images, labels), test = parts[0], parts[1]
    whole = [
        (images[validation_size:], labels[validation_size:]),
        (images[:validation_size], labels[:validation_size]),
        test,
    ]

    def made(pixels, classes):
        pixels = pixels.astype(np.float32) / 255 if dtype == np.float32 else pixels
        pixels = pixels.reshape(len(pixels), 784) if reshape else pixels.reshape(-1, 28, 28, 1)
        return DataSet(pixels, np.eye(10)[classes] if one_hot else classes.astype(np.int64))

    names = ("train", "validation", "test")
    return DataSets(**{n: made(*part) for n, part in zip(names, whole, strict=True)})


def _idx(folder: Path, part: str, dimensions: str) -> Path | None:
    """Returns the file of a part's images ("3") or labels ("1"), whatever it is called exactly."""
    return next(iter(sorted(folder.glob(f"{part}-*idx{dimensions}-ubyte*"))), None)


def _read(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    def content(dimensions: str) -> np.ndarray:
        path = _idx(folder, part, dimensions)
        if path is None:
            raise FileNotFoundError(f"{folder}: no {part}-*idx{dimensions}-ubyte there")
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        return np.frombuffer(data, np.uint8, offset=4 + 4 * int(dimensions))

    return content("3").reshape(-1, 28, 28), content("1")


def _digits() -> list[tuple[np.ndarray, np.ndarray]]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    large = np.kron(digits.images * 15.9375, np.ones((3, 3))).astype(np.uint8)
    large = np.pad(large, [(0, 0), (2, 2), (2, 2)])
    classes = digits.target.astype(np.uint8)
    return [(large[:1500], classes[:1500]), (large[1500:], classes[1500:])]


def _hear_of_unseeded(folder: Path, tell: Callable) -> None:
    """Tells of generators that a folder's files make without a seed: none of ours holds them."""
    make = np.random.default_rng

    def default_rng(seed=None):
        frame = sys._getframe(1)
        path = Path(frame.f_code.co_filename)
        if seed is None and path.is_relative_to(folder):
            where = f"{path.name}:{frame.f_lineno}"
            tell("note", f"{where}: np.random.default_rng() has no seed: it differs in each run.")
        return make(seed)

    np.random.default_rng = default_rng
