"""Where real examples come from: each module makes a `tfgan.core.interfaces.Source`."""

from typing import Any

from tfgan.data.arrays import Arrays, from_dataset
from tfgan.data.binarised import Binarised
from tfgan.data.kinds import KINDS
from tfgan.data.mirrored import Mirrored
from tfgan.data.synthetic import Mixture, grid, ring

__all__ = [
    "KINDS",
    "Arrays",
    "Binarised",
    "Mirrored",
    "Mixture",
    "from_dataset",
    "from_directory",
    "from_tfds",
    "grid",
    "ring",
]


def from_tfds(
    name: str,
    *,
    batch_size: int,
    split: str = "train",
    image_size: int = 0,
    data_dir: str = "",
    memory_mb: int = 2048,
    background: str = "white",
    with_labels: bool = False,
    seed: int = 0,
) -> Any:
    """Makes the source of a prepared TensorFlow Datasets set of images, named as `--data` does.

    Arguments and errors as for `tfgan.data.catalog.load`.
    """
    from tfgan.data import catalog  # TFDS takes a second to import

    return catalog.load(
        name,
        data_dir=data_dir,
        split=split,
        image_size=image_size,
        batch_size=batch_size,
        seed=seed,
        memory_mb=memory_mb,
        background=background,
        with_labels=with_labels,
    )


def from_directory(
    image_dir: str,
    *,
    batch_size: int,
    image_size: int = 0,
    memory_mb: int = 2048,
    background: str = "white",
    with_labels: bool = False,
    seed: int = 0,
) -> Any:
    """Makes the source of a directory of images, as `--image_dir` does.

    Arguments and errors as for `tfgan.data.folder.load`.
    """
    from tfgan.data import folder

    return folder.load(
        image_dir,
        image_size=image_size,
        batch_size=batch_size,
        seed=seed,
        memory_mb=memory_mb,
        background=background,
        with_labels=with_labels,
    )
